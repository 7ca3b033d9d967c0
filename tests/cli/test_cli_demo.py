"""The demo's parts: its broker and listener, and claims that fail where they should."""

import asyncio
import json
from pathlib import Path

import aiomqtt
import make_status as make
import pytest

from soakbench.assets import find_plan
from soakbench.cli.demo import claims
from soakbench.cli.demo.broker import embedded_broker
from soakbench.cli.demo.evidence import Plate
from soakbench.cli.demo.listener import HOST, Listener
from soakbench.cli.demo.rehearsal import rehearse_study
from soakbench.cli.demo.report import next_steps, report_view
from soakbench.cli.output import make_console
from soakbench.config import load_plan
from soakbench.config.phases import ThermalRecovery
from soakbench.status import RecordCounts

THERMAL = ThermalRecovery(
    phase="thermal_recovery",
    until="3 h",
    temperature="50 °C",
    band="1 °C",  # type: ignore[arg-type]
)


def record(seq: int) -> dict[str, object]:
    return {"device": "d", "boot": "b", "seq": seq}


def test_the_broker_carries_messages_to_the_listener() -> None:
    async def publish_two() -> Listener:
        listener = Listener("twin")
        async with embedded_broker() as port, asyncio.timeout(10), asyncio.TaskGroup() as group:
            listening = group.create_task(listener.run(port))
            await listener.ready.wait()
            async with aiomqtt.Client(HOST, port, identifier="bench") as client:
                root = "soakbench/v1/twin"
                await client.publish(f"{root}/rec", json.dumps([record(1), record(2)]), qos=1)
                await client.publish(f"{root}/event", json.dumps(record(3)), qos=1)
                await client.publish("soakbench/v1/other/rec", json.dumps([record(4)]), qos=1)
                while len(listener.records) < 3:
                    await asyncio.sleep(0)
            listening.cancel()
        return listener

    listener = asyncio.run(publish_two())
    assert listener.messages == {"rec": 1, "event": 1}
    assert listener.records == {("d", "b", 1), ("d", "b", 2), ("d", "b", 3)}


@pytest.mark.parametrize(
    ("values_c", "holds"),
    [([49.1, 50.0, 50.9], True), ([49.1, 51.1], False), ([48.9, 50.0], False), ([], False)],
)
def test_the_plate_must_stay_in_its_band(values_c: list[float], holds: bool) -> None:
    assert claims._temperature(Plate(THERMAL, values_c)).holds == holds


@pytest.mark.parametrize(
    ("produced", "stored", "lost", "holds"),
    [(5, 5, 0, True), (5, 4, 0, False), (5, 4, 1, False), (0, 0, 0, False)],
)
def test_custody_must_be_complete(produced: int, stored: int, lost: int, holds: bool) -> None:
    counts = RecordCounts(produced=produced, stored=stored, lost=lost)
    assert claims._custody(make.summary(records=counts)).holds == holds


def test_every_phase_must_have_got_its_amount() -> None:
    assert claims._phases(make.summary()).holds
    assert not claims._phases(make.summary(state="stopped")).holds
    short = make.summary().phases[0].model_copy(update={"delivered": 2.9})
    assert not claims._phases(make.summary(phases=[short])).holds


def test_every_cell_must_have_been_at_its_load() -> None:
    plan = load_plan(find_plan("demo"))
    cells = [cell for track in plan.tracks.values() for cell in track.cells]
    right = {cell: {("OC", "OC")} for cell in cells}
    assert claims._loads(right, plan).found == "8 cells at OC"
    wrong = claims._loads(right | {"A1": {("OC", "OC"), ("OC", "SC")}}, plan)
    assert (wrong.holds, wrong.found) == (False, "A1 SC instead of OC")
    assert not claims._loads({cell: right[cell] for cell in cells[1:]}, plan).holds


def test_the_broker_must_have_had_every_record_and_topic() -> None:
    listener = Listener("twin")
    for topic in claims.TOPICS:
        payload = json.dumps([record(1)]) if topic in ("rec", "event") else "x"
        listener.take(f"soakbench/v1/twin/{topic}", payload.encode())
    assert claims._broker({("d", "b", 1)}, listener).holds
    assert not claims._broker({("d", "b", 1), ("d", "b", 2)}, listener).holds
    del listener.messages["state"]
    assert "no message on state" in claims._broker({("d", "b", 1)}, listener).found


def test_the_firmware_ran_in_micropython() -> None:
    interpreter = claims.micropython_version()
    assert interpreter.startswith("micropython 1.")
    assert claims._firmware("0.1.0", interpreter).holds
    assert not claims._firmware(None, interpreter).holds


def test_the_report_marks_a_claim_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    failed = claims.Claim(claim="it works", holds=False, found="it does not")
    console = make_console()
    console.print(report_view(make.summary(), [failed], {"rec": 1234}))
    console.print(next_steps(Path("/data/demo")))
    shown = capsys.readouterr().out
    assert "✗ it works: it does not" in shown
    assert "1 234" in shown
    assert "soakbench summary --data /data/demo" in shown


def test_the_rehearsal_comes_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    report = rehearse_study(make_console(), "demo")
    shown = capsys.readouterr().out
    assert "1. Rehearsal of demo at full length" in shown
    assert "passed" in shown
    assert report.verdict.custody.stored == report.verdict.custody.produced > 0
    assert report.polls > report.simulated_s
