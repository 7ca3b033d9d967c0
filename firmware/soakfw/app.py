"""The application: one pass over a small table of jobs, in virtual time.

    receive   bytes from the host; commands take effect here
    control   sensors, guards, program, heaters: every 250 ms while heating, else every second
    switch    the relays' state machine
    sample    records
    send      frames to the host

`poll(now)` runs each job once and returns when it wants to be called next. Everything the app
touches comes through `board`, so that it runs the same on a bench, in the twin and in tests.
"""

from soakfw import VERSION, limits, scratch
from soakfw.clock import Deadline, DeviceClock
from soakfw.commands import Commands
from soakfw.program import Runner, check_program
from soakfw.pulse import PulseBank
from soakfw.recorder import Recorder
from soakfw.stations import Bench
from soakfw.uploads import Upload
from soakwire import PROTOCOL_MAJOR, PROTOCOL_MINOR, blobs, messages, records
from soakwire.board_end import Application, BoardEnd
from soakwire.layout import U16
from soakwire.records import ALONE, HELD
from soakwire.schema import SCHEMA_ID
from soakwire.ticks import ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.board import Board
    from soakfw.journal import RingJournal
    from soakwire.bench_blob import Config

RESET_AFTER_MS = 500  # for the answer to a maintenance command to get out


class App(Application):
    """The firmware but for its hardware.

    `board` is soakfw.board.Board or a fake of it. `journal` and `upload` are handed in because
    they are best allocated before the rest of the firmware is imported.
    """

    def __init__(
        self, board: "Board", journal: "RingJournal", upload: Upload | None = None
    ) -> None:
        self._board = board
        self._journal = journal
        scratch.forget_foreign(board)
        self._clock = DeviceClock()
        self._recorder = Recorder(self._journal, self._clock)
        self._commands = Commands(self, upload or Upload())
        self._link = BoardEnd(self._journal, self, limits.WINDOW_SLOTS)
        self._pulses = PulseBank()
        self.bench: Bench | None = None
        self.runner: Runner | None = None
        self.safe_idle = board.fast_resets >= limits.FAST_RESETS
        self.now = 0
        self._config_crc = 0
        self._finished = False
        self._control_due = Deadline()
        self._control_at = 0  # accounts are settled up to here
        self._heated_at = 0
        self._sample_due = Deadline()
        self._wear_due = Deadline()
        self._line: bytes | None = None  # being sent
        self._sent = 0  # bytes of it
        self._restart: Deadline | None = None  # the deadline for a restart into maintenance
        self._young = Deadline()  # until the boot counts as a good one
        self._is_young = True
        self._longest_poll_ms = 0
        self._booted = False
        self._jobs = (self._receive, self._control, self._switch, self._sample, self._send)
        board.start_timer(self._pulses.tick)

    def poll(self, now: int) -> int:
        """One pass at `now` ticks; the ticks of the next one. Input may come earlier."""
        self.now = now
        self._clock.update(now)
        if not self._booted:
            self._boot(now)
        wait_ms = limits.IDLE_MS
        for job in self._jobs:
            wait_ms = min(wait_ms, job(now))
        self._age(now)
        took_ms = ticks_diff(self._board.ticks(), now)
        self._longest_poll_ms = min(max(self._longest_poll_ms, took_ms), U16)
        return ticks_add(now, max(wait_ms, 1))

    def drop_outputs(self) -> None:
        """The part of the safe state that cannot wait, before a reset does the rest."""
        if self.bench:
            self.bench.drop()

    # --- what the commands do ---

    def is_active(self) -> bool:
        """Whether tracks are under way."""
        return self.runner is not None and self.runner.active()

    def is_busy(self) -> bool:
        """Whether the bench must not be rebuilt now."""
        return self.is_active() or (self.bench is not None and self.bench.relays.measuring())

    def install_config(self, blob: memoryview, crc: int) -> None:
        """Replace the bench. LayoutError, and the old one stays, if the blob is not valid."""
        self._board.tidy()
        config = self._read_config(blob)
        self.stop()
        wear = None
        if self.bench:  # the counts go on, but other cells may have these numbers from now on
            wear = self.bench.relays.wear
            self._recorder.wear(self.bench.relays)
        self._pulses.use([])
        self.bench = None
        self._board.release()
        self._board.tidy()  # the old bench and the checks make room in one piece
        self.bench = Bench(config, self._board, self._recorder, wear)
        self._pulses.use(self.bench.pulses())
        self._config_crc = crc
        self._recorder.event(records.EV_CONFIG, a=len(config.stations), b=len(config.cells))

    def install_program(self, bench: Bench, blob: memoryview) -> None:
        """Replace the program. LayoutError, and the old one stays, if the blob is not valid."""
        self._board.tidy()
        program = blobs.Program(blob)
        check_program(program, bench)
        self.runner = Runner(program, bench, self._recorder)
        self._finished = False
        self._recorder.event(records.EV_PROGRAM, a=_signed(self.runner.program_id))

    def stop(self) -> None:
        """Drop the program and assert the safe state (S18)."""
        if self.runner:
            self.settle_accounts()
            for track in self.runner.tracks:
                self._recorder.last_of(track)
            self.runner = None
            self._recorder.event(records.EV_STOPPED)
        if self.bench:
            self.bench.make_safe(self.now)

    def settle_accounts(self) -> None:
        """Add up what was delivered until now; a control pass follows in this poll."""
        if self.runner:
            self._account(self.now)
        self._control_due.clear()

    def begin_maintenance(self) -> None:
        """Safe state now, restart into maintenance once the answer is out."""
        self.stop()
        self._restart = Deadline()
        self._restart.set(self.now, RESET_AFTER_MS)

    # --- what the link asks (soakwire.board_end.Application) ---

    def hello_values(self) -> dict:
        """Who we are and what we hold."""
        board = self._board
        stamp = self._clock.stamp()
        values = {
            "major": PROTOCOL_MAJOR,
            "minor": PROTOCOL_MINOR,
            "schema": SCHEMA_ID,
            "uid_hi": board.uid[0],
            "uid_lo": board.uid[1],
            "boot_id": board.boot_id,
            "reset_cause": board.reset_cause,
            "app_state": self._app_state(),
            "fw_major": VERSION[0],
            "fw_minor": VERSION[1],
            "fw_patch": VERSION[2],
            "oldest_seq": self._journal.oldest_seq,
            "newest_seq": self._journal.next_seq,
            "window_slots": limits.WINDOW_SLOTS,
            "config_crc": self._config_crc,
            "program_id": self._program_id(),
            "t_lo": stamp[0],
            "t_mid": stamp[1],
            "t_hi": stamp[2],
        }
        for i in range(scratch.REGISTERS):
            values["scratch" + str(i)] = board.boot_scratch[i]
        return values

    def state_payload(self) -> bytes:
        """The answer to a beat."""
        tracks = self.runner.tracks if self.runner else []
        head: list[int | None] = list(self._clock.stamp())
        head.extend([self._app_state(), int(self._link.lease_left(self.now) > 0)])
        head.extend([self._config_crc, self._program_id()])
        head.extend([self._journal.next_seq, self._link.acked_seq])
        head.extend([self._journal.samples.held, self._journal.events.held])
        head.extend([self._link.bad_frames, self._link.stale_frames])
        head.extend([self._longest_poll_ms, self._board.heap_free_kb(), len(tracks)])
        parts = [messages.STATE_HEAD.pack(head)]
        for track in tracks:
            values: list[int | None] = [track.state, track.step, track.cycle]
            values.append(int(track.in_condition))
            values.extend([track.delivered, track.dose, track.elapsed, track.goal])
            parts.append(messages.STATE_TRACK.pack(values))
        return b"".join(parts)

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        """Do what the host asks; (reason, detail)."""
        return self._commands.execute(verb, arguments)

    # --- the jobs: each takes the ticks and returns in how many ms it wants to run again ---

    def _receive(self, now: int) -> int:
        for _ in range(limits.READ_LINES):
            line = self._board.read_line(self._link.assemble, limits.READ_BYTES)
            if line is None:
                return limits.IDLE_MS  # what is left in the port ends the wait
            self._link.take(line, now, self._clock.stamp())
        return 0

    def _control(self, now: int) -> int:
        bench = self.bench
        if bench is None:
            return limits.IDLE_MS
        if self._control_due.passed(now):
            self._measure(bench, now)
            self._account(now)
            self._hold(now)
            if self.runner:
                self.runner.apply()
            self._heat(bench, now)
            self._control_due.set(now, self._control_ms(bench, now))
        return self._control_due.left(now)

    def _switch(self, now: int) -> int:
        if self.bench is None:
            return limits.IDLE_MS
        wait_ms = self.bench.relays.poll(now)
        if self.bench.relays.take_settled():  # the cells may have come into condition
            self._control_due.clear()
            return 0
        return limits.IDLE_MS if wait_ms < 0 else wait_ms

    def _sample(self, now: int) -> int:
        if self.bench is None:
            return limits.IDLE_MS
        period_ms = self.runner.sample_ms(now) if self.runner else limits.SAMPLE_MS
        left_ms = self._sample_due.left(now)
        if left_ms > period_ms:  # a step has begun: the period is shorter now
            left_ms = 0
        # A pass of its own would record what the last control pass has measured: with that one, if
        # it comes less than a tenth of the period early.
        soon_ms = min(period_ms // 10, self._control_due.left(now) - 1)
        if left_ms == 0 or (self._control_at == now and left_ms <= soon_ms):
            left_ms = period_ms
            self._sample_due.set(now, period_ms)
            tracks = self.runner.tracks if self.runner else []
            self._recorder.samples(self.bench.stations, tracks, self.bench.relays)
            self._board.keep(scratch.NEXT_SEQ, self._journal.next_seq)
        relays = self.bench.relays
        if (self._wear_due.passed(now) or not self.is_active()) and relays.worn:
            relays.worn = not self._recorder.wear(relays)
            self._wear_due.set(now, limits.WEAR_MS)
        return left_ms

    def _send(self, now: int) -> int:
        for _ in range(limits.SEND_LINES):
            if self._line is None:
                self._line = self._link.next_frame(now)
                self._sent = 0
            if self._line is None:
                hello_ms = self._link.hello_left(now)
                return limits.IDLE_MS if hello_ms < 0 else hello_ms
            if not self._write(self._line):
                return limits.BLOCKED_MS
        return 0

    # --- inside ---

    def _read_config(self, blob: memoryview) -> "Config":
        """By code that is needed for this alone, and does not stay."""
        from soakfw import checks

        try:
            return checks.read_config(blob, self._board)
        finally:
            self._board.unload(checks.LOADED)

    def _write(self, line: bytes) -> bool:
        """Write as much of the line as the host takes; whether it is out."""
        while self._sent < len(line):
            end = self._sent + limits.WRITE_BYTES
            written = self._board.write(memoryview(line)[self._sent : end])
            if written <= 0:
                return False
            self._sent += written
        self._line = None
        return True

    def _measure(self, bench: Bench, now: int) -> None:
        dt_ms = ticks_diff(now, self._heated_at)
        if bench.converters:
            bench.converters.poll(now)
        for station in bench.stations:
            if station.measure(now, dt_ms) and self.runner:
                self.runner.trip(station.index, now)

    def _account(self, now: int) -> None:
        dt_ms = ticks_diff(now, self._control_at)
        self._control_at = now
        runner = self.runner
        if runner is None:
            return
        runner.account(now, dt_ms)
        finished = runner.finished()
        if finished and not self._finished and self.bench:
            self.bench.make_safe(now)
        self._finished = finished

    def _hold(self, now: int) -> None:
        """The program waits while events may find no place (RE-12), or without a host where it
        says so (S1), and goes on by itself."""
        runner = self.runner
        if runner is None:
            return
        if self._journal.events_scarce:
            runner.hold(now, HELD)
            return
        if self._journal.events_ample:
            runner.release(HELD)
        if runner.needs_host and not self._link.lease_left(now):
            runner.hold(now, ALONE)
        else:
            runner.release(ALONE)

    def _heat(self, bench: Bench, now: int) -> None:
        dt_ms = ticks_diff(now, self._heated_at)
        self._heated_at = now
        leased = self._link.lease_left(now) > 0
        silent_ms = ticks_diff(now, self._link.beat_at)
        for station in bench.stations:
            station.control(dt_ms, leased, silent_ms)

    def _control_ms(self, bench: Bench, now: int) -> int:
        """The control period; shorter where a lease or a goal ends inside it, or light changes."""
        runner = self.runner
        heating = bench.heating()
        hurried = heating or (runner is not None and runner.hurried())
        period_ms = limits.CONTROL_HEATING_MS if hurried else limits.CONTROL_MS
        if heating or (runner is not None and runner.needs_host):
            left_ms = self._link.lease_left(now)
            if left_ms:
                period_ms = min(period_ms, left_ms)
        if runner:
            period_ms = min(period_ms, runner.soonest_ms())
        for station in bench.stations:
            if station.take_light_moved():
                period_ms = min(period_ms, limits.LIGHT_SETTLE_MS)
        return max(period_ms, 1)

    def _boot(self, now: int) -> None:
        self._booted = True
        self._control_at = now
        self._heated_at = now
        self._young.set(now, limits.FAST_RESET_MS)
        self._recorder.event(records.EV_BOOT, a=self._board.reset_cause, b=self._board.fast_resets)

    def _age(self, now: int) -> None:
        """A boot that has lasted is no fast reset; a restart that was asked for is due."""
        if self._is_young and self._young.passed(now):
            self._is_young = False
            self._board.keep(scratch.CAUSE, scratch.pack_cause(messages.CAUSE_UNKNOWN, 0))
        if self._restart and self._restart.passed(now):
            self._board.reset(messages.CAUSE_MAINTENANCE)

    def _app_state(self) -> int:
        if self.bench is None:
            return messages.EMPTY
        if self.runner is None:
            return messages.CONFIGURED
        if self.runner.finished():
            return messages.FINISHED
        return messages.ACTIVE if self.runner.active() else messages.LOADED

    def _program_id(self) -> int:
        return self.runner.program_id if self.runner else 0


def _signed(value: int) -> int:
    """A u32 as the i32 with the same bits."""
    return value - (1 << 32) if value >> 31 else value
