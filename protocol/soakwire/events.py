"""What the host learns from its end of the link."""

from soakwire import slots


class Event:
    """Something the host learns from `receive`, `tick` or `port_closed`."""


class TextLine(Event):
    """A line from the board that is no frame: a traceback, a banner, a prompt."""

    def __init__(self, text: str) -> None:
        self.text = text


class BoardSeen(Event):
    """A HELLO from a board we can talk to; `known` answers `HostEnd.greet`."""

    def __init__(self, hello: dict[str, int], uid: str) -> None:
        self.hello = hello
        self.uid = uid
        self.boot_id = hello["boot_id"]


class WrongFirmware(Event):
    """The board speaks another protocol or schema; the host must not arm it."""

    def __init__(self, hello: dict[str, int]) -> None:
        self.hello = hello


class ReplSeen(Event):
    """The board is at its prompt: no program runs. `traceback` is the last one, or empty."""

    def __init__(self, traceback: str) -> None:
        self.traceback = traceback


class RestartFailed(Event):
    """The board was restarted from its prompt three times and is still there."""

    def __init__(self, traceback: str) -> None:
        self.traceback = traceback


class SessionUp(Event):
    """Commands may flow. Follows every `BoardSeen` that was greeted."""


class SessionDown(Event):
    """The session is gone; `cause` says why in words."""

    def __init__(self, cause: str) -> None:
        self.cause = cause


class State(Event):
    """An answer to a beat. `values` and each of `tracks` are raw integers by field name."""

    def __init__(
        self, beat: int, t_ms: int, values: dict[str, int], tracks: list[dict[str, int]]
    ) -> None:
        self.beat = beat
        self.t_ms = t_ms
        self.values = values
        self.tracks = tracks


class Records(Event):
    """New records, in order, none given out before; empty if only known ones came.

    `after` is the seq that was due: whoever stores them stores everything before it first (RE-13).
    """

    def __init__(self, boot_id: int, after: int, items: list[slots.Record]) -> None:
        self.boot_id = boot_id
        self.after = after
        self.items = items


class Response(Event):
    """The answer to command `command_id`."""

    def __init__(self, command_id: int, reason: int, detail: int) -> None:
        self.command_id = command_id
        self.reason = reason
        self.detail = detail
