"""`python -m soakbench` is the `soakbench` command."""

from soakbench.cli import main

main()
