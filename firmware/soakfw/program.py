"""The program: tracks go through their steps by what has been delivered, not by the clock.

    IDLE, BARRIER → READY (start) → RUNNING (resume) → next step, or BARRIER, or DONE at the end
    RUNNING → PAUSED (pause, step time-out, trip) → RUNNING (resume)
    RUNNING → PAUSED, held (hold: few places for events, no host) → RUNNING (release, resume)
    BARRIER → next step (advance, naming exactly this place)

A track that is held is one that is PAUSED; a pause or a trip meanwhile leaves it to a person.

`account` adds up the time since it was called last and ends steps; `apply` tells stations and
relays what the tracks want. Amounts are milli-seconds or milli-sun-seconds.
"""

from soakfw import conditions
from soakfw.clock import Deadline
from soakfw.recorder import NOWHERE, Recorder
from soakfw.track import Track
from soakwire import blobs, messages, records
from soakwire.layout import LayoutError
from soakwire.records import BARRIER, DONE, PAUSED, READY, RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from soakfw.stations import Bench, Station

ACTIVE = (RUNNING, BARRIER, PAUSED)
MAX_LOOPS = 8  # loop steps taken in one go; more wait for the next period
FAR_MS = 60000


def check_program(program: blobs.Program, bench: "Bench") -> None:
    """LayoutError if the program asks for a cell, a station or a temperature we do not have."""
    taken = 0
    entries: list[dict] = program.tracks
    for number, track in enumerate(entries):
        if track["cells"] & taken or track["cells"] >> len(bench.relays.cells):
            raise LayoutError(f"track {number} has cells of another, or that do not exist")
        taken |= track["cells"]
        for index in range(program.length(number)):
            _check_step(program.step(number, index), bench)


def _check_step(step: dict, bench: "Bench") -> None:
    if step["station"] is None:
        if step["kind"] < blobs.HOST:
            raise LayoutError("a phase without a station")
        return
    if step["station"] >= len(bench.stations):
        raise LayoutError("no such station")
    station = bench.stations[step["station"]]
    if step["kind"] == blobs.THERMAL_RECOVERY and step["target"] is None:
        raise LayoutError("thermal recovery without a temperature")
    target = step["target"]
    if target is not None and (station.plate is None or target > station.ceiling):
        raise LayoutError("a temperature that the station must not or cannot have")
    if step["goal_kind"] == blobs.GOAL_DOSE and station.light_sensor is None:
        raise LayoutError("a light dose without a light sensor")


def _would_run(track: Track) -> bool:
    return track.state == RUNNING or track.held != 0


class Runner:
    """The tracks of one program on one bench."""

    def __init__(self, program: blobs.Program, bench: "Bench", recorder: Recorder) -> None:
        entries: list[dict] = program.tracks
        self._program = program
        self._bench = bench
        self._recorder = recorder
        self._head: dict = program.head
        self.tracks = [Track(i, entry["cells"]) for i, entry in enumerate(entries)]
        self._fast = Deadline()
        self._applied = [-1] * len(self.tracks)  # the keys of what stations and cells were told

    @property
    def program_id(self) -> int:
        """What the host calls the program."""
        return self._head["program_id"]

    @property
    def needs_host(self) -> bool:
        """Whether its tracks are held while no host holds a lease."""
        return self._head["host_loss"] != 0

    # --- what the host asks; each returns a reason code ---

    def start(self, number: int, step: int, cycle: int, amounts: tuple[int, int, int]) -> int:
        """Put a track at a place with (delivered, dose, elapsed) behind it, READY. The place after
        the last step: DONE."""
        length = self._program.length(number) if number < len(self.tracks) else 0
        if step > length or length == 0:
            return messages.REASON_NO_SUCH_PLACE
        track = self.tracks[number]
        if track.state == RUNNING:
            return messages.REASON_NOT_NOW
        track.step = min(step, length - 1)  # records of a track that is done name the last step
        track.cycle = cycle
        track.begin(self._program.step(number, track.step), amounts)
        track.state = READY if step < length else DONE
        return messages.REASON_OK

    def resume(self, number: int | None, now: int) -> int:
        """Run one track, or all that are READY or PAUSED (`number` None) from one instant on."""
        return self._each(number, (READY, PAUSED), RUNNING, self._resume, now)

    def pause(self, number: int | None, now: int) -> int:
        """Pause one track or all that run: loads stay, light and heat are released."""
        for track in self.tracks:
            if track.held and number in (None, track.index):
                self._pause(track, now)
        return self._each(number, (RUNNING,), PAUSED, self._pause, now)

    def advance(self, number: int, step: int, cycle: int, now: int) -> int:
        """Release the barrier at exactly this place."""
        if number >= len(self.tracks):
            return messages.REASON_NO_SUCH_PLACE
        track = self.tracks[number]
        if track.state != BARRIER or (track.step, track.cycle) != (step, cycle):
            return messages.REASON_NOT_NOW
        self._next(track, now)
        return messages.REASON_OK

    def goal(self, number: int, step: int, cycle: int, goal: int) -> int:
        """Another goal for the visit at exactly this place; the next visit has the program's."""
        if number >= len(self.tracks):
            return messages.REASON_NO_SUCH_PLACE
        track = self.tracks[number]
        wanted = track.wanted
        if track.state not in (READY, RUNNING, PAUSED) or wanted["goal_kind"] == blobs.GOAL_NONE:
            return messages.REASON_NOT_NOW
        if (track.step, track.cycle) != (step, cycle):
            return messages.REASON_NOT_NOW
        wanted["goal"] = goal
        return messages.REASON_OK

    def trip(self, station: int, now: int) -> None:
        """The heater of `station` is tripped: tracks that need it wait for a person (S13)."""
        for track in self.tracks:
            here = _would_run(track) and track.station == station
            if here and track.wanted["target"] is not None:
                self._pause(track, now)

    def hold(self, now: int, why: int) -> None:
        """Pause what runs until `release`."""
        for track in self.tracks:
            if track.state == RUNNING:
                self._pause(track, now, why)

    def release(self, why: int) -> None:
        """Let go on what `hold` has paused for this, and nothing else."""
        for track in self.tracks:
            if track.held == why:
                self._go_on(track, why)

    def _each(
        self,
        number: int | None,
        states: tuple,
        already: int,
        action: "Callable[[Track, int], None]",
        now: int,
    ) -> int:
        if number is None:
            chosen = self.tracks
        elif number < len(self.tracks):
            chosen = [self.tracks[number]]
            if chosen[0].state != already and chosen[0].state not in states:
                return messages.REASON_NOT_NOW
        else:
            return messages.REASON_NO_SUCH_PLACE
        for track in chosen:
            if track.state in states:
                action(track, now)
        return messages.REASON_OK

    # --- what the app asks; in every control period, so plain loops, which allocate nothing ---

    def active(self) -> bool:
        """Whether any track is under way."""
        for track in self.tracks:
            if track.state in ACTIVE:
                return True
        return False

    def finished(self) -> bool:
        """Whether all tracks are done."""
        for track in self.tracks:
            if track.state != DONE:
                return False
        return True

    def sample_ms(self, now: int) -> int:
        """The sampling period: shorter for a while after any step begins."""
        head = self._head
        return head["sample"] if self._fast.passed(now) else head["fast_sample"]

    def hurried(self) -> bool:
        """Whether a running track is out of condition, so that its return is noticed soon."""
        for track in self.tracks:
            if track.state == RUNNING and not track.in_condition:
                return True
        return False

    def soonest_ms(self) -> int:
        """A lower bound for the time until a step can end by its goal."""
        soonest = FAR_MS
        for track in self.tracks:
            if track.state == RUNNING:
                soonest = min(soonest, track.soonest_ms(self._light(track), FAR_MS))
        return soonest

    def account(self, now: int, dt_ms: int) -> None:
        """Add the `dt_ms` since the last call to what was delivered; end steps that are through."""
        for track in self.tracks:
            if track.state in ACTIVE:
                track.add_elapsed(dt_ms)
                gained = track.add_dose(self._light(track), dt_ms)
                if track.state == RUNNING:
                    self._run(track, gained, now, dt_ms)
                else:
                    track.look(now)

    def apply(self) -> None:
        """Tell every station and cell what the tracks want of it, if that is something new."""
        if not self._has_moved():
            return
        for station in self._bench.stations:
            self._demand(station)
        relays = self._bench.relays
        for cell in relays.cells:
            load = cell.power_off
            for track in self.tracks:
                # READY: a track that waits for a person after a restart keeps its loads
                held = track.state == READY or track.state in ACTIVE
                if held and track.cells >> cell.number & 1:
                    load = track.load(cell.number, cell.power_off)
            relays.plan(cell.number, load)

    # --- inside ---

    def _has_moved(self) -> bool:
        """Whether any track has another state or place than when this was asked last: what the
        tracks want hangs on nothing else."""
        moved = False
        for track in self.tracks:
            key = track.state | track.step << 3 | track.cycle << 10
            if key != self._applied[track.index]:
                self._applied[track.index] = key
                moved = True
        return moved

    def _run(self, track: Track, gained: int, now: int, dt_ms: int) -> None:
        if track.wanted["kind"] == blobs.LOOP:  # more loops than MAX_LOOPS in a row
            self._enter(track, now)
            return
        was = track.in_condition
        applied = self._bench.relays.settled(track.cells)
        track.in_condition = conditions.met(track.wanted, self._station(track), applied)
        if track.wanted["goal_kind"] == blobs.GOAL_DOSE:
            track.deliver(gained)
        elif was and track.in_condition:  # what lies between is not known: both ends must agree
            track.deliver(dt_ms)
        code = track.condition_event(now)
        if code:
            self._event(code, track)
        if track.is_through():
            if not self._lights_others(track):
                self._next(track, now)
        elif track.timed_out(dt_ms):
            self._event(records.EV_STEP_TIMEOUT, track)
            self._pause(track, now)

    def _lights_others(self, track: Track) -> bool:
        """Whether a track at the same station still needs the light that this one would shut.

        Tracks that age together come into condition a moment apart. Were the first to go, the other
        would wait for its last second of light until the first one's dark is over.
        """
        if track.wanted["kind"] != blobs.AGEING:
            return False
        for other in self.tracks:
            lit = other.state == RUNNING and other.wanted["kind"] == blobs.AGEING
            if lit and other.station == track.station and not other.is_through():
                return True
        return False

    def _next(self, track: Track, now: int) -> None:
        """End the step, with its last values on record, and enter the next one."""
        self._event(records.EV_STEP_END, track)
        self._recorder.last_of(track, None if track.station is None else self._station(track))
        track.step += 1
        self._enter(track, now)

    def _enter(self, track: Track, now: int) -> None:
        """Begin the step the track has come to, going through loops."""
        for _ in range(MAX_LOOPS):
            if track.step >= self._program.length(track.index):
                self._finish(track)
                return
            track.begin(self._program.step(track.index, track.step), (0, 0, 0))
            if track.wanted["kind"] != blobs.LOOP:
                self._begin(track, now)
                return
            track.take_loop()
        track.state = RUNNING

    def _begin(self, track: Track, now: int) -> None:
        barrier = track.wanted["kind"] in (blobs.HOST, blobs.CONFIRM)
        track.state = BARRIER if barrier else RUNNING
        self._event(records.EV_BARRIER if barrier else records.EV_STEP_BEGIN, track)
        fast_ms = self._head["fast_for"]
        if fast_ms:
            self._fast.set(now, fast_ms)

    def _finish(self, track: Track) -> None:
        track.step -= 1  # records name the last step
        track.state = DONE
        track.in_condition = False
        self._event(records.EV_TRACK_DONE, track)
        self._recorder.last_of(track)

    def _resume(self, track: Track, now: int) -> None:
        if track.state == PAUSED:
            track.restart_timeout()
            self._go_on(track)
        elif track.wanted["kind"] == blobs.LOOP:
            self._enter(track, now)
        else:
            self._begin(track, now)

    def _go_on(self, track: Track, why: int = 0) -> None:
        track.state = RUNNING
        track.held = 0
        self._event(records.EV_RESUMED, track, why)

    def _pause(self, track: Track, _now: int, why: int = 0) -> None:
        track.state = PAUSED
        track.held = why
        track.in_condition = False
        self._event(records.EV_PAUSED, track, why)
        self._recorder.last_of(track)

    def _demand(self, station: "Station") -> None:
        """Several tracks: dark wins; targets agree (the compiler sees to it), else the lowest."""
        where = NOWHERE
        light = target = None
        band = 0
        for track in self.tracks:
            if track.station != station.index or track.state not in ACTIVE:
                continue
            if where is NOWHERE:
                where = track.where()
            if track.state != RUNNING:
                continue
            wanted = track.wanted
            if light is None:  # the first running track gives its name to the station
                where = track.where()
                light = True
            light = light and wanted["kind"] == blobs.AGEING
            if wanted["target"] is not None and (target is None or wanted["target"] < target):
                target, band = wanted["target"], wanted["band"]
        station.demand(where, bool(light), target, band)

    def _station(self, track: Track) -> "Station":
        return self._bench.stations[track.wanted["station"]]

    def _light(self, track: Track) -> int:
        """Milli-suns at the track, 0 where nothing measures it."""
        if track.station is None:
            return 0
        return self._station(track).milli_suns or 0

    def _event(self, code: int, track: Track, b: int = 0) -> None:
        self._recorder.event(
            code,
            track.where(),
            track.station,
            a=track.elapsed,
            b=b,
            delivered=track.delivered,
            dose=track.dose,
        )
