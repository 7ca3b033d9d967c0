"""The host's commands: one at a time, each with a waiter that must get an answer or a cause."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hostile.account import DONE, FAILED, LATE, SENT
from soakwire import messages
from soakwire.host_end import UP, CommandError, HostEnd, Response, State

if TYPE_CHECKING:
    from hostile.host import HostMachine

PATIENCE_MS = (1500, 15_000)
GOOD_WIRE_MS = 14_000  # a session that nobody knows to be gone is noticed before (SE-7)
UNLIMITED = 0.6  # share of the commands without `not_after`
LIMITS_MS = (-50, 20, 500, 2000)  # from now on, of the others

Guard = Callable[[Callable[[], object]], None]


class Commander:
    """Sends LOADs with a number each and tells the account what became of them."""

    def __init__(
        self, machine: "HostMachine", end: HostEnd, guard: Guard, flush: Callable[[], None]
    ) -> None:
        self._machine = machine
        self._timeline = machine.timeline
        self._account = machine.account
        self._rng = machine.rng
        self._end = end
        self._guard = guard
        self._flush = flush
        self.waiting: int | None = None  # the number of the command under way
        self._command_id = 0
        self._was_healed = False  # the command under way went out on a good wire
        self._device_ms = (0, 0)  # device time and when it was heard
        self._timeline.after(machine.plan.command_ms[1], lambda: guard(self._command))

    def heard(self, state: State) -> None:
        """The board has told its time."""
        self._device_ms = (state.t_ms, self._timeline.now_ms)

    def answered(self, answer: Response) -> None:
        """The answer must be the one that is waited for."""
        number, self.waiting = self.waiting, None
        commands, faults = self._account.commands, self._account.faults
        if number is None or answer.command_id != self._command_id:
            faults.append(f"CO-1: an answer to command id {answer.command_id}, not asked")
        elif answer.reason == messages.REASON_TOO_LATE:
            commands[number] = LATE
            self._machine.seen["command too late"] += 1
        elif answer.reason or answer.detail != number:
            faults.append(f"CO-1: command {number} got the answer of {answer.detail}")
        else:
            commands[number] = DONE

    def fail(self) -> None:
        """The waiter gets the cause."""
        if self.waiting is not None:
            self._account.commands[self.waiting] = FAILED
            self.waiting = None

    def check_no_waiter(self) -> None:
        """There is no session, so nobody may wait (CO-9)."""
        if self.waiting is not None:
            text = f"CO-9: command {self.waiting} waits, the link is {self._end.state}"
            self._account.faults.append(text)
            self.fail()

    def _command(self) -> None:
        machine = self._machine
        again = self._rng.randint(*machine.plan.command_ms)
        self._timeline.after(again, lambda: self._guard(self._command))
        if self.waiting is not None or self._end.state != UP or not machine.is_commanding:
            return
        number, limit = self._account.number(), self._limit()
        arguments = messages.ARGS[messages.LOAD].pack([number % 16, number & 1, number])
        try:
            command = self._end.command(messages.LOAD, arguments, limit, self._timeline.now_ms)
        except CommandError:
            return
        self.waiting, self._command_id, self._was_healed = number, command, machine.is_healed
        self._account.commands[number] = SENT
        self._account.not_after[number] = limit
        patience = GOOD_WIRE_MS if machine.is_healed else self._rng.randint(*PATIENCE_MS)
        self._timeline.after(patience, lambda: self._guard(lambda: self._give_up(number)))
        self._flush()

    def _limit(self) -> int:
        """`not_after`: for most commands none, for some a moment from now in device time."""
        if self._rng.random() < UNLIMITED:
            return 0
        device_ms, heard_ms = self._device_ms
        estimate = device_ms + self._timeline.now_ms - heard_ms
        return max(1, estimate + self._rng.choice(LIMITS_MS))

    def _give_up(self, number: int) -> None:
        if self.waiting != number:
            return
        self._machine.seen["command given up"] += 1
        if self._was_healed:
            text = f"CO-1: command {number} is not answered on a good wire"
            self._account.faults.append(text)
        self._end.give_up_command()
        self.fail()
