"""Draws the figures of docs/hardware.md and its pin table: `python docs/figures/draw.py`.

Everything that depends on the wiring comes from benches/pico-8cell.toml through soakbench's own
loader; tests/test_docs_hardware.py fails when a figure or the table is not what this file makes.
"""

from pathlib import Path

import one_cell
import pin_map
import sensors_and_heat
import whole_bench

from soakbench.config.bench import BenchConfig
from soakbench.config.loading import load_bench

HERE = Path(__file__).parent
BENCH = HERE.parents[1] / "benches" / "pico-8cell.toml"
PAGE = HERE.parent / "hardware.md"
BEGIN = "<!-- pin table: made by docs/figures/draw.py -->"
END = "<!-- end of the pin table -->"


def figures(bench: BenchConfig) -> dict[str, str]:
    """File name → SVG."""
    return {
        "one-cell.svg": one_cell.draw(bench),
        "whole-bench.svg": whole_bench.draw(bench),
        "sensors-and-heat.svg": sensors_and_heat.draw(bench),
        "pin-map.svg": pin_map.draw(bench),
    }


def with_table(page: str, bench: BenchConfig) -> str:
    """`page` with the pin table of `bench` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{pin_map.table(bench)}\n{END}{after}"


def main() -> None:
    """Write the figures beside this file, and the table into the page."""
    bench = load_bench(BENCH)
    for name, svg in figures(bench).items():
        (HERE / name).write_text(svg, encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, bench), encoding="utf-8")


if __name__ == "__main__":
    main()
