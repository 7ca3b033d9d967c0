"""The twin's own account: fed with what truly happens, it judges as it goes.

Times are milliseconds of the twin. The calls that come by the million (`pin`, `plate`,
`produced`) do one look-up and a few comparisons unless something has changed.
"""

from collections.abc import Iterable, Mapping

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.rehearsal.judge.asking import HeatAsked
from soakbench.rehearsal.judge.contacts import Contacts, SwitchJudge
from soakbench.rehearsal.judge.custody import CustodyCount, CustodyJudge
from soakbench.rehearsal.judge.dose import Doses
from soakbench.rehearsal.judge.findings import Findings, History, Rule
from soakbench.rehearsal.judge.heat import Heat
from soakbench.rehearsal.judge.matching import match
from soakbench.rehearsal.judge.order import OrderJudge
from soakbench.rehearsal.judge.produced import Produced
from soakbench.rehearsal.judge.progress import Progress
from soakbench.rehearsal.judge.provoked import HANG, Fault, Provoked
from soakbench.rehearsal.judge.stored import Stored, by_boot
from soakbench.rehearsal.judge.switching import (
    BreakBeforeMake,
    Dwell,
    Exclusion,
    Notes,
    Stagger,
)
from soakbench.rehearsal.judge.truth import Truth
from soakbench.rehearsal.judge.verdict import Verdict
from soakbench.rehearsal.judge.wear import Wear
from soakbench.run.machine import Place
from soakbench.twin.channel import PinState
from soakwire import names, records
from soakwire.slots import Record

_SEQ = slice(0, 4)
_KIND_AT = 10
_PLACE_AT = 11


class Account:
    """What truly happened on one bench. `program` is the plan that is rehearsed, if one is."""

    def __init__(self, bench: BenchConfig, program: CompiledProgram | None = None) -> None:
        self._history = History()
        self.findings = Findings(self._history)
        self._provoked = Provoked()
        self._produced = Produced()
        self._program = program
        self._truth = Truth(bench)
        exclusion = Exclusion(self.findings)
        settling = BreakBeforeMake(bench, self.findings, self._provoked)
        relay_rules: list[SwitchJudge] = [
            Notes(self._history),
            exclusion,
            settling,
            Dwell(bench, self.findings),
            Stagger(bench, self.findings),
        ]
        self._wear = Wear(self.findings, list(bench.cells))
        self._contacts = Contacts(
            bench,
            relay_rules,
            self._wear.energised,
            lambda at_ms, text: self.findings.add(at_ms, Rule.COILS, text),
        )
        exclusion.watch(self._contacts)
        settling.watch(self._contacts)
        self._heat = Heat(bench, self.findings, self._history, self._provoked)
        self._doses = Doses(
            bench, program, self._truth, self._contacts, self.findings, self._provoked
        )
        self._contacts.changed = self._doses.look
        asked = HeatAsked(self._heat, list(bench.stations))
        self._progress = Progress(program, [asked, self._doses])
        self._pins = {gpio: pin.take for gpio, pin in self._contacts.pins.items()}
        self._pins.update((gpio, switch.take) for gpio, switch in self._heat.pins)
        self._known_ms = 0.0  # up to here the records are known; pins and physics may be ahead
        self._now_ms = 0.0

    # --- what the twin tells ---

    def boot(self, at_ms: float, boot_number: int) -> None:
        """The board starts; numbers rise."""
        self._now_ms = at_ms
        self._produced.begin(boot_number, at_ms)
        self._wear.begin()
        self._history.note((at_ms, "boot", boot_number))

    def pin(self, at_ms: float, gpio: int, state: PinState) -> None:
        """The board drives a pin, or lets go of it."""
        take = self._pins.get(gpio)
        if take is not None:
            take(at_ms, state)

    def released(self, at_ms: float) -> None:
        """A reset or a power cut: all pins are inputs again, and whatever ran is over."""
        self._now_ms = at_ms
        self._history.note((at_ms, "all pins", "released"))
        self._heat.release(at_ms)
        self._contacts.release(at_ms)
        self._progress.drop_all(at_ms)
        self._doses.look(at_ms)

    def produced(self, at_ms: float, boot_number: int, slot: bytes) -> None:
        """The firmware has made a record: 32 bytes, as they are in its journal."""
        self._know(at_ms)
        boot = self._produced.begin(boot_number, at_ms)
        boot.add(at_ms, int.from_bytes(slot[_SEQ], "little"), slot)
        kind = slot[_KIND_AT]
        if kind == records.EVENT:
            code = slot[_PLACE_AT]
            self._history.note((at_ms, "event", names.EVENT_NAMES.get(code, code)))
            self._progress.event(at_ms, slot)
        elif kind == records.TRACK:
            self._progress.sample(at_ms, slot)
        elif kind == records.WEAR:
            self._wear.told(at_ms, Record(slot))

    def left_out(self, at_ms: float, boot_number: int, first_seq: int, count: int) -> None:
        """Samples were due and not made; their seqs are used up."""
        self._know(at_ms)
        self._produced.begin(boot_number, at_ms).leave_out(at_ms, first_seq, count)

    def light(self, at_ms: float, station: str, suns: float, lux: float | None = None) -> None:
        """The true light at a station is another one now; `lux` if more than the lamp's."""
        self._history.note((at_ms, f"{station} light", f"{suns:g} suns"))
        self._truth.places[station].light(at_ms, suns, lux)
        self._doses.look(at_ms)

    def moved(self, at_ms: float, cell: str, station: str) -> None:
        """A hand has put a cell at another station."""
        self._history.note((at_ms, cell, f"moved to {station}"))
        self._truth.moved(at_ms, cell, station)
        self._doses.look(at_ms)

    def plate(self, at_ms: float, station: str, temp_c: float) -> None:
        """The true temperature of a station's plate, at each step of physics."""
        self._now_ms = at_ms
        heated = self._heat.stations.get(station)
        if heated is not None:
            heated.plate(at_ms, temp_c)
        place = self._truth.places[station]
        place.temp_c = temp_c
        if not place.calm_low_c <= temp_c <= place.calm_high_c:
            self._doses.look(at_ms)

    def fault(self, at_ms: float, until_ms: float | None, kind: str, station: str = "") -> None:
        """The fault script acts: `kind` is its name there (`power_cut`, `ssr`, ...)."""
        self._history.note((at_ms, "fault", kind))
        self._provoked.add(Fault(at_ms, until_ms, kind, station))
        if kind == HANG:
            self._heat.hang(at_ms)

    # --- what comes of it ---

    def verdict(
        self,
        stored: Iterable[Stored] | None = None,
        settled_ms: float | None = None,
        ordered: Mapping[Place, int] | None = None,
    ) -> Verdict:
        """What was found so far, and with the database's records what it says about them.

        Args:
            stored: of `read_stored`; None: custody and order are not judged.
            settled_ms: what was produced before must be stored or declared by now; None: the
                present boot may still have everything that it has made.
            ordered: the goals that people have given in place of the plan's.
        """
        self._heat.end(self._now_ms)
        findings = self.findings.copy()
        self._doses.judge_goals(findings, ordered or {})
        count = CustodyCount()
        if stored is not None:
            count = self._judge_stored(findings, by_boot(stored), settled_ms)
        stations = self._heat.stations.values()
        return Verdict(
            violations=findings.kept,
            counts=dict(findings.counts),
            provoked=findings.provoked,
            provoked_counts=dict(findings.provoked_counts),
            custody=count,
            highest_c={station.name: station.highest_c for station in stations},
            actuations=dict(self._wear.actuations),
            uncounted_sun_s={cell: milli / 1000 for cell, milli in self._doses.uncounted.items()},
        )

    def _know(self, at_ms: float) -> None:
        """Records come in order: all that were made before are known."""
        if at_ms > self._known_ms:
            self._known_ms = at_ms
            self._now_ms = max(at_ms, self._now_ms)
            self._heat.settle(at_ms)

    def _judge_stored(
        self, findings: Findings, stored: dict[str, list[Stored]], settled_ms: float | None
    ) -> CustodyCount:
        found = match(stored, self._produced)
        judge = CustodyJudge(self._produced, findings, self._now_ms, settled_ms)
        count = judge.judge(stored, found)
        if self._program is not None:
            boots = [(boot.number, stored[name]) for name, boot in found.items()]
            OrderJudge(self._program, findings, self._now_ms).judge(sorted(boots))
        return count
