"""The daemon as its users meet it: what it refuses, and what it says then."""

import asyncio
import contextlib
import os
import pty
import tty
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from soakbench.api import ApiClient
from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, parse_bench
from soakbench.daemon import Daemon
from soakbench.errors import BenchFault, ConfigError, DaemonError, SoakbenchError
from soakbench.status import Confirm, QueueRun, StartRun
from soakwire import frame, messages

BENCH = load_bench(find_bench("twin"))
PLAN = find_plan("demo").read_text("utf-8")
START = StartRun(plan="demo", plan_toml=PLAN)


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


def ready(daemon: Daemon) -> bool:
    return daemon.status().link.board == "configured"


class OtherBoard:
    """Something on a serial port that answers every line with `answer`."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def __enter__(self) -> "OtherBoard":
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        os.read(self._master, 4096)
        os.write(self._master, self._answer)


def test_a_second_daemon_on_the_same_data_is_refused_by_name(tmp_path):
    async def main() -> None:
        async with Daemon(BENCH, tmp_path, port="/dev/none").running():
            with pytest.raises(DaemonError) as caught:
                async with Daemon(BENCH, tmp_path, port="/dev/none").running():
                    pass
        assert f"process {os.getpid()}" in str(caught.value)
        assert "--data" in caught.value.hint

    asyncio.run(main())


def test_a_missing_port_is_said_in_the_status_and_no_run_starts(tmp_path):
    async def main() -> None:
        async with Daemon(BENCH, tmp_path, port="/dev/none").running() as daemon:
            await until(lambda: "does not exist" in daemon.status().link.detail)
            link = daemon.status().link
            assert link.state == "no port"
            assert "soakbench ports" in link.detail
            with pytest.raises(BenchFault) as caught:
                await daemon.start_run(START)
            assert "board is not there" in str(caught.value)
            assert caught.value.exit_code == 3
            assert daemon.status().run is None

    asyncio.run(main())


def test_another_firmware_on_the_port_is_told_and_never_armed(tmp_path):
    values: dict[str, int | None] = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
    values |= {"major": 1, "schema": 12345, "window_slots": 28, "fw_minor": 9}
    hello = frame.encode(messages.HELLO, 0, 0, messages.HELLO_LAYOUT.pack_named(values))

    async def main() -> None:
        with OtherBoard(hello) as other:
            async with Daemon(BENCH, tmp_path, port=other.port).running() as daemon:
                await until(lambda: daemon.status().link.state == "wrong firmware")
                assert "0.9.0" in daemon.status().link.detail
                with pytest.raises(BenchFault):
                    await daemon.start_run(START)

    asyncio.run(main())


def test_a_device_that_is_no_soakbench_is_shown_with_its_words(tmp_path):
    async def main() -> None:
        with OtherBoard(b"MicroPython v1.24 on 2024-10-25\r\n>>> \r\n") as other:
            async with Daemon(BENCH, tmp_path, port=other.port).running() as daemon:
                await until(lambda: "the board says" in daemon.status().link.detail)
                assert daemon.status().link.state == "asking"

    asyncio.run(main())


def test_a_real_bench_is_never_accelerated(tmp_path):
    text = BENCH.source.text.replace('port = "twin"', 'port = "/dev/none"')
    text = text.replace('"simulated"', '"keithley2400"\nresource = "GPIB0::24::INSTR"')
    real = parse_bench(text, "real.toml")

    async def main() -> None:
        async with Daemon(real, tmp_path).running() as daemon:
            with pytest.raises(ConfigError, match="accelerated 1200 times"):
                await daemon.start_run(START)

    asyncio.run(main())


def test_one_run_at_a_time_and_errors_travel_over_the_api(tmp_path):
    async def main() -> None:
        daemon = Daemon(BENCH, tmp_path)
        async with daemon.running():
            await until(lambda: ready(daemon))
            with ApiClient(tmp_path) as api:
                broken = PLAN.replace('"A1"', '"A9"', 1)
                with pytest.raises(ConfigError, match="A9"):
                    await daemon.start_run(StartRun(plan="demo", plan_toml=broken))
                started = await asyncio.to_thread(api.start_run, START)
                assert started.state == "arming"
                with pytest.raises(Exception, match="is under way") as caught:
                    await asyncio.to_thread(api.start_run, START)
                assert caught.value.exit_code == 1  # type: ignore[attr-defined]
                assert "soakbench stop" in caught.value.hint  # type: ignore[attr-defined]
                with pytest.raises(DaemonError, match="waiting"):
                    await daemon.confirm(Confirm(track="dark"))
                await until(lambda: daemon.status().link.board == "active")
                await asyncio.to_thread(api.stop_run)
                status = await asyncio.to_thread(api.status)
                assert status.run is not None
                assert status.run.state == "stopped"
                summary = await asyncio.to_thread(api.summary)
                assert summary.state == "stopped"
            copies = tmp_path / "runs" / started.run
            assert (copies / "plan.toml").read_text("utf-8") == PLAN
            assert (copies / "bench.toml").read_text("utf-8") == BENCH.source.text

    asyncio.run(main())


def test_the_queue_is_kept_over_daemons_and_one_that_ends_with_its_run_takes_nothing(tmp_path):
    wish = QueueRun(plan="demo", plan_toml=PLAN, accelerate=1200, who="anna")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = wish.model_copy(update={"begin": tomorrow})
    sooner = wish.model_copy(update={"begin": tomorrow - timedelta(hours=1)})
    broken = wish.model_copy(update={"plan_toml": PLAN.replace('"A1"', '"A9"')})

    async def main() -> None:
        daemon = Daemon(BENCH, tmp_path, port="/dev/none", serves_queue=True)
        async with daemon.running():
            await until((tmp_path / "api.sock").exists)
            with ApiClient(tmp_path) as api:
                put = await asyncio.to_thread(api.put_in_queue, later)
                assert (put.number, put.who, put.why) == (1, "anna", "its time has not come")
                with pytest.raises(SoakbenchError, match="begins later") as caught:
                    await asyncio.to_thread(api.put_in_queue, sooner)
                assert "queue remove 1" in caught.value.hint
                with pytest.raises(SoakbenchError, match="A9"):
                    await asyncio.to_thread(api.put_in_queue, broken)
        async with Daemon(
            BENCH, tmp_path, port="/dev/none", serves_queue=True
        ).running() as next_one:
            assert [each.why for each in next_one.status().queue] == ["its time has not come"]
        async with Daemon(BENCH, tmp_path, port="/dev/none").running() as other:
            (kept,) = other.status().queue
            assert (kept.number, kept.begin) == (1, put.begin)
            assert "`soakbench daemon` begins it" in kept.why
            with pytest.raises(DaemonError, match="does not begin what is queued"):
                await other.put_in_queue(wish)
            await until((tmp_path / "api.sock").exists)
            with ApiClient(tmp_path) as api:
                await asyncio.to_thread(api.remove_from_queue, 1, "bert")
                with pytest.raises(SoakbenchError, match="nothing waits"):
                    await asyncio.to_thread(api.resume_queue, "bert")

    asyncio.run(main())


def test_a_run_of_another_bench_file_is_not_taken_up(tmp_path):
    async def main() -> None:
        async with Daemon(BENCH, tmp_path).running() as daemon:
            await until(lambda: ready(daemon))
            await daemon.start_run(START)
        other = parse_bench(BENCH.source.text + "\n# changed\n", "other.toml")
        with pytest.raises(DaemonError) as caught:
            async with Daemon(other, tmp_path, port="/dev/none").running():
                pass
        assert "another bench file" in str(caught.value)
        assert "bench.toml" in caught.value.hint

    asyncio.run(main())


def test_no_summary_without_a_run(tmp_path):
    async def main() -> None:
        async with Daemon(BENCH, tmp_path, port="/dev/none").running() as daemon:
            with pytest.raises(DaemonError, match="no run yet"):
                daemon.summary(None)
            with pytest.raises(DaemonError, match="no run x"):
                daemon.summary("x")

    asyncio.run(main())


def test_the_socket_is_its_owners_alone(tmp_path):
    async def main() -> None:
        async with Daemon(BENCH, tmp_path, port="/dev/none").running():
            await until((tmp_path / "api.sock").exists)
            assert (tmp_path / "api.sock").stat().st_mode & 0o777 == 0o600
        assert not (tmp_path / "api.sock").exists()

    asyncio.run(main())


@pytest.mark.rule("S13")
def test_a_trip_is_cleared_by_name_and_somebody_vouches(tmp_path):
    box = {"station": "hotplate_box", "sensor": "plate"}

    async def main() -> None:
        daemon = Daemon(BENCH, tmp_path)

        def faults() -> list[str]:
            stations = daemon.status().stations
            return next((s.faults for s in stations if s.station == "hotplate_box"), [])

        async with daemon.running():
            await until(lambda: ready(daemon))
            assert daemon._twin is not None
            await daemon._twin.command("thermistor", **box, fault="open")
            await until(lambda: faults() == ["plate_sensor_open"], within_s=30)
            with ApiClient(tmp_path) as api:

                async def clear(fault: str = "plate_sensor_open", **more: object) -> None:
                    wish = {"vouch": "none", "station": "hotplate_box", **more}
                    await asyncio.to_thread(
                        api.clear, wish["station"], [fault], wish["vouch"], False
                    )

                with pytest.raises(Exception, match="there is no station attic"):
                    await clear(station="attic")
                with pytest.raises(Exception, match="there is no fault cold_feet"):
                    await clear("cold_feet")
                with pytest.raises(Exception, match="refused `clear`"):
                    await clear(vouch="me")  # it is still open
                await daemon._twin.command("thermistor", **box, fault=None)
                async with asyncio.timeout(20):
                    while True:
                        with contextlib.suppress(SoakbenchError):
                            await clear(vouch="me")
                            break
                        await asyncio.sleep(0.1)
                await until(lambda: faults() == [], within_s=30)

    asyncio.run(main())
