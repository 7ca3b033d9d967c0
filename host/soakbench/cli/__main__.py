"""`python -m soakbench.cli`, where the `soakbench` script is not on the path."""

from soakbench.cli import main

main()
