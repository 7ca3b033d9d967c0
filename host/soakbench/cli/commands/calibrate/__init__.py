"""`soakbench calibrate ...`: one module for each command; cli/app.py adds them to the group.

What they share: soakbench.cli.session (the bench for themselves) and soakbench.config.edit (the
bench file with new values).
"""
