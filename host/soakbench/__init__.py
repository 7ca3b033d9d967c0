"""soakbench: the host side of a bench for perovskite ageing and recovery studies."""
