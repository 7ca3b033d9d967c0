"""`soakbench demo`."""

import asyncio
from datetime import datetime
from json import loads as json_of
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from soakbench.cli.demo.claims import Claim
from soakbench.cli.demo.report import next_steps, report_view
from soakbench.cli.logs import log_path, set_up_logs
from soakbench.cli.options import JsonOption, default_data, examples
from soakbench.cli.output import make_console, print_json
from soakbench.errors import SoakbenchError, StoreError
from soakbench.status import Summary
from soakbench.store.store import DATABASE

EXAMPLES = examples("soakbench demo")


class DemoResult(BaseModel):
    """What `demo --json` prints."""

    rehearsal: dict[str, object] | None
    """As `rehearse --json`; None if it was left out."""
    summary: Summary
    claims: list[Claim]
    messages: dict[str, int]
    data: str


def demo(
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            file_okay=False,
            show_default="a new one under your user data directory",
            help="Fresh directory for the demo's data.",
        ),
    ] = None,
    rehearsal: Annotated[
        bool,
        typer.Option(help="Rehearse paper-fig4 first, 32 h in about a minute."),
    ] = True,
    json: JsonOption = False,
) -> None:
    """See it work in two minutes, on a simulated bench.

    Nothing needs to be connected. First the protocol of the study that soakbench was made for is
    rehearsed at full length, 32 h in virtual time.

    Then it runs live: eight cells are aged under one light, four at open and four at short
    circuit; four recover in the dark and four at 50 °C. The cells live 1200 times faster. The
    board's real firmware runs in MicroPython; its records go into a database and to an MQTT broker
    that the demo brings along.

    At the end the demo checks what it has shown, and returns 1 if any of it does not hold.
    """
    # The embedded broker is an extra; no other command may need it.
    from soakbench.cli.demo.rehearsal import rehearse_study
    from soakbench.cli.demo.show import show_demo

    chosen = data or default_data() / "demo" / f"{datetime.now():%Y%m%d-%H%M%S}"
    if (chosen / DATABASE).exists():
        raise StoreError(
            f"{chosen} already holds data", hint="name a fresh directory, or leave --data out"
        )
    set_up_logs(chosen)
    console = make_console(to_stderr=json)
    console.print(f"Demo on the simulated bench, data in {chosen}", markup=False, soft_wrap=True)
    rehearsed = rehearse_study(console) if rehearsal else None
    console.print("\n2. Live, shortened and accelerated", style="name")
    shown = asyncio.run(show_demo(chosen, console))
    if shown is None:
        console.print("Interrupted; the simulated bench has ended.")
        raise typer.Exit(1)
    if json:
        print_json(
            DemoResult(
                rehearsal=None if rehearsed is None else json_of(rehearsed.as_json()),
                summary=shown.summary,
                claims=shown.claims,
                messages=shown.messages,
                data=str(chosen),
            )
        )
    else:
        console.print(report_view(shown.summary, shown.claims, shown.messages))
    _judge(shown.claims, chosen)
    if not json:
        console.print(next_steps(chosen), soft_wrap=True)


def _judge(claims: list[Claim], data: Path) -> None:
    failed = [claim for claim in claims if not claim.holds]
    if failed:
        raise SoakbenchError(
            "the demo does not show what it claims: "
            + "; ".join(f"{claim.claim} ({claim.found})" for claim in failed),
            hint=f"the log is {log_path(data)}; please report it",
        )
