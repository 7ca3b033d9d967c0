"""`soakbench check`."""

from pydantic import BaseModel
from rich.text import Text

from soakbench.assets import find_bench, find_plan
from soakbench.cli import words
from soakbench.cli.options import BenchOption, JsonOption, PlanArgument, examples
from soakbench.cli.output import make_console, print_json
from soakbench.config import load_bench, load_plan
from soakbench.errors import ConfigError
from soakbench.plan import timeline
from soakbench.plan.warnings import warnings

EXAMPLES = examples("soakbench check paper-fig4 --bench twin", "soakbench check my-plan.toml")


class CheckedTrack(BaseModel):
    """One track that can run."""

    track: str
    cells: list[str]
    phases: int
    hours: float


class CheckResult(BaseModel):
    """What `check --json` prints; `error` and `hint` where `ok` is false."""

    ok: bool
    plan: str
    bench: str
    tracks: list[CheckedTrack] = []
    warnings: list[str] = []
    error: str = ""
    hint: str = ""


def check(plan: PlanArgument, bench: BenchOption = "twin", json: JsonOption = False) -> None:
    """Check a plan against a bench, without running anything.

    Finds what would otherwise fail at night: a cell that is not there, a unit that is missing,
    heat where there is no heater, two tracks that need different light at one station. The
    message names the file, the line and what is allowed. A warning tells what can run but should be
    known first.
    """
    try:
        result = _check(plan, bench)
    except ConfigError as error:
        if json:
            failed = CheckResult(
                ok=False, plan=plan, bench=bench, error=str(error), hint=error.hint
            )
            print_json(failed)
        raise
    if json:
        print_json(result)
    else:
        make_console().print(_words(result))


def _check(plan: str, bench: str) -> CheckResult:
    planned = load_plan(find_plan(plan))
    wired = load_bench(find_bench(bench))
    tracks = [
        CheckedTrack(track=t.track, cells=t.cells, phases=len(t.phases), hours=t.end_h)
        for t in timeline(planned, wired)
    ]
    return CheckResult(
        ok=True,
        plan=planned.plan.name,
        bench=wired.bench.name,
        tracks=tracks,
        warnings=warnings(planned, wired),
    )


def _words(result: CheckResult) -> Text:
    text = Text("ok", style="ok")
    text.append(f": plan {result.plan} can run on bench {result.bench}", style="none")
    for track in result.tracks:
        phases = "1 phase" if track.phases == 1 else f"{track.phases} phases"
        cells = ", ".join(track.cells)
        text.append(f"\n  {track.track}: {phases}, {words.amount(track.hours, 'h')}, cells {cells}")
    for warning in result.warnings:
        text.append("\nwarning: ", style="warn").append(warning)
    return text
