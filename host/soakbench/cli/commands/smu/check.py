"""`soakbench smu check`."""

import asyncio
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from soakbench.assets import find_bench
from soakbench.cli.interrupt import interruption
from soakbench.cli.options import BenchOption, JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.clock import Clock
from soakbench.config import BenchConfig, load_bench
from soakbench.config.smu_table import SmuTable
from soakbench.errors import BenchFault, ConfigError
from soakbench.smu import BiasPlan, Settings, Smu, bias, open_smu
from soakbench.smu.errors import SmuError
from soakbench.smu.result import Held

EXAMPLES = examples(
    "soakbench smu check --bench my-bench.toml",
    "soakbench smu check --bench my-bench.toml --resource GPIB0::24::INSTR",
)

SETTLED_S = 0.5  # the output relay needs 15 ms, cables and cells less
NOT_OFF = "the source meter does not confirm that its output is off"
NO_CURRENT = 1e-3  # of the compliance: what offset and leakage may be


class SmuCheck(BaseModel):
    """What `smu check --json` prints; `error` and `hint` where `ok` is false."""

    ok: bool
    driver: str
    resource: str | None
    identity: str = ""
    found_on: bool | None = None
    """Whether its output was on before."""
    voltage_v: float | None = None
    current_ma: float | None = None
    in_compliance: bool | None = None
    off: bool | None = None
    """Whether it has confirmed that its output is off now."""
    advice: str = ""
    error: str = ""
    hint: str = ""


def check(
    bench: BenchOption,
    resource: Annotated[
        str | None,
        typer.Option(
            "--resource",
            metavar="ADDRESS",
            show_default=False,
            help="VISA address to try instead of the bench file's.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find out whether the source meter is there and does what it is told.

    Asks who it is, switches its output off, measures once at 0 V with the settings of the bench
    file, and switches off again, to high impedance. With a measure relay closed the cell is at
    short circuit meanwhile, for half a second.

    Needs neither board nor daemon.
    """
    table = _table(load_bench(find_bench(bench)), bench, resource)
    try:
        result = asyncio.run(_try(table))
    except SmuError as error:
        if json:
            print_json(_failed(table, error))
        raise
    if json:
        print_json(result)
    else:
        make_console().print(_words(result))
    if not result.ok:
        raise BenchFault(result.error, hint=result.hint)


def _table(wired: BenchConfig, bench: str, resource: str | None) -> SmuTable:
    if wired.smu is None:
        raise ConfigError(
            f"the bench {bench} has no source meter",
            hint="add a table [smu] to its file; benches/pico-8cell.toml has one to copy",
        )
    if resource is None:
        return wired.smu
    if wired.smu.driver == "simulated":
        raise ConfigError(
            f"the source meter of {bench} is simulated and has no address",
            hint="leave --resource out, or name the bench file of a real bench",
        )
    return wired.smu.model_copy(update={"resource": resource})


async def _try(table: SmuTable) -> SmuCheck:
    async with interruption() as interrupted, open_smu(table) as smu:
        plan = _at_zero(smu, Settings.of(table))
        return _judged(table, smu, await bias(smu, plan, Clock(), stop=interrupted))


def _at_zero(smu: Smu, settings: Settings) -> BiasPlan:
    """One reading."""
    seconds = SETTLED_S + smu.reading_ms(settings, True) / 1000
    return BiasPlan(0.0, settings, seconds, every_s=seconds)


def _judged(table: SmuTable, smu: Smu, held: Held) -> SmuCheck:
    outcome = held.outcome
    result = SmuCheck(
        ok=outcome.ended == "complete" and outcome.off,
        driver=table.driver,
        resource=table.resource,
        identity=str(smu.identity),
        found_on=smu.found_on,
        off=outcome.off,
        error=outcome.problem or ("" if outcome.off else NOT_OFF),
        hint=outcome.hint or ("" if outcome.off else "press OUTPUT on its front panel"),
    )
    if not outcome.points:
        return result
    point = outcome.points[0]
    result = result.model_copy(
        update={
            "voltage_v": point.voltage_v,
            "current_ma": point.current_ma,
            "in_compliance": point.in_compliance,
        }
    )
    return result.model_copy(update={"advice": _advice(table, result)})


def _advice(table: SmuTable, result: SmuCheck) -> str:
    """What the reading means, and what to do next."""
    if result.current_ma is None:
        return (
            "It measured no number: more flows than the range holds. Is something other than a cell"
            " connected?"
        )
    if result.in_compliance:
        return (
            f"At 0 V the current is at its limit of {table.compliance_ma:g} mA. If a cell is"
            " connected, raise compliance_ma above its short-circuit current; else look for"
            " something else on the leads."
        )
    if abs(result.current_ma) > NO_CURRENT * table.compliance_ma:
        return (
            "A current flows at 0 V, so something is connected: a lit cell, if a measure relay is"
            " closed. Without one, look for what else is on the leads."
        )
    return (
        "No current flows at 0 V, as it must be with every measure relay open. It is ready for"
        " J-V curves."
    )


def _failed(table: SmuTable, error: SmuError) -> SmuCheck:
    return SmuCheck(
        ok=False,
        driver=table.driver,
        resource=table.resource,
        error=str(error),
        hint=error.hint,
    )


def _words(result: SmuCheck) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("source meter", Text(result.identity, style="name"))
    if result.resource is not None:
        table.add_row("address", Text(result.resource))
    before = Text("was on", style="warn") if result.found_on else Text("was off")
    table.add_row("output", before.append("; now ", style="none").append_text(_now(result)))
    if result.voltage_v is not None and result.current_ma is not None:
        reading = f"{result.voltage_v * 1000:+.2f} mV, {result.current_ma:+.5f} mA"
        table.add_row("at 0 V", Text(reading))
    if result.advice:
        table.add_row("", Text(result.advice, style="none"))
    return table


def _now(result: SmuCheck) -> Text:
    if result.off:
        return Text("off, high impedance", style="ok")
    return Text("perhaps ON: press OUTPUT on its front panel", style="bad")
