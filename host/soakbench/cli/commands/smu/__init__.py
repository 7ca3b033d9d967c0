"""`soakbench smu ...`; cli/app.py adds them to the group."""
