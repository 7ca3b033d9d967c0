"""The ISOS label: the nearest protocol, and all that keeps a history from being it."""

import pytest

from soakbench.assets import find_bench
from soakbench.cell_history import CellAccount, Cycles, Exposure, Handling, IsosLabel, Readings
from soakbench.config import BenchConfig, load_bench, parse_plan
from soakbench.plan import CompiledProgram, compile_program
from soakbench.run.isos import isos_labels
from soakbench.status import CellEvidence

SENSED = {"senses": ["voltage"], "findings": 0, "doubtful_s": 0.0}
STATED = """
light_source = "LED"
spectrum = "AM 1.5G"
light_calibration = "Si cell"
encapsulation = "none"
mask = "none"
"""


def program(atmosphere: str = "", stated: str = STATED, head: str = "") -> CompiledProgram:
    """Light and dark for A1 and A2."""
    gas = f'atmosphere = "{atmosphere}"' if atmosphere else ""
    text = f"""
[plan]
name = "p"
{head}
[conditions]
{gas}
{stated}
[tracks.x]
cells = ["A1", "A2"]
station = "simulator"
[[tracks.x.phases]]
phase = "ageing"
until = "12 h"
[[tracks.x.phases]]
phase = "dark_recovery"
until = "12 h"
"""
    return compile_program(parse_plan(text, "p.toml"), BENCH)


def real(bench: BenchConfig) -> BenchConfig:
    """As if it were a real one, with a lux sensor under the simulator."""
    box = bench.stations["hotplate_box"].lux_sensor
    stations = {
        name: station.model_copy(update={"lux_sensor": box})
        for name, station in bench.stations.items()
    }
    there = bench.bench.model_copy(update={"port": "/dev/ttyACM0"})
    return bench.model_copy(update={"bench": there, "stations": stations})


BENCH = load_bench(find_bench("twin"))


def at(mean: float, low: float | None = None, high: float | None = None, sd: float = 0.1, **more):
    """Readings of the stage."""
    values = {"sensor": "stage", "mean": mean, "sd": sd, "read_h": 12.0} | more
    return Readings(low=mean if low is None else low, high=mean if high is None else high, **values)


def exposure(oc_h: float = 0, sc_h: float = 0, temp: Readings | None = None) -> Exposure:
    return Exposure(oc_h=oc_h, sc_h=sc_h, temp_c=temp or at(23))


DAYS = Cycles(complete=7, light_h=12, dark_h=12, period_h=24, period_sd_h=0)
CALM = Handling(
    moved_h=0, away_h=0, interruptions=0, longest_interruption_h=None, interrupted=False
)


def account(cell: str = "A1", **changes: object) -> CellAccount:
    """Seven ideal days and nights at OC."""
    values: dict[str, object] = {
        "cell": cell,
        "track": "x",
        "position": 1.0,
        "ageing": exposure(84),
        "dark_recovery": exposure(84),
        "thermal_recovery": exposure(),
        "light_suns": at(1.0, sd=0.001, sensor="light"),
        "humidity_percent": at(40, sensor="humidity"),
        "dose_sun_h": 84.0,
        "oc_sun_h": 84.0,
        "sc_sun_h": 0.0,
        "outside_sun_h": 0.0,
        "outside_unread_h": 0.0,
        "cycles": DAYS,
        "handling": CALM,
    }
    return CellAccount.model_validate(values | changes)


def labels(*cells: CellAccount, made: CompiledProgram | None = None, **more: object):
    """On a bench that proves what it can, in air."""
    named = [each.cell for each in cells]
    evidence = [CellEvidence(cell=cell, **(SENSED | more)) for cell in named]
    return isos_labels(list(cells), evidence, "finished", made or program("air"), real(BENCH))


def label(*cells: CellAccount, made: CompiledProgram | None = None, **more: object) -> IsosLabel:
    (one,) = labels(*cells, made=made, **more)
    return one


MPP = "MPP was not tracked, so this tells no operational lifetime"


def test_ideal_days_at_oc_depart_in_nothing_but_mpp() -> None:
    found = label(account())
    assert (found.nearest, found.deviations) == ("ISOS-LC-1", [MPP])
    assert found.text == f"nearest: ISOS-LC-1, but: {MPP}"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "ISOS-LC-1"),
        ({"dark_recovery": exposure(), "cycles": Cycles(complete=0)}, "ISOS-L-1"),
        ({"ageing": exposure(), "cycles": Cycles(complete=0)}, "ISOS-D-1"),
        ({"ageing": exposure(84, temp=at(43.9))}, "ISOS-LC-1"),
        ({"ageing": exposure(84, temp=at(44.1))}, "ISOS-LC-2"),
        ({"ageing": exposure(84, temp=at(85))}, "ISOS-LC-2"),
        ({"ageing": exposure(84, temp=Readings())}, "ISOS-LC-1"),
        ({"ageing": exposure(), "dark_recovery": exposure(84, temp=at(65))}, "ISOS-D-2"),
        (
            {
                "ageing": exposure(),
                "dark_recovery": exposure(84, temp=at(85)),
                "humidity_percent": at(85, sensor="humidity"),
            },
            "ISOS-D-3",
        ),
    ],
)
def test_the_nearest_is_by_light_temperature_and_humidity(changes, name: str) -> None:
    found = label(account(**changes))
    assert found.nearest == name
    assert found.text.startswith(f"nearest: {name}, but: ")
    assert found.deviations


def test_storage_in_the_dark_without_a_departure_says_so() -> None:
    found = label(account(ageing=exposure(), cycles=Cycles(complete=0)))
    assert (
        found.text == "nearest: ISOS-D-1, but: nothing that was measured or stated departs from it"
    )


def test_inert_gas_makes_it_an_i_and_is_itself_not_measured() -> None:
    found = label(account(), made=program("N2"))
    assert found.nearest == "ISOS-LC-1I"
    assert "N2 is stated, O₂ and H₂O in it were not recorded" in found.deviations


SAID = [
    ({"ageing": exposure(0, 84)}, "SC while lit, which is no load of ISOS-LC-1 (MPP, OC or"),
    ({"ageing": exposure(60, 24)}, "two loads while lit: OC for 60 h, SC for 24 h"),
    ({"dark_recovery": exposure(60, 24)}, "SC in the dark for 24 h, not OC"),
    (
        {"ageing": exposure(84, temp=at(42.81, 23, 43.04, 1.3))},
        "42.8 ± 1.3 °C (23.0 to 43.0) while lit for 84 h, not 23 ± 4 °C; no level of ISOS",
    ),
    (
        {"ageing": exposure(84, temp=at(26.0, 23, 27.1))},
        "26.0 ± 0.1 °C (23.0 to 27.1) while lit for 84 h, not always 23 ± 4 °C",
    ),
    (
        {"thermal_recovery": exposure(21, temp=at(50))},
        "50.0 ± 0.1 °C (50.0 to 50.0) in thermal recovery for 21 h, not 23 ± 4 °C; no level",
    ),
    ({"thermal_recovery": exposure(21, temp=at(65))}, "for 21 h, not 23 ± 4 °C"),
    ({"dark_recovery": exposure(84, temp=Readings())}, "temperature not measured in the dark"),
    (
        {"dark_recovery": exposure(84, temp=at(23, sensor="plate"))},
        "temperature in the dark is the plate's, not the cells'",
    ),
    (
        {"ageing": exposure(84, temp=at(23, unread_h=2.0))},
        "no reading of the temperature while lit for 2 h",
    ),
    ({"cycles": Cycles(complete=0)}, "no complete cycle"),
    ({"cycles": DAYS.model_copy(update={"complete": 1})}, "one cycle only"),
    (
        {"cycles": Cycles(complete=1, light_h=16, dark_h=16, period_h=32)},
        "period 32 h, not 2, 8 or 24 h",
    ),
    (
        {"cycles": Cycles(complete=7, light_h=16, dark_h=8, period_h=24)},
        "light to dark 16 h to 8 h (1:0.50), not 1:1 or 1:2",
    ),
    ({"light_suns": at(0.7)}, "light 0.70 suns; 0.8 to 1 are usual"),
    ({"light_suns": Readings()}, "light not measured"),
    ({"light_suns": at(0.95, 0.5, 1, 0.05)}, "light not steady: 0.95 ± 0.05 suns (0.50 to 1.00)"),
    ({"light_suns": at(1, sd=0.001, unread_h=0.5)}, "no reading of the light for 30 min"),
    ({"humidity_percent": Readings()}, "humidity not measured"),
    ({"outside_sun_h": 0.25}, "0.25 sun-h of light outside of ageing"),
    ({"handling": CALM.model_copy(update={"moved_h": 0.2})}, "cells moved, unplugged for up to 12"),
    ({"handling": CALM.model_copy(update={"away_h": 0.1})}, "the board was away for 6 min"),
    (
        {
            "handling": CALM.model_copy(
                update={"interruptions": 3, "longest_interruption_h": 1 / 3, "interrupted": True}
            )
        },
        "3 interruptions, the longest 20 min; longer than max_gap, so it is interrupted",
    ),
]


@pytest.mark.parametrize(("changes", "said"), SAID, ids=[said[:30] for _, said in SAID])
def test_every_departure_is_said(changes, said: str) -> None:
    """Beside MPP it is the only one, but where two belong together."""
    found = label(account(**changes))
    assert any(text.startswith(said) or text.endswith(said) for text in found.deviations), found
    assert len(found.deviations) <= 3


@pytest.mark.parametrize(
    ("off", "said"),
    [(24.4, False), (24.6, True), (8.1, False), (8.2, True), (4.1, True), (2.03, False)],
)
def test_a_period_may_be_two_percent_off(off: float, said: bool) -> None:
    cycles = Cycles(complete=7, light_h=off / 2, dark_h=off / 2, period_h=off)
    found = label(account(cycles=cycles))
    assert any(text.startswith("period") for text in found.deviations) == said


def test_what_is_not_stated_is_a_departure() -> None:
    found = label(account(), made=program(stated='spectrum = "AM 1.5G"'))
    assert "atmosphere not stated" in found.deviations
    missing = "not stated: light source, light calibration, encapsulation, mask"
    assert missing in found.deviations
    dry = label(account(), made=program("dry air"))
    assert "dry air, which is neither ambient nor inert" in dry.deviations


def test_a_claim_that_is_not_the_nearest_is_told() -> None:
    held = label(account(), made=program("air", head='isos = "ISOS-LC-1"'))
    assert (held.claimed, held.deviations) == ("ISOS-LC-1", [MPP])
    other = label(account(), made=program("air", head='isos = "ISOS-L-2I"'))
    assert other.deviations[0] == (
        "the plan claims ISOS-L-2I (constant light at 65 or 85 °C in inert gas)"
    )


def test_load_and_doubt() -> None:
    trusted = label(account(), senses=[])
    assert "load taken on trust, nothing senses it" in trusted.deviations
    doubtful = label(account(), findings=1, doubtful_s=1200.0)
    assert "condition in doubt for up to 20 min (see the findings)" in doubtful.deviations


def test_a_simulated_bench_a_run_under_way_and_darkness_that_nothing_proves() -> None:
    made = program("air")
    evidence = [CellEvidence(cell="A1", senses=["voltage"], findings=0, doubtful_s=0)]
    (found,) = isos_labels([account()], evidence, "running", made, BENCH)
    assert found.deviations == [
        "simulated bench, no real cell",
        "the run is not over",
        MPP,
        "dark at simulator is proven no darker than 0.01 suns: no lux sensor",
    ]


def test_cells_with_one_history_share_a_label_and_tell_their_light() -> None:
    dim = account("A2", position=0.9, light_suns=at(0.9, sd=0.001))
    found = label(account(), dim)
    assert found.cells == ["A1", "A2"]
    assert "light differs between cells, 0.90 to 1.00 suns" in found.deviations


def test_cells_at_other_loads_have_labels_of_their_own() -> None:
    text = 'cells = ["A1", "A2"]\nload = "OC"\nloads = { A2 = "SC" }'
    made = parse_plan(
        f"""
[plan]
name = "p"
[tracks.x]
{text}
station = "simulator"
[[tracks.x.phases]]
phase = "ageing"
until = "12 h"
""",
        "p.toml",
    )
    cells = account(), account("A2", ageing=exposure(0, 84))
    first, second = labels(*cells, made=compile_program(made, BENCH))
    assert (first.cells, second.cells) == (["A1"], ["A2"])


def test_where_nothing_was_delivered_there_is_no_label() -> None:
    assert labels(account(ageing=exposure(), dark_recovery=exposure())) == []
