"""`soakbench calibrate thermistor`."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console

from soakbench.assets import find_bench
from soakbench.calibration.sensor_changes import others_moved, thermistor_changes
from soakbench.calibration.sensor_result import thermistor_result
from soakbench.calibration.station_plan import dark_plan, warm_plan
from soakbench.calibration.steady import Reading
from soakbench.calibration.thermistor import (
    LEAST_APART_C,
    MOST_POINTS,
    REFERENCE_C,
    Point,
    fit,
)
from soakbench.cli.commands.calibrate.asking import Asker, Person
from soakbench.cli.commands.calibrate.observing import Sought, Watched, observe
from soakbench.cli.commands.calibrate.storing import offer
from soakbench.cli.logs import set_up_logs
from soakbench.cli.options import BenchOption, DataOption, JsonOption, PortOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.session import BenchSession, Here, bench_session, refuse_daemon
from soakbench.cli.view.hotplate import progress_line
from soakbench.cli.view.sensors import thermistor_findings
from soakbench.config import BenchConfig, load_bench
from soakbench.config.bench import Station
from soakbench.config.explain import did_you_mean
from soakbench.errors import BenchFault, ConfigError
from soakbench.status import StationStatus

EXAMPLES = examples(
    "soakbench calibrate thermistor simulator stage --at 25.0 --bench my-bench.toml",
    "soakbench calibrate thermistor box plate --heat 50 --bench my-bench.toml",
    "soakbench calibrate thermistor box plate --at 0 --at 25 --at 60 --bench my-bench.toml",
)

STEADY_C = 0.05
MOVED_MOST_C = 0.3  # while the reference is read
_SENSORS = ("plate_sensor", "guard_sensor", "stage_sensor")


def thermistor(
    station: Annotated[str, typer.Argument(metavar="STATION", show_default=False)],
    sensor: Annotated[
        str, typer.Argument(metavar="SENSOR", show_default=False, help="plate, guard or stage.")
    ],
    bench: BenchOption,
    data: DataOption,
    at: Annotated[
        list[float] | None,
        typer.Option(
            "--at",
            metavar="°C",
            show_default=False,
            help="What the reference shows at a point, where you know it beforehand; once for each"
            " point, in the order you bring them. Asked for where it is left out.",
        ),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            "--points",
            metavar="N",
            min=1,
            max=MOST_POINTS,
            show_default="as many as --at or --heat, else 1",
            help="1 finds the offset, 2 find R25 and beta, 3 find Steinhart-Hart coefficients.",
        ),
    ] = None,
    heat: Annotated[
        list[float] | None,
        typer.Option(
            "--heat",
            metavar="°C",
            show_default=False,
            help="Let the board heat the plate to this for a point; may be repeated. With more"
            " --points than these, the first ones are taken without heat.",
        ),
    ] = None,
    reference_error: Annotated[
        float,
        typer.Option("--reference-error", metavar="°C", min=0, help="How good the reference is."),
    ] = REFERENCE_C,
    port: PortOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Heat and store without asking.")] = False,
    json: JsonOption = False,
) -> None:
    """Compare a thermistor with a thermometer you trust, and correct the bench file.

    Hold the sensor beside the reference thermometer: in a bath, or in a drilled block of metal; a
    sensor that is fixed to the plate stays there, with the reference in the plate and --heat. The
    command waits until the reading has been steady for 30 s, takes the median of the next 30 s, and
    asks what the reference shows.

    One point gives an offset, good near that temperature. Two points 25 °C apart or more give R25
    and beta, three from 0 to 60 °C the Steinhart-Hart coefficients.

    Ctrl-C puts the bench into its safe state and stores nothing. Exit code 0: values were found.
    1: refused or interrupted. 3: the bench could not do it, or the values make no sense.
    """
    console = make_console(to_stderr=json)
    wired = load_bench(find_bench(bench))
    key = find_sensor(wired, station, sensor)
    wanted = wanted_points(wired.stations[station], station, at or [], points, heat or [])
    refuse_daemon(data)
    if any(each.heat_c is not None for each in wanted):
        _consent(wired, station, wanted, yes, console)
    set_up_logs(data)
    here = Here(wired, bench, data, port)
    taken = asyncio.run(_measured(here, station, key, wanted, console))
    part = wired.thermistors[wired.stations[station].temperature_sensors()[key].thermistor]
    found = fit(part, wired.stations[station].temperature_sensors()[key], taken, reference_error)
    warnings = others_moved(wired, station, key, found)
    console.print()
    console.print(thermistor_findings(found, warnings))
    stored = False
    if yes or not json:
        changes = thermistor_changes(wired, station, key, found)
        stored = offer(wired, changes, yes, console) is not None
    if json:
        print_json(thermistor_result(station, key, found, warnings, stored))


@dataclass(frozen=True)
class WantedPoint:
    """What is known of a point before it is taken."""

    true_c: float | None
    """What the reference shows; None: to be asked."""
    heat_c: float | None
    """To what the board heats the plate; None: not at all."""


def find_sensor(bench: BenchConfig, station: str, sensor: str) -> str:
    """The key of a station's thermistor. ConfigError if it is not there."""
    if station not in bench.stations:
        there = ", ".join(bench.stations)
        guess = did_you_mean(station, list(bench.stations))
        raise ConfigError(f'there is no station "{station}"; stations: {there}{guess}')
    fitted = bench.stations[station].temperature_sensors()
    key = sensor if sensor.endswith("_sensor") else f"{sensor}_sensor"
    if key not in fitted:
        there = ", ".join(name.removesuffix("_sensor") for name in fitted) or "none"
        guess = did_you_mean(sensor, [name.removesuffix("_sensor") for name in fitted])
        what = "has no such sensor" if key in _SENSORS else f'knows no sensor "{sensor}"'
        raise ConfigError(f'station "{station}" {what}; thermistors there: {there}{guess}')
    return key


def wanted_points(
    station: Station, name: str, at: list[float], points: int | None, heat: list[float]
) -> list[WantedPoint]:
    """The points to take. ConfigError if the options do not fit each other or the station."""
    count = points or max(len(at), len(heat), 1)
    if max(len(at), len(heat), count) > MOST_POINTS:
        raise ConfigError(f"at most {MOST_POINTS} points are of use", "leave some of them out")
    if max(len(at), len(heat)) > count:
        raise ConfigError(
            f"--at or --heat is given more often than --points {count}", "leave --points out"
        )
    ceiling_c = station.heater.ceiling_c if station.heater is not None else None
    if heat and ceiling_c is None:
        raise ConfigError(
            f'station "{name}" has no heater for --heat', "bring the sensor to its temperature"
        )
    for target_c in heat:
        if not 0 <= target_c <= (ceiling_c or 0):
            raise ConfigError(
                f"--heat {target_c:g} is outside 0 to {ceiling_c:g} °C, the ceiling_c of station"
                f" {name}"
            )
    known: list[float | None] = [*at, *[None] * (count - len(at))]
    heats: list[float | None] = [*[None] * (count - len(heat)), *sorted(heat)]
    return [WantedPoint(true_c, heat_c) for true_c, heat_c in zip(known, heats, strict=True)]


def _consent(
    bench: BenchConfig, station: str, wanted: Sequence[WantedPoint], yes: bool, console: Console
) -> None:
    targets = ", ".join(f"{each.heat_c:g} °C" for each in wanted if each.heat_c is not None)
    cells = [name for name, cell in bench.cells.items() if cell.station == station]
    which = f" ({', '.join(cells)})" if cells else ""
    console.print(
        f"{station}: the plate is heated to {targets}. Take all cells off it{which}. A thermistor"
        " that reads too low lets the plate get warmer than that. Ctrl-C switches the heater off.",
        markup=False,
        soft_wrap=True,
    )
    if not yes:
        typer.confirm("Heat now?", default=False, abort=True, err=True)


async def _measured(
    here: Here, station: str, key: str, wanted: Sequence[WantedPoint], console: Console
) -> list[Point]:
    async with bench_session(here) as session:
        return await take_points(session, station, key, wanted, Person(), console)


async def take_points(
    session: BenchSession,
    station: str,
    key: str,
    wanted: Sequence[WantedPoint],
    person: Asker,
    console: Console,
) -> list[Point]:
    """One after the other, each when the sensor is steady."""
    taken: list[Point] = []
    for number, each in enumerate(wanted, 1):
        where = f"point {number} of {len(wanted)}" if len(wanted) > 1 else "the point"
        how = f"heating to {each.heat_c:g} °C" if each.heat_c is not None else "no heat"
        console.print(f"{where.capitalize()}: {how}.", markup=False)
        taken.append(await _point(session, station, key, each, taken, person, console))
    return taken


async def _point(
    session: BenchSession,
    station: str,
    key: str,
    wanted: WantedPoint,
    before: Sequence[Point],
    person: Asker,
    console: Console,
) -> Point:
    fitted = session.bench.stations[station]
    heat_c = wanted.heat_c
    command = "thermistor"
    plan = (
        dark_plan(station, fitted, command)
        if heat_c is None
        else warm_plan(station, fitted, command, heat_c)
    )
    with contextlib.ExitStack() as line:
        watched = Watched(
            _sought(station, key, wanted, before), line.enter_context(progress_line(console))
        )

        async def ask(reading: Reading) -> float:
            line.close()
            console.print(f"The board shows {reading.value:.2f} °C.", markup=False)
            if wanted.true_c is not None:
                return wanted.true_c
            return await person.number("The reference shows (°C)")

        reading, true_c = await observe(session, plan, watched, ask)
    return Point(reading.value, true_c, reading.error)


def _sought(station: str, key: str, wanted: WantedPoint, before: Sequence[Point]) -> Sought:
    field = key.removesuffix("_sensor") + "_c"

    def refuse(now: StationStatus) -> None:
        if wanted.heat_c is not None and now.faults:
            raise BenchFault(
                f"{station} has {', '.join(now.faults)}: its heater stays off",
                "find the cause; then start `soakbench daemon`, clear it with `soakbench clear`,"
                " end the daemon and calibrate again",
            )

    def not_yet(value: float) -> str | None:
        if not before or abs(value - before[-1].shown_c) >= LEAST_APART_C:
            return None
        return (
            f"bring sensor and reference {LEAST_APART_C:g} °C away from the point before, or more"
        )

    return Sought(
        station=station,
        name=f"the {key.replace('_', ' ')} of {station}",
        of=lambda now: getattr(now, field),
        band=lambda _: STEADY_C,
        words=lambda value: f"{value:.2f} °C",
        moved_most=lambda _: MOVED_MOST_C,
        not_yet=not_yet,
        refuse=refuse,
    )
