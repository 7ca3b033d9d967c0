"""The session of a calibration on a real twin: its process, its port, its sockets."""

import asyncio
from pathlib import Path

import pytest

from soakbench.api import ApiClient
from soakbench.assets import find_bench
from soakbench.cli.session import BenchSession, Here, bench_session, refuse_daemon
from soakbench.config import load_bench
from soakbench.errors import ConfigError, DaemonError

DARK = """
[plan]
name = "dark"
sample_s = 0.2
fast_sample_s = 0.2
[tracks.a]
cells = []
station = "simulator"
phases = [{ phase = "dark_recovery", until = "%s" }]
"""


def test_it_opens_the_bench_runs_a_plan_and_keeps_the_records(tmp_path: Path) -> None:
    here = Here(load_bench(find_bench("twin")), "twin", tmp_path, None)

    async def main() -> tuple[str, str, int]:
        async with bench_session(here) as session:
            with pytest.raises(DaemonError, match="a daemon keeps"):  # we are one, for others
                await asyncio.to_thread(refuse_daemon, tmp_path)
            with pytest.raises(ConfigError):
                await session.run(DARK % "never", lambda status: False)
            whole = await session.run(DARK % "1 s", lambda status: False)
            cut = await session.run(DARK % "1 h", lambda status: count(session) > 0)
            rows = session.store.rows(
                "SELECT count(*) AS n FROM station_sample WHERE run = ?", (whole.run,)
            )
            return whole.state, cut.state, rows[0]["n"]

    whole, cut, samples = asyncio.run(main())
    assert (whole, cut) == ("finished", "stopped")
    assert samples >= 2 * 5  # two stations, five times a second
    with ApiClient(tmp_path) as client:
        assert not client.is_running()


def count(session: BenchSession) -> int:
    return len(session.status().stations)
