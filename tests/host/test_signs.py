"""When sensors tell that the work of a confirm is done."""

from soakbench.run.signs import CellReading, Signs, StationReading


def dark(*lux: float | None) -> Signs:
    signs = Signs(["dark"], [], 1.0, None)
    signs.look([StationReading(1000 * i, value, None) for i, value in enumerate(lux)], [])
    return signs


def test_a_box_that_was_shut_all_along_proves_nothing():
    assert dark(0.1, 0.1, 0.1).steady_since() is None


def test_a_box_that_was_opened_is_dark_from_when_it_is_shut():
    assert dark(0.1, 300, 300, 0.2, 0.1).steady_since() == 3000


def test_a_box_that_is_open_is_not_dark():
    assert dark(0.1, 300, 0.1, 300).missing() == ["dark"]


def test_a_lux_sensor_that_falls_silent_proves_nothing_until_it_answers():
    assert dark(300, 0.1, None).steady_since() is None
    assert dark(300, 0.1, None, 0.1).steady_since() == 3000


def contact(*readings: CellReading) -> Signs:
    signs = Signs(["contact"], ["A1", "A2"], 1.0, None)
    signs.look([], readings)
    return signs


def test_contact_is_there_once_each_cell_has_shown_something():
    lit = CellReading(1000, "A1", 0.6, None)
    assert contact(lit).steady_since() is None
    assert contact(lit, CellReading(2000, "A2", None, 0.05)).steady_since() == 2000


def test_contact_needs_the_right_sign():
    assert contact(
        CellReading(1000, "A1", 0.6, None), CellReading(2000, "A2", -0.6, None)
    ).missing() == ["contact"]


def test_warm_is_the_band_and_not_more():
    signs = Signs(["warm"], [], 1.0, (49.0, 51.0))
    for utc_ms, plate_c in ((0, 48.9), (1000, 49.0), (2000, 50.0)):
        signs.look([StationReading(utc_ms, None, plate_c)], [])
    assert signs.steady_since() == 1000
    signs.look([StationReading(3000, None, 51.2)], [])
    assert signs.steady_since() is None
    signs.look([StationReading(4000, None, None)], [])
    assert signs.steady_since() is None, "no reading is not warm"


def test_all_signs_together_count_from_the_last_one():
    signs = Signs(["dark", "contact"], ["A1"], 1.0, None)
    signs.look(
        [StationReading(0, 300, None), StationReading(5000, 0.1, None)],
        [CellReading(1000, "A1", 0.6, None)],
    )
    assert signs.steady_since() == 5000
