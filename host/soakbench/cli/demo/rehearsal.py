"""The demo's first act: the source study at full length, rehearsed in virtual time."""

from rich.console import Console

from soakbench.assets import find_bench, find_plan
from soakbench.cli.logs import quiet_logs
from soakbench.cli.view.rehearsal import rehearsal_view, watch_progress
from soakbench.config import load_bench, load_plan
from soakbench.errors import SoakbenchError
from soakbench.rehearsal.rehearse import Order, rehearse
from soakbench.rehearsal.report import Report

PLAN = "paper-fig4"


def rehearse_study(console: Console, plan: str = PLAN) -> Report:
    """Rehearse `plan` on the simulated bench, with progress. SoakbenchError if it does not pass."""
    order = Order(plan=load_plan(find_plan(plan)), bench=load_bench(find_bench("twin")))
    console.print(
        f"\n1. Rehearsal of {plan} at full length, in virtual time (about a minute)",
        style="name",
        markup=False,
    )
    with quiet_logs(), watch_progress(console, wanted=True) as tell:
        report = rehearse(order, tell=tell)
    again = f"soakbench rehearse {plan}"
    console.print(rehearsal_view(report, again))
    if report.verdict.counts or report.why_not:
        raise SoakbenchError(
            f"the rehearsal of {plan} has not passed", hint=f"`{again}` shows it again"
        )
    return report
