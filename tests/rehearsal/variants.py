"""Firmware and host that break one promise each. A rehearsal must notice every one of them.

A firmware variant is the shipped firmware with a few lines replaced; a host variant replaces a
function. Both reach into insides, so a change there may need one here.
"""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from people import extend, orders
from rehearsing import OC_DARK, fault, latching, order

from soakbench.assets import firmware_path
from soakbench.daemon.engine import Engine
from soakbench.device import custody
from soakbench.device.custody import Custody
from soakbench.errors import BenchFault
from soakbench.rehearsal import rehearse
from soakbench.rehearsal.operator import Operator
from soakbench.rehearsal.rehearse import Order
from soakbench.run import machine
from soakbench.store import intake
from soakwire import messages
from soakwire.host_end import Records
from soakwire.slots import Record

Replacement = tuple[str, str, str]  # file of soakfw, text, what stands there instead
HostChange = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Variant:
    """`caught_by` is the rule it breaks; None: the run does not come to its end."""

    what: str
    order: Order
    caught_by: str | None
    firmware: tuple[Replacement, ...] = ()
    host: HostChange = lambda _patch: None
    scene: HostChange = lambda _patch: None
    """What has to happen, in the sound rehearsal as well."""


def install(variant: Variant, patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let rehearsals run with it."""
    variant.host(patch)
    if not variant.firmware:
        return
    shipped, *others = firmware_path()
    shutil.copytree(shipped, folder, dirs_exist_ok=True)
    for file, text, instead in variant.firmware:
        path = folder / "soakfw" / file
        source = path.read_text()
        if source.count(text) != 1:
            raise ValueError(f"{variant.what}: {file} has {source.count(text)} times {text!r}")
        path.write_text(source.replace(text, instead))
    patch.setattr(rehearse, "firmware_path", lambda: [folder, *others])


# --- what happens on the way ---

SECONDS = OC_DARK.replace("sample_s = 10", "sample_s = 1")
LAMP_DIES = fault("lamp", "2 min", how="dead", for_="1 min")
HOST_AWAY = fault("host_away", "1 min", for_="8 min")
# A daemon that is killed again and again: one of the times there is a commit under way.
KILLED = "".join(fault("daemon_killed", f"{10 + n + n * n * 0.003:.3f} s") for n in range(1, 30))
LOADS = """
[plan]
name = "loads"

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"
load = "SC"
""" + "".join(
    f"""
[[tracks.a.phases]]
phase = "ageing"
load = "{load}"
until = "3 min"
light = "1 sun"
timeout = "10 min"
"""
    for load in ("OC", "SC", "OC")
)


def slow_relays(made: Order) -> Order:
    """A minute between two switchings of one cell."""
    relays = made.bench.relays.model_copy(update={"dwell_ms": 60_000})
    return replace(made, bench=made.bench.model_copy(update={"relays": relays}))


def somebody_wants_more(patch: pytest.MonkeyPatch) -> None:
    """Of a phase, and does not look whether it is done."""

    async def ask(engine: Engine) -> None:
        with contextlib.suppress(BenchFault):
            await extend("a", "1 min")(engine)

    orders(patch, (60, ask))


def a_shorted_cell_is_measured(patch: pytest.MonkeyPatch) -> None:
    """Somebody puts a cell that is at SC on the source meter, by hand."""
    look = Operator.look

    async def looking(self: Operator, engine: Engine, now_ms: int) -> None:
        await look(self, engine, now_ms)
        if now_ms > 60_000 and not hasattr(self, "has_measured"):
            self.has_measured = True  # type: ignore[attr-defined]
            await engine.keeper._device._send(messages.MEASURE_CELL, [1, 20_000])

    patch.setattr(Operator, "look", looking)


# --- the host's variants ---


def acknowledges_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The board may forget what a kill of the daemon then destroys."""
    sound = Custody.records

    def eager(self: Custody, batch: Records) -> list[Record]:
        if batch.items:
            self.committed(batch.boot_id, batch.items[-1].seq + 1)
        return sound(self, batch)

    patch.setattr(Custody, "records", eager)


def stores_again_what_comes_twice(patch: pytest.MonkeyPatch) -> None:
    """Known records get new numbers instead of being recognised."""
    sound = intake.store_batch

    def doubling(connection: object, batch: intake.Batch, to_utc: intake.ToUtc) -> None:
        sound(connection, batch, to_utc)  # type: ignore[arg-type]
        known = [renumbered(item) for item in batch.items if item.seq % 100 == 0]
        sound(connection, replace(batch, after=0, items=known), to_utc)  # type: ignore[arg-type]

    patch.setattr(custody, "store_batch", doubling)


def forgets_the_goals_that_people_have_ordered(patch: pytest.MonkeyPatch) -> None:
    """They are on disk, and the board never hears of them."""
    patch.setattr(machine, "_goal", lambda *_: [])


def renumbered(item: Record) -> Record:
    """The same record with another number."""
    return Record((item.seq + (1 << 24)).to_bytes(4, "little") + bytes(item.slot[4:]))


# --- all of them ---

_BEGIN = """        self._break(cell, now)
        self._make(cell, now)
"""
_MAKE_FIRST = """        load = cell.wanted()
        if load != OC:
            cell.close(load)
        if load != SC and cell.short:
            cell.short.set(cell._rest == SC)
        if load != MEASURE and cell._measure:
            cell._measure.set(False)
        cell.at = load
        self._moved = True
        cell.dwell.set(now, self._dwell_ms)
        self._switched(cell.number, load)
"""
_WALL_CLOCK = """from soakfw.clock import Deadline
import time


class WallClock:
    _at = 0.0

    def set(self, _now, ms):
        self._at = time.monotonic() + ms / 1000

    def clear(self):
        self._at = 0.0

    def passed(self, _now):
        return time.monotonic() >= self._at

    def left(self, _now):
        return max(0, int((self._at - time.monotonic()) * 1000))

"""

VARIANTS = [
    Variant(
        "acknowledges before the commit",
        order(OC_DARK, KILLED),
        "custody",
        host=acknowledges_before_the_commit,
    ),
    Variant(
        "writes no LOSS for what was thinned",
        order(SECONDS, HOST_AWAY),
        "custody",
        firmware=(
            (
                "journal.py",
                "        self._append(self.events, 0, lost.end, LOSS, 0, values)\n",
                "",
            ),
        ),
    ),
    Variant(
        "stores again what comes twice",
        order(OC_DARK, fault("noisy_cable", "1 min", rate=0.001, for_="5 min")),
        "custody",
        host=stores_again_what_comes_twice,
    ),
    Variant(
        "forgets the goals that people have ordered",
        order(OC_DARK),
        "goal",
        host=forgets_the_goals_that_people_have_ordered,
        scene=somebody_wants_more,
    ),
    Variant(
        "takes a relay's dwell from the computer's clock",
        slow_relays(order(LOADS)),
        None,
        firmware=(
            ("relays.py", "from soakfw.clock import Deadline\n", _WALL_CLOCK),
            ("relays.py", "self.dwell = Deadline()", "self.dwell = WallClock()"),
        ),
    ),
    Variant(
        "makes before it breaks",
        order(),
        "exclusion",
        firmware=(("relays.py", _BEGIN, _MAKE_FIRST),),
        scene=a_shorted_cell_is_measured,
    ),
    Variant(
        "makes as soon as it has broken",
        order(),
        "break before make",
        firmware=(("relays.py", "if not cell.settle.passed(now) or (", "if ("),),
        scene=a_shorted_cell_is_measured,
    ),
    Variant(
        "counts a dose in the dark",
        order(OC_DARK),
        "dose",
        firmware=(
            (
                "program.py",
                "return self._station(track).milli_suns or 0",
                "return max(self._station(track).milli_suns or 0, 20)",
            ),
        ),
    ),
    Variant(
        "counts time without light",
        order(OC_DARK, LAMP_DIES),
        "time",
        firmware=(("program.py", "elif was and track.in_condition:", "else:"),),
    ),
    Variant(
        "counts a relay's switching twice",
        order(OC_DARK),
        "wear",
        firmware=(("relays.py", "self.wear[at] + 1", "self.wear[at] + 2"),),
    ),
    Variant(
        "leaves the coil of a latching relay energised",
        latching(order(OC_DARK)),
        "coils",
        firmware=(
            ("latching.py", "            if self._left:\n                self.off()\n", ""),
            ("latching.py", "            if left == 1:\n                self.off()\n", ""),
        ),
    ),
    Variant(
        "pulses a latching relay too briefly",
        latching(order(OC_DARK)),
        "coils",
        firmware=(("latching.py", "self._end.set(now, self._pulse_ms)", "self._end.set(now, 2)"),),
    ),
    Variant(
        "does not wait for the dwell at all",
        slow_relays(order(LOADS.replace("3 min", "0.5 min"))),
        "dwell",
        firmware=(
            (
                "relays.py",
                "if not cell.dwell.passed(now) or not self._stagger.passed(now):",
                "if not self._stagger.passed(now):",
            ),
        ),
    ),
]
