"""What the host's other parts need of a link, however it gets its bytes, and what it tells them."""

from typing import Protocol

from soakwire.host_end import BoardSeen, Event, Records


class LinkOwner:
    """What the link tells its owner. All methods are called by whoever serves the port."""

    def on_event(self, event: Event) -> None:
        """A session event; never `Records`. `BoardSeen` comes after `on_board`, greeted."""
        raise NotImplementedError

    def on_board(self, seen: BoardSeen) -> int:
        """A board wants a session: the first seq of its boot that is not yet on disk."""
        raise NotImplementedError

    def on_records(self, batch: Records) -> None:
        """Records to be stored; call `committed` when they are on disk."""
        raise NotImplementedError

    def on_port(self, problem: str, hint: str) -> None:
        """The port could not be opened or was lost; empty strings when it is open."""
        raise NotImplementedError


class Link(Protocol):
    """A session with a board that is opened again whenever it was lost."""

    @property
    def state(self) -> str:
        """The state of the session, see soakwire.host_end."""

    def start(self) -> None:
        """Start to open the port and to keep it open."""

    def close(self) -> None:
        """Close the port."""

    def beat(self, lease_ms: int) -> int | None:
        """Send a BEAT; its number, or None while there is no session."""

    def command(self, verb: int, arguments: bytes, not_after_ms: int = 0) -> int:
        """Send a command; its id. CommandError if there is no session or one is under way."""

    def give_up_command(self) -> None:
        """Stop repeating the command under way."""

    def committed(self, boot_id: int, next_seq: int) -> None:
        """Tell the board that everything before `next_seq` of `boot_id` is on disk."""

    def not_stored(self, boot_id: int, next_seq: int) -> None:
        """Records from `next_seq` on of `boot_id` could not be stored: take them once more."""
