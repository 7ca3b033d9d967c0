"""The command line: each command parses and calls one function."""

from soakbench.cli.app import main

__all__ = ["main"]
