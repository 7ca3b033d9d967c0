"""`soakbench calibrate light`."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.console import Console

from soakbench.assets import find_bench
from soakbench.calibration.light import (
    RAW_SUNS,
    LightFit,
    PositionMap,
    code_of,
    fit_dark,
    fit_suns,
    map_positions,
    raw_light,
    refuse_saturated,
)
from soakbench.calibration.sensor_changes import light_changes
from soakbench.calibration.sensor_result import light_result
from soakbench.calibration.station_plan import dark_plan, lit_plan
from soakbench.calibration.steady import Reading
from soakbench.cli.commands.calibrate.asking import Asker, Person
from soakbench.cli.commands.calibrate.observing import Answer, Sought, Watched, observe
from soakbench.cli.commands.calibrate.storing import offer
from soakbench.cli.logs import set_up_logs
from soakbench.cli.options import BenchOption, DataOption, JsonOption, PortOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.session import BenchSession, Here, bench_session, refuse_daemon
from soakbench.cli.view.hotplate import progress_line
from soakbench.cli.view.sensors import light_findings
from soakbench.config import BenchConfig, load_bench
from soakbench.config.bench import LightSensor
from soakbench.config.explain import did_you_mean
from soakbench.errors import BenchFault, ConfigError
from soakbench.status import StationStatus

EXAMPLES = examples(
    "soakbench calibrate light simulator --bench my-bench.toml",
    "soakbench calibrate light simulator --dark --suns 1.00 --bench my-bench.toml",
    "soakbench calibrate light simulator --map --bench my-bench.toml",
)

STEADY_SHARE = 0.005
STEADY_SUNS = 0.004  # of the raw scale of 10 suns: 26 codes
MOVED_SHARE = 0.02  # while the reference cell is read
LEAST_RAW_SUNS = 0.3  # less is no light: code 2000
NO_LIGHT_S = 300.0  # for a person to switch it on, and for a shutter to open
DARK_MOST_LUX = 1.0


def light(
    station: Annotated[str, typer.Argument(metavar="STATION", show_default=False)],
    bench: BenchOption,
    data: DataOption,
    dark: Annotated[
        bool, typer.Option("--dark", help="Measure dark_code, with the shutter closed.")
    ] = False,
    suns: Annotated[
        float | None,
        typer.Option(
            "--suns",
            metavar="SUNS",
            min=0.01,
            max=10,
            show_default=False,
            help="What the reference cell shows beside the sensor, where you know it beforehand.",
        ),
    ] = None,
    positions: Annotated[
        bool,
        typer.Option("--map", help="Compare the place of each cell with that of the sensor."),
    ] = False,
    port: PortOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Light and store without asking.")] = False,
    json: JsonOption = False,
) -> None:
    """Calibrate the photodiode of a station against a reference cell, and map its light.

    With none of --dark, --suns and --map: the dark first, then the light; put the reference cell
    beside the sensor, in the plane of the cells, and you are asked for its reading. --map asks for
    its reading beside the sensor, at the place of each cell, and beside the sensor once more, which
    tells how far the lamp has drifted meanwhile; any unit that is proportional to light will do.

    Let the lamp warm up before. The calibration holds for this lamp and its spectrum.

    Ctrl-C shuts the light and stores nothing. Exit code 0: values were found. 1: refused or
    interrupted. 3: the bench could not do it, or the values make no sense.
    """
    console = make_console(to_stderr=json)
    wired = load_bench(find_bench(bench))
    sensor = find_light_sensor(wired, station)
    nothing = not dark and suns is None and not positions
    work = Work(dark or nothing, suns is not None or nothing, suns, positions)
    refuse_unlit(wired, station, work)
    refuse_daemon(data)
    if work.needs_light:
        _consent(wired, station, yes, console)
    set_up_logs(data)
    here = Here(raw_light(wired, station), bench, data, port)
    got = asyncio.run(_measured(here, station, sensor, work, console))
    console.print()
    console.print(light_findings(sensor, got.fit, got.true_suns, got.places))
    stored = False
    if yes or not json:
        changes = light_changes(station, got.fit, got.places)
        stored = offer(wired, changes, yes, console) is not None
    if json:
        print_json(light_result(station, got.fit, got.true_suns, got.places, stored))


@dataclass(frozen=True)
class Work:
    """What is to be measured."""

    dark: bool
    suns: bool
    true_suns: float | None
    """None: to be asked."""
    positions: bool

    @property
    def needs_light(self) -> bool:
        """Whether the shutter opens."""
        return self.suns or self.positions


@dataclass(frozen=True)
class Measured:
    """What was; the parts that were not are None."""

    fit: LightFit | None = None
    true_suns: float | None = None
    places: PositionMap | None = None


def find_light_sensor(bench: BenchConfig, station: str) -> LightSensor:
    """The light sensor of a station. ConfigError if it is not there."""
    fitted = [name for name, each in bench.stations.items() if each.light_sensor is not None]
    there = f"stations with a light_sensor: {', '.join(fitted) or 'none'}"
    if station not in bench.stations:
        guess = did_you_mean(station, list(bench.stations))
        raise ConfigError(f'there is no station "{station}"; {there}{guess}')
    sensor = bench.stations[station].light_sensor
    if sensor is None:
        raise ConfigError(f'station "{station}" has no light_sensor; {there}')
    return sensor


def refuse_unlit(bench: BenchConfig, station: str, work: Work) -> None:
    """ConfigError if the station cannot do what is to be measured."""
    if work.needs_light and bench.stations[station].light is None:
        raise ConfigError(f'station "{station}" has no light', "only --dark can be measured there")
    if work.positions and not _cells(bench, station):
        raise ConfigError(f'no cell is at station "{station}" in the bench file; nothing to map')


async def measure(
    session: BenchSession,
    station: str,
    sensor: LightSensor,
    work: Work,
    person: Asker,
    console: Console,
) -> Measured:
    """The dark, then the light, then the places."""
    got = Measured()
    here = _Place(session, station, console)
    if work.dark:
        console.print("The dark: shutter closed.", markup=False)
        reading, _ = await here.observe(False, _nothing)
        got = replace(got, fit=fit_dark(sensor, reading.value))
    if work.suns:
        console.print("The light: shutter open.", markup=False)

        async def ask(reading: Reading) -> float:
            console.print(f"Steady, at a code of {code_of(reading.value):.0f}.", markup=False)
            if work.true_suns is not None:
                return work.true_suns
            return await person.number("The reference cell beside the sensor shows (suns)")

        reading, true_suns = await here.observe(True, ask)
        dark_code = got.fit.dark_code if got.fit is not None else sensor.dark_code
        found = fit_suns(sensor, dark_code, reading.value, true_suns, reading.error)
        got = replace(got, fit=found, true_suns=true_suns)
    if work.positions:
        console.print("The places: shutter open.", markup=False)
        cells = _cells(session.bench, station)
        _, places = await here.observe(True, lambda _: _mapped(cells, person), shaded=True)
        got = replace(got, places=places)
    return got


async def _measured(
    here: Here, station: str, sensor: LightSensor, work: Work, console: Console
) -> Measured:
    async with bench_session(here) as session:
        return await measure(session, station, sensor, work, Person(), console)


async def _nothing(_: Reading) -> None:
    return None


async def _mapped(cells: list[str], person: Asker) -> PositionMap:
    first = await person.number("The reference cell beside the sensor shows (any unit)")
    at_cells = {cell: await person.number(f"At the place of {cell}") for cell in cells}
    last = await person.number("Beside the sensor again")
    return map_positions(first, at_cells, last)


class _Place:
    """The station, dark or lit, and its sensor's raw reading."""

    def __init__(self, session: BenchSession, station: str, console: Console) -> None:
        self._session = session
        self._station = station
        self._console = console

    async def observe(
        self, lit: bool, ask: Callable[[Reading], Awaitable[Answer]], shaded: bool = False
    ) -> tuple[Reading, Answer]:
        """`shaded`: the reference cell may hide the light from the sensor while it is asked for."""
        fitted = self._session.bench.stations[self._station]
        plan = (
            lit_plan(self._station, "light") if lit else dark_plan(self._station, fitted, "light")
        )
        with contextlib.ExitStack() as line:
            sought = _sought(self._station, lit, shaded)
            watched = Watched(sought, line.enter_context(progress_line(self._console)))

            async def ask_alone(reading: Reading) -> Answer:
                line.close()
                return await ask(reading)

            return await observe(self._session, plan, watched, ask_alone)


def _sought(station: str, lit: bool, shaded: bool) -> Sought:
    def refuse(now: StationStatus) -> None:
        if now.light_suns is None:
            return
        if lit:
            refuse_saturated(round(code_of(now.light_suns)))
        elif now.lux is not None and now.lux > DARK_MOST_LUX:
            raise BenchFault(
                f"{station} is not dark: its lux sensor reads {now.lux:.1f} lux",
                "close the lid and the shutter, then calibrate again",
            )

    def not_yet(value: float) -> str | None:
        if not lit or value >= LEAST_RAW_SUNS:
            return None
        return "no light: switch the lamp on, and let it fall on the sensor"

    return Sought(
        station=station,
        name=f"the light sensor of {station}",
        of=lambda now: now.light_suns,
        band=lambda value: max(STEADY_SUNS, STEADY_SHARE * value),
        words=lambda value: f"{value / RAW_SUNS:.2%} of the scale (code {code_of(value):.0f})",
        moved_most=lambda value: RAW_SUNS if shaded or not lit else MOVED_SHARE * value,
        not_yet=not_yet,
        not_yet_s=NO_LIGHT_S,
        refuse=refuse,
    )


def _cells(bench: BenchConfig, station: str) -> list[str]:
    return [name for name, cell in bench.cells.items() if cell.station == station]


def _consent(bench: BenchConfig, station: str, yes: bool, console: Console) -> None:
    cells = _cells(bench, station)
    which = f" ({', '.join(cells)})" if cells else ""
    by_hand = bench.stations[station].light
    what = (
        "switch the lamp on when you are told to"
        if by_hand is not None and by_hand.actuator == "by_hand"
        else "the light comes on"
    )
    console.print(
        f"{station}: {what}. Take all cells out{which}: they would age. Put the reference cell"
        " beside the sensor, in the plane of the cells, and shade neither of them. Ctrl-C shuts"
        " the light.",
        markup=False,
        soft_wrap=True,
    )
    if not yes:
        typer.confirm("Light now?", default=False, abort=True, err=True)
