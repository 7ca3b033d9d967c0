"""Import rules that a list of allowed modules says best. The host's layers are import-linter's."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOAKWIRE = sorted((ROOT / "protocol" / "soakwire").glob("*.py"))
FIRMWARE = sorted((ROOT / "firmware" / "soakfw").glob("*.py"))
JV = sorted((ROOT / "host" / "soakbench" / "jv").glob("*.py"))
HARDWARE = {"machine", "micropython", "select", "sys", "time", "os", "gc"}


def for_types_only(node: ast.AST) -> bool:
    """Whether this is `if TYPE_CHECKING:`, which no interpreter enters."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imported(file: Path) -> set[str]:
    """The top-level modules that `file` imports."""
    found = set()
    nodes = [ast.parse(file.read_text("utf-8"))]
    while nodes:
        node = nodes.pop()
        if not for_types_only(node):
            nodes.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("file", SOAKWIRE, ids=lambda f: f.name)
def test_soakwire_imports_struct_and_binascii_only(file: Path):
    assert imported(file) <= {"soakwire", "struct", "binascii"}


@pytest.mark.parametrize("file", FIRMWARE, ids=lambda f: f.name)
def test_only_the_board_module_touches_the_hardware(file: Path):
    allowed = {"soakwire", "soakfw", "struct", "binascii", "array"}
    if file.name == "board.py":
        allowed |= HARDWARE
    assert imported(file) <= allowed


@pytest.mark.parametrize("file", JV, ids=lambda f: f.name)
def test_extraction_is_pure(file: Path):
    """What computes from curves opens nothing; pydantic and matplotlib have one module each."""
    allowed = {"soakbench", "numpy", "scipy", "dataclasses", "collections", "typing", "enum"}
    allowed |= {"itertools", "re", "codecs"}  # of texts
    allowed |= {"messages.py": {"pydantic", "datetime"}, "figure.py": {"matplotlib"}}.get(
        file.name, set()
    )
    assert imported(file) <= allowed


def test_words_for_people_stay_on_the_host():
    """Nothing that the board imports may bring soakwire.names into its memory."""
    for file in FIRMWARE + SOAKWIRE:
        text = file.read_text("utf-8")
        assert file.name == "names.py" or not re.search(r"import .*\bnames\b", text), file


def test_the_rules_apply_to_something():
    assert len(SOAKWIRE) >= 8
    assert len(FIRMWARE) >= 8
    assert len(JV) >= 8
