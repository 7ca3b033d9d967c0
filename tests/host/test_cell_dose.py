"""The light of each cell: its track's dose, by load, times its position."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import parse_bench, parse_plan
from soakbench.plan import compile_program
from soakbench.run.cell_dose import cell_doses
from soakbench.status import CellDose

PLAN = """
[plan]
name = "dose"

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"
loads = { A1 = "OC", A2 = "SC" }

[[tracks.a.phases]]
phase = "ageing"
until = "1 h"

[[tracks.a.phases]]
phase = "ageing"
load = "OC"
loads = { A2 = "OC" }
until = "1 h"

[tracks.b]
cells = ["B1"]
station = "simulator"

[[tracks.b.phases]]
phase = "ageing"
until = "2 h"
"""


def bench_text() -> str:
    """The twin, with A2 and B1 where there is less and more light."""
    text = find_bench("twin").read_text("utf-8")
    for cell, position in (("A2", 0.9), ("B1", 1.25)):
        text = text.replace(f"[cells.{cell}]", f"[cells.{cell}]\nposition = {position}")
    return text


def test_dose_per_cell():
    bench = parse_bench(bench_text(), "b.toml")
    program = compile_program(parse_plan(PLAN, "p.toml"), bench)
    (first, second), (only,) = (track.steps for track in program.tracks)
    doses = [(0, first, 1.0), (0, second, 0.5), (1, only, 1.6), (0, second, None)]
    a1, a2, b1 = cell_doses(program, bench, doses)
    assert a1 == CellDose(
        cell="A1", track="a", position=1, dose_sun_h=1.5, oc_sun_h=1.5, sc_sun_h=0
    )
    assert a2.sc_sun_h == pytest.approx(0.9)
    assert a2.oc_sun_h == pytest.approx(0.45)
    assert a2.dose_sun_h == pytest.approx(1.35)
    assert (b1.track, b1.position) == ("b", 1.25)
    assert b1.dose_sun_h == pytest.approx(2.0)
