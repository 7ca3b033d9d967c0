"""Cuts at the boundaries of a short plan and at random; cuts.py by itself plays the full grid."""

import random
from dataclasses import replace

import pytest
from cuts import KINDS, Cut, at_boundaries, at_random, complaints, play
from rehearsing import order

from soakbench.rehearsal.rehearse import rehearse
from soakbench.rehearsal.report import Report

SEED = 4


@pytest.fixture(scope="module")
def plain() -> Report:
    return rehearse(order())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_at_a_boundary_repeats_and_skips_nothing(plain, kind):
    for cuts in at_boundaries(plain, kind, random.Random(SEED)):
        assert play(order(), cuts) == [], cuts


@pytest.mark.parametrize("kind", KINDS)
def test_cuts_at_random_are_each_named_with_their_length(plain, kind):
    for cuts in at_random(plain, kind, 10, random.Random(SEED)):
        assert play(order(), cuts) == [], cuts


def test_the_check_sees_what_is_wrong(plain):
    assert complaints(plain, []) == []
    (missing,) = complaints(plain, [Cut("board", 100.0, 5.0)])
    assert missing.startswith("no departure names Cut")
    assert complaints(plain, [Cut("host", 100.0, 5.0)]) == []
    assert plain.summary is not None
    first, *others = plain.summary.phases
    assert first.planned is not None
    longer = first.model_copy(update={"delivered": first.planned + 2 / 3600})
    summary = plain.summary.model_copy(update={"phases": [longer, *others]})
    (over,) = complaints(replace(plain, summary=summary), [])
    assert over == "dark, ageing: +2.000 s delivered"
