"""`soakbench clear`."""

from typing import Annotated

import typer
from rich.text import Text

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, examples
from soakbench.cli.output import make_console
from soakbench.errors import DaemonError
from soakbench.fault_words import FAULT_WORDS
from soakbench.status import StationStatus, Vouch

EXAMPLES = examples(
    "soakbench clear",
    "soakbench clear hotplate_box over_temperature --resume",
    "soakbench clear hotplate_box plate_sensor_open --vouch me",
)


def clear(
    data: DataOption,
    station: Annotated[
        str | None,
        typer.Argument(metavar="STATION", show_default=False, help="Where the fault is."),
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Argument(metavar="FAULT...", show_default=False, help="The faults, by name."),
    ] = None,
    vouch: Annotated[
        Vouch,
        typer.Option(
            help="Where the plate's sensor was the fault: who knows that the plate is below 45 °C, "
            "the other sensor or you."
        ),
    ] = "none",
    resume: Annotated[
        bool, typer.Option("--resume", help="Let the tracks go on that wait there.")
    ] = False,
) -> None:
    """Clear faults that have switched a heater off for good.

    Without a fault's name it lists the faults there are, what they mean and what to do. A fault
    can be cleared when its cause is gone and the plate is below 45 °C. No run goes on by itself
    after that: say --resume.
    """
    with ApiClient(data) as client:
        if station is None or not faults:
            for one in _asked_for(station, client.status().stations):
                _explain(one)
            return
        client.clear(station, faults, vouch, resume)
    make_console().print(f"{station}: cleared {', '.join(faults)}", markup=False)


def _asked_for(station: str | None, stations: list[StationStatus]) -> list[StationStatus]:
    """All of them, or the one of that name."""
    found = [one for one in stations if station in (None, one.station)]
    if station is not None and not found:
        known = ", ".join(one.station for one in stations)
        raise DaemonError(f"there is no station {station}", hint=f"there is: {known}")
    return found


def _explain(station: StationStatus) -> None:
    console = make_console()
    console.print(
        Text(station.station, style="name").append("" if station.faults else ": no fault")
    )
    for name in station.faults:
        words = FAULT_WORDS[name]
        console.print(Text(f"  {name}: ", style="bad").append(words.what, style="none"))
        console.print(Text(f"    what to do: {words.todo}"))
        if words.sensor_in_doubt:
            console.print(
                Text(
                    "    to clear it, somebody else must know that the plate is cool: "
                    "--vouch sensor or --vouch me"
                )
            )
