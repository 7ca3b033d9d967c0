# The only place where the simulated board waits. Hard timers run here, at their own times.

import _channel as channel
import micropython

timers = []


def wait(timeout_ms, wants, ready):
    # Wait until `ready()` or `timeout_ms` (None: for ever) have passed. Whether it was ready.
    limit = None if timeout_ms is None else (channel.now + timeout_ms) & channel.TICKS_MASK
    if wants & channel.WANT_INPUT and ready():
        limit = channel.now
    while True:
        _run_ahead(limit)
        channel.idle(_time_left(limit), wants)
        _run_timers()
        if channel.flags & channel.HUNG:
            continue
        if channel.flags & channel.INTERRUPT:
            raise KeyboardInterrupt
        if ready():
            return True
        if limit is not None and channel.diff(limit, channel.now) <= 0:
            return False


def _run_ahead(limit):
    # Fire what is due before the program goes on or anything can come from outside. The host may
    # answer at once to what was just written, so then nothing is known to be quiet.
    if channel.wrote:
        return
    end = channel.quiet_end
    if limit is not None and not channel.flags & channel.HUNG and channel.diff(limit, end) < 0:
        end = limit
    diff = channel.diff
    while timers:
        timer = timers[0] if len(timers) == 1 else _next()
        if diff(end, timer.due) <= 0:
            return
        channel.now = timer.due
        _fire(timer)


def _next():
    soonest = timers[0]
    if len(timers) > 1:
        for timer in timers:
            if channel.diff(timer.due, soonest.due) < 0:
                soonest = timer
    return soonest


def _time_left(limit):
    # From the last answer on.
    left = channel.FOREVER
    if limit is not None and not channel.flags & channel.HUNG:
        left = channel.diff(limit, channel.told)
    for timer in timers:
        left = min(left, channel.diff(timer.due, channel.told))
    return max(0, left)


def _run_timers():
    for timer in timers:
        while timer in timers and channel.diff(channel.now, timer.due) >= 0:
            _fire(timer)


def _fire(timer):
    timer.advance()
    if not timer.hard:
        timer.callback(timer)
        return
    # On the board an interrupt finds the heap locked: what allocates there raises MemoryError.
    micropython.heap_lock()
    try:
        timer.callback(timer)
    finally:
        micropython.heap_unlock()
