"""`soakbench calibrate hotplate`."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soakbench.assets import find_bench
from soakbench.calibration.identify import identify
from soakbench.calibration.law import Coefficients
from soakbench.calibration.program import HOLD_S
from soakbench.calibration.record import Recorded, recorded
from soakbench.calibration.result import result_of
from soakbench.calibration.tuning import Prediction, predict, propose
from soakbench.cli.commands.calibrate.heating import heat_up
from soakbench.cli.commands.calibrate.storing import offer
from soakbench.cli.logs import set_up_logs
from soakbench.cli.options import BenchOption, DataOption, JsonOption, PortOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.session import Here, bench_session, refuse_daemon
from soakbench.cli.view.hotplate import findings, progress_line
from soakbench.config import BenchConfig, load_bench, parse_bench
from soakbench.config.bench import Heater
from soakbench.config.edit import Changes
from soakbench.config.explain import did_you_mean
from soakbench.errors import BenchFault, ConfigError, StoreError
from soakbench.run.summary import StoredRun, find_run
from soakbench.store import Store, open_store
from soakbench.store.store import DATABASE

EXAMPLES = examples(
    "soakbench calibrate hotplate --bench my-bench.toml",
    "soakbench calibrate hotplate hotplate_box --bench my-bench.toml --to 45",
    "soakbench calibrate hotplate --bench my-bench.toml --run 20260301-091500-thermal-3f2a",
)


def hotplate(
    bench: BenchOption,
    data: DataOption,
    station: Annotated[
        str | None,
        typer.Argument(metavar="STATION", show_default="the one with a heater"),
    ] = None,
    to: Annotated[
        float, typer.Option("--to", metavar="°C", help="Temperature to heat to; that of your runs.")
    ] = 50,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            show_default=False,
            help="Heat nothing: read the first heat-up of this run (`soakbench summary` names it).",
        ),
    ] = None,
    port: PortOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Heat and store without asking.")] = False,
    json: JsonOption = False,
) -> None:
    """Find the control coefficients of a hotplate by heating it up once.

    The board heats the plate to --to at full power and holds it there for some minutes, as in any
    run, with all its guards at work. From temperature and power the plate's rise, loss and delay
    are found, and from these kp, ki and feed. You see what they would do, beside what those in the
    bench file do, before anything is stored.

    Take the cells off the plate, close the lid, and begin with the plate at room temperature. It
    takes the time of a heat-up and five minutes. Ctrl-C switches the heater off and stores nothing.

    Exit code 0: coefficients were found. 1: refused or interrupted. 3: the bench could not do it.
    """
    console = make_console(to_stderr=json)
    wired = load_bench(find_bench(bench))
    name, heater = find_heater(wired, station, to)
    if run is not None:
        record = _stored(data, run, name)
    else:
        record = _heated(Here(wired, bench, data, port), name, to, yes, console)
    found = identify(record)
    new = propose(found, heater.ramp_c_per_min, record.target_c)
    old = predict(found.plate, Coefficients.of(heater), record.target_c)
    console.print()
    console.print(findings(found, old, new))
    stored = False
    if new.good and (yes or not json):
        stored = offer(wired, changes(name, new), yes, console) is not None
    if json:
        print_json(result_of(name, record, found, old, new, stored))
    if not new.good:
        raise BenchFault(
            "no coefficients were found that keep this plate within its bounds; nothing was stored",
            "fix the thermistor closer to the heater, or set a ramp_c_per_min, and repeat it",
        )


def find_heater(bench: BenchConfig, station: str | None, target_c: float) -> tuple[str, Heater]:
    """The station to calibrate, and its heater. ConfigError if it cannot be that or that hot."""
    heated = {name: each.heater for name, each in bench.stations.items() if each.heater is not None}
    there = f"stations with a heater: {', '.join(heated) or 'none'}"
    if station is None and len(heated) != 1:
        raise ConfigError(f"which station? {there}", "name one as the command's argument")
    name = station or next(iter(heated))
    if name not in bench.stations:
        guess = did_you_mean(name, list(bench.stations))
        raise ConfigError(f'there is no station "{name}"; {there}{guess}')
    heater = heated.get(name)
    if heater is None:
        watched = bench.stations[name].watched_plate is not None
        why = "only watches its plate, which regulates itself" if watched else "has no heater"
        raise ConfigError(f'station "{name}" {why}; {there}')
    if target_c > heater.ceiling_c:
        raise ConfigError(
            f"{target_c:g} °C is above {heater.ceiling_c:g} °C, the ceiling_c of station {name}",
            "choose a lower temperature with --to",
        )
    return name, heater


def changes(station: str, new: Prediction) -> Changes:
    """The keys of the bench file and their new values."""
    here = ("stations", station, "heater")
    found = new.coefficients
    return {
        (*here, "kp_permille_per_c"): found.kp_permille_per_c,
        (*here, "ki_permille_per_c_s"): plain(found.ki_permille_per_c_s),
        (*here, "feed_permille_per_c"): plain(found.feed_permille_per_c),
    }


def plain(value: float) -> int | float:
    """As a person would write it: 8, not 8.0."""
    return int(value) if value == int(value) else value


def _heated(here: Here, station: str, target_c: float, yes: bool, console: Console) -> Recorded:
    """Heat now, if the person agrees."""
    refuse_daemon(here.data)
    ramp = _heater_of(here.bench, station).ramp_c_per_min
    cells = [name for name, cell in here.bench.cells.items() if cell.station == station]
    which = f" ({', '.join(cells)})" if cells else ""
    console.print(
        f"{station}: to {target_c:g} °C at full power, then {HOLD_S // 60} min of hold. Take all"
        f" cells off the plate{which} and close the lid."
        + (f" The ramp of {ramp:g} °C/min is lifted for this once." if ramp else "")
        + " Ctrl-C switches the heater off.",
        markup=False,
        soft_wrap=True,
    )
    if not yes:
        typer.confirm("Heat now?", default=False, abort=True, err=True)
    set_up_logs(here.data)
    free = replace(here, bench=_without_ramp(here.bench, station))
    return asyncio.run(_heat(free, station, target_c, console))


async def _heat(here: Here, station: str, target_c: float, console: Console) -> Recorded:
    async with bench_session(here) as session:
        with progress_line(console) as tell:
            run = await heat_up(session, station, target_c, tell)
        console.print(f"Recorded as run {run} in {here.data}.", markup=False, soft_wrap=True)
        return recorded(session.store, run, here.bench.station_index(station))


def _without_ramp(bench: BenchConfig, station: str) -> BenchConfig:
    """A ramp holds the power back, and full power is what shows the plate."""
    fitted = bench.stations[station]
    heater = _heater_of(bench, station).model_copy(update={"ramp_c_per_min": None})
    stations = bench.stations | {station: fitted.model_copy(update={"heater": heater})}
    return bench.model_copy(update={"stations": stations})


def _heater_of(bench: BenchConfig, station: str) -> Heater:
    heater = bench.stations[station].heater
    assert heater is not None
    return heater


def _stored(data: Path, run: str, station: str) -> Recorded:
    """The heat-up of a run in the database, whatever bench file it had."""
    if not (data / DATABASE).is_file():
        raise StoreError(f"there is no database in {data}", "name your data directory with --data")
    store: Store = open_store(data)
    stored: StoredRun | None = find_run(store, run)
    if stored is None:
        raise ConfigError(
            f"there is no run {run} in {data}", "`soakbench summary` names the newest"
        )
    if stored.accelerate != 1:
        raise ConfigError(
            f"run {run} was {stored.accelerate:g} times accelerated, and its plate with it",
            "only a run in real time shows the plate",
        )
    then = parse_bench(stored.bench_toml, f"the bench file of {run}")
    if station not in then.stations:
        raise ConfigError(f"the bench of run {run} has no station {station}")
    return recorded(store, run, then.station_index(station))
