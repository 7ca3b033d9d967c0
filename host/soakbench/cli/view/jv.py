"""J-V sweeps as tables."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.jv.flags import REFUSING, WORDS, Flag
from soakbench.jv.messages import Imported, JvFit, JvPending, JvSweep, JvTable

MOST_PENDING = 12


def jv_view(table: JvTable, fit: bool) -> RenderableType:
    """The sweeps by cell and stage, what their flags mean, and what waits for a curve."""
    parts: list[RenderableType] = [Text(table.run, style="quiet")]
    if table.sweeps:
        parts += ["", sweeps_table(table.sweeps, _indices(table)), *flag_lines(table.sweeps)]
    if fit and table.sweeps:
        parts += ["", _fit_table(table.sweeps)]
    if not table.sweeps:
        parts.append(Text("no J-V curves yet", style="quiet"))
    return Group(*parts, *_pending(table.pending))


def imported_view(imported: Imported, understood: dict[str, str]) -> RenderableType:
    """How the files were read, where the curves went, and what they say."""
    lines: list[RenderableType] = [
        Text(f"{name}: imported before, nothing changed", style="quiet") for name in imported.known
    ]
    new = [name for name in understood if name not in imported.known]
    lines += [Text(f"{name}: {understood[name]}", style="quiet") for name in new]
    if not imported.sweeps:
        return Group(*lines)
    first = imported.sweeps[0]
    text = Text(f"{first.cell}: {first.stage}", style="name")
    text.append(f"  track {first.track}, step {first.step}, cycle {first.cycle}", style="quiet")
    if imported.replaced:
        text.append(f"; in the place of {words.count(imported.replaced)} earlier", style="warn")
    return Group(*lines, text, "", sweeps_table(imported.sweeps, {}), *flag_lines(imported.sweeps))


def sweeps_table(
    sweeps: list[JvSweep], indices: dict[tuple[str, str, int, int], float | None]
) -> Table:
    """A line per sweep. `indices`: the PCE hysteresis by cell, track, step and cycle."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Cell", style="name", no_wrap=True)
    table.add_column("Stage", no_wrap=True, overflow="ellipsis")
    table.add_column("Scan", no_wrap=True)
    for title in (
        "Voc V",
        "Jsc mA/cm²",
        "FF %",
        "PCE %",
        "of first",
        *(("hyst.",) if indices else ()),
    ):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Flags")
    cell = stage = None
    for sweep in sweeps:
        place = (sweep.cell, sweep.track, sweep.step, sweep.cycle)
        index = indices.get(place) if sweep.direction == "reverse" else None
        hysteresis = "" if index is None else f"{index:+.3f}"
        table.add_row(
            "" if sweep.cell == cell else sweep.cell,
            "" if (sweep.cell, sweep.stage) == (cell, stage) else sweep.stage,
            sweep.direction,
            _number(sweep.voc_v, 3),
            _number(sweep.jsc_ma_cm2, 2),
            _number(sweep.ff_percent, 1),
            _number(sweep.pce_percent, 2),
            words.MISSING if sweep.pce_relative is None else f"{sweep.pce_relative:.1%}",
            *((hysteresis,) if indices else ()),
            _flags(sweep.flags),
        )
        cell, stage = sweep.cell, sweep.stage
    return table


def flag_lines(sweeps: Iterable[JvSweep]) -> list[Text]:
    """What the flags mean, each once."""
    there = {flag for sweep in sweeps for flag in sweep.flags}
    return [Text(f"{_short(flag)}: {WORDS[flag]}", style="quiet") for flag in Flag if flag in there]


def _indices(table: JvTable) -> dict[tuple[str, str, int, int], float | None]:
    return {
        (one.cell, one.track, one.step, one.cycle): one.indices.get("pce")
        for one in table.hysteresis
    }


def _flags(flags: list[str]) -> Text:
    refused = any(flag in REFUSING for flag in flags)
    return Text(", ".join(_short(flag) for flag in flags), style="bad" if refused else "warn")


def _short(flag: str) -> str:
    return flag.replace("_", " ").replace("voc", "Voc").replace("jsc", "Jsc").replace("mpp", "MPP")


def _number(value: float | None, digits: int) -> str:
    return words.MISSING if value is None else f"{value:.{digits}f}"


def _fit_table(sweeps: list[JvSweep]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Cell", style="name", no_wrap=True)
    table.add_column("Stage", no_wrap=True, overflow="ellipsis")
    table.add_column("Scan", no_wrap=True)
    for title in ("Rs Ω cm²", "Rsh Ω cm²", "n", "J0 mA/cm²", "misfit %"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Single-diode fit")
    for sweep in sweeps:
        table.add_row(sweep.cell, sweep.stage, sweep.direction, *_fit_cells(sweep.fit))
    return table


def _fit_cells(fit: JvFit) -> list[str]:
    rsh = words.MISSING if fit.rsh_ohm_cm2 is None else f"{fit.rsh_ohm_cm2:.0f}"
    j0 = words.MISSING if fit.j0_ma_cm2 is None else f"{fit.j0_ma_cm2:.1e}"
    return [
        _number(fit.rs_ohm_cm2, 2),
        rsh,
        _number(fit.ideality, 2),
        j0,
        _number(fit.misfit_percent, 2),
        fit.refused or f"at {fit.temp_c:g} °C",
    ]


def _pending(pending: list[JvPending]) -> list[RenderableType]:
    """Per stage, the cells that wait."""
    waiting: dict[str, list[str]] = {}
    for one in sorted(pending, key=lambda one: one.since):
        waiting.setdefault(f"{one.stage} (step {one.step}, cycle {one.cycle})", []).append(one.cell)
    lines: list[RenderableType] = [
        Text(f"Not yet measured: {stage}: {', '.join(cells)}", style="warn")
        for stage, cells in list(waiting.items())[:MOST_PENDING]
    ]
    if len(waiting) > MOST_PENDING:
        lines.append(Text(f"and {len(waiting) - MOST_PENDING} more", style="warn"))
    return ["", *lines] if lines else []
