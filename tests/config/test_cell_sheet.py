"""The list of cells of a run: what spreadsheets save, and every message of a file that is wrong."""

from datetime import date
from pathlib import Path

import pytest

from soakbench.assets import find_bench, share_dir
from soakbench.cell_history import Device
from soakbench.config import CellSheet, load_bench, load_cells, parse_bench, parse_cells
from soakbench.config.cells import CellFacts, with_devices
from soakbench.errors import ConfigError

BENCH = load_bench(find_bench("twin"))


def test_the_shipped_example_fits_the_reference_bench() -> None:
    sheet = load_cells(share_dir("plans") / "cells.example.csv")
    facts = sheet.on(BENCH)
    assert sheet.facts.keys() == BENCH.cells.keys()
    assert facts["A3"].note == "scratch beside the contact"
    assert facts["A1"].made == date(2026, 4, 12)
    assert facts["A1"].recipe == "MAPbI3, spiro-OMeTAD"


def test_a_spreadsheet_with_semicolons_decimal_commas_and_empty_columns() -> None:
    text = "\ufeffCell;ID;Aperture_cm2;note;;\r\nA1;x;0,09;;;\r\n;;;;;\r\nA2;;;a, b;;\r\n"
    facts = parse_cells(text, "c.csv").facts
    assert facts == {"A1": CellFacts(id="x", aperture_cm2=0.09), "A2": CellFacts(note="a, b")}


def test_the_list_goes_before_the_bench_file() -> None:
    more = 'substrate = "A"\nid = "old"\nrecipe = "R1"\nmade = 2026-01-31\n'
    text = BENCH.source.text.replace('substrate = "A"\n', more, 1)
    bench = parse_bench(text, "bench.toml")
    assert CellSheet().on(bench)["A1"] == CellFacts(
        id="old", substrate="A", aperture_cm2=0.07, recipe="R1", made=date(2026, 1, 31)
    )
    facts = parse_cells("cell,id,aperture_cm2,substrate\nA1,new,0.2,S7\n", "c.csv").on(bench)
    assert (facts["A1"].id, facts["A1"].recipe) == ("new", "R1")
    there = with_devices(bench, facts).cells
    assert (there["A1"].area_cm2, there["A1"].substrate) == (0.2, "S7")
    assert there["A2"] == bench.cells["A2"]


def test_the_account_has_what_the_list_has() -> None:
    assert set(Device.model_fields) == {"cell", *CellFacts.model_fields}


ERRORS = [
    ("", "line 1: there is no column `cell`"),
    ("id,made\nx,2026-01-01\n", "line 1: there is no column `cell`"),
    ("cell,id\n", "c.csv: there is no line with a cell"),
    ("cell,apertur\nA1,1\n", "line 1: apertur: unknown column; allowed: cell, id, substrate,"),
    ("cell,apertur\nA1,1\n", 'Did you mean "aperture_cm2"?'),
    ("cell,id,id\nA1,x,y\n", "line 1: id: is there twice"),
    ("cell,id\nA1,x,y\n", 'line 2: "y" stands in a column without a name'),
    ("cell,id\nA1,x\nA1,y\n", "line 3: cell: A1 is in line 2 already"),
    ("cell,id\n,x\n", "line 2: cell: is missing"),
    ("cell,aperture_cm2\nA1,big\n", 'line 2: aperture_cm2: "big" is not a number'),
    ("cell,aperture_cm2\nA1,0\n", 'line 2: aperture_cm2: "0" is not allowed; should be greater'),
    ("cell,aperture_cm2\nA1,nan\n", "line 2: aperture_cm2: nan is not allowed; should be a finite"),
    ("cell,made\n\nA1,12.4.2026\n", 'line 3: made: "12.4.2026" is not a date like "2026-05-12"'),
    ("cell,made\nA1,2026-02-30\n", 'line 2: made: "2026-02-30" is not a date'),
    ('cell,id\nA1,"x\n', "line 2: not valid CSV"),
    ("cell,note\nA1," + 501 * "x" + "\n", "line 2: note: "),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_cells(text, "c.csv")
    assert message in str(caught.value)
    assert str(caught.value).startswith("c.csv")
    assert caught.value.hint


def test_a_cell_that_the_bench_has_not_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_cells("cell,id\nA1,x\nA9,y\n", "c.csv").on(BENCH)
    assert 'c.csv, line 3: cell: there is no cell "A9"; allowed: "A1", "A2"' in str(caught.value)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes("cell,note\nA1,50 °C\n".encode("cp1252"))
    with pytest.raises(ConfigError) as caught:
        load_cells(file)
    assert "UTF-8" in caught.value.hint


@pytest.mark.parametrize("made", ['"2026-13-01"', "2026-01-31T10:00:00", "20260131"])
def test_a_bench_file_takes_only_dates(made: str) -> None:
    text = BENCH.source.text.replace('substrate = "A"\n', f'substrate = "A"\nmade = {made}\n', 1)
    with pytest.raises(ConfigError, match=r"cells\.A1\.made: .* is not a date"):
        parse_bench(text, "bench.toml")
