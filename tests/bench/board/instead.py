# main.py as it is, but for the application: that of another module takes its place.
#
# micropython instead.py PATH_OF_MAIN MODULE [ARGUMENTS OF THE MODULE]

import sys

THE_REAL = "from soakfw.app import App"

with open(sys.argv[1]) as file:
    text = file.read()
assert THE_REAL in text
exec(text.replace(THE_REAL, "from " + sys.argv[2] + " import App"), {"__name__": "__main__"})
