"""A bench does what its program says, and its records say what it did."""

import asyncio
import json

import pytest
from rig import Rig, assert_custody, events

from soakwire import names


def test_identity_and_version(rig: Rig):
    async def main() -> None:
        async with rig.bench(), rig.daemon() as daemon:
            link = daemon.status().link
            assert link.state == "up"
            assert len(link.device or "") == 16
            assert len(link.boot or "") == 8
            assert link.firmware == "0.1.0"
            (boot,) = rig.store().rows("SELECT * FROM boot")
            assert boot["device"] == link.device
            assert boot["reset_cause"] in names.RESET_CAUSE_NAMES

    asyncio.run(main())


def test_relays_follow_the_program(rig: Rig):
    async def main() -> None:
        station = rig.station_with("light")
        first, second = rig.switched_cells()[:2]
        plan = rig.plan(
            [first, second],
            station,
            f'phase = "ageing"\nuntil = "3 s"\nload = "OC"\nloads = {{ {second} = "SC" }}',
            f'phase = "ageing"\nuntil = "3 s"\nload = "SC"\nloads = {{ {second} = "OC" }}',
        )
        async with rig.bench(), rig.daemon() as daemon:
            summary = await rig.run(daemon, plan, 60)
            assert_custody(rig.store(), summary)
            at = [rig.config.cell_index(cell) for cell in (first, second)]
            loads = [
                tuple(json.loads(row["body"])["loads"][cell] for cell in at)
                for row in rig.store().rows(
                    "SELECT body FROM record WHERE kind = 'cells' AND run = ? ORDER BY seq",
                    (summary.run,),
                )
            ]
            steps = [pair for i, pair in enumerate(loads) if i == 0 or pair != loads[i - 1]]
            wanted = iter(steps)
            assert all(pair in wanted for pair in [("OC", "SC"), ("SC", "OC")]), steps
            power_off = tuple(rig.config.cells[cell].power_off for cell in (first, second))
            assert loads[-1] == power_off, "a finished run leaves the safe state"
            if rig.twin is not None:
                truth = await rig.twin.command("truth")
                for cell in (first, second):
                    seen = truth["cells"][cell]
                    assert seen["oc_sun_h"] > 0
                    assert seen["sc_sun_h"] > 0
                    assert seen["load"] == rig.config.cells[cell].power_off

    asyncio.run(main())


def test_the_light_log_follows_the_lamp(rig: Rig):
    async def main() -> None:
        station = rig.station_with("light", "light_sensor")
        cells = rig.switched_cells()[:1]
        plan = rig.plan(
            cells,
            station,
            'phase = "dark_recovery"\nuntil = "3 s"',
            'phase = "ageing"\nuntil = "4 s"',
            'phase = "dark_recovery"\nuntil = "3 s"',
        )
        async with rig.bench(), rig.daemon() as daemon:
            summary = await rig.run(daemon, plan, 60)
            store = rig.store()
            dark_before, lit, dark_after = [
                [
                    row["light_suns"]
                    for row in store.rows(
                        "SELECT light_suns FROM station_sample WHERE run = ? AND station = ?"
                        " AND step = ? ORDER BY seq",
                        (summary.run, rig.config.station_index(station), step),
                    )
                ]
                for step in range(3)
            ]
            assert max(dark_before[1:]) < 0.05
            assert min(lit[-5:]) > 0.8
            assert max(dark_after[-5:]) < 0.05
            switched = [event[4] for event in events(store, summary.run, "light")]
            assert switched == [1, 0]
            (ageing,) = [phase for phase in summary.phases if phase.phase == "ageing"]
            assert ageing.dose_sun_h is not None
            assert abs(ageing.dose_sun_h * 3600 - 4) < 1.2, "one control period of light at most"

    asyncio.run(main())


@pytest.mark.timeout(1200)  # a real plate takes minutes; the simulated one is ten times faster
def test_the_hotplate_reaches_and_holds_50_c(rig: Rig):
    async def main() -> None:
        station = rig.station_with("heater", "plate_sensor")
        plan = rig.plan(
            rig.switched_cells()[:1],
            station,
            'phase = "thermal_recovery"\nuntil = "10 s"\ntemperature = "50 °C"\ntimeout = "15 min"',
        )
        async with rig.bench(), rig.daemon() as daemon:
            if rig.twin is not None:
                await rig.twin.command("speed", factor=10)  # the plate, as fast as is allowed
            summary = await rig.run(daemon, plan, 1000)
            (phase,) = summary.phases
            assert phase.delivered is not None
            assert phase.delivered * 3600 >= 10
            assert phase.temp_sensor == "plate"
            assert phase.temp_c_mean is not None
            assert abs(phase.temp_c_mean - 50) < 1
            plate = [
                row["plate_c"]
                for row in rig.store().rows(
                    "SELECT plate_c FROM station_sample WHERE run = ? AND station = ?",
                    (summary.run, rig.config.station_index(station)),
                )
            ]
            assert max(plate) < 51.5
            if rig.twin is not None:
                truth = await rig.twin.command("truth")
                assert truth["stations"][station]["plate_c"] < 51.5
                assert not truth["stations"][station]["heating"]
            assert_custody(rig.store(), summary)

    asyncio.run(main())
