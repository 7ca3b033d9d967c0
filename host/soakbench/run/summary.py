"""The account of a run from the database alone: what was planned, delivered, and at what
temperature. Works during the run and years later."""

from dataclasses import dataclass
from datetime import datetime

from soakbench.clock import moment
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.run.account import Account
from soakbench.run.cell_account import cell_accounts
from soakbench.run.deviations import find_deviations
from soakbench.run.devices import devices_of
from soakbench.run.evidence.status import cell_evidence, finding_status
from soakbench.run.isos import isos_labels
from soakbench.run.phases import phase_summaries
from soakbench.run.recorded import read_recorded
from soakbench.status import JournalEntry, RunState, Summary
from soakbench.store import Store
from soakbench.store.findings import read_findings


@dataclass(frozen=True)
class StoredRun:
    """A run as the database has it."""

    run: str
    plan: str
    title: str
    state: RunState
    accelerate: float
    created_utc_ms: int
    started: datetime | None
    ended: datetime | None
    message: str
    program_id: int
    plan_toml: str
    bench_toml: str


def find_run(store: Store, run: str | None) -> StoredRun | None:
    """Run `run`, or the newest; None if there is none."""
    where, parameters = ("WHERE run = ?", (run,)) if run else ("", ())
    rows = store.rows(
        "SELECT run, plan, title, state, accelerate, created_utc_ms, started_utc_ms,"
        " ended_utc_ms, message, program_id, plan_toml, bench_toml"
        f" FROM run {where} ORDER BY created_utc_ms DESC LIMIT 1",
        parameters,
    )
    if not rows:
        return None
    values = list(rows[0])
    values[6], values[7] = (None if ms is None else moment(ms) for ms in values[6:8])
    return StoredRun(*values)


def summarise(
    store: Store,
    account: Account,
    stored: StoredRun,
    program: CompiledProgram,
    bench: BenchConfig,
    live_boot: str | None,
) -> Summary:
    """The summary of `stored`, whose plan compiles to `program`, on `bench` as it was then."""
    run = stored.run
    journal = _journal(store, run)
    findings = finding_status(read_findings(store, run))
    recorded = read_recorded(store, run, program)
    deviations = find_deviations(store, run, program, bench)
    until = _end_of(store, stored)
    cells = cell_accounts(recorded, program, bench, deviations, until)
    evidence = cell_evidence(bench, program, findings, until)
    pending = store.rows("SELECT count(*) AS n FROM jv WHERE run = ? AND state = 'pending'", (run,))
    return Summary(
        run=run,
        plan=stored.plan,
        title=stored.title,
        state=stored.state,
        accelerate=stored.accelerate,
        started=stored.started,
        ended=stored.ended,
        phases=list(phase_summaries(store, run, program, bench, recorded)),
        cells=cells,
        records=account.counts(run, live_boot if stored.ended is None else None),
        boots=len(account.stretches(run)),
        jv_pending=pending[0]["n"],
        deviations=deviations,
        journal=journal,
        data=str(store.path.parent),
        findings=findings,
        evidence=evidence,
        isos=isos_labels(cells, evidence, stored.state, program, bench),
        devices=devices_of(store, run, program),
    )


def _end_of(store: Store, stored: StoredRun) -> datetime:
    """When the run has ended, or the newest record of it."""
    if stored.ended is not None:
        return stored.ended
    rows = store.rows("SELECT max(t_utc_ms) AS t FROM progress WHERE run = ?", (stored.run,))
    return moment(rows[0]["t"] or stored.created_utc_ms)


def _journal(store: Store, run: str) -> list[JournalEntry]:
    rows = store.rows(
        "SELECT utc_ms, kind, who, text, deviation FROM note WHERE run = ? ORDER BY id", (run,)
    )
    return [
        JournalEntry(
            time=moment(row["utc_ms"]),
            kind=row["kind"],
            who=row["who"],
            text=row["text"],
            deviation=bool(row["deviation"]),
        )
        for row in rows
    ]
