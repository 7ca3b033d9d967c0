"""Instruments to talk to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sim_2400 import FarEnd, changed_definition

MakeFarEnd = Callable[..., FarEnd]


@pytest.fixture
def far_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFarEnd:
    """A simulated instrument; the argument replaces parts of its definition."""

    def make(changes: dict[str, str] | None = None) -> FarEnd:
        return FarEnd(changed_definition(tmp_path, changes or {}), monkeypatch)

    return make


@pytest.fixture(autouse=True)
def _own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soakbench.smu.opening.lock_folder", lambda: tmp_path / "locks")
