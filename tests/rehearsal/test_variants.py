"""A judge that never finds anything is worth nothing: broken firmware and hosts are found out."""

from pathlib import Path

import pytest
from rehearsing import assert_passed
from variants import VARIANTS, Variant, install

from soakbench.rehearsal.rehearse import rehearse


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.what)
def test_a_broken_variant_is_found_out(
    variant: Variant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variant.scene(monkeypatch)
    assert_passed(rehearse(variant.order))
    install(variant, monkeypatch, tmp_path / "firmware")
    report = rehearse(variant.order)
    if variant.caught_by is None:
        assert "nothing has gone on for" in report.why_not
    else:
        assert variant.caught_by in {rule.value for rule in report.verdict.counts}
