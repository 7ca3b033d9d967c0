"""docs/evidence.md and the table of rules belong together."""

import re
from pathlib import Path

import pytest

from soakbench.run.evidence import rules

DOCUMENT = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (\d+) \| (.*?) \|", re.MULTILINE)


def seconds(value_s: float) -> str:
    return f"{value_s:g} s" if value_s else "-"


def test_the_table_says_what_the_rules_do() -> None:
    rows = {row[0]: row for row in ROW.findall(DOCUMENT)}
    assert list(rows) == list(rules.RULES)
    for rule in rules.RULES.values():
        _, _, _, settle, in_a_row, lasting = rows[rule.id]
        shown = (settle, int(in_a_row), lasting)
        settle_s = 0 if rule is rules.UNCHECKED else rule.settle_s
        assert shown == (seconds(settle_s), rule.samples, seconds(rule.lasting_s)), rule.id


def test_the_thresholds_are_those_of_the_rules() -> None:
    rows = {row[0]: (row[1], row[2]) for row in ROW.findall(DOCUMENT)}
    for rule in rules.RULES.values():
        bad, good = rows[rule.id]
        if rule.unit == "share":
            assert f"{rule.bad:.0%}".replace("%", " %") in bad
            assert f"{rule.good:.0%}".replace("%", " %") in good
        elif rule.bad:
            unit = rule.unit.replace("uA", "µA")
            assert f"{rule.bad:g} {unit}" in bad
            assert not rule.good or f"{rule.good:g} {unit}" in good, rule.id


def test_hysteresis_and_polarity_follow_from_the_table() -> None:
    assert pytest.approx(rules.SC_NO_CURRENT.bad * rules.ENOUGH) == rules.SC_NO_CURRENT.good
    assert rules.OC_NO_VOLTAGE.good == rules.OC_NO_VOLTAGE.bad * rules.ENOUGH
    assert rules.OC_NO_VOLTAGE.bad * rules.REVERSED_SHARE == 50
    assert f"{rules.LIT_SUNS} suns" in DOCUMENT
    assert f"`by_hand` has {rules.BY_HAND_S:g} s" in DOCUMENT
    assert f"{rules.LEAST_UA_PER_CM2 / 1000:g} mA/cm²" in DOCUMENT
