"""The simulated bench: the shipped firmware in real MicroPython, physics in Python.

`python -m soakbench.twin BENCH.toml` runs one; hosts and tests use `TwinHandle`.
"""

from soakbench.twin.handle import TwinHandle

__all__ = ["TwinHandle"]
