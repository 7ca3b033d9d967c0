# The prompt of the simulated board, as the RP2040 has it: it echoes, runs single lines, and pays
# no heed to a line feed. It waits where all else waits, so timers and the watchdog go on.
#
# Ctrl-C comes from the twin as an interrupt of the wait, ahead of the bytes beside it.
# ruff: noqa: BLE001 (whatever a statement raises, the prompt shows it)

import io
import select
import sys

_CTRL_A = 1
_CTRL_B = 2
_CTRL_D = 4
_ENTER = 13
_BACKSPACES = (8, 127)
_PACKET = 64
_LINE_MOST = 4096

_FRIENDLY = ">>> "
_RAW = ">"
_BANNER = '{}; Simulated board with RP2040\nType "help()" for more information.\n'
_RAW_BANNER = "raw REPL; CTRL-B to exit\n"

_in = select.poll()
_in.register(sys.stdin, select.POLLIN)
_out = select.poll()
_out.register(sys.stdout, select.POLLOUT)


def serve(names):
    # For ever; statements see and change `names`.
    raw = False
    _greet(raw)
    while True:
        try:
            line, end = _line(raw)
        except KeyboardInterrupt:
            _say("\n" + (_RAW if raw else _FRIENDLY))
            continue
        if end in (_CTRL_A, _CTRL_B):
            raw = end == _CTRL_A
            _greet(raw)
        elif raw:
            _run_raw(line, names)
        else:
            _run(line, names)


def show(error):
    # The traceback without the places in here.
    text = io.StringIO()
    sys.print_exception(error, text)
    lines = [line for line in text.getvalue().split("\n") if "/shims/_" not in line]
    _say("\n".join(lines))


def _greet(raw):
    if raw:
        _say(_RAW_BANNER + _RAW)
    else:
        _say("\n" + _BANNER.format(sys.version.split("; ")[-1]) + _FRIENDLY)


def _line(raw):
    # What is typed, and the key that ended it.
    typed = bytearray()
    while True:
        key = _key()
        if key == (_CTRL_D if raw else _ENTER):
            if not raw:
                _say("\n")
            return str(typed, "utf-8"), key
        if key in (_CTRL_A, _CTRL_B) and (raw or not typed):
            return "", key
        if raw:
            typed.append(key)
        elif key in _BACKSPACES and typed:
            typed = typed[:-1]
            _say("\b \b")
        elif 32 <= key < 127 and len(typed) < _LINE_MOST:
            typed.append(key)
            _say(chr(key))


def _key():
    while not _in.poll(-1):
        pass
    return sys.stdin.buffer.read(1)[0]


def _run(line, names):
    if line.strip():
        try:
            exec(compile(line, "<stdin>", "single"), names)
        except Exception as error:
            show(error)
        except KeyboardInterrupt as error:
            show(error)
    _say(_FRIENDLY)


def _run_raw(text, names):
    # As tools expect it: OK, the output, an end mark, the traceback, an end mark, the prompt.
    _say("OK")
    try:
        exec(compile(text, "<stdin>", "exec"), names)
    except Exception as error:
        _say("\x04")
        show(error)
        _say("\x04" + _RAW)
    else:
        _say("\x04\x04" + _RAW)


def _say(text):
    # All of it, at the pace that the line takes; Ctrl-C does not stop it.
    data = memoryview(text.replace("\n", "\r\n").encode())
    while data:
        try:
            _out.poll(-1)
        except KeyboardInterrupt:
            pass
        data = data[sys.stdout.buffer.write(data[:_PACKET]) :]
