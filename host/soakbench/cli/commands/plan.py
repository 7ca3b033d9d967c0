"""`soakbench plan`."""

from datetime import datetime
from typing import Annotated

import typer

from soakbench.assets import find_bench, find_plan
from soakbench.cli.options import BenchOption, JsonOption, PlanArgument, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.timeline import timeline_view
from soakbench.config import load_bench, load_plan
from soakbench.plan import timeline

EXAMPLES = examples(
    "soakbench plan paper-fig4",
    "soakbench plan my-plan.toml --bench my-bench.toml --start 2026-03-02T09:00",
)


def plan(
    plan: PlanArgument,
    bench: BenchOption = "twin",
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
            metavar="TIME",
            show_default="now",
            help="When the run begins, your local time, like 2026-03-02T09:00.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show when each phase of a plan begins and ends.

    Loops are unrolled. The first two columns count hours from the start of the run, the last
    two are clock times.
    """
    begin = datetime.now() if start is None else start
    planned = load_plan(find_plan(plan))
    tracks = timeline(planned, load_bench(find_bench(bench)), start=begin.astimezone())
    if json:
        print_json(tracks)
    else:
        make_console().print(timeline_view(tracks))
