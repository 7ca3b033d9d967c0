"""Findings as status and account of a run show them."""

from collections.abc import Iterable
from datetime import datetime

from soakbench.clock import moment
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.run.evidence.rules import RULES
from soakbench.status import CellEvidence, FindingStatus
from soakbench.store.findings import StoredFinding


def finding_status(findings: Iterable[StoredFinding]) -> list[FindingStatus]:
    """With times as such, and what to do."""
    return [_status(finding) for finding in findings]


def cell_evidence(
    bench: BenchConfig, program: CompiledProgram, findings: list[FindingStatus], until: datetime
) -> list[CellEvidence]:
    """For each cell of the run; what goes on counts up to `until`."""
    cells = [cell for track in program.tracks for cell in track.cells]
    return [_of_cell(cell, bench, findings, until) for cell in cells]


def _status(finding: StoredFinding) -> FindingStatus:
    rule = RULES.get(finding.rule)  # None: of another version of this program
    return FindingStatus(
        rule=finding.rule,
        subject=finding.subject,
        station=finding.station,
        cells=list(finding.cells),
        begin=moment(finding.begin_utc_ms),
        end=None if finding.end_utc_ms is None else moment(finding.end_utc_ms),
        value=finding.value,
        worst=finding.worst,
        limit=finding.limit,
        unit=finding.unit,
        deviation=finding.deviation,
        text=finding.text,
        todo="" if rule is None else rule.todo,
    )


def _of_cell(
    name: str, bench: BenchConfig, findings: list[FindingStatus], until: datetime
) -> CellEvidence:
    cell = bench.cells[name]
    senses = {"voltage": cell.voltage_sense, "current": cell.current_sense}
    spans = [
        (finding.begin, finding.end or max(until, finding.begin))
        for finding in findings
        if finding.deviation and name in finding.cells
    ]
    return CellEvidence(
        cell=name,
        senses=[word for word, sense in senses.items() if sense is not None],
        findings=len(spans),
        doubtful_s=_covered_s(spans),
    )


def _covered_s(spans: list[tuple[datetime, datetime]]) -> float:
    """How long the spans are together; what two of them cover counts once."""
    total_s, reached = 0.0, None
    for begin, end in sorted(spans):
        if reached is None or begin > reached:
            total_s += (end - begin).total_seconds()
        elif end > reached:
            total_s += (end - reached).total_seconds()
        reached = end if reached is None else max(reached, end)
    return total_s
