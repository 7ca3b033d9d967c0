"""A track that somebody has paused stays as it is, whatever restarts meanwhile."""

from people import orders
from rehearsing import OC_DARK, assert_passed, fault, play

from soakbench.daemon.engine import Engine
from soakbench.status import Order


async def pause(engine: Engine) -> None:
    await engine.pause(Order(track="a", who="anna"))


async def resume(engine: Engine) -> None:
    await engine.resume(Order(track="a", who="anna"))


def test_cells_keep_their_loads_in_a_pause_over_a_reset_of_the_board(tmp_path, monkeypatch):
    """At rest they are at SC. After the reset they are at OC again while the track still waits."""
    orders(monkeypatch, (120.0, pause), (300.0, resume))
    done = play(tmp_path, fault("board_reset", "200 s"), plan=OC_DARK)
    assert_passed(done.report)
    loads = done.column(
        "SELECT DISTINCT load FROM cell_sample WHERE cell < 4 AND t_utc_ms BETWEEN"
        " (SELECT max(seen_utc_ms) FROM boot) + 15000 AND"
        " (SELECT utc_ms FROM note WHERE kind = 'resume') - 1000"
    )
    assert loads == ["OC"]
    lit = done.count(
        "SELECT count(*) FROM station_sample WHERE outputs LIKE '%light%' AND t_utc_ms BETWEEN"
        " (SELECT utc_ms FROM note WHERE kind = 'pause') + 3000 AND"
        " (SELECT utc_ms FROM note WHERE kind = 'resume')"
    )
    assert lit == 0
