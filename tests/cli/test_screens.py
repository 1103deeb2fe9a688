"""What people see, whole, at the widths of their terminals."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.expected import check, layout

from copilot_usage_cli.model.records import COUNTS
from copilot_usage_cli.render import render
from copilot_usage_cli.render.lines import text_width
from copilot_usage_cli.render.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from support.program import Run, RunInTerminal

    from copilot_usage_cli.report.build import Report
    from copilot_usage_cli.report.comparison import Comparison

    Build = Callable[..., Report | Comparison]

NAMES = ((5, "python", "vscode"), (3, "go", "jetbrains"), (2, "c#", "visual_studio"))
WIDTHS = (40, 80, 100, 120, 160)
DEMO = ("org", "acme", "--demo")
SAVED = ("org", "acme", "--input", "two-months.json")
CASES = {
    "default": DEMO,
    "week": (*DEMO, "--since", "7d"),
    "full": (*DEMO, "--full"),
    "by-week": (*DEMO, "--by", "week"),
    "compare-last-month": (*SAVED, "--period", "2026-10", "--compare", "last-month"),
    "change": (*SAVED, "--period", "2026-10-04..2026-10-31"),
    "months": (*SAVED, "--since", "2025-01-01", "--until", "2026-10-31"),
    "nothing-to-compare": (*DEMO, "--compare", "last-year"),
    "empty": (*DEMO, "--since", "2026-01-01", "--until", "2026-01-31"),
    "no-such-language": (*DEMO, "--language", "pyton"),
    "parts-of-weeks": (*DEMO, "--since", "20d", "--by", "week,language", "--top", "1"),
    "compare-parts-of-weeks": (*DEMO, "--since", "20d", "--compare", "previous", "--by", "week"),
    "compare-parts-of-months": (*DEMO, "--since", "20d", "--compare", "previous", "--by", "month"),
    "compare-one-day": (*DEMO, "--since", "1d", "--compare", "2026-11-01"),
    "one-day": (*DEMO, "--since", "yesterday"),
    "team-with-gaps": ("team", "acme/core", "--input", "gaps.json"),
    "reports": (*DEMO, "--source", "reports", "--since", "2w"),
    "user-reports": (*DEMO, "--source", "user-reports", "--since", "2w"),
    "chart": (*SAVED, "--period", "2026-10-04..2026-10-31", "--chart", "total_active_users"),
    "chart-gaps": ("team", "acme/core", "--input", "gaps.json", "--chart", "total_active_users"),
    "chart-compare": (*DEMO, "--chart", "acceptance_rate", "--since", "2w", "--compare", "previous"),
    "chart-unknown": (*DEMO, "--source", "reports", "--chart", "total_active_chat_users"),
}


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Callable[..., dict[str, Any]]) -> None:
    """Save two months of an organization, and four weeks of a team with gaps, where the commands look for them."""
    monkeypatch.chdir(tmp_path)
    first = date(2026, 9, 1)
    days = []
    for n in range(61):
        day = first + timedelta(days=n)
        shown = (20 if day.weekday() > 4 else 100) + n
        rows = [_row(record, shown * part // 10, *names) for part, *names in NAMES]
        totals = {f"total_{name}": sum(row[name] for row in rows) for name in COUNTS}
        days.append(record(day, **totals, breakdown=rows))
    (tmp_path / "two-months.json").write_text(json.dumps(days))
    gaps = [day for day in days[14:42] if day["day"][-2:] not in {"17", "18", "25"} and day["day"][5:7] == "09"]
    gaps[3]["total_active_users"] = None
    gaps[4]["breakdown"] = None
    (tmp_path / "gaps.json").write_text(json.dumps(gaps))


def _row(record: Callable[..., dict[str, Any]], shown: int, language: str, editor: str) -> dict[str, Any]:
    """Make a breakdown row whose counts go with its suggestions."""
    counts = dict(zip(COUNTS, (shown, shown * 3 // 10, shown * 2, shown // 2), strict=True))
    return {**record()["breakdown"][0], "language": language, "editor": editor, **counts}


@pytest.fixture
def build(call: Run, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Run a command once for what it would render, to be drawn at many widths."""

    def build(*args: str) -> Report | Comparison:
        shown: list[Report | Comparison] = []

        def keep(each: Report | Comparison, *_: object) -> str:
            shown.append(each)
            return ""

        with monkeypatch.context() as patch:
            patch.setattr("copilot_usage_cli.cli.rendering.render", keep)
            assert call(*args).code == 0
        return shown[0]

    return build


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_a_screen_whole(case: str, width: int, call: Run) -> None:
    done = call(*CASES[case], "--width", str(width))
    assert done.code == 0
    assert all(text_width(line) <= width for line in done.out.splitlines())
    check(f"screen-{case}-{width}", done.out)


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_shows_the_same(width: int, run_in_terminal: RunInTerminal, call: Run) -> None:
    assert layout(run_in_terminal(width, *DEMO).out) == call(*DEMO, "--width", str(width)).out


PERIODS = ("1d", "2d", "5d", "7d", "8d", "9d", "4w", "12w")
LONG_TITLE = ("team", "ent:core", "--enterprise", "megacorp", "--demo", "--source", "user-reports")
REPORTS = {
    "usage": DEMO,
    "reports": (*DEMO, "--source", "reports"),
    "user-reports": (*DEMO, "--source", "user-reports"),
    "long title": LONG_TITLE,
    "with a change": (*SAVED, "--until", "2026-10-31"),
}


@pytest.mark.parametrize(
    "period",
    [pytest.param(each, marks=() if each == "8d" else pytest.mark.slow) for each in PERIODS],
)
@pytest.mark.parametrize("report", REPORTS)
def test_the_default_report_is_one_screen(report: str, period: str, build: Build) -> None:
    """A terminal of 24 lines shows all of it above the prompt, the title first."""
    if report == "with a change":
        since = date(2026, 11, 1) - timedelta(days=int(period[:-1]) * {"d": 1, "w": 7}[period[-1]])
        period = str(since)
    shown = build(*REPORTS[report], "--since", period)
    for width in (40, 60, 79, 80, 100, 120):
        out = render(shown, "table", Screen(width))
        assert out.count("\n") <= 23, out
        if "\nnote: no data: " in out:
            continue
        assert report == "with a change" or "--full" in out.splitlines()[-1]
        assert out.count("\n\n") in {0, 2}


def test_what_is_worth_the_least_makes_room_first(call: Run) -> None:
    def tables(*args: str) -> tuple[bool, int, int]:
        """Return whether empty lines part the tables, and how many rows of time and of names there are."""
        out = call(*args).out
        names = re.findall(r"^\S+ +[\d.]+%", re.split(r"\nlanguage +.*\n", out)[1], re.MULTILINE)
        return "\n\n" in out, len(re.findall(r"^2026-\d\d-\d\d \w\w\w", out, re.MULTILINE)), len(names)

    assert tables(*DEMO, "--since", "7d", "--width", "80") == (True, 7, 5)
    assert tables(*DEMO, "--since", "8d", "--width", "80") == (False, 8, 5)
    assert tables(*LONG_TITLE, "--since", "8d", "--width", "80") == (False, 6, 3)
    assert tables(*LONG_TITLE, "--since", "8d", "--width", "40") == (False, 6, 3)
    assert tables(*DEMO, "--since", "8d", "--top", "7", "--width", "80") == (False, 7, 7)
    assert tables(*DEMO, "--since", "8d", "--top", "13", "--width", "40")[0]  # that is no screen anyway
    assert tables(*LONG_TITLE, "--since", "8d")[0]  # a pipe has no height


def test_a_change_is_never_without_the_days_that_it_is_over_nor_without_what_explains_it(build: Build) -> None:
    shown = build(*DEMO, "--source", "reports", "--since", "2d")
    for width in (40, 60, 80, 120):
        out = render(shown, "table", Screen(width))
        assert re.search(r"vs (before,\n +)?1 of (the )?2 ", out), out
        assert "\nnote: weekend days: 1 of 1 now, 0 of 1 before" in out.replace("\n  before", " before")


def test_a_comparison_drops_what_was_before_and_never_the_change(build: Build) -> None:
    shown = build(*DEMO, "--since", "7d", "--compare", "previous")
    for width in range(30, 66):
        headline = render(shown, "table", Screen(width)).split("\n\n")[1]
        assert re.search(r"^ .* change$", headline, re.MULTILINE), headline
        assert re.search(r"38,747( +40,221)? +▼ 3\.7%$", headline, re.MULTILINE), headline


def test_a_name_that_matches_nothing_is_why_there_is_nothing_to_compare(call: Run) -> None:
    out = call(*DEMO, "--language", "pyton", "--compare", "previous", "--since", "7d").out
    first = next(each for each in out.splitlines() if each.startswith("note: "))
    assert first.startswith("note: --language pyton: no such language in these days; nearest first: python, ")
    assert "choose other days" not in out


def test_what_is_dropped_is_counted(call: Run) -> None:
    last = call(*CASES["nothing-to-compare"], "--width", "40").out.splitlines()[-2:]
    assert last == ["3 notes, 2 earlier weeks, 10 languages,", "  1 editor: --full"]
    three = call(*DEMO, "--source", "reports", "--since", "7d", "--width", "60").out
    assert "\nterraform " not in three
    assert three.endswith("\n3 notes, 1 earlier day, 10 languages, 3 IDEs: --full\n")


def test_at_40_columns_no_metric_has_a_line_of_its_own(call: Run) -> None:
    full = {width: call(*CASES["full"], "--width", str(width)).out.count("\n") for width in WIDTHS}
    assert full[40] <= full[80] + 6


SWEPT = {
    **{name: CASES[name] for name in ("default", "full", "by-week", "one-day", "user-reports", "compare-last-month")},
    "eight days": (*DEMO, "--since", "8d"),
    "with a change": (*SAVED, "--period", "2026-10-04..2026-10-31"),
    "team": (*LONG_TITLE, "--since", "8d"),
    "names by week": (*DEMO, "--by", "week,language,editor", "--top", "3"),
    "compare by week": (*DEMO, "--period", "2026-W46", "--compare", "previous", "--by", "week"),
    "compare by month and language": (*SAVED, "--compare", "last-month", "--by", "month,language"),
    "gaps": CASES["team-with-gaps"],
    "days without data": (*DEMO, "--since", "2026-10-26", "--until", "2026-10-28"),
    "nothing to compare": CASES["nothing-to-compare"],
    "compare parts of months": CASES["compare-parts-of-months"],
}
NUMBER = re.compile(r"^[a-z][a-z, ]+?  +([\d,.]+%?)(?= |$)", re.MULTILINE)
WELL_FORMED = re.compile(r"(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d)?%?,?")


@pytest.mark.parametrize("name", SWEPT)
@pytest.mark.parametrize(
    "widths",
    [
        pytest.param({*range(20, 64, 5), 60, *range(64, 201, 24)}, id="some"),
        pytest.param(range(20, 201), id="all", marks=pytest.mark.slow),
    ],
)
def test_at_any_width_every_line_fits_and_no_number_is_cut(name: str, widths: Iterable[int], build: Build) -> None:
    shown = build(*SWEPT[name])
    paragraphs = render(shown, "table", Screen()).split("\n\n")
    headline = NUMBER.findall(next((each for each in paragraphs if re.search("^active users", each, re.MULTILINE)), ""))
    assert (len(headline) > 4) is ("--by" not in SWEPT[name])
    for width in widths:
        out = render(shown, "table", Screen(width))
        assert max(map(text_width, out.splitlines())) <= width, out
        words = re.sub("[▁▂▃▄▅▆▇━╸()]", " ", out).split()
        assert set(headline) <= set(words), out
        for word in words:
            assert not re.fullmatch(r"\d[\d,.]*%?", word) or WELL_FORMED.fullmatch(word), out


def test_a_chart_of_many_days_is_by_weeks(call: Run) -> None:
    period = ("--source", "reports", "--period", "2026-08-01..2026-11-14")
    check("screen-chart-weeks", call(*DEMO, *period, "--chart", "total_active_users", "--width", "60").out)


def test_a_chart_in_a_terminal_and_one_without_blocks(run_in_terminal: RunInTerminal, call: Run) -> None:
    period = ("--source", "reports", "--since", "2026-11-03", "--compare", "previous")
    args = (*DEMO, *period, "--chart", "total_suggestions_count")
    shown = run_in_terminal(60, *args).out
    assert layout(shown) == call(*args, "--width", "60").out
    assert "\x1b[35m•" in shown
    plain = run_in_terminal(60, *args, env={"PYTHONIOENCODING": "ascii"}).out
    assert layout(plain).isascii()
    check("screen-chart-ascii", layout(plain))
