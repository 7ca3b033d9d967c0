"""`soakbench plan`."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from soakbench.assets import find_bench, find_plan
from soakbench.cli.options import BenchOption, JsonOption, PlanArgument, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.plan_page import Sheet, plan_page
from soakbench.cli.view.timeline import timeline_view
from soakbench.config import load_bench, load_plan
from soakbench.errors import SoakbenchError
from soakbench.plan import timeline
from soakbench.plan.clock_time import zone_of
from soakbench.plan.warnings import warnings

EXAMPLES = examples(
    "soakbench plan paper-fig4",
    'soakbench plan my-plan.toml --bench my-bench.toml --start "2026-03-02 09:00"',
    'soakbench plan paper-fig4 --html fig4.html --start "2026-10-24 18:00"',
)


def plan(
    plan: PlanArgument,
    bench: BenchOption = "twin",
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
            metavar="TIME",
            show_default="now",
            help='When the run begins, like "2026-03-02 09:00": in the time zone of the plan, or'
            " yours.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            show_default=False,
            dir_okay=False,
            help="Write it as a page to look at, print and hang beside the bench.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show when each phase of a plan begins and ends.

    Loops are unrolled. The first two columns count hours from the start of the run, the last
    two are clock times. As a page: the tracks to scale over days and nights, what a person has to
    do and when, and every phase.
    """
    planned, wired = load_plan(find_plan(plan)), load_bench(find_bench(bench))
    zone = zone_of(planned.plan.timezone)
    begin = _begin(start, zone)
    tracks = timeline(planned, wired, start=begin)
    if html is not None:
        sheet = Sheet(planned, wired, tracks, begin, warnings(planned, wired))
        _write(html, plan_page(sheet))
    if json:
        print_json(tracks)
    elif html is not None:
        make_console().print(f"{html}: the timeline of {planned.plan.name}", markup=False)
    else:
        make_console().print(timeline_view(tracks, zone))


def _begin(start: datetime | None, zone: tzinfo | None) -> datetime:
    """The start as it was given, in the plan's time zone; the computer's where it has none."""
    if start is None:
        return datetime.now().astimezone(zone)
    return start.astimezone() if zone is None else start.replace(tzinfo=zone)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        hint = "give the path of a file in a folder that exists"
        raise SoakbenchError(f"{path}: cannot be written: {error.strerror}", hint) from error
