"""docs/plans.md names every key a plan may have, and no other; its example can run."""

import re
from pathlib import Path
from typing import get_args

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_cells, parse_plan
from soakbench.config.cells import CellFacts
from soakbench.config.conditions import Conditions
from soakbench.config.phases import Phase
from soakbench.config.plan import PlanHead
from soakbench.config.tracks import WrittenTrack
from soakbench.plan import timeline

PAGE = (Path(__file__).parents[1] / "docs" / "plans.md").read_text("utf-8")
PHASES = [*(kind for one in get_args(Phase) for kind in get_args(one) or (one,))]
MODELS = [PlanHead, Conditions, WrittenTrack, *PHASES]


def keys() -> set[str]:
    return {field.alias or name for model in MODELS for name, field in model.model_fields.items()}


def test_every_key_is_explained() -> None:
    in_code = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert keys() - in_code == set()


def test_the_example_can_run() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.S)
    (track,) = timeline(parse_plan(example, "docs/plans.md"), load_bench(find_bench("twin")))
    assert track.end_h == 24


def test_the_list_of_cells_can_be_read() -> None:
    (example,) = re.findall(r"```csv\n(.*?)```", PAGE, flags=re.S)
    facts = parse_cells(example, "docs/plans.md").on(load_bench(find_bench("twin")))
    assert facts["A1"].id == "PK-0412-1a"
    assert all(f"`{key}`" in PAGE for key in CellFacts.model_fields if key != "aperture_cm2")


def test_every_kind_of_phase_has_its_line() -> None:
    kinds = {get_args(model.model_fields["phase"].annotation)[0] for model in PHASES}
    assert kinds == set(re.findall(r"^\| `([a-z_]+)` \|.*\|.*\|$", PAGE, flags=re.M)) & kinds
