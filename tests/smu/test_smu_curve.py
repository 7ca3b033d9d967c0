"""The curve of the twin's cells, and what its source meter gets of them."""

import itertools

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench
from soakbench.config.twin_table import CellTable
from soakbench.twin.board import Board
from soakbench.twin.cell_curve import CellCurve
from soakbench.twin.channel import PinState
from soakbench.twin.measure_bus import MeasureBus
from soakbench.twin.physics import Junction
from soakbench.twin.stations import Contact

AREA_CM2 = 0.07
A1_SHORT, A2_SHORT, A1_MEASURE, A2_MEASURE, SHUTTER = 0, 1, 8, 9, 16


@pytest.mark.parametrize("suns", [1e-4, 0.01, 0.1, 1, 1.2])
@pytest.mark.parametrize("voc_v", [0.9, 1.05])
@pytest.mark.parametrize("ohm", [0, 0.3, 10])
def test_at_25_degrees_it_agrees_with_what_the_converter_sees(
    suns: float, voc_v: float, ohm: float
) -> None:
    table = CellTable(contact_ohm=ohm)
    curve, junction = CellCurve(table, AREA_CM2), Junction(table, AREA_CM2)
    open_v = junction.open_v(voc_v, suns)
    assert curve.current_ma(open_v, 25, suns, voc_v) == pytest.approx(0, abs=1.65e-6 * suns + 1e-8)
    at_short = curve.current_ma(0, 25, suns, voc_v)
    assert at_short == pytest.approx(1000 * junction.photocurrent_a(suns), rel=1e-4)


@pytest.mark.parametrize("ohm", [0, 0.3, 100])
def test_it_falls_with_the_voltage_everywhere(ohm: float) -> None:
    curve = CellCurve(CellTable(contact_ohm=ohm), AREA_CM2)
    for suns in (0, 1):
        values = [curve.current_ma(mv / 1000, 25, suns, 1.05) for mv in range(-1000, 1500, 10)]
        assert all(after < before for before, after in itertools.pairwise(values))


def test_far_away_it_is_still_a_number() -> None:
    """Where a source meter looks for its limit."""
    curve = CellCurve(CellTable(), AREA_CM2)
    assert curve.current_ma(21, 25, 1, 1.05) == pytest.approx(-1000 * (21 - 1.5) / 0.3, rel=0.02)
    assert curve.current_ma(-21, 25, 1, 1.05) == pytest.approx(1.65, rel=0.01)


def test_series_resistance_costs_fill_factor_and_no_voc() -> None:
    def most_mw(ohm: float) -> float:
        curve = CellCurve(CellTable(contact_ohm=ohm), AREA_CM2)
        return max(curve.current_ma(mv / 1000, 25, 1, 1.05) * mv / 1000 for mv in range(1100))

    assert most_mw(50) < most_mw(10) < most_mw(0)


def test_warmth_costs_voc() -> None:
    curve = CellCurve(CellTable(), AREA_CM2)
    assert curve.current_ma(1.05 - 0.015 * 1.5, 40, 1, 1.05) == pytest.approx(0, abs=1e-6)


@pytest.fixture
def board() -> Board:
    made = Board(load_bench(find_bench("twin")), seed=1)
    made.set_pin(0, SHUTTER, PinState.HIGH)
    return made


def test_the_source_meter_sees_the_cells_whose_measure_relay_is_closed(board: Board) -> None:
    bus = MeasureBus(board)
    assert bus(0.5) == 0
    board.set_pin(1, A1_SHORT, PinState.HIGH)  # open, for at rest it is shorted
    board.set_pin(2, A1_MEASURE, PinState.HIGH)
    one = bus(0.5)
    assert one == pytest.approx(1.65, rel=0.01)
    board.set_pin(3, A2_SHORT, PinState.HIGH)
    board.set_pin(4, A2_MEASURE, PinState.HIGH)
    assert bus(0.5) == pytest.approx(2 * one, rel=1e-6)


def test_a_short_circuit_that_was_forgotten_takes_the_current(board: Board) -> None:
    board.set_pin(1, A1_MEASURE, PinState.HIGH)
    bus = MeasureBus(board)
    assert bus(0) == pytest.approx(1.65, rel=0.01)
    assert bus(0.5) == pytest.approx(1.65 - 500 / 0.3, rel=1e-3)


def test_a_cell_the_wrong_way_round_and_one_that_touches_nothing(board: Board) -> None:
    board.set_pin(1, A1_SHORT, PinState.HIGH)
    board.set_pin(2, A1_MEASURE, PinState.HIGH)
    bus, cell = MeasureBus(board), board.cells["A1"]
    right = bus(-0.2)
    cell.contact = Contact.REVERSED
    assert bus(0.2) == -right
    cell.contact = Contact.NONE
    assert bus(0.2) == 0
