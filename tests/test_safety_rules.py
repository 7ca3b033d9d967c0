"""docs/safety.md, the code and the tests belong together."""

import re
from pathlib import Path

from soakbench.fault_words import FAULT_WORDS
from soakfw import limits
from soakwire import names, records

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "safety.md").read_text("utf-8")

RULE = re.compile(r"^- \*\*([SR]\d+)\*\*", re.MULTILINE)
CITED = re.compile(r"mark\.rule\(([^)]*)\)")
VALUE = re.compile(r"^\| [S0-9, ]+ \| ([A-Z_]+) \| (\d+) \|", re.MULTILINE)
FAULT = re.compile(r"`([a-z_]+)`")


def cited() -> set[str]:
    found: set[str] = set()
    for folder in ("tests", "hil_tests"):
        for path in (ROOT / folder).rglob("*.py"):
            for marker in CITED.findall(path.read_text("utf-8")):
                found.update(re.findall(r'"([SR]\d+)"', marker))
    return found


def test_every_rule_is_cited_by_a_test_and_every_citation_exists() -> None:
    rules = RULE.findall(DOCUMENT)
    assert len(rules) == len(set(rules)), "a rule's number stands for one rule"
    assert set(rules) >= {f"S{n}" for n in range(1, 19)}
    assert sorted(set(rules) - cited()) == [], "rules without a test"
    assert sorted(cited() - set(rules)) == [], "citations of rules that do not exist"


def test_the_values_are_those_of_the_code() -> None:
    values = VALUE.findall(DOCUMENT)
    assert len(values) > 20
    for name, value in values:
        assert getattr(limits, name) == int(value), name


def test_every_fault_has_words_and_is_in_the_document() -> None:
    fault_names = {name for _bit, name in names.FAULT_NAMES}
    assert set(FAULT_WORDS) == fault_names
    table = DOCUMENT.partition("## Faults")[2].partition("## How")[0]
    assert fault_names <= set(FAULT.findall(table))
    for bit, name in names.FAULT_NAMES:
        words = FAULT_WORDS[name]
        assert words.is_trip == bool(bit & records.TRIPS), name
        doubtful = records.PLATE_FAULTS | records.FAULT_APART
        assert words.sensor_in_doubt == bool(bit & doubtful), name
        assert not words.what.endswith("."), "a sentence without its full stop"
