"""Runs every test function of the modules named on the command line; for MicroPython.

micropython run_module.py test_fw_relays
"""

import gc
import sys

for name in sys.argv[1:]:
    module = __import__(name)
    tests = [test for test in dir(module) if test.startswith("test_")]
    for test in tests:
        gc.collect()
        getattr(module, test)()
    print(name, len(tests), "passed")
