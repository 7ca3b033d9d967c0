"""What people do to a run under way holds, whoever was away or restarted meanwhile."""

import asyncio
import signal

import pytest
from rig import Rig, assert_custody, events, until

from soakbench.api import ApiClient
from soakbench.errors import BenchFault, DaemonError
from soakbench.status import Extend, Note, Order, StartRun, TrackStatus

DARK = 'phase = "dark_recovery"\nuntil = "{} s"'
MOST_S = 60.0
ANNA = Order(track="t", who="anna", why="glovebox is being regenerated")


def test_a_paused_track_stands_still_until_it_is_resumed_whoever_dies_meanwhile(rig: Rig):
    async def main() -> None:
        plan = rig.plan(rig.switched_cells()[:2], rig.station_with("light"), DARK.format(3))
        async with rig.bench():
            async with rig.daemon_process() as process:
                with ApiClient(rig.data) as api:
                    run = api.start_run(StartRun(plan="hil", plan_toml=plan)).run
                    await until(lambda: _track(api).delivered > 0, MOST_S, "time in the dark")
                    assert await asyncio.to_thread(api.pause, ANNA) == ["t"]
                    paused_at = _track(api).delivered
                process.send_signal(signal.SIGKILL)
                await process.wait()
            if rig.twin is not None:
                await rig.twin.command("power_cut")
            async with rig.daemon_process():
                with ApiClient(rig.data) as api:
                    waits = ("paused", "ready")
                    await until(lambda: _track(api).state in waits, MOST_S, "the track's place")
                    assert _track(api).delivered == pytest.approx(paused_at, abs=1.5 / 3600)
                    bert = Order(who="bert")
                    assert await asyncio.to_thread(api.resume, bert) == ["t"]
                    await until(lambda: _state(api) == "finished", MOST_S, "the end of the run")
                    summary = api.summary(run)
                (phase,) = summary.phases
                assert phase.delivered == phase.planned
                told = [(entry.kind, entry.who) for entry in summary.journal if entry.who]
                assert told == [("pause", "anna"), ("resume", "bert")]
                texts = [text for text in summary.noted if text.startswith("track t ")]
                assert texts[0] == "track t paused: glovebox is being regenerated"
                assert texts[1].startswith("track t resumed after ")

    asyncio.run(main())


def test_a_skipped_phase_keeps_what_it_has_delivered_and_is_listed(rig: Rig):
    async def main() -> None:
        cells, station = rig.switched_cells()[:2], rig.station_with("light")
        plan = rig.plan(cells, station, DARK.format(3600), DARK.format(1), DARK.format(3600))
        async with rig.bench(), rig.daemon() as daemon:
            await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
            await until(lambda: _track(daemon).delivered > 0, MOST_S, "time in the dark")
            what = await daemon.skip(ANNA)
            assert what == "track t: dark_recovery (phase 1)"
            await until(lambda: _track(daemon).step == 2, MOST_S, "the end of the second phase")
            await daemon.note(Note(text="two minutes of room light", who="anna"))
            await daemon.pause(ANNA)
            await daemon.skip(Order())
            async with asyncio.timeout(MOST_S):
                assert (await daemon.wait_run_end()).state == "finished"
            summary = daemon.summary(None)
            assert [phase.state for phase in summary.phases] == ["skipped", "done", "skipped"]
            first = summary.phases[0].delivered
            assert first is not None
            assert 0 < first < MOST_S / 3600
            assert summary.noted == [
                f"{what} skipped: glovebox is being regenerated",
                "track t paused: glovebox is being regenerated",
                "track t: dark_recovery (phase 3) skipped",
            ]
            assert ("note", "anna", "two minutes of room light") in [
                (entry.kind, entry.who, entry.text) for entry in summary.journal
            ]
            assert_custody(rig.store(), summary)
            assert [event[1] for event in events(rig.store(), summary.run, "step_begin")] == [
                0,
                1,
                2,
            ]

    asyncio.run(main())


def test_an_extended_phase_has_its_new_goal_although_the_board_restarts(rig: Rig):
    """It comes back with more delivered than its program asks for."""

    async def main() -> None:
        cells, station = rig.switched_cells()[:2], rig.station_with("light")
        plan = rig.plan(cells, station, DARK.format(3), 'phase = "jv"')
        longer = Extend(track="t", by="4 s", who="anna", why="still rises")
        async with rig.bench(), rig.daemon() as daemon:
            await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
            await until(lambda: _track(daemon).delivered > 0, MOST_S, "time in the dark")
            await daemon.pause(ANNA)
            with pytest.raises(DaemonError, match="counted in h, not in sun_h"):
                await daemon.extend(Extend(track="t", by="2 sun_h"))
            with pytest.raises(DaemonError, match="cannot be that short"):
                await daemon.extend(Extend(track="t", by="-3 s"))
            what = await daemon.extend(longer)
            assert what == "track t: dark_recovery (phase 1) extended by 4 s to 7 s"
            assert _track(daemon).goal == 7 / 3600
            await daemon.resume(ANNA)
            await until(lambda: _track(daemon).delivered > 4 / 3600, MOST_S, "more than 3 s")
            if rig.twin is not None:
                await rig.twin.command("power_cut")
            async with asyncio.timeout(MOST_S):
                assert (await daemon.wait_run_end()).state == "finished"
            summary = daemon.summary(None)
            assert summary.phases[0].planned == summary.phases[0].delivered == 7 / 3600
            assert f"{what}: still rises" in summary.noted
            assert [event[1] for event in events(rig.store(), summary.run, "step_end")] == [0, 1]

    asyncio.run(main())


def test_what_cannot_be_done_is_said(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("soakbench.daemon.steering.ANSWER_S", 0.2)  # nobody answers

    async def main() -> None:
        plan = rig.plan(rig.switched_cells()[:2], rig.station_with("light"), DARK.format(3600))
        async with rig.bench(), rig.daemon() as daemon:
            with pytest.raises(DaemonError, match="no run is under way"):
                await daemon.pause(Order())
            await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
            await until(lambda: _track(daemon).delivered > 0, MOST_S, "time in the dark")
            with pytest.raises(DaemonError, match="there is no track u") as caught:
                await daemon.skip(Order(track="u"))
            assert caught.value.hint == "there is: t"
            with pytest.raises(DaemonError, match="not paused: t"):
                await daemon.resume(Order())
            if rig.twin is not None:
                await rig.twin.command("cut")
                await until(lambda: daemon.status().link.state == "no port", MOST_S, "the cut")
                with pytest.raises(BenchFault, match="the board is not there"):
                    await daemon.skip(Order())
                with pytest.raises(BenchFault, match="written down, but the board does not"):
                    await daemon.pause(Order())
                await rig.twin.command("plug")
                await until(lambda: daemon.status().link.state == "up", MOST_S, "the link")
                await until(lambda: _track(daemon).state == "paused", MOST_S, "the pause")
            await daemon.stop_run(Order(who="anna", why="enough"))
            journal = daemon.summary(None).journal
            assert [(e.kind, e.who, e.text) for e in journal if e.who] == [
                ("stop", "anna", "the run is to be ended: enough")
            ]

    asyncio.run(main())


def _state(api: ApiClient) -> str:
    run = api.status().run
    assert run is not None
    return run.state


def _track(source: object) -> TrackStatus:
    run = source.status().run  # type: ignore[attr-defined]
    return run.tracks[0]
