# An application with a stopwatch around its parts. After so many commands, or records, it says in
# lines of text how many microseconds each of them took in each part. A part contains those in it.
# The stopwatch itself costs about a microsecond a call.
#
# micropython instead.py PATH_OF_MAIN stopwatch commands|records COUNT

import sys
import time

import flooding

import soakfw.app
from soakwire import frame

KIND, COUNT = sys.argv[3], int(sys.argv[4])
JOBS = ("receive", "control", "switch", "sample", "send")

spent_us = {}
calls = {}


def timed(part, function):
    # The function with a stopwatch.
    spent_us[part] = calls[part] = 0

    def run(*arguments):
        begun = time.ticks_us()
        result = function(*arguments)
        spent_us[part] += time.ticks_diff(time.ticks_us(), begun)
        calls[part] += 1
        return result

    return run


def watch(thing, **parts):
    # Put a stopwatch around methods of an object, or functions of a module.
    for name in parts:
        setattr(thing, name, timed(parts[name], getattr(thing, name)))


class App(flooding.App if KIND == "records" else soakfw.app.App):
    def __init__(self, board, journal, *others):
        super().__init__(board, journal, *others)
        self._told = False
        self._jobs = tuple([timed("job " + JOBS[i], job) for i, job in enumerate(self._jobs)])
        watch(board, read_line="read a line", write="write", idle="idle")
        watch(journal, add="add a record", collect="collect", release="release")
        watch(self._link, take="take a line", next_frame="next frame")
        watch(frame, decode="decode", encode="encode")
        watch(self, execute="execute", poll="pass")

    def _sample(self, now):
        wait_ms = super()._sample(now)
        if not self._told:
            self._tell(self._link.acked_seq if KIND == "records" else calls["execute"])
        return wait_ms

    def _tell(self, count):
        if count < COUNT:
            return
        self._told = True
        print()
        for part in spent_us:
            name = part.replace(" ", "-")
            print("phase", name, spent_us[part] / count, calls[part] / count)
        print("phases end")
