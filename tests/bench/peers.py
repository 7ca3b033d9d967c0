"""The peers: each sets a cell's load on its own MicroPython and gets an answer.

All three answers say whether it was done. Ours goes through the whole firmware, which checks the
command, holds the bench and caches the answer; the others call a function that writes into a list.
"""

import contextlib
import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mpremote.transport_serial import SerialTransport
from our_peer import bare_peer, device_peer, link_peer
from rtt import Block, block_of
from terminal import micropython

CELL, LOAD, LEASE_MS = 3, 1, 60_000

_FUNCTION = """
loads = [0] * 8
def set_load(cell, load, lease_ms):
    loads[cell] = load
    return 0
"""
_CALL = f"set_load({CELL}, {LOAD}, {LEASE_MS})"


class PeerError(Exception):
    """A peer is not there, or has not done what it was asked."""


def has_belay() -> bool:
    """Whether Belay is installed (it is among the development tools)."""
    return importlib.util.find_spec("belay") is not None


@contextlib.contextmanager
def mpremote() -> Iterator[Block]:
    """mpremote's exec in the raw REPL, with the result printed."""
    with micropython() as port, _raw_repl(port) as transport:
        yield block_of(lambda: _execute(transport, f"print({_CALL})", b"0"))


@contextlib.contextmanager
def mpremote_silent() -> Iterator[Block]:
    """mpremote's exec without a result: less than the others give, and faster."""
    with micropython() as port, _raw_repl(port) as transport:
        yield block_of(lambda: _execute(transport, _CALL, b""))


@contextlib.contextmanager
def mpremote_as_on_usb() -> Iterator[Block]:
    """mpremote's exec with the port under another name than /dev/pts/...

    It then does not wait for bytes in the kernel but looks every 10 ms, as on a board's USB port.
    """
    with tempfile.TemporaryDirectory() as folder, micropython() as port:
        link = Path(folder, "port")
        link.symlink_to(port)
        with _raw_repl(str(link)) as transport:
            yield block_of(lambda: _execute(transport, f"print({_CALL})", b"0"))


@contextlib.contextmanager
def _raw_repl(port: str) -> Iterator[SerialTransport]:
    transport = SerialTransport(port)
    try:
        # A soft reset would end MicroPython's unix port.
        transport.enter_raw_repl(soft_reset=False)
        transport.exec(_FUNCTION)
        yield transport
    finally:
        transport.serial.close()


def _execute(transport: SerialTransport, line: str, answer: bytes) -> None:
    if transport.exec(line).strip() != answer:
        raise PeerError("mpremote: not the answer of the function")


@contextlib.contextmanager
def belay() -> Iterator[Block]:
    """Belay's call of a decorated function. PeerError if Belay is not installed."""
    if not has_belay():
        raise PeerError("Belay, one of the peers, is not installed: pip install -e '.[dev]'")
    from belay_peer import belay_peer

    with belay_peer(CELL, LOAD, LEASE_MS) as block:
        yield block


def soakbench() -> contextlib.AbstractContextManager[Block]:
    """Our command as the daemon sends it."""
    return device_peer(CELL, LOAD, LEASE_MS)


def soakbench_link() -> contextlib.AbstractContextManager[Block]:
    """Our command without the event loop."""
    return link_peer(CELL, LOAD, LEASE_MS)


def soakbench_bare() -> contextlib.AbstractContextManager[Block]:
    """Our command without event loop and threads."""
    return bare_peer(CELL, LOAD, LEASE_MS)


PEERS = {"soakbench": soakbench, "belay": belay, "mpremote": mpremote}
# Measured in the same rounds, for information.
EXTRAS = {
    "soakbench_link": soakbench_link,
    "soakbench_bare": soakbench_bare,
    "mpremote_silent": mpremote_silent,
}
SLOW = "mpremote_as_on_usb"
ALL = {**PEERS, **EXTRAS, SLOW: mpremote_as_on_usb}
