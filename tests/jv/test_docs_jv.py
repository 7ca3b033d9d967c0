"""docs/jv.md names every flag, formula, method and table that there is; its example works."""

import re
from pathlib import Path

import numpy as np
from diodes import Diode

from soakbench.jv.flags import REFUSING, Flag
from soakbench.jv.hysteresis import FORMULAS
from soakbench.jv.values import METHOD
from soakbench.store import open_store

PAGE = (Path(__file__).parents[2] / "docs" / "jv.md").read_text("utf-8")


def rows(title: str) -> list[str]:
    """The first column of the tables under a heading."""
    section = re.split(r"^#+ ", PAGE.split(f"# {title}\n", 1)[1], flags=re.M)[0]
    return re.findall(r"^\| `([a-z0-9_.]+)`", section, flags=re.M)


def test_every_flag_has_its_line_in_the_right_table():
    assert rows("The flags") == [flag.value for flag in Flag]
    first = PAGE.split("These take away")[0]
    assert all(f"| `{flag}` |" in first for flag in REFUSING)


def test_every_formula_and_the_method():
    assert rows("Hysteresis") == list(FORMULAS)
    assert f"`{METHOD}`" in PAGE


def test_the_tables_are_there(tmp_path):
    there = {row["name"] for row in open_store(tmp_path).rows("SELECT name FROM sqlite_master")}
    named = set(re.findall(r"`(\w+)`", PAGE.split("# In the database")[1].split("```")[0]))
    assert named - {"flags"} <= there
    assert {"sweep", "sweep_result", "sweep_fit", "hysteresis", "jv_result"} <= named


def test_the_example_in_python_works(capsys):
    code = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)[-1]
    cell = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=4, rsh=1500)
    voltage = np.arange(1.1, -0.06, -0.02)
    given = {"voltage_v": voltage, "current_ma": 0.07 * cell.density(voltage)}
    exec(code, given)
    assert capsys.readouterr().out.startswith(f"{cell.exact['pce_percent']:.4f}"[:5])
