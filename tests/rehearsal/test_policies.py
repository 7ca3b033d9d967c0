"""What a plan says to do about trouble is done, whoever sleeps."""

import pytest
from rehearsing import OC_DARK, SPLIT, Rehearsed, assert_passed, fault, play

MINUTE_MS = 60_000


def with_policy(line: str, plan: str = OC_DARK) -> str:
    head, tail = plan.split("sample_s = 10\n", 1)
    return f"{head}sample_s = 10\n{line}\n{tail}"


def notes(done: Rehearsed, kind: str) -> list[object]:
    return done.column(f"SELECT text FROM note WHERE kind = '{kind}' ORDER BY id")


DEAD_LAMP = fault("lamp", "2 min", for_="4 min", how="dead")


def test_a_lamp_that_is_back_goes_on_by_itself(tmp_path):
    done = play(tmp_path, DEAD_LAMP, plan=OC_DARK)
    assert_passed(done.report)
    assert notes(done, "pause") == []
    assert done.report.summary.phases[1].delivered == pytest.approx(5 / 60, abs=0.001)


def test_a_lamp_failure_pauses_the_track_until_somebody_resumes(tmp_path):
    plan = with_policy('lamp_failure = "pause after 1 min"')
    done = play(tmp_path, DEAD_LAMP, plan=plan, operator_delay_ms=6 * MINUTE_MS)
    assert_passed(done.report)
    assert notes(done, "pause") == [
        "track a paused: not the light that the plan wants for 1 min; lamp_failure of the plan"
    ]
    assert notes(done, "resume") == ["track a resumed after 6 min"]
    kinds = {d.kind: d for d in done.report.summary.deviations}
    assert kinds["out_of_condition"].length_s == pytest.approx(60, abs=7)
    assert kinds["paused"].length_s == pytest.approx(360, abs=7)


def test_a_lamp_failure_ends_the_phase(tmp_path):
    plan = with_policy('lamp_failure = "skip after 1 min"')
    done = play(tmp_path, DEAD_LAMP, plan=plan)
    assert notes(done, "skip") == [
        "track a: ageing (phase 2) skipped: not the light that the plan wants for 1 min;"
        " lamp_failure of the plan"
    ]
    ageing = done.report.summary.phases[1]
    assert (ageing.state, ageing.delivered) == ("skipped", pytest.approx(2 / 60, abs=0.003))
    assert done.report.summary.phases[3].delivered == pytest.approx(5 / 60, abs=0.001)


def test_a_lamp_failure_ends_the_run(tmp_path):
    plan = with_policy('lamp_failure = "stop after 1 min"')
    done = play(tmp_path, DEAD_LAMP, plan=plan)
    assert done.report.why_not == "the run has stopped"
    assert notes(done, "stop") == [
        "track a: ageing (phase 2): the run is to be ended: not the light that the plan wants for"
        " 1 min; lamp_failure of the plan"
    ]


def test_a_lamp_failure_that_a_restarted_daemon_finds_counts_from_its_begin(tmp_path):
    plan = with_policy('lamp_failure = "pause after 2 min"')
    killed = fault("daemon_killed", "3 min")
    done = play(tmp_path, DEAD_LAMP, killed, plan=plan, operator_delay_ms=6 * MINUTE_MS)
    assert_passed(done.report)
    out = next(d for d in done.report.summary.deviations if d.kind == "out_of_condition")
    assert out.length_s == pytest.approx(120, abs=7)


def test_light_in_the_dark_box_pauses_the_track(tmp_path):
    """The recovery on the plate is from about 9 min on; the box leaks from 10 min on."""
    plan = with_policy('light_leak = "pause after 30 s"', SPLIT)
    leak = fault("light_leak", "10 min", station="hotplate_box", lux=50, for_="2 min")
    done = play(tmp_path, leak, plan=plan, operator_delay_ms=3 * MINUTE_MS)
    assert_passed(done.report)
    assert notes(done, "pause") == [
        "track thermal paused: light where it is to be dark for 30 s; light_leak of the plan"
    ]


TRIP = fault("thermistor", "606 s", station="hotplate_box", sensor="plate", how="open")


def test_after_a_trip_the_plan_may_go_on_without_heat(tmp_path):
    plan = with_policy('trip = "skip"', SPLIT)
    done = play(tmp_path, TRIP, plan=plan)
    assert done.report.why_not == ""
    (text,) = notes(done, "skip")
    assert text == (
        "track thermal: thermal_recovery (phase 3) skipped: a safety rule has paused it; trip of"
        " the plan"
    )


def test_after_a_trip_the_plan_may_end_the_run(tmp_path):
    done = play(tmp_path, TRIP, plan=with_policy('trip = "stop"', SPLIT))
    assert done.report.why_not == "the run has stopped"


def test_a_phase_that_runs_into_its_time_out_is_left(tmp_path):
    ageing = 'until = "5 min"\nlight = "1 sun"\n'
    plan = OC_DARK.replace(ageing, f'{ageing}timeout = "6 min"\non_timeout = "skip"\n')
    done = play(tmp_path, fault("lamp", "2 min", for_="10 min", how="dead"), plan=plan)
    assert done.report.why_not == ""
    assert notes(done, "skip") == [
        "track a: ageing (phase 2) skipped: the phase has run into its time-out; on_timeout of the"
        " plan"
    ]


CONFIRM = 'message = "Move substrate B"\nstation = "hotplate_box"\n'


def test_nobody_confirms_and_is_reminded_until_the_run_is_ended(tmp_path):
    plan = with_policy('operator_absence = "stop after 3 h"\nremind = "30 min"', SPLIT)
    done = play(tmp_path, plan=plan, operator_delay_ms=10 * 60 * MINUTE_MS)
    assert done.report.why_not == "the run has stopped"
    reminders = notes(done, "reminder")
    assert len(reminders) == 3, "after 30 min, 1 h and 2 h"
    assert str(reminders[0]).startswith("track thermal waits since 20")
    assert str(reminders[0]).endswith(" UTC for somebody to confirm: Move substrate B")
    (why,) = notes(done, "stop")
    assert str(why).endswith("nobody has confirmed for 3 h; operator_absence of the plan")


def test_a_confirm_has_a_time_out_of_its_own(tmp_path):
    plan = SPLIT.replace(CONFIRM, 'message = "Look"\ntimeout = "20 min"\non_timeout = "skip"\n')
    plan = plan.replace('phase = "thermal_recovery"', 'phase = "dark_recovery"')
    plan = plan.replace('temperature = "50 °C"\n', "")
    done = play(tmp_path, plan=plan, operator_delay_ms=10 * 60 * MINUTE_MS)
    assert_passed(done.report)
    (why,) = notes(done, "skip")
    assert str(why).endswith("nobody has confirmed for 20 min; on_timeout of the plan")


def test_sensors_confirm_once_the_box_was_opened_and_is_dark_again(tmp_path):
    plan = SPLIT.replace(CONFIRM, CONFIRM + 'by_sensors = ["dark"]\nsteady = "2 min"\n')
    done = play(tmp_path, plan=plan, operator_delay_ms=5 * MINUTE_MS)
    assert_passed(done.report)
    assert notes(done, "confirm") == [
        "confirmed thermal by sensors: the box was opened and is dark again"
    ]
    waited = next(p for p in done.report.summary.phases if p.phase == "confirm")
    assert waited.state == "done"
    (begin,) = done.column("SELECT min(t_utc_ms) FROM event WHERE event = 'barrier'")
    (confirmed,) = done.column("SELECT utc_ms FROM note WHERE kind = 'confirm'")
    assert (confirmed - begin) / MINUTE_MS == pytest.approx(5 + 0.5 + 2, abs=0.5)
