"""The live picture: what a station, a cell and the air show now."""

from make_records import make, station

from soakbench.run.live import LivePicture
from soakwire import records


def test_cells_show_a_voltage_at_oc_and_a_current_at_sc():
    picture = LivePicture(["box"], [f"C{n}" for n in range(10)])
    loads = records.OC | records.SC << 2 | records.MEASURE << 4 | records.SC << 18
    picture.take(
        [
            make(0, 0, records.CELLS, 0, loads=loads, sense0=10412, sense1=-12),
            make(1, 0, records.CELLS, 8, loads=loads, sense1=1652),
        ],
        0,
    )
    cells = {cell.cell: cell for cell in picture.cells({"C0": "t"})}
    shown = [
        (cells[name].load, cells[name].voltage_v, cells[name].current_ma)
        for name in ("C0", "C1", "C2", "C3", "C8", "C9")
    ]
    assert shown == [
        ("OC", 1.0412, None),
        ("SC", None, -0.012),
        ("MEASURE", None, None),
        ("OC", None, None),
        ("OC", None, None),
        ("SC", None, 1.652),
    ]
    assert (cells["C0"].track, cells["C1"].track) == ("t", None)
    picture.forget()
    assert {cell.load for cell in picture.cells({})} == {None}


def test_a_station_shows_guard_and_air_where_it_has_them():
    picture = LivePicture(["box", "bare"], [])
    air = make(1, 0, records.AIR, 0, humidity=4210, temperature=2315)
    picture.take([station(0, 0, 0, guard=4990), air, station(2, 0, 1)], 0)
    box, bare = picture.stations()
    assert (box.guard_c, box.humidity_percent, box.air_c) == (49.9, 42.1, 23.15)
    assert (bare.guard_c, bare.humidity_percent, bare.air_c) == (None, None, None)
    picture.take([make(3, 0, records.AIR, 0)], 0)  # it has fallen silent
    assert picture.stations()[0].humidity_percent is None
