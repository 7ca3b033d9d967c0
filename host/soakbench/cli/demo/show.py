"""The demo itself: broker, listener, daemon and operator in one process."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from soakbench.assets import find_bench, find_plan
from soakbench.cli.demo.broker import embedded_broker
from soakbench.cli.demo.claims import Claim, check_claims
from soakbench.cli.demo.listener import HOST, Listener
from soakbench.cli.foreground import board_ready
from soakbench.cli.interrupt import interruption
from soakbench.cli.view.screen import open_screen
from soakbench.cli.view.status import waiting_tracks
from soakbench.cli.watching import follow_run
from soakbench.config import PlanConfig, load_bench, load_plan
from soakbench.daemon import Daemon
from soakbench.errors import SoakbenchError
from soakbench.mqtt.publisher import Broker
from soakbench.status import Confirm, StartRun, Summary
from soakbench.store import open_store

READ_S = 1.5  # the operator's: what is asked for should be seen
LOOK_S = 0.25
DRAIN_S = 10.0
SUBSCRIBE_S = 10.0


@dataclass(frozen=True)
class Shown:
    """What the demo has to tell at its end."""

    summary: Summary
    claims: list[Claim]
    messages: dict[str, int]
    """MQTT messages that the listener saw, by topic."""


async def show_demo(data: Path, console: Console) -> Shown | None:
    """Run the demo with its data in `data`; None if interrupted."""
    bench, plan = load_bench(find_bench("twin")), load_plan(find_plan("demo"))
    listener = Listener(bench.bench.name)
    async with interruption() as interrupted, embedded_broker() as port:
        listening = asyncio.create_task(listener.run(port), name="demo listener")
        try:
            async with asyncio.timeout(SUBSCRIBE_S):
                await listener.ready.wait()
            daemon = Daemon(bench, data, broker=Broker(HOST, port))
            async with daemon.running():
                summary = await _run(daemon, plan, console, interrupted)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    if summary is None:
        return None
    claims = check_claims(bench, plan, summary, listener, open_store(data))
    return Shown(summary, claims, dict(sorted(listener.messages.items())))


async def _run(
    daemon: Daemon, plan: PlanConfig, console: Console, interrupted: asyncio.Event
) -> Summary | None:
    """The run with its operator; its account, None if interrupted."""
    if not await board_ready(daemon.status, interrupted):
        return None
    request = StartRun(plan=plan.source.name, plan_toml=plan.source.text)
    run = (await daemon.start_run(request)).run
    operator = asyncio.create_task(_operate(daemon, console), name="demo operator")
    try:
        with open_screen(console) as screen:
            if not await follow_run(daemon.status, screen, interrupted, run):
                return None
    finally:
        operator.cancel()
        await asyncio.gather(operator, return_exceptions=True)
    await _drain(daemon)
    return daemon.summary(run)


async def _operate(daemon: Daemon, console: Console) -> None:
    """Do what a person would do at a confirm."""
    done: set[tuple[str, int, int]] = set()
    while True:
        await asyncio.sleep(LOOK_S)
        for track in waiting_tracks(daemon.status()):
            place = (track.track, track.step, track.cycle)
            if place in done:
                continue
            done.add(place)
            await asyncio.sleep(READ_S)
            await daemon.confirm(Confirm(track=track.track, note="by the demo"))
            console.print(
                f"The demo acts as the operator: {track.waiting_for}; confirmed {track.track}.",
                style="quiet",
                markup=False,
            )


async def _drain(daemon: Daemon) -> None:
    """Wait until the broker has everything. SoakbenchError if it does not take it."""
    tries = round(DRAIN_S / LOOK_S)
    while daemon.status().mqtt.backlog:
        if tries == 0:
            raise SoakbenchError(
                f"the broker has not taken all records within {DRAIN_S:.0f} s",
                hint="the log file in the data directory says more",
            )
        tries -= 1
        await asyncio.sleep(LOOK_S)
