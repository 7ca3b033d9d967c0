"""The app as the host sees it: uploads, sessions, stopping, resets, the wrap of the ticks."""

import pytest
from fake_board import ResetError
from fw_rig import (
    CONTACTOR_PIN,
    HEATER_PIN,
    LIGHT_PIN,
    SIMULATOR,
    Rig,
    ageing,
    cell,
    config_blob,
    dark,
    pairs,
    program_blob,
    station,
    thermal,
)

from soakfw import limits, scratch, uploads
from soakwire import blobs, frame, messages, records
from soakwire.layout import LayoutError

WRAP = 1 << 30


def lines(rig):
    """The frames the board has sent since the last call, by kind."""
    text = b"".join(rig.board.outbox)
    rig.board.outbox = []
    return [frame.decode(line) for line in text.split(b"\n") if line]


def say(rig, kind, session, seq, payload=b""):
    rig.board.inbox.extend(frame.encode(kind, session, seq, payload))


def say_command(rig, number, verb, *values):
    payload = messages.COMMAND_HEAD.pack([verb, 0, 0, 0])
    payload += messages.ARGS[verb].pack(list(values))
    say(rig, messages.COMMAND, 9, number, payload)


def greet(rig):
    wanted = messages.HELLO_ACK_LAYOUT.pack([0, 168])
    say(rig, messages.HELLO_ACK, 9, rig.board.boot_id, wanted)
    rig.run(20)


def of_kind(frames, kind):
    return [got for got in frames if got.kind == kind]


@pytest.mark.rule("SE-1", "SE-3")
def test_hello_until_answered():
    rig = Rig()
    rig.run(2000)
    hellos = of_kind(lines(rig), messages.HELLO)
    assert 4 <= len(hellos) <= 6
    hello = messages.HELLO_LAYOUT.unpack_named(hellos[0].payload)
    assert hello["app_state"] == messages.EMPTY
    assert hello["boot_id"] == rig.board.boot_id
    greet(rig)
    lines(rig)
    rig.run(5000)
    assert not of_kind(lines(rig), messages.HELLO)


@pytest.mark.rule("TI-1")
def test_beat_is_answered_and_gives_the_lease():
    rig = Rig()
    greet(rig)
    lines(rig)
    say(rig, messages.BEAT, 9, 3, messages.BEAT_LAYOUT.pack([30000]))
    rig.run(20)
    (state,) = of_kind(lines(rig), messages.STATE)
    assert state.seq == 3
    assert messages.STATE_HEAD.unpack_named(state.payload)["lease_held"] == 1


@pytest.mark.rule("CO-4", "CO-2")
def test_a_command_with_the_same_id_has_effect_once():
    rig = Rig()
    rig.configure()
    greet(rig)
    say_command(rig, 1, messages.LOAD, 0, records.OC, 600000)
    rig.run(2000)
    say_command(rig, 2, messages.LOAD, 0, records.OC, 0)
    rig.run(2000)
    switched = len(rig.events(records.EV_LOAD))
    lines(rig)
    say_command(rig, 1, messages.LOAD, 0, records.OC, 600000)
    rig.run(2000)
    (response,) = of_kind(lines(rig), messages.RESPONSE)
    assert response.seq == 1
    assert messages.RESPONSE_LAYOUT.unpack_from(response.payload) == [0, 0]
    assert len(rig.events(records.EV_LOAD)) == switched == 2


@pytest.mark.rule("CO-6")
def test_arguments_out_of_range_are_refused():
    rig = Rig()
    rig.configure()
    greet(rig)
    lines(rig)
    payload = messages.COMMAND_HEAD.pack([messages.LOAD, 0, 0, 0]) + bytes([0, 3, 0, 0, 0, 0, 0, 0])
    say(rig, messages.COMMAND, 9, 1, payload)
    rig.run(20)
    (response,) = of_kind(lines(rig), messages.RESPONSE)
    reason, _detail = messages.RESPONSE_LAYOUT.unpack_from(response.payload)
    assert reason == messages.REASON_BAD_ARGUMENTS


@pytest.mark.rule("BO-3")
def test_a_host_that_does_not_read_for_half_a_minute_stops_nothing_and_loses_nothing():
    rig = Rig()
    rig.load([(0xFF, [ageing(20000)])], sample_ms=1000)
    greet(rig)
    rig.run(2000)
    taken = b"".join(rig.board.outbox)
    rig.board.outbox = []
    rig.board.host_reads = False
    rig.board.room = 100  # half a line, and a bit of the next packet
    rig.resume()
    rig.run(30000)
    assert rig.track().state == records.DONE  # as the clock says
    times = [r.t_ms for r in rig.records(records.CELLS)]
    assert [then - t for t, then in pairs(times)] == [1000] * (len(times) - 1)
    assert len(times) == 33
    rig.board.host_reads = True
    rig.run(1000)
    taken += b"".join(rig.board.outbox)
    frames = [frame.decode(line) for line in taken.split(b"\n")[:-1]]  # each one is whole
    wanted = 0
    for got in of_kind(frames, messages.RECORDS):
        if got.seq <= wanted:  # everything is sent again after the silence
            wanted = max(wanted, got.seq + len(got.payload) // records.SLOT_SIZE)
    assert wanted == rig.journal.next_seq


@pytest.mark.rule("BO-3", "FR-8")
def test_a_host_that_comes_back_in_mid_line_gets_a_session():
    rig = Rig()
    rig.configure()
    greet(rig)
    rig.board.host_reads = False
    rig.board.room = 70
    rig.run(30000)
    rig.board.host_reads = True
    rig.board.outbox = []
    say(rig, messages.HELLO_REQ, 0, 0)
    rig.run(100)
    rest, *lines_ = b"".join(rig.board.outbox).split(b"\n")
    assert not rest.startswith(b"~")
    assert messages.HELLO in [frame.decode(line).kind for line in lines_ if line]


@pytest.mark.rule("TI-2")
def test_without_a_lease_the_heater_waits_and_both_ends_of_it_are_events():
    rig = Rig()
    rig.configure()
    rig.fit_plate()
    rig.load([(0xFF, [thermal(60000)])])
    rig.resume()
    rig.lease(5000)
    rig.run(4900)
    assert rig.level(CONTACTOR_PIN) == 1
    rig.run(600)
    (hold,) = rig.events(records.EV_HEATER_HOLD)
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0
    on_ms = rig.on_ms
    rig.run(60000)
    assert rig.on_ms == on_ms
    rig.lease(5000)
    rig.run(1000)
    assert rig.level(CONTACTOR_PIN) == 1
    (released,) = rig.events(records.EV_HEATER_RELEASED)
    assert abs(released.values["a"] - (released.t_ms - hold.t_ms)) <= 250


@pytest.mark.rule("CO-8")
def test_a_load_by_hand_returns_to_the_program_at_the_end_of_its_lease():
    rig = Rig()
    rig.load([(0xFF, [dark(600000)])])
    rig.resume()
    rig.run(3000)
    assert rig.app.bench.relays.loads() & 3 == records.OC
    assert rig.command(messages.LOAD, 0, records.SC, 20000) == 0
    rig.run(19000)
    assert rig.app.bench.relays.loads() & 3 == records.SC
    rig.run(2500)
    assert rig.app.bench.relays.loads() & 3 == records.OC
    payload = bytearray(messages.ARGS[messages.LOAD].pack([0, 1, messages.MAX_LEASE_MS]))
    payload[2:6] = (messages.MAX_LEASE_MS + 1).to_bytes(4, "little")
    try:
        rig.app.execute(messages.LOAD, memoryview(payload))
    except LayoutError:
        return
    raise AssertionError("a lease of more than twelve hours")


def test_records_arrive_in_order_and_are_forgotten_when_acknowledged():
    rig = Rig()
    rig.configure()
    greet(rig)
    wanted = 0
    for _ in range(400):
        rig.run(500)
        for got in of_kind(lines(rig), messages.RECORDS):
            assert got.seq == wanted
            wanted += len(got.payload) // records.SLOT_SIZE
        say(rig, messages.ACK, 9, wanted)
        rig.run(1)
    assert wanted > 60
    assert rig.journal.samples.held == rig.journal.events.held == 0


@pytest.mark.rule("CO-7")
def test_a_blob_takes_effect_whole_or_not_at_all():
    rig = Rig()
    blob = config_blob()
    kind = messages.BLOB_CONFIG
    assert rig.command(messages.BLOB_BEGIN, kind, len(blob), 1) == 0
    assert rig.command(messages.BLOB_COMMIT, kind) == messages.REASON_BLOB_INCOMPLETE
    for at in range(0, len(blob), 192):
        assert rig.command(messages.BLOB_DATA, kind, at, data=blob[at : at + 192]) == 0
    assert rig.command(messages.BLOB_DATA, kind, 0, data=b"x") == messages.REASON_BLOB_INCOMPLETE
    assert rig.command(messages.BLOB_COMMIT, kind) == messages.REASON_BLOB_CRC
    assert rig.app.bench is None
    assert rig.board.pins == {}
    assert rig.upload(kind, blob) == 0
    bench = rig.app.bench
    for bad in (blob[:-2], b"\0" * 100, config_blob(cells=[cell(0), cell(0)])):
        assert rig.upload(kind, bad) == messages.REASON_BLOB_INVALID
        assert rig.app.bench is bench


def test_configurations_that_cannot_be_built_are_refused():
    wrong = (
        station(heater_pin=17),  # no plate sensor
        station(heater_pin=25, plate_adc=26),  # the Pico's own LED
        station(plate_adc=22),  # not analog
        station(stage_adc=26, table=None),
        station(light_pin=20),  # the I2C bus
        station(plate_adc=26, stage_adc=26),
    )
    rig = Rig()
    for entry in wrong:
        blob = config_blob(stations=[entry], cells=[])
        assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_BLOB_INVALID


def test_programs_that_do_not_fit_the_bench_are_refused():
    rig = Rig()
    blob = program_blob([(1, [ageing(1)])])
    assert rig.upload(messages.BLOB_PROGRAM, blob) == messages.REASON_NO_CONFIG
    rig.configure()
    wrong = (
        [(0x100, [ageing(1)])],  # no such cell
        [(1, [ageing(1)]), (1, [ageing(1)])],  # one cell in two tracks
        [(1, [ageing(1, station=2)])],
        [(1, [thermal(1, station=SIMULATOR)])],  # no plate there
        [(1, [thermal(1, target=None)])],
        [(1, [dark(1, station=1, goal_kind=blobs.GOAL_DOSE)])],  # no light sensor there
    )
    for tracks in wrong:
        blob = program_blob(tracks)
        assert rig.upload(messages.BLOB_PROGRAM, blob) == messages.REASON_BLOB_INVALID
        assert rig.app.runner is None


def test_blobs_are_refused_while_tracks_run():
    rig = Rig()
    rig.load([(0xFF, [dark(60000)])])
    rig.resume()
    for kind in (messages.BLOB_CONFIG, messages.BLOB_PROGRAM):
        assert rig.command(messages.BLOB_BEGIN, kind, 10, 0) == messages.REASON_BUSY


@pytest.mark.rule("CO-7")
def test_a_refused_program_leaves_the_one_that_is_loaded():
    rig = Rig()
    rig.load([(0xFF, [dark(60000)])])
    other = program_blob([(1, [ageing(1, station=3)])])
    assert rig.upload(messages.BLOB_PROGRAM, other) == messages.REASON_BLOB_INVALID
    rig.resume()
    rig.run(70000, lambda: rig.track().state == records.DONE)
    (end,) = rig.events(records.EV_STEP_END)
    assert end.values["delivered"] == 60000


@pytest.mark.rule("CO-7")
def test_programs_take_turns_in_the_buffer():
    rig = Rig()
    for length in (3, 60, 100, 10):
        rig.load([(0xFF, [dark(length * 1000)] * length)])
        rig.configure()  # any configuration fits beside a program, and ends it
        rig.load([(0xFF, [dark(length * 1000)] * length)])
        rig.resume()
        rig.run(1500)
        assert rig.track().wanted["goal"] == length * 1000
        assert rig.command(messages.PAUSE, None) == 0
        rig.stop()


@pytest.mark.rule("CO-7")
def test_beside_the_longest_program_no_other_one_fits_until_it_is_stopped():
    rig = Rig()
    longest = [(0x0F, [dark(1000, cells=0x0F)] * 128), (0xF0, [dark(1000, cells=0xF0)] * 125)]
    rig.load(longest)
    blob = program_blob(longest)
    assert len(blob) <= blobs.MAX_BLOB
    assert rig.upload(messages.BLOB_PROGRAM, blob) == messages.REASON_BUSY
    rig.resume()
    rig.run(3000)
    assert rig.track(1).step == 2  # the old one stays whole
    rig.stop()
    assert rig.upload(messages.BLOB_PROGRAM, blob) == 0


def test_the_buffer_has_room_for_the_largest_configuration():
    tables = 4 * 2 * blobs.TABLE_POINTS
    size = blobs.CONFIG_HEAD.size + blobs.MAX_STATIONS * blobs.CONFIG_STATION.size
    size += blobs.MAX_CELLS * blobs.CONFIG_CELL.size
    size += blobs.MAX_CONVERTERS * blobs.CONFIG_CONVERTER.size
    assert size + tables == uploads.MAX_CONFIG


def is_safe(rig):
    """The safe state on the pins: coils off put every cell at its power-off load."""
    return all(rig.level(gpio) == 0 for gpio in range(19))


def test_stop_is_the_safe_state_within_a_second():
    rig = Rig()
    rig.configure()
    rig.fit_plate()
    rig.load([(0x0F, [ageing(60000, cells=0x0F)]), (0xF0, [thermal(60000, cells=0xF0)])])
    assert rig.command(messages.MEASURE_CELL, 0, 60000) == 0
    rig.resume()
    rig.run(5000)
    assert rig.level(LIGHT_PIN) == rig.level(HEATER_PIN) == rig.level(8) == 1
    assert rig.command(messages.STOP) == 0
    assert rig.level(LIGHT_PIN) == rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0
    rig.run(100)
    assert is_safe(rig)
    assert rig.app.runner is None
    rig.run(10000)
    assert is_safe(rig)


def test_the_end_of_the_program_is_the_safe_state():
    rig = Rig()
    rig.load([(0xFF, [ageing(3000)])])
    rig.resume()
    rig.run(5000, lambda: rig.track().state == records.DONE)
    rig.run(100)
    assert is_safe(rig)
    assert rig.app.hello_values()["app_state"] == messages.FINISHED


def test_before_a_reset_outputs_drop_at_once():
    rig = Rig()
    rig.configure()
    rig.fit_plate()
    rig.load([(0xFF, [ageing(60000)])])
    rig.command(messages.MEASURE_CELL, 2, 60000)
    rig.resume()
    rig.run(5000)
    rig.app.drop_outputs()
    assert all(rig.level(gpio) == 0 for gpio in range(8, 19))


@pytest.mark.rule("TX-5")
def test_maintenance_answers_first_then_restarts():
    rig = Rig()
    rig.configure()
    greet(rig)
    lines(rig)
    say_command(rig, 1, messages.MAINTENANCE)
    try:
        rig.run(2000)
    except ResetError as reset:
        assert reset.cause == messages.CAUSE_MAINTENANCE
    else:
        raise AssertionError("no reset")
    assert of_kind(lines(rig), messages.RESPONSE)


def test_three_fast_resets_leave_the_board_talking_only():
    rig = Rig(fast_resets=limits.FAST_RESETS)
    reason = rig.command(messages.BLOB_BEGIN, messages.BLOB_CONFIG, 10, 0)
    assert reason == messages.REASON_SAFE_IDLE
    rig.run(limits.FAST_RESET_MS + 1000)
    assert rig.board.kept[scratch.CAUSE] == scratch.pack_cause(0, 0)


def test_what_the_scratch_register_says_about_a_boot():
    exception = scratch.pack_cause(messages.CAUSE_EXCEPTION, 2)
    running = scratch.pack_cause(0, 1)
    assert scratch.boot_cause(0, by_watchdog=False) == messages.CAUSE_POWER_ON
    assert scratch.boot_cause(exception, by_watchdog=True) == messages.CAUSE_EXCEPTION
    assert scratch.boot_cause(running, by_watchdog=True) == messages.CAUSE_WATCHDOG
    assert scratch.fast_resets(exception, messages.CAUSE_EXCEPTION) == 3
    assert scratch.fast_resets(running, messages.CAUSE_WATCHDOG) == 2
    assert scratch.fast_resets(exception, messages.CAUSE_MAINTENANCE) == 0


@pytest.mark.rule("TI-3")
def test_a_run_across_the_wrap_of_the_ticks():
    rig = Rig(start=WRAP - 30000)
    rig.configure()
    rig.fit_plate(45.0)
    rig.load([(0x0F, [ageing(60000, cells=0x0F)]), (0xF0, [thermal(20000, cells=0xF0)])])
    rig.resume()
    assert rig.run(100000, lambda: rig.track(0).state == records.DONE)
    begun = WRAP - 30000
    (end,) = [r for r in rig.events(records.EV_STEP_END) if r.values["track"] == 0]
    assert end.values["delivered"] == 60000
    assert 60000 <= end.t_ms - begun <= 61500
    times = [r.t_ms for r in rig.records(records.CELLS)]
    assert times == sorted(times)
    assert times[-1] > WRAP
    assert rig.track(1).delivered == 20000


def test_integers_stay_small_in_the_steady_state():
    """What the RP2040 would allocate for: values of 2**30 and more in accounts and control."""
    rig = Rig()
    rig.configure()
    rig.fit_plate()
    rig.load([(0x0F, [ageing(60000, cells=0x0F)]), (0xF0, [thermal(60000, cells=0xF0)])])
    rig.resume()
    rig.run(120000)
    heater = rig.app.bench.stations[1].heater
    for part in (heater.pulse, heater._law, rig.track(0), rig.track(1), rig.app):
        for name, value in part.__dict__.items():
            if isinstance(value, int) and name != "_config_crc":
                assert -WRAP <= value < WRAP, name
