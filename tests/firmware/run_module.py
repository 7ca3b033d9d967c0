"""Runs every test function of the modules named on the command line; for MicroPython.

micropython run_module.py test_fw_relays
"""

import gc
import sys


class Pytest:
    """What test modules use of pytest: they say which rules a test shows."""

    class mark:  # noqa: N801
        @staticmethod
        def rule(*_ids):
            return lambda test: test


sys.modules["pytest"] = Pytest
gc.threshold(65536)  # or what a test keeps comes to lie between what it does not, all over the heap
for name in sys.argv[1:]:
    module = __import__(name)
    tests = [test for test in dir(module) if test.startswith("test_")]
    for test in tests:
        gc.collect()
        getattr(module, test)()
    print(name, len(tests), "passed")
