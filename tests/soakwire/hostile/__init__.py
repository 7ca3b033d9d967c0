"""Both real ends of the link in virtual time, with everything between them against them.

scenario.py   one seed: a board, a host, two wires and what befalls them
account.py    what was produced and done, kept outside both ends
soak.py       any number of seeds from the command line; replays one with its timeline
"""
