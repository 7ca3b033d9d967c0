"""docs/hardware.md, its figures and benches/pico-8cell.toml say the same."""

import re
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from soakbench.config.bench import Thermistor
from soakbench.config.loading import load_bench
from soakbench.plan import thermistor

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
sys.path.insert(0, str(FIGURES))

from draw import BENCH, PAGE, figures, with_table  # noqa: E402
from pin_map import EDGE  # noqa: E402

AGAIN = "run docs/figures/draw.py"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("one-cell.svg", "whole-bench.svg", "sensors-and-heat.svg", "pin-map.svg")
PIN_ROW = re.compile(r"^\| GP(\d+) \| (\d+) \| `([\w.]+)` \| [^|]+ \| (\w+) \|$", re.MULTILINE)
NTC_ROW = re.compile(
    r"^\| (\d+) °C \| ([\d ]+) Ω \| (\d+) \| ([\d ]+) \| ([\d.]+) V \| ([\d.]+) K \|", re.MULTILINE
)
LINK = re.compile(r"\]\(([^)#]+)")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def bench_file() -> dict:
    return tomllib.loads(BENCH.read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_figure_is_what_the_bench_file_makes(name: str):
    assert (FIGURES / name).read_text("utf-8") == figures(load_bench(BENCH))[name], AGAIN


def test_the_committed_table_is_what_the_bench_file_makes(page: str):
    assert with_table(page, load_bench(BENCH)) == page, AGAIN


def test_every_row_of_the_table_is_in_the_bench_file(page: str, bench_file: dict):
    """Looks the keys up in the bare file, without the code that made the table."""
    rows = PIN_ROW.findall(page)
    assert len(rows) == len(all_pins(bench_file)) == 24
    for gpio, pin, key, level in rows:
        assert EDGE[int(pin) - 1] == int(gpio)
        assert (int(gpio), level) in looked_up(bench_file, key), key


def looked_up(bench_file: dict, key: str) -> list[tuple[int, str]]:
    """(GPIO, level) that `key` may stand for."""
    *path, last = key.split(".")
    table = bench_file
    for part in path:
        table = table[part]
    value = table[last]
    if isinstance(value, int):
        return [(value, table.get("contactor_active", "bus"))]
    if "adc" in value:
        return [(value["adc"], "analogue")]
    return [(value["pin"], value["active"])]


def all_pins(bench_file: dict) -> list[int]:
    """Every number in the file that is a GPIO, by the names of its key."""
    found = []
    for key, value in bench_file.items():
        if isinstance(value, dict):
            found += all_pins(value)
        elif key in ("pin", "contactor_pin", "adc", "sda", "scl"):
            found.append(value)
    return found


def test_the_drawn_pico_names_every_pin_of_the_bench_file(bench_file: dict):
    drawn = words(FIGURES / "pin-map.svg")
    for gpio in all_pins(bench_file):
        assert drawn[drawn.index(f"GP{gpio}") + 1] != "free"
    assert drawn.count("free") == len([x for x in EDGE if isinstance(x, int)]) - 24


def words(path: Path) -> list[str]:
    return [text.text or "" for text in ElementTree.parse(path).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_stands_alone_on_white_paper(name: str):
    text = (FIGURES / name).read_text("utf-8")
    root = ElementTree.fromstring(text)
    first = next(child for child in root if child.tag == f"{SVG}rect")
    assert first.get("fill") == "#ffffff"
    assert (first.get("width"), first.get("height")) == (root.get("width"), root.get("height"))
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not {"script", "image", "foreignObject", "style"} & {
        child.tag.removeprefix(SVG) for child in root.iter()
    }
    sizes = [float(text.get("font-size", 0)) for text in root.iter(f"{SVG}text")]
    assert min(sizes) >= 12


def test_the_thermistor_table_is_that_of_the_code(page: str, bench_file: dict):
    part = Thermistor.model_validate(bench_file["thermistors"]["ntc10k"])
    rows = NTC_ROW.findall(page)
    assert [row[0] for row in rows] == ["25", "50", "60"]
    for shown_c, ohm, code, code_u16, volt, step_k in rows:
        temp_c = float(shown_c)
        exact = thermistor.adc_code(part, temp_c)
        slope = (
            thermistor.adc_code(part, temp_c - 0.5) - thermistor.adc_code(part, temp_c + 0.5)
        ) / 16
        assert number(ohm) == round(thermistor.resistance_ohm(part, temp_c))
        assert number(code) == round(exact / 16)
        assert number(code_u16) == round(exact)
        assert float(volt) == round(3.3 * exact / 65536, 2)
        assert float(step_k) == round(1 / slope, 3)


def number(text: str) -> int:
    return int(text.replace(" ", ""))


def test_links_lead_somewhere(page: str):
    for target in LINK.findall(page):
        assert (PAGE.parent / target).exists(), target
    headings = {anchor(line) for line in page.splitlines() if line.startswith("#")}
    for target in re.findall(r"\]\(#([^)]+)\)", page):
        assert target in headings


def anchor(heading: str) -> str:
    """As a code-hosting page makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower())
    return kept.replace(" ", "-")
