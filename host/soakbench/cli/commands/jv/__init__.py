"""`soakbench jv`: one module for each command; cli/app.py adds them to the group."""
