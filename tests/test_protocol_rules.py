"""docs/protocol.md and the tests belong together: every rule is shown by a test."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "soakwire"))

from layout_tables import DOCUMENT, HEADING, section  # noqa: E402

RULE = re.compile(r"^- \*\*([A-Z]{2}-\d+)\*\*", re.MULTILINE)
CITED = re.compile(r"mark\.rule\(([^)]*)\)")


def cited() -> set[str]:
    found: set[str] = set()
    for folder in ("tests", "hil_tests"):
        for path in (ROOT / folder).rglob("*.py"):
            for marker in CITED.findall(path.read_text("utf-8")):
                found.update(re.findall(r'"([A-Z]{2}-\d+)"', marker))
    return found


def test_every_rule_is_cited_by_a_test_and_every_citation_exists():
    rules = RULE.findall(DOCUMENT.read_text("utf-8"))
    assert len(rules) == len(set(rules)), "a rule's number stands for one rule"
    assert sorted(set(rules) - cited()) == [], "rules without a test"
    assert sorted(cited() - set(rules)) == [], "citations of rules that do not exist"


def test_the_layouts_are_those_of_the_code():
    _, _, found = DOCUMENT.read_text("utf-8").partition(HEADING)
    assert found.strip() == section().strip(), "run tests/soakwire/layout_tables.py"
