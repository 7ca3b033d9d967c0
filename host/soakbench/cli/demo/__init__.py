"""The demo: the source study in short on the simulated bench, and the proof that it ran."""
