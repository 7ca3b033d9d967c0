"""The page of `soakbench plan --html`: what it says, to scale, over changes of the clocks."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from soakbench.assets import find_bench, find_plan
from soakbench.cli.app import app
from soakbench.cli.view.plan_page import Sheet, plan_page
from soakbench.cli.view.plan_page.local_time import LocalTime
from soakbench.cli.view.plan_page.markup import Markup, tag
from soakbench.cli.view.plan_page.scale import LEFT, RIGHT, Scale
from soakbench.config import load_bench, parse_plan
from soakbench.plan import timeline
from soakbench.plan.warnings import warnings

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = datetime(2026, 10, 24, 18, tzinfo=BERLIN)  # clocks go back at 3:00 the next morning
SVG_KEPT_OPEN = {"meta", "br"}


class Reader(HTMLParser):
    """Reads a page as a browser would; fails where tags are not closed in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.told: list[str] = []
        self.feed(page)
        self.close()
        self.rows = [row for row in self.rows if row]  # those of a head have no td
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in SVG_KEPT_OPEN:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open or not data.strip():
            return
        self.told.append(data)
        if "td" in self.open:
            self.rows[-1][-1] += data

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [given for _, given in self.tags if name in (given.get("class") or "").split()]


def page_of(
    text: str, bench: str = "twin", start: datetime = AUTUMN, zone: str | None = "Europe/Berlin"
) -> str:
    if zone is not None:
        text = text.replace("[plan]", f'[plan]\ntimezone = "{zone}"', 1)
    plan, wired = parse_plan(text, "p.toml"), load_bench(find_bench(bench))
    tracks = timeline(plan, wired, start=start)
    return plan_page(Sheet(plan, wired, tracks, start, warnings(plan, wired)))


def shipped(name: str) -> str:
    return find_plan(name).read_text("utf-8")


FIG4 = page_of(shipped("paper-fig4"))


def test_it_needs_nothing_else() -> None:
    for page in (FIG4, page_of(shipped("day-night"), "twin-day-night")):
        assert page.startswith("<!DOCTYPE html>")
        assert "//" not in page
        assert re.findall(r"url\((?!#)|@import|<(?:script|link|img|iframe)|href|src=", page) == []
        Reader(page)


def test_start_and_end_are_told_in_local_time_with_the_zone() -> None:
    told = Reader(FIG4).told
    facts = dict(zip(told[2::2], told[3::2], strict=False))
    assert told[1] == "Dark against thermal recovery after a common ageing"
    assert facts["Bench"] == "twin"
    assert facts["Start"] == "Sat 24 Oct 2026 18:00 CEST"
    assert facts["Expected end"] == "Mon 26 Oct 2026 01:00 CET, after 32 h"
    assert facts["Time zone"] == "Europe/Berlin (CEST, CET)"
    assert facts["Clocks change"] == "Sun 25 Oct 2026 02:00 CET follows 02:59 CEST"
    summer = Reader(page_of(shipped("paper-fig4"), start=AUTUMN - timedelta(days=30))).told
    assert "Clocks change" not in summer


def test_every_phase_has_its_row() -> None:
    rows = Reader(FIG4).rows
    ageing = next(row for row in rows if row[1:2] == ["ageing"])
    assert ageing == [
        "2",
        "ageing",
        "Sat 24 Oct 18:00",
        "Sun 25 Oct 09:00",  # 16 h later, as clocks go back meanwhile
        "simulator",
        "all OC",
        "16 h",
        "light 1 ± 0.1 suns",
        "",
    ]
    hot = next(row for row in rows if row[1:2] == ["thermal recovery"])
    assert hot[6:] == ["3 h", "50 ± 1 °C, at most 1 lux", "6 h, then pause"]
    demo = Reader(page_of(shipped("demo"), zone=None)).rows
    loads = [row[5] for row in demo if row[1:2] == ["ageing"]]
    assert loads == ["OC A1 A2, SC A3 A4", "OC B1 B2, SC B3 B4"]


def test_what_a_person_has_to_do_is_listed_and_marked() -> None:
    reader = Reader(FIG4)
    first = next(row for row in reader.rows if row[:1] == ["1"] and "Cover" in row[3])
    assert first[1:] == [
        "Sun 25 Oct 09:00",
        "dark",
        "Cover substrate A under the closed shutter",
        "it waits",
    ]
    numbers = [given for given in reader.of_class("number") if "x" in given]
    assert len(numbers) == len(reader.of_class("person")) == 3
    moved = next(row for row in reader.rows if row[3:4] and "hotplate and close" in row[3])
    assert moved[3].endswith("then the cells are at hotplate_box")
    before = [row for row in reader.rows if row[1:2] == ["before the start"]]
    assert [row[3] for row in before] == [
        "cells A1 A2 A3 A4 at simulator",
        "cells B1 B2 B3 B4 at simulator",
    ]


def test_what_two_arms_have_in_common_is_asked_once() -> None:
    common = '[[tracks.together.phases]]\nphase = "confirm"\nmessage = "Look"\n\n[tracks.dark]'
    text = shipped("paper-fig4").replace("[tracks.dark]", common, 1)
    (asked,) = [row for row in Reader(page_of(text)).rows if "Look" in row and row[1] != "confirm"]
    assert asked[2] == "dark, thermal"


NASTY = 'Put <b>A</b> & "B" down; </svg><script>alert(1)</script>'


def test_no_text_of_a_plan_is_markup() -> None:
    text = shipped("paper-fig4").replace("Dark against thermal recovery", "A < B & C")
    text = text.replace('"Cover substrate A under the closed shutter"', f"'{NASTY}'")
    page = page_of(text)
    reader = Reader(page)
    assert "<script" not in page
    assert "<b>" not in page
    assert "A < B & C after a common ageing" in reader.told
    assert reader.told.count(NASTY) >= 3  # in the list, in the table, at the mark
    assert tag("p", "<", Markup("<br>"), class_='"') == '<p class="&quot;">&lt;<br></p>'


def test_the_lanes_are_to_scale() -> None:
    bars = [given for given in Reader(FIG4).of_class("bar") if given["height"] == "30"]
    px_per_h = (RIGHT - LEFT) / 32
    assert [round(float(bar["width"] or 0) / px_per_h, 1) for bar in bars] == [16, 16, 16, 3]
    assert float(bars[1]["x"] or 0) == pytest.approx(LEFT + 16 * px_per_h, abs=0.1)


ROUNDS = """[plan]
name = "rounds"

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"
loads = { A2 = "SC" }

[[tracks.a.phases]]
phase = "ageing"
label = "day"
start = "08:00"
until = "10 h"
jv_at = ["5 h"]

[[tracks.a.phases]]
phase = "confirm"
message = "Close the box"

[[tracks.a.phases]]
phase = "dark_recovery"
until = "8 h"

[[tracks.a.phases]]
phase = "loop"
back_to = "day"
times = 30
"""


def test_thirty_rounds_are_one_row_and_all_of_them_in_the_lane() -> None:
    reader = Reader(page_of(ROUNDS))
    again = [row[1] for row in reader.rows if row[0] == "↻"]
    assert again == [
        "phases 1 to 3 again, rounds 2 to 30. They begin every day at 08:00, Mon 26 Oct to"
        " Mon 23 Nov; the last one ends Tue 24 Nov 02:00"
    ]
    assert len(reader.rows) < 15
    (asked,) = [row for row in reader.rows if row[3:4] == ["Close the box"]]
    assert asked[1] == "30 times: every day at 18:00, Sun 25 Oct to Mon 23 Nov"
    assert len(reader.of_class("person")) == 30
    assert len(reader.of_class("jv")) == 30 + 1  # and one in the legend
    names = [told for told in reader.told if told in ("A1", "A2")]
    assert names == ["A1", "A2"]
    assert len(reader.of_class("SC")) == 1 + 1  # one stretch, and the legend
    assert sum(rect.get("fill") == "url(#light)" for rect in reader.of_class("bar")) == 60 + 1


def test_the_day_that_clocks_change_breaks_a_rhythm() -> None:
    """The box is closed 10 h after the begin at 23:00: an hour earlier where a night has 25."""
    text = ROUNDS.replace("08:00", "23:00").replace("times = 30", "times = 7")
    (asked,) = [row for row in Reader(page_of(text)).rows if row[3:4] == ["Close the box"]]
    assert asked[1] == ("7 times: Sun 25 Oct 08:00; every day at 09:00, Mon 26 Oct to Sat 31 Oct")


def test_what_follows_if_nobody_comes_is_the_plans_policy_or_the_confirms_own() -> None:
    absent = ROUNDS.replace("[plan]", '[plan]\noperator_absence = "stop after 24 h"')
    own = absent.replace('"Close the box"', '"Close the box"\ntimeout = "2 h"\non_timeout = "skip"')
    for text, told in (
        (ROUNDS, "it waits"),
        (absent, "stop after 24 h"),
        (own, "after 2 h, then skip"),
    ):
        (asked,) = [row for row in Reader(page_of(text)).rows if row[3:4] == ["Close the box"]]
        assert asked[4] == told


def test_two_rounds_are_written_out() -> None:
    rows = Reader(page_of(ROUNDS.replace("times = 30", "times = 2"))).rows
    assert [row[1] for row in rows if len(row) == 9 and row[0] == "3"] == [
        "dark recovery",
        "dark recovery #2",
    ]


def test_a_plan_in_which_no_time_passes() -> None:
    text = '[plan]\nname = "jv"\n[tracks.a]\ncells = ["A1"]\nstation = "simulator"\n'
    told = Reader(page_of(text + '[[tracks.a.phases]]\nphase = "jv"\n')).told
    assert "Sat 24 Oct 2026 18:00:00 CEST, after 0 s" in told


def test_warnings_are_on_the_page() -> None:
    text = shipped("paper-fig4").replace('light = "1 sun"', 'light = "0.5 suns"')
    (warning,) = [told for told in Reader(page_of(text)).told if told.startswith("Warning: ")]
    assert "tracks.together.phases[1].light: the lamp of the simulated bench" in warning


def test_a_day_on_which_clocks_change_has_its_own_length_and_the_right_ticks() -> None:
    clock = LocalTime(BERLIN)
    start, end = (datetime(2026, 10, day, 12, tzinfo=BERLIN) for day in (24, 26))
    scale = Scale(start, end)
    assert scale.seconds == 49 * 3600
    midnights = [at for at, _ in scale.days(clock)]
    assert scale.px((midnights[1] - midnights[0]).total_seconds()) == pytest.approx(
        25 / 49 * (RIGHT - LEFT)
    )
    assert {label for at, label in scale.ticks(clock)} == {
        f"{clock.at(at):%H:00}" for at, _ in scale.ticks(clock)
    }
    assert list(clock.changes(start, end)) == [datetime(2026, 10, 25, 1, tzinfo=UTC)]
    spring = datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 30, 12, tzinfo=BERLIN)
    assert list(clock.changes(*spring)) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]
    (first, second) = clock.nights(start + timedelta(hours=10), end)
    assert (first[1] - first[0]).total_seconds() == 9 * 3600  # from 22:00, and an hour more
    assert (second[1] - second[0]).total_seconds() == 10 * 3600


@pytest.mark.parametrize("hours", [0.01, 0.5, 3, 20, 100, 500, 3000])
def test_labels_of_the_axis_do_not_touch(hours: float) -> None:
    clock = LocalTime(BERLIN)
    scale = Scale(AUTUMN, AUTUMN.astimezone(UTC) + timedelta(hours=hours))
    for ticks, least_px in ((scale.ticks(clock), 44), (scale.days(clock), 70)):
        at = sorted(scale.x(moment) for moment, label in ticks if label)
        assert all(b - a >= least_px for a, b in pairwise(at)), (hours, at)
    assert 1 <= len(list(scale.hours(1))) <= 24


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text(ROUNDS.replace("[plan]", '[plan]\ntimezone = "Europe/Berlin"'))
    arguments = ["plan", "plan.toml", "--html", "page.html", "--start", "2026-10-24 18:00"]
    result = CliRunner().invoke(app, arguments)
    assert result.output == "page.html: the timeline of rounds\n"
    page = Path("page.html").read_text("utf-8")
    assert page == page_of(ROUNDS)
    result = CliRunner().invoke(app, [*arguments[:3], "none/page.html"])
    assert result.exit_code == 1
    assert "error: none/page.html: cannot be written: No such file" in result.stderr


def test_on_a_terminal_times_are_of_the_plans_zone_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text(ROUNDS.replace("[plan]", '[plan]\ntimezone = "Asia/Tokyo"'))
    result = CliRunner().invoke(app, ["plan", "plan.toml", "--start", "2026-10-24 08:00"])
    assert "Sat 24 Oct 08:00" in result.stdout
    assert "Sat 24 Oct 13:00" in result.stdout
