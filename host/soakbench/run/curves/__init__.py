"""J-V curves of a run: where each belongs, what it says, and the table of all."""
