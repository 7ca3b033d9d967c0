"""The host dies, the cable is pulled: the run goes on and no record is lost or doubled."""

import asyncio
import signal

import pytest
from rig import Rig, assert_custody, events, until

from soakbench.api import ApiClient
from soakbench.status import StartRun, Summary
from soakwire import messages, names

DARK = 'phase = "dark_recovery"\nuntil = "{} s"'
MOST_S = 60.0


def test_a_killed_daemon_takes_the_run_up_again(rig: Rig):
    async def main() -> None:
        station = rig.station_with("light")
        plan = rig.plan(rig.switched_cells()[:2], station, DARK.format(4), DARK.format(4))
        async with rig.bench():
            async with rig.daemon_process() as process:
                with ApiClient(rig.data) as api:
                    started = api.start_run(StartRun(plan="hil", plan_toml=plan))
                    await until(lambda: _stored(api) > 20, MOST_S, "20 stored records")
                process.send_signal(signal.SIGKILL)
                await process.wait()
            async with rig.daemon_process():
                with ApiClient(rig.data) as api:
                    summary = await _end_of_run(api)
            assert summary.run == started.run
            assert summary.state == "finished"
            assert summary.boots == 1
            assert summary.deviations == summary.noted == []
            store = rig.store()
            assert_custody(store, summary)
            assert [event[1] for event in events(store, summary.run, "step_end")] == [0, 1]
            for phase in summary.phases:
                assert phase.delivered == phase.planned

    asyncio.run(main())


def test_a_pulled_cable_delays_records_and_nothing_else(rig: Rig):
    async def main() -> None:
        station = rig.station_with("light")
        plan = rig.plan(rig.switched_cells()[:2], station, DARK.format(8))
        async with rig.bench():
            twin = rig.need_twin()
            async with rig.daemon() as daemon:
                await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
                await until(lambda: _stored(daemon) > 10, MOST_S, "10 stored records")
                await twin.command("cut", for_s=3)
                await until(lambda: daemon.status().link.state == "no port", MOST_S, "the cut")
                assert "no port" in daemon.status().link.state
                assert daemon.status().cells[0].load is None, "nothing is known while it is out"
                await until(lambda: daemon.status().link.state == "up", MOST_S, "the link")
                async with asyncio.timeout(MOST_S):
                    assert (await daemon.wait_run_end()).state == "finished"
                summary = daemon.summary(None)
                store = rig.store()
                assert_custody(store, summary)
                assert summary.boots == 1
                (span,) = store.rows(
                    "SELECT min(t_device_ms) AS first, max(t_device_ms) AS last FROM record"
                    " WHERE run = ? AND kind = 'track'",
                    (summary.run,),
                )
                assert span["last"] - span["first"] < 12_000, "the board did not wait"

    asyncio.run(main())


def test_a_board_that_restarts_goes_on_from_the_last_stored_record(rig: Rig):
    async def main() -> None:
        station = rig.station_with("light")
        plan = rig.plan(rig.switched_cells()[:2], station, DARK.format(6))
        async with rig.bench():
            twin = rig.need_twin()
            async with rig.daemon() as daemon:
                await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
                await until(lambda: _delivered_s(daemon) > 2, MOST_S, "2 s in the dark")
                await twin.command("power_cut")
                async with asyncio.timeout(MOST_S):
                    assert (await daemon.wait_run_end()).state == "finished"
                summary = daemon.summary(None)
                assert summary.boots == 2
                assert _restarts(summary) == 1
                assert summary.records.stored + summary.records.lost == summary.records.produced
                (phase,) = summary.phases
                assert phase.delivered == phase.planned
                begun = events(rig.store(), summary.run, "step_begin")
                assert len(begun) == 2

    asyncio.run(main())


@pytest.mark.rule("TX-4", "TX-5")
def test_ctrl_c_on_the_port_costs_a_restart_and_nothing_else(rig: Rig):
    """Somebody with a terminal on the same port; the board goes to its prompt, and back."""

    async def main() -> None:
        station = rig.station_with("light")
        plan = rig.plan(rig.switched_cells()[:2], station, DARK.format(6))
        async with rig.bench(), rig.daemon() as daemon:
            await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
            await until(lambda: _delivered_s(daemon) > 2, MOST_S, "2 s in the dark")
            first = daemon.status().link.boot
            rig.press_ctrl_c()
            await until(lambda: daemon.status().link.boot != first, MOST_S, "another boot")
            async with asyncio.timeout(MOST_S):
                assert (await daemon.wait_run_end()).state == "finished"
            summary = daemon.summary(None)
            assert summary.boots == 2
            assert _restarts(summary) == 1
            (phase,) = summary.phases
            assert phase.delivered == phase.planned
            (boot,) = rig.store().rows(
                "SELECT reset_cause FROM boot WHERE boot = ?", (daemon.status().link.boot,)
            )
            assert boot["reset_cause"] == names.RESET_CAUSE_NAMES[messages.CAUSE_COMMAND]

    asyncio.run(main())


def _restarts(summary: Summary) -> int:
    return sum("goes on from its last stored record" in text for text in summary.noted)


def _stored(source: object) -> int:
    run = source.status().run  # type: ignore[attr-defined]
    return run.records.stored if run else 0


def _delivered_s(source: object) -> float:
    run = source.status().run  # type: ignore[attr-defined]
    return run.tracks[0].delivered * 3600 if run else 0.0


async def _end_of_run(api: ApiClient):
    def ended() -> bool:
        run = api.status().run
        return run is not None and run.state not in ("arming", "running")

    await until(ended, MOST_S, "the end of the run")
    return api.summary()
