"""Each kind of fault: it happens, it is seen in the records, and no rule is broken."""

import pytest
from rehearsing import OC_DARK, Rehearsed, assert_passed, fault, play

from soakbench.config.faults import Lamp
from soakbench.rehearsal.faults import Flicker
from soakwire import records

# When there is light, and when the plate is warm; samples are taken on the tens.
LIGHT, WARM = "186 s", "606 s"


@pytest.mark.parametrize("at", [LIGHT, WARM])
def test_a_pulled_cable_delays_records(tmp_path, at):
    done = play(tmp_path, fault("cable_out", at, for_="90 s"))
    assert_passed(done.report)
    assert done.count("SELECT count(*) FROM record WHERE hist") > 10
    held = done.events("heater_hold")
    assert bool(held) == (at == WARM), "the lease runs out, the heater waits for the host"
    assert len(done.events("heater_released")) == len(held)


def test_flipped_bits_cost_frames_and_no_records(tmp_path):
    done = play(tmp_path, fault("noisy_cable", "1 min", rate=0.001, for_="8 min"))
    assert_passed(done.report)
    assert done.count("SELECT count(*) FROM record WHERE hist") > 0


@pytest.mark.parametrize("at", [LIGHT, WARM])
@pytest.mark.parametrize(
    ("kind", "lasts", "cause"),
    [
        ("board_reset", {}, "watchdog"),
        ("board_hang", {}, "watchdog"),
        ("power_cut", {"for_": "30 s"}, "power_on"),
    ],
)
def test_a_board_that_restarts_goes_on_where_it_was(tmp_path, kind, lasts, cause, at):
    done = play(tmp_path, fault(kind, at, **lasts))
    assert_passed(done.report)
    causes = done.column("SELECT reset_cause FROM boot ORDER BY seen_utc_ms")
    assert causes == ["power_on", cause]
    assert any("the board restarted" in text for text in done.report.deviations)
    assert done.report.simulated_s > 975, "what was delivered since the last record is not counted"


@pytest.mark.parametrize("at", ["2 s", "3 s", LIGHT, WARM])
def test_a_killed_daemon_takes_the_run_up_again(tmp_path, at):
    done = play(tmp_path, fault("daemon_killed", at))
    assert_passed(done.report)
    assert done.report.lives == 2
    assert done.count("SELECT count(*) FROM run") == 1
    assert done.report.deviations == []


def test_a_daemon_that_dies_in_the_middle_of_commits_loses_nothing(tmp_path):
    # Light: a sample is due every second or ten, and a daemon is back after one second. Each life
    # ends a little later after its begin than the one before.
    moments = [f"{10 + n + n * n * 0.003:.3f} s" for n in range(1, 9)]
    done = play(tmp_path, *(fault("daemon_killed", at) for at in moments), plan=OC_DARK)
    assert_passed(done.report)
    assert done.report.lives == 9


def test_a_computer_that_is_off_comes_back_to_records_that_waited(tmp_path):
    done = play(tmp_path, fault("host_away", WARM, for_="2 min"))
    assert_passed(done.report)
    assert done.report.lives == 2
    assert done.count("SELECT count(*) FROM record WHERE hist") > 10
    assert len(done.events("heater_hold")) == 1


def test_a_broker_that_is_away_gets_everything_later_and_changes_nothing_else(tmp_path):
    plain = play(tmp_path / "plain")
    done = play(tmp_path / "away", fault("broker_away", LIGHT, for_="5 min"))
    gone = play(tmp_path / "gone", fault("broker_away", LIGHT, for_="5 h"))
    for each in (done, gone):
        assert_passed(each.report)
        assert each.report.db_hash == plain.report.db_hash
    assert done.count("SELECT count(*) FROM record WHERE NOT published") == 0
    assert gone.count("SELECT count(*) FROM record WHERE NOT published") > 100


@pytest.mark.parametrize("by", ["-5 min", "3 s"])
def test_a_clock_that_is_set_begins_a_new_fit(tmp_path, by):
    done = play(tmp_path, fault("host_clock", LIGHT, by=by))
    assert_passed(done.report)
    assert done.count("SELECT count(DISTINCT segment) FROM clock_fit") == 2
    assert done.count("SELECT count(*) FROM note WHERE kind = 'clock'") == 1


@pytest.mark.parametrize("how", ["open", "short"])
def test_a_broken_stage_sensor_reads_nothing(tmp_path, how):
    broken = {"station": "simulator", "sensor": "stage"}
    done = play(tmp_path, fault("thermistor", LIGHT, how=how, for_="1 min", **broken))
    assert_passed(done.report)
    (seen,) = done.events("fault")
    assert seen["a"] == 16
    nothing = "SELECT count(*) FROM station_sample WHERE station = 0 AND stage_c IS NULL"
    assert 4 <= done.count(nothing) <= 7


def test_a_stuck_sensor_says_what_it_said(tmp_path):
    broken = {"station": "simulator", "sensor": "stage", "how": "stuck"}
    done = play(tmp_path, fault("thermistor", LIGHT, for_="2 min", **broken))
    assert_passed(done.report)
    stage_c = done.column(
        "SELECT stage_c FROM station_sample WHERE station = 0"
        " AND t_device_ms BETWEEN 185000 AND 295000"
    )
    assert len(stage_c) > 8
    assert max(stage_c) - min(stage_c) < 0.2, "it warms by several degrees otherwise"


def test_a_sensor_that_is_off_makes_the_plate_warmer_than_it_says(tmp_path):
    broken = {"station": "hotplate_box", "sensor": "plate", "how": "offset", "offset": "-2 °C"}
    plain = play(tmp_path / "plain")
    done = play(tmp_path / "off", fault("thermistor", "7 min", for_="9 min", **broken))
    assert_passed(done.report)
    highest = [each.report.verdict.highest_c["hotplate_box"] for each in (plain, done)]
    assert highest[1] - highest[0] == pytest.approx(2, abs=0.5)


def test_a_broken_plate_sensor_trips_the_heater_for_good(tmp_path):
    broken = {"station": "hotplate_box", "sensor": "plate", "how": "open"}
    done = play(tmp_path, fault("thermistor", WARM, for_="1 min", **broken))
    assert done.report.violations == []
    (trip,) = done.report.trips
    assert (trip.station, trip.faults) == ("hotplate_box", ["plate_sensor_open"])
    assert "track thermal is paused" in done.report.why_not


def test_a_dead_heater_relay_lets_the_plate_cool_down(tmp_path):
    done = play(tmp_path, fault("ssr", WARM, station="hotplate_box", how="dead", for_="50 s"))
    assert_passed(done.report)
    assert done.report.simulated_s > 0
    left_band = "SELECT count(*) FROM event WHERE event = 'out_of_condition' AND track = 1"
    assert done.count(left_band) >= 1


def test_a_heater_relay_that_stays_dead_trips(tmp_path):
    done = play(tmp_path, fault("ssr", WARM, station="hotplate_box", how="dead"))
    assert done.report.violations == []
    (trip,) = done.report.trips
    assert "no_temperature_rise" in trip.faults


def test_a_welded_heater_relay_is_cut_off_by_the_contactor(tmp_path):
    done = play(tmp_path, fault("ssr", WARM, station="hotplate_box", how="welded", for_="9 min"))
    assert done.report.violations == []
    (trip,) = done.report.trips
    assert trip.faults == ["heater_stuck_on"]
    assert done.report.verdict.highest_c["hotplate_box"] < 60


@pytest.mark.parametrize(
    ("how", "dimmest", "longer_s"), [("dead", 0.0, 60), ("drift", 0.9, 0), ("flicker", 0.3, 20)]
)
def test_a_bad_lamp_is_logged_and_its_dose_counted_as_it_was(tmp_path, how, dimmest, longer_s):
    plain = play(tmp_path / "plain", plan=OC_DARK)
    to = {} if how == "dead" else {"to": dimmest}
    done = play(tmp_path / "bad", fault("lamp", LIGHT, how=how, for_="1 min", **to), plan=OC_DARK)
    assert_passed(done.report)
    suns = done.column(
        "SELECT light_suns FROM station_sample WHERE station = 0"
        " AND t_device_ms BETWEEN 183000 AND 238000"
    )
    assert min(suns) == pytest.approx(dimmest, abs=0.02)
    assert done.report.simulated_s - plain.report.simulated_s >= longer_s - 2


def test_light_that_leaks_in_is_no_darkness(tmp_path):
    leak = fault("light_leak", WARM, station="hotplate_box", lux=50, for_="1 min")
    done = play(tmp_path, leak)
    assert_passed(done.report)
    lux = done.column("SELECT lux FROM station_sample WHERE station = 1 AND lux IS NOT NULL")
    assert max(lux) == pytest.approx(50, abs=1)
    assert len(done.events("out_of_condition")) >= 1


def test_a_relay_that_sticks_harms_no_record(tmp_path):
    plain = play(tmp_path / "plain")
    done = play(tmp_path / "stuck", fault("relay_stuck", LIGHT, cell="A1", for_="9 min"))
    assert_passed(done.report)
    assert done.report.db_hash == plain.report.db_hash, "nothing on this bench senses a cell"


def test_a_silent_lux_sensor_says_nothing_and_answers_again(tmp_path):
    gone = {"station": "hotplate_box", "sensor": "lux"}
    done = play(tmp_path, fault("device_silent", LIGHT, for_="1 min", **gone))
    assert_passed(done.report)
    (seen,) = done.events("fault")
    assert seen["a"] == records.FAULT_LUX
    assert 4 <= lux_gaps(done) <= 8


def test_a_shorted_bus_silences_what_is_on_it(tmp_path):
    done = play(tmp_path, fault("i2c_short", LIGHT, for_="1 min"))
    assert_passed(done.report)
    assert 4 <= lux_gaps(done) <= 8


def lux_gaps(done: Rehearsed) -> int:
    """Samples without lux from the begin of the fault on, and a minute after its end."""
    return done.count(
        "SELECT count(*) FROM station_sample WHERE station = 1 AND lux IS NULL"
        " AND t_device_ms BETWEEN 183000 AND 303000"
    )


def test_a_cell_without_contact_harms_no_record_where_nothing_senses_it(tmp_path):
    plain = play(tmp_path / "plain")
    done = play(tmp_path / "bad", fault("cell_contact", LIGHT, cell="A1", how="none", for_="1 min"))
    assert_passed(done.report)
    assert done.report.db_hash == plain.report.db_hash


def test_a_noisy_converter_shows_in_the_samples(tmp_path):
    def spread(*faults: str) -> float:
        done = play(tmp_path / str(len(faults)), *faults)
        assert_passed(done.report)
        suns = done.column(
            "SELECT light_suns FROM station_sample WHERE station = 0"
            " AND t_device_ms BETWEEN 183000 AND 297000"
        )
        return max(suns) - min(suns)

    assert spread(fault("adc_noise", LIGHT, lsb=20, for_="2 min")) > 2 * spread()


def test_flicker_is_on_and_off_in_turn():
    levels: list[float] = []
    later: list[tuple[int, object]] = []

    class Schedule:
        def at(self, ms, action):
            later.append((ms, action))

    lamp = Lamp.model_validate({"fault": "lamp", "at": "10 s", "how": "flicker", "to": 0.5})
    flicker = Flicker(Schedule(), levels.append, lamp)
    flicker.begin()
    for number in range(3):
        ms, action = later[number]
        assert ms == 11_000 + 1000 * number
        action()
    flicker.end()
    later[3][1]()
    assert levels == [0.5, 1.0, 0.5, 1.0, 1.0]
    assert len(later) == 4


def test_a_board_that_restarts_when_one_track_is_done_goes_on_with_the_other(tmp_path):
    done = play(tmp_path, fault("power_cut", "14 min", for_="5 s"))
    assert done.report.why_not == ""
    assert_passed(done.report)
