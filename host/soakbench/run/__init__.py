"""The run: what the board should be doing, what it is doing, and the next step between the two."""
