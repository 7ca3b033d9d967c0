"""Shipped files by name, own files by path."""

from pathlib import Path

import pytest

from soakbench import assets
from soakbench.errors import ConfigError


def test_a_shipped_plan_by_name_with_or_without_its_ending() -> None:
    assert assets.find_plan("paper-fig4").name == "paper-fig4.toml"
    assert assets.find_plan("paper-fig4.toml") == assets.find_plan("paper-fig4")
    assert assets.find_bench("twin").name == "twin.toml"


def test_an_own_file_goes_before_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "demo.toml"
    own.write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert assets.find_plan("demo.toml").samefile(own)
    assert not assets.find_plan("demo").samefile(own)
    assert assets.find_plan(str(own)) == own


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match='Did you mean "paper-fig4"') as caught:
        assets.find_plan("paper-fig5")
    assert "day-night, demo, month, paper-fig4" in caught.value.hint
    with pytest.raises(ConfigError, match=r"there is no plan file dir/demo\.toml"):
        assets.find_plan("dir/demo.toml")


def test_the_firmware_is_there_with_the_protocol() -> None:
    folders = assets.firmware_path()
    assert (folders[0] / "main.py").is_file()
    assert (folders[-1] / "soakwire" / "frame.py").is_file()
