"""Typed commands to the board, one at a time, each with its answer or its failure."""

import asyncio
import binascii

from soakbench.errors import BenchFault
from soakbench.link import Link
from soakwire import messages, names
from soakwire.host_end import CommandError, Event, Response, SessionDown

ANSWER_S = 6.0  # the link repeats every 0.4 s; after so long the board is not listening


class LinkLostError(BenchFault):
    """The link went down before the board answered. The command may or may not have run."""


class CommandRefusedError(BenchFault):
    """The board answered, and refused."""

    def __init__(self, verb: int, reason: int, detail: int) -> None:
        self.verb = verb
        self.reason = reason
        self.detail = detail
        why = names.REASONS.get(reason, f"reason {reason}")
        super().__init__(
            f"the board refused `{names.VERB_NAMES[verb]}`: {why}"
            + (f" (detail {detail})" if detail else ""),
            hint="`soakbench status` shows what the board is doing",
        )


class Device:
    """Commands for the board behind `link`. Lives in the event loop."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._one_at_a_time = asyncio.Lock()
        self._waiting: tuple[int, asyncio.Future[Response]] | None = None
        self._downs = 0  # how many sessions have ended
        self._cause = ""  # why the last one did

    def feed(self, event: Event) -> None:
        """Hand over what the link reports: answers and the end of a session."""
        if isinstance(event, SessionDown):
            self._downs += 1
            self._cause = event.cause
        if self._waiting is None:
            return
        number, answer = self._waiting
        if answer.done():
            return
        if isinstance(event, Response) and event.command_id == number:
            answer.set_result(event)
        elif isinstance(event, SessionDown):
            answer.set_exception(self._lost())

    async def upload(self, blob: int, data: bytes) -> None:
        """Hand the board a configuration or program; it takes effect whole or not at all."""
        size, crc, downs = len(data), binascii.crc32(data), self._downs
        await self._send(messages.BLOB_BEGIN, [blob, size, crc])
        for offset in range(0, size, messages.BLOB_CHUNK):
            chunk = data[offset : offset + messages.BLOB_CHUNK]
            await self._send(messages.BLOB_DATA, [blob, offset], chunk, downs)
        await self._send(messages.BLOB_COMMIT, [blob], downs=downs)

    async def start(
        self, track: int, step: int, cycle: int, delivered: int, dose: int, elapsed_ms: int
    ) -> None:
        """Put `track` at a place of its program, with what was delivered there already."""
        await self._send(messages.START, [track, step, cycle, delivered, dose, elapsed_ms])

    async def resume(self, track: int | None = None) -> None:
        """Let a paused or ready track run; all of them, at one instant, if None."""
        await self._send(messages.RESUME, [track])

    async def pause(self, track: int | None = None) -> None:
        """Pause a track, or all."""
        await self._send(messages.PAUSE, [track])

    async def advance(self, track: int, step: int, cycle: int) -> None:
        """Release the barrier at exactly this place."""
        await self._send(messages.ADVANCE, [track, step, cycle])

    async def set_goal(self, track: int, step: int, cycle: int, goal: int) -> None:
        """Give the visit at exactly this place another goal, in milli-units."""
        await self._send(messages.GOAL, [track, step, cycle, goal])

    async def clear(self, station: int, faults: int, vouch: int) -> None:
        """Clear a station's latched faults; `vouch` is one of messages.VOUCH_*."""
        await self._send(messages.CLEAR, [station, faults, vouch])

    async def stop(self) -> None:
        """End the program: safe state."""
        await self._send(messages.STOP, [])

    async def _send(
        self, verb: int, values: list[int | None], data: bytes = b"", downs: int | None = None
    ) -> int:
        """One command and its answer; the answer's detail.

        It belongs to the session in which it was asked for (or the one of `downs`): who waits for
        others meanwhile is not sent in the next one.
        """
        wanted_in = self._downs if downs is None else downs
        async with self._one_at_a_time:
            if self._downs != wanted_in:
                raise self._lost()
            arguments = messages.ARGS[verb].pack(values) + data
            answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            try:
                self._waiting = (self._link.command(verb, arguments), answer)
                async with asyncio.timeout(ANSWER_S):
                    response = await answer
            except CommandError as error:
                raise LinkLostError(str(error), hint="it reconnects by itself") from error
            except TimeoutError as error:
                raise LinkLostError(
                    f"no answer to `{names.VERB_NAMES[verb]}` within {ANSWER_S:.0f} s",
                    hint="check the cable; `soakbench status` shows the state of the link",
                ) from error
            finally:
                self._waiting = None
                self._link.give_up_command()
        if response.reason != messages.REASON_OK:
            raise CommandRefusedError(verb, response.reason, response.detail)
        return response.detail

    def _lost(self) -> LinkLostError:
        return LinkLostError(f"the link went down: {self._cause}", hint="it reconnects by itself")
