"""The editor of bench files: the keys it is told, and not one character more."""

import tomllib
from pathlib import Path

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench
from soakbench.config.edit import Changes, differences, edited, replace_bench
from soakbench.config.source import Loc
from soakbench.errors import ConfigError

HEATER: Loc = ("stations", "hotplate_box", "heater")


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """(taken away, added), without the file's names."""
    lines = differences(old, new, "x.toml")[2:]
    gone = [line[1:] for line in lines if line.startswith("-")]
    return gone, [line[1:] for line in lines if line.startswith("+")]


def value_at(text: str, loc: Loc) -> object:
    value: object = tomllib.loads(text)
    for part in loc:
        assert isinstance(value, dict)
        value = value.get(part)
    return value


@pytest.mark.parametrize("name", ["twin", "pico-8cell"])
def test_a_value_changes_and_nothing_else(name: str) -> None:
    old = find_bench(name).read_text("utf-8")
    loc = (*HEATER, "kp_permille_per_c")
    new = edited(old, {loc: 321})
    before = f"kp_permille_per_c = {value_at(old, loc)}"
    assert changed_lines(old, new) == ([before], ["kp_permille_per_c = 321"])


def test_a_comment_behind_the_value_stays() -> None:
    old = find_bench("pico-8cell").read_text("utf-8")
    new = edited(old, {("thermistors", "ntc10k", "beta_k"): 3940.5})
    ((was,), (line,)) = changed_lines(old, new)
    assert line == was.replace("3950 ", "3940.5 ")
    assert "# B25/50" in line


@pytest.mark.parametrize("name", ["twin", "pico-8cell"])
def test_a_new_key_stands_below_the_last_one_of_its_table(name: str) -> None:
    """Not below the comments over the next table, where it would be overlooked."""
    old = find_bench(name).read_text("utf-8")
    new = edited(old, {(*HEATER, "contactor_active"): "low"} | {(*HEATER, "extra"): 1.5})
    lines = new.splitlines()
    assert lines[lines.index("extra = 1.5") - 1].startswith(("feed_permille", "contactor_active"))
    assert lines[lines.index("extra = 1.5") + 1] == ""
    assert value_at(new, (*HEATER, "extra")) == 1.5


def test_a_key_of_an_inline_table_is_set_in_its_line() -> None:
    old = find_bench("pico-8cell").read_text("utf-8")
    here: Loc = ("stations", "hotplate_box", "plate_sensor")
    new = edited(old, {(*here, "offset_c"): -0.25})
    assert changed_lines(old, new) == (
        ['plate_sensor = { adc = 26, thermistor = "ntc10k" }'],
        ['plate_sensor = { adc = 26, thermistor = "ntc10k", offset_c = -0.25 }'],
    )
    taken = edited(new, {(*here, "offset_c"): None})
    assert tomllib.loads(taken) == tomllib.loads(old)


@pytest.mark.parametrize(
    ("old", "changes", "new"),
    [
        ("[a]\nx = 1\n\n# of b\n[b]\n", {("a", "y"): 2}, "[a]\nx = 1\ny = 2\n\n# of b\n[b]\n"),
        ("[a]\n\n[b]\ny = 1\n", {("a", "x"): 2}, "[a]\nx = 2\n\n[b]\ny = 1\n"),
        ("[a]\nx = [\n  1,\n]\n", {("a", "y"): 2}, None),
        ("a.b.x = 1\n", {("a", "b", "y"): 2}, None),
        ("[a.b]\nx = 1\n[a]\nz = 1\n", {("a", "y"): 2}, "[a.b]\nx = 1\n[a]\nz = 1\ny = 2\n"),
        ("[a]\nx = 1\n[a.b]\nz = 1\n", {("a", "y"): 2}, "[a]\nx = 1\ny = 2\n[a.b]\nz = 1\n"),
        ('["p q"]\nx = 1\n', {("p q", "y"): [1.0, 2.5]}, '["p q"]\nx = 1\ny = [1.0, 2.5]\n'),
        ("[a]\nx = 1 # why\ny = 2\n", {("a", "x"): None}, "[a]\ny = 2\n"),
        ("x = 1", {("y",): True}, "x = 1\ny = true"),
    ],
)
def test_tables_of_any_shape(old: str, changes: Changes, new: str | None) -> None:
    """`new` is None where only the data count."""
    made = edited(old, changes)
    for loc, value in changes.items():
        assert value_at(made, loc) == value
    if new is not None:
        assert made == new


def test_a_table_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no table stations\.attic"):
        edited(find_bench("twin").read_text("utf-8"), {("stations", "attic", "x"): 1})


def test_a_new_table_stands_below_the_last_one_beside_it() -> None:
    old = find_bench("twin").read_text("utf-8")
    loc: Loc = ("thermistors", "mine")
    values = {"steinhart_hart": [1e-3, 2e-4, 1e-7], "divider_ohm": 10_000.0, "ntc_to": "ground"}
    new = edited(old, {loc: values})
    assert value_at(new, loc) == values
    block = (
        "\n[thermistors.mine]\nsteinhart_hart = [0.001, 0.0002, 1e-07]\n"
        'divider_ohm = 10000.0\nntc_to = "ground"\n'
    )
    assert new.count(block) == 1
    assert new.replace(block, "") == old
    lines = new.splitlines()
    at = lines.index("[thermistors.mine]")
    assert (lines[at - 2], lines[at - 1], lines[at + 4]) == ('ntc_to = "ground"', "", "")
    with pytest.raises(ConfigError, match=r"a table thermistors\.mine already"):
        edited(new, {loc: values})
    dotted = "thermistors.a.beta_k = 1\n[b]\nx = 1\n"
    assert value_at(edited(dotted, {loc: {"beta_k": 2.0}}), loc) == {"beta_k": 2.0}


def copy_of(name: str, folder: Path, line_end: str = "\n") -> Path:
    path = folder / "lab.toml"
    text = find_bench(name).read_text("utf-8").replace("\n", line_end)
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_file_is_replaced_and_the_old_one_kept(tmp_path: Path, line_end: str) -> None:
    path = copy_of("pico-8cell", tmp_path, line_end)
    path.chmod(0o640)
    before, bench = path.read_bytes(), load_bench(path)
    new = edited(bench.source.text, {(*HEATER, "kp_permille_per_c"): 321})
    backup = replace_bench(path, bench.source.text, new)
    assert backup.read_bytes() == before
    assert path.read_bytes() == before.replace(b"_per_c = 100", b"_per_c = 321")
    assert path.stat().st_mode & 0o777 == 0o640
    heater = load_bench(path).stations["hotplate_box"].heater
    assert heater is not None
    assert heater.kp_permille_per_c == 321
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lab.toml", "lab.toml.bak"]


def test_what_would_not_load_is_not_written(tmp_path: Path) -> None:
    path = copy_of("twin", tmp_path)
    before, bench = path.read_bytes(), load_bench(path)
    new = edited(bench.source.text, {(*HEATER, "kp_permille_per_c"): -1})
    with pytest.raises(ConfigError, match="kp_permille_per_c"):
        replace_bench(path, bench.source.text, new)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_person_has_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = copy_of("twin", tmp_path)
    bench = load_bench(path)
    path.write_text(bench.source.text + "# mine\n")
    with pytest.raises(ConfigError, match="was changed while"):
        replace_bench(path, bench.source.text, bench.source.text)
    assert path.read_text().endswith("# mine\n")
