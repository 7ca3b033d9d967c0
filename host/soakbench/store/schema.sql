-- One database per data directory. Authoritative for everything recorded.
-- Times: *_utc_ms are milliseconds since 1970; *_device_ms are the board's own clock, never set.

CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A start of a board. `produced` is the highest number of records it has reported so far.
-- `lost_from` is set when the board shows another boot: what was not on disk from there on died in
-- its memory. The record of that number is the host's open-ended LOSS.
CREATE TABLE IF NOT EXISTS boot (
    device        TEXT    NOT NULL,
    boot          TEXT    NOT NULL,
    seen_utc_ms   INTEGER NOT NULL,
    reset_cause   TEXT    NOT NULL,
    firmware      TEXT    NOT NULL,
    produced      INTEGER NOT NULL DEFAULT 0,
    lost_from     INTEGER,
    PRIMARY KEY (device, boot)
) WITHOUT ROWID;

-- Every record of every board, once. `slot` is the record as the board made it; `body` is the same
-- decoded to units, for queries; a slot that cannot be decoded has the kind 'unknown'. `fit` is the
-- version of the clock_fit that t_utc_ms comes from. `published` becomes 1 when the broker has
-- acknowledged it.
CREATE TABLE IF NOT EXISTS record (
    device      TEXT    NOT NULL,
    boot        TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    place       INTEGER NOT NULL,
    t_device_ms INTEGER NOT NULL,
    t_utc_ms    INTEGER NOT NULL,
    t_err_ms    INTEGER NOT NULL,
    hist        INTEGER NOT NULL,
    run         TEXT,
    slot        BLOB    NOT NULL,
    body        TEXT    NOT NULL,
    published   INTEGER NOT NULL DEFAULT 0,
    fit         INTEGER,
    PRIMARY KEY (device, boot, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_of_run ON record (run, kind, place) WHERE run IS NOT NULL;
CREATE INDEX IF NOT EXISTS record_outbox ON record (t_utc_ms) WHERE published = 0;

-- Measurements of a boot's clock: at device_ms of the board it was utc_ms here, to half_ms. About
-- one a minute, the best of it. A computer clock that is set begins a new segment.
CREATE TABLE IF NOT EXISTS clock_point (
    device    TEXT    NOT NULL,
    boot      TEXT    NOT NULL,
    device_ms INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    utc_ms    INTEGER NOT NULL,
    half_ms   INTEGER NOT NULL,
    PRIMARY KEY (device, boot, device_ms)
) WITHOUT ROWID;

-- The lines through them: t = device time - device_ms; UTC = utc_ms + t * (1 + drift_ppm / 1e6),
-- give or take error_ms + (drift_error_ppm * distance from device_ms
-- + wander_ppm * distance outside of from_ms..to_ms) / 1e6.
CREATE TABLE IF NOT EXISTS clock_fit (
    device          TEXT    NOT NULL,
    boot            TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    segment         INTEGER NOT NULL,
    made_utc_ms     INTEGER NOT NULL,
    points          INTEGER NOT NULL,
    device_ms       INTEGER NOT NULL,
    utc_ms          REAL    NOT NULL,
    drift_ppm       REAL    NOT NULL,
    error_ms        REAL    NOT NULL,
    drift_error_ppm REAL    NOT NULL,
    wander_ppm      REAL    NOT NULL,
    from_ms         INTEGER NOT NULL,
    to_ms           INTEGER NOT NULL,
    PRIMARY KEY (device, boot, version)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS run (
    run            TEXT PRIMARY KEY,
    plan           TEXT    NOT NULL,
    title          TEXT    NOT NULL,
    plan_toml      TEXT    NOT NULL,
    bench_toml     TEXT    NOT NULL,
    accelerate     REAL    NOT NULL,
    program_id     INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    message        TEXT    NOT NULL DEFAULT '',
    created_utc_ms INTEGER NOT NULL,
    started_utc_ms INTEGER,
    ended_utc_ms   INTEGER
) WITHOUT ROWID;

-- The devices on the bench during a run, by its bench file and its list of cells; `cell` is a place,
-- `id` what is written on the device there. NULL where nothing was said.
CREATE TABLE IF NOT EXISTS cell_of_run (
    run          TEXT NOT NULL REFERENCES run,
    cell         TEXT NOT NULL,
    id           TEXT,
    substrate    TEXT,
    aperture_cm2 REAL,
    recipe       TEXT,
    mask         TEXT,
    made         TEXT,
    note         TEXT,
    PRIMARY KEY (run, cell)
) WITHOUT ROWID;

-- Plans that wait for their turn, in order of their numbers, which are never used again. A row goes
-- away in the transaction that makes its run. `begin_utc_ms`: not before.
CREATE TABLE IF NOT EXISTS queue (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    bench         TEXT    NOT NULL,
    plan          TEXT    NOT NULL,
    plan_toml     TEXT    NOT NULL,
    accelerate    REAL    NOT NULL,
    cells         TEXT    NOT NULL,
    cells_csv     TEXT    NOT NULL,
    begin_utc_ms  INTEGER,
    who           TEXT    NOT NULL,
    queued_utc_ms INTEGER NOT NULL
);

-- Runs that were stopped or have failed, and who has let the queue go on after them.
CREATE TABLE IF NOT EXISTS queue_resumed (
    run    TEXT    PRIMARY KEY REFERENCES run,
    utc_ms INTEGER NOT NULL,
    who    TEXT    NOT NULL
) WITHOUT ROWID;

-- Which records of which boot belong to a run: first_seq <= seq < end_seq.
CREATE TABLE IF NOT EXISTS run_boot (
    run       TEXT    NOT NULL REFERENCES run,
    device    TEXT    NOT NULL,
    boot      TEXT    NOT NULL,
    first_seq INTEGER NOT NULL,
    end_seq   INTEGER NOT NULL,
    PRIMARY KEY (run, device, boot)
) WITHOUT ROWID;

-- How far each track is, written in the same transaction as the record that says so. A board that
-- has restarted is sent back to exactly this place.
CREATE TABLE IF NOT EXISTS progress (
    run        TEXT    NOT NULL REFERENCES run,
    track      INTEGER NOT NULL,
    step       INTEGER NOT NULL,
    cycle      INTEGER NOT NULL,
    delivered  INTEGER NOT NULL,
    dose       INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    t_utc_ms   INTEGER NOT NULL,
    PRIMARY KEY (run, track)
) WITHOUT ROWID;

-- What the host did or noticed, and what people did (`who`). `deviation` marks what a report must
-- list.
CREATE TABLE IF NOT EXISTS note (
    id        INTEGER PRIMARY KEY,
    utc_ms    INTEGER NOT NULL,
    run       TEXT,
    kind      TEXT    NOT NULL,
    deviation INTEGER NOT NULL DEFAULT 0,
    text      TEXT    NOT NULL,
    who       TEXT    NOT NULL DEFAULT ''
);

-- What people have ordered and what holds until they say otherwise: tracks that wait, places
-- (a passage through a phase) that a track leaves as soon as it is there, and places with another
-- goal than the plan's, in milli-units as on the wire.
CREATE TABLE IF NOT EXISTS paused (
    run          TEXT    NOT NULL REFERENCES run,
    track        INTEGER NOT NULL,
    since_utc_ms INTEGER NOT NULL,
    cause        TEXT    NOT NULL,
    why          TEXT    NOT NULL,
    PRIMARY KEY (run, track)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skipped (
    run   TEXT    NOT NULL REFERENCES run,
    track INTEGER NOT NULL,
    step  INTEGER NOT NULL,
    cycle INTEGER NOT NULL,
    PRIMARY KEY (run, track, step, cycle)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS extended (
    run   TEXT    NOT NULL REFERENCES run,
    track INTEGER NOT NULL,
    step  INTEGER NOT NULL,
    cycle INTEGER NOT NULL,
    goal  INTEGER NOT NULL,
    PRIMARY KEY (run, track, step, cycle)
) WITHOUT ROWID;

-- Episodes in which the records contradict the commanded condition, by rule and subject (a cell, a
-- station, a converter). Values are in `unit` (mV, uA, suns, lux); `cells` is a JSON list. `note` is
-- the note of the run that says the same in words. `told` to the broker: 1 its begin, 2 its end.
CREATE TABLE IF NOT EXISTS finding (
    run          TEXT    NOT NULL REFERENCES run,
    rule         TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    station      TEXT    NOT NULL,
    cells        TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    boot         TEXT    NOT NULL,
    begin_seq    INTEGER NOT NULL,
    begin_utc_ms INTEGER NOT NULL,
    end_boot     TEXT,
    end_seq      INTEGER,
    end_utc_ms   INTEGER,
    value        REAL,
    worst        REAL,
    limit_value  REAL,
    unit         TEXT    NOT NULL,
    deviation    INTEGER NOT NULL,
    text         TEXT    NOT NULL,
    note         INTEGER NOT NULL,
    told         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, rule, subject, boot, begin_seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS finding_untold ON finding (begin_utc_ms) WHERE told < 2;

-- J-V curves the plan asks for, by cell: `pending`, or `taken` once there is a sweep.
CREATE TABLE IF NOT EXISTS jv (
    run    TEXT    NOT NULL REFERENCES run,
    track  INTEGER NOT NULL,
    step   INTEGER NOT NULL,
    cycle  INTEGER NOT NULL,
    cell   TEXT    NOT NULL,
    utc_ms INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    PRIMARY KEY (run, track, step, cycle, cell)
) WITHOUT ROWID;

-- The sweeps, as measured. `points` has pairs of little-endian 64-bit floats, V and `quantity` (mA
-- or mA/cm2), in the order of measuring, positive where the cell gives power; `times` has s from the
-- first point, NULL where not known. What is not known of the conditions is NULL as well. A sweep
-- that was replaced stays, with the time at which it was withdrawn.
CREATE TABLE IF NOT EXISTS sweep (
    id               INTEGER PRIMARY KEY,
    run              TEXT    NOT NULL REFERENCES run,
    track            INTEGER NOT NULL,
    step             INTEGER NOT NULL,
    cycle            INTEGER NOT NULL,
    cell             TEXT    NOT NULL,
    direction        TEXT    NOT NULL,
    quantity         TEXT    NOT NULL,
    area_cm2         REAL    NOT NULL,
    points           BLOB    NOT NULL,
    times            BLOB,
    measured_utc_ms  INTEGER,
    since_phase_s    REAL,
    cell_temp_c      REAL,
    irradiance_suns  REAL,
    compliance_ma    REAL,
    source           TEXT    NOT NULL,
    file_name        TEXT,
    file_sha256      TEXT,
    file_columns     TEXT,
    who              TEXT    NOT NULL,
    stored_utc_ms    INTEGER NOT NULL,
    withdrawn_utc_ms INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS sweep_of_place ON sweep (run, track, step, cycle, cell, direction)
    WHERE withdrawn_utc_ms IS NULL;

-- What has been extracted from a sweep, by which method; `flags` is a JSON list. Can be computed
-- anew: `soakbench jv recompute`. NULL is what cannot be had; a flag says why.
CREATE TABLE IF NOT EXISTS sweep_result (
    sweep             INTEGER PRIMARY KEY REFERENCES sweep,
    method            TEXT    NOT NULL,
    flags             TEXT    NOT NULL,
    voc_v             REAL,
    jsc_ma_cm2        REAL,
    ff_percent        REAL,
    pce_percent       REAL,
    vmpp_v            REAL,
    jmpp_ma_cm2       REAL,
    pmax_mw_cm2       REAL,
    slope_voc_ohm_cm2 REAL,
    slope_jsc_ohm_cm2 REAL,
    noise_percent     REAL,
    scan_rate_v_s     REAL
);

-- The single-diode model fitted to it; `refused` says why there is none.
CREATE TABLE IF NOT EXISTS sweep_fit (
    sweep          INTEGER PRIMARY KEY REFERENCES sweep,
    method         TEXT    NOT NULL,
    refused        TEXT    NOT NULL,
    rs_ohm_cm2     REAL,
    rsh_ohm_cm2    REAL,
    ideality       REAL,
    j0_ma_cm2      REAL,
    jph_ma_cm2     REAL,
    misfit_percent REAL,
    temp_c         REAL    NOT NULL
);

-- Hysteresis of the two sweeps of a place, by the name of the formula.
CREATE TABLE IF NOT EXISTS hysteresis (
    run     TEXT    NOT NULL REFERENCES run,
    track   INTEGER NOT NULL,
    step    INTEGER NOT NULL,
    cycle   INTEGER NOT NULL,
    cell    TEXT    NOT NULL,
    formula TEXT    NOT NULL,
    value   REAL,
    method  TEXT    NOT NULL,
    PRIMARY KEY (run, track, step, cycle, cell, formula)
) WITHOUT ROWID;

-- Which cell the board's number is, by the bench file of the daemon that ran last.
CREATE TABLE IF NOT EXISTS wiring (
    number    INTEGER PRIMARY KEY,
    bench     TEXT    NOT NULL,
    cell      TEXT    NOT NULL,
    rest      INTEGER NOT NULL,
    power_off INTEGER NOT NULL,
    rated     INTEGER NOT NULL
);

-- How often each relay has been energised since it was installed; what of it each boot has added,
-- and the last record of a boot that told it.
CREATE TABLE IF NOT EXISTS relay (
    bench        TEXT    NOT NULL,
    cell         TEXT    NOT NULL,
    relay        TEXT    NOT NULL,
    actuations   INTEGER NOT NULL,
    rated        INTEGER NOT NULL,
    since_utc_ms INTEGER NOT NULL,
    PRIMARY KEY (bench, cell, relay)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay_boot (
    device     TEXT    NOT NULL,
    boot       TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    relay      TEXT    NOT NULL,
    actuations INTEGER NOT NULL,
    PRIMARY KEY (device, boot, number, relay)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wear_told (
    device TEXT    NOT NULL,
    boot   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (device, boot)
) WITHOUT ROWID;

-- The same records as tables, one per kind, for SQL by hand and for notebooks.
CREATE VIEW IF NOT EXISTS station_sample AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, place AS station,
           body ->> 'track' AS track, body ->> 'step' AS step, body ->> 'cycle' AS cycle,
           body ->> 'plate_c' AS plate_c, body ->> 'stage_c' AS stage_c,
           body ->> 'target_c' AS target_c, body ->> 'light_suns' AS light_suns,
           body ->> 'lux' AS lux, body ->> 'duty' AS duty,
           body ->> 'outputs' AS outputs, body ->> 'faults' AS faults, device, boot, seq
    FROM record WHERE kind = 'station';
CREATE VIEW IF NOT EXISTS track_sample AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, place AS track,
           body ->> 'step' AS step, body ->> 'cycle' AS cycle, body ->> 'state' AS state,
           body ->> 'delivered' AS delivered_milli, body ->> 'dose_sun_h' AS dose_sun_h,
           body ->> 'elapsed_s' AS elapsed_s, body ->> 'in_condition' AS in_condition,
           device, boot, seq
    FROM record WHERE kind = 'track';
CREATE VIEW IF NOT EXISTS cell_sample AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, place + load.key AS cell, load.value AS load,
           CASE load.value WHEN 'OC'
               THEN json_extract(body, '$.senses[' || load.key || ']') / 10000.0 END AS voltage_v,
           CASE load.value WHEN 'SC'
               THEN json_extract(body, '$.senses[' || load.key || ']') / 1000.0 END AS current_ma,
           device, boot, seq
    FROM record, json_each(body, '$.loads') AS load WHERE kind = 'cells';
CREATE VIEW IF NOT EXISTS air_sample AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, place AS station,
           body ->> 'humidity_percent' AS humidity_percent,
           body ->> 'temperature_c' AS temperature_c, device, boot, seq
    FROM record WHERE kind = 'air';
CREATE VIEW IF NOT EXISTS event AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, body ->> 'event' AS event, body ->> 'track' AS track,
           body ->> 'step' AS step, body ->> 'cycle' AS cycle, body ->> 'station' AS station,
           body ->> 'a' AS a, body ->> 'b' AS b, body ->> 'delivered' AS delivered_milli,
           body ->> 'dose_sun_h' AS dose_sun_h, device, boot, seq
    FROM record WHERE kind = 'event';
CREATE VIEW IF NOT EXISTS jv_result AS
    SELECT run, track, step, cycle, cell, direction, method, flags, voc_v, jsc_ma_cm2, ff_percent,
           pce_percent, vmpp_v, jmpp_ma_cm2, slope_voc_ohm_cm2, slope_jsc_ohm_cm2, noise_percent,
           scan_rate_v_s, area_cm2, measured_utc_ms, since_phase_s, cell_temp_c, irradiance_suns,
           source, file_name, sweep.id AS sweep
    FROM sweep JOIN sweep_result ON sweep_result.sweep = sweep.id
    WHERE withdrawn_utc_ms IS NULL;
