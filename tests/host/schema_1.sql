-- The schema of version 1, as it was: what migrate.py is tested with.
-- Times: *_utc_ms are milliseconds since 1970; *_device_ms are the board's own clock, never set.

CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A start of a board. `produced` is the highest number of records it has reported so far.
CREATE TABLE IF NOT EXISTS boot (
    device        TEXT    NOT NULL,
    boot          TEXT    NOT NULL,
    seen_utc_ms   INTEGER NOT NULL,
    reset_cause   TEXT    NOT NULL,
    firmware      TEXT    NOT NULL,
    produced      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, boot)
) WITHOUT ROWID;

-- Every record of every board, once. `slot` is the record as the board made it; `body` is the same
-- decoded to units, for queries. `published` becomes 1 when the broker has acknowledged it.
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
    PRIMARY KEY (device, boot, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_of_run ON record (run, kind, place);
CREATE INDEX IF NOT EXISTS record_outbox ON record (t_utc_ms) WHERE published = 0;

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

-- What the host did or noticed. `deviation` marks what a report must list.
CREATE TABLE IF NOT EXISTS note (
    id        INTEGER PRIMARY KEY,
    utc_ms    INTEGER NOT NULL,
    run       TEXT,
    kind      TEXT    NOT NULL,
    deviation INTEGER NOT NULL DEFAULT 0,
    text      TEXT    NOT NULL
);

-- J-V sweeps the plan asks for.
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
CREATE VIEW IF NOT EXISTS event AS
    SELECT run, t_utc_ms, t_err_ms, t_device_ms, body ->> 'event' AS event, body ->> 'track' AS track,
           body ->> 'step' AS step, body ->> 'cycle' AS cycle, body ->> 'station' AS station,
           body ->> 'a' AS a, body ->> 'b' AS b, body ->> 'delivered' AS delivered_milli,
           body ->> 'dose_sun_h' AS dose_sun_h, device, boot, seq
    FROM record WHERE kind = 'event';
