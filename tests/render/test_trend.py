"""The sparkline of the human report."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.render.columns import sparkline
from copilot_usage_cli.render.layout import text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from support.program import Run, RunInTerminal

BLOCKS = "▁▂▃▄▅▆▇█"
SGR = re.compile(r"\x1b\[[0-9;]*m")
FIRST = date(2024, 6, 3)


@pytest.fixture
def save(tmp_path: Path, record: Callable[..., dict[str, Any]]) -> Callable[[Mapping[int, int | None]], str]:
    """Save days, each with its suggestions, by their place in the period."""

    def write(counts: Mapping[int, int | None]) -> str:
        path = tmp_path / "saved.json"
        days = [record(FIRST + timedelta(days=n), total_suggestions_count=count) for n, count in counts.items()]
        path.write_text(json.dumps(days), "utf-8")
        return str(path)

    return write


def trend(shown: str) -> str:
    """Give the sparkline of a report with its label; nothing if there is none."""
    lines = [line.rstrip() for line in SGR.sub("", shown).splitlines()]
    place = next((n for n, line in enumerate(lines) if line.startswith("suggestions by ")), None)
    if place is None:
        return ""
    return lines[place] if set(lines[place]) & set(BLOCKS) else f"{lines[place]}|{lines[place + 1]}"


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], BLOCKS),
        ([None, 7, None, 0], " █ ▁"),
        ([5], "█"),
        ([], ""),
        ([None, None], ""),
        ([0, 0], ""),
        ([10**12, 10**12 // 2], "█▅"),
    ],
)
def test_blocks(values: list[int | None], drawn: str) -> None:
    assert sparkline(values) == drawn


def test_one_block_a_day_and_blanks_for_missing_days(call: Run, save: Callable[..., str]) -> None:
    saved = save({0: 10, 1: 80, 4: 40, 5: None, 6: 0, 7: 80})
    assert trend(call("org", "acme", "--input", saved).out) == "suggestions by day     ▂█  ▅ ▁█"


def test_days_missing_at_the_beginning_are_blank(call: Run, save: Callable[..., str]) -> None:
    saved = save({1: 80})
    done = call("org", "acme", "--input", saved, "--since", str(FIRST), "--until", str(FIRST + timedelta(days=3)))
    assert trend(done.out) == "suggestions by day      █"


def test_a_filter_draws_what_matches(call: Run, save: Callable[..., str]) -> None:
    saved = save({0: 1, 1: 80})
    assert trend(call("org", "acme", "--input", saved, "--language", "python").out) == "suggestions by day     ██"


@pytest.mark.parametrize("by", ["day", "week", "language"])
def test_none_where_a_table_was_asked_for(call: Run, save: Callable[..., str], by: str) -> None:
    assert trend(call("org", "acme", "--input", save({0: 1, 1: 2}), "--by", by).out) == ""


def test_none_of_a_single_day(call: Run, save: Callable[..., str]) -> None:
    assert trend(call("org", "acme", "--input", save({0: 5})).out) == ""


@pytest.mark.parametrize(("days", "unit", "blocks"), [(62, "day", 62), (63, "week", 9), (364, "week", 52)])
def test_weeks_for_long_periods(call: Run, save: Callable[..., str], days: int, unit: str, blocks: int) -> None:
    done = call("org", "acme", "--input", save(dict.fromkeys(range(days), 5)))
    assert trend(done.out) == f"suggestions by {unit:<7} {'█' * blocks}"


def test_a_week_is_the_mean_of_its_known_days(call: Run, save: Callable[..., str]) -> None:
    counts = dict.fromkeys(range(70), 10) | {0: 80} | dict.fromkeys(range(7, 14), None)
    for n in range(1, 7):
        del counts[n]
    done = call("org", "acme", "--input", save(counts))
    assert trend(done.out) == "suggestions by week    █ " + "▂" * 8


@pytest.mark.parametrize("columns", [20, 24, 30, 40, 59, 60, 80, 160])
@pytest.mark.parametrize("days", [28, 400])
def test_never_wider_than_the_terminal(
    run_in_terminal: RunInTerminal, save: Callable[..., str], columns: int, days: int
) -> None:
    shown = run_in_terminal(columns, "org", "acme", "--input", save(dict.fromkeys(range(days), 5)))
    assert shown.code == 0
    drawn = trend(shown.out)
    assert set(drawn) & set(BLOCKS)
    assert all(text_width(line) <= columns for line in drawn.split("|"))


@pytest.mark.parametrize(("encoding", "there"), [("ascii", False), ("latin-1", False), ("utf-8", True)])
def test_none_in_an_encoding_without_blocks(
    run_in_terminal: RunInTerminal, save: Callable[..., str], encoding: str, there: bool
) -> None:
    saved = save({0: 5, 1: 10})
    shown = run_in_terminal(80, "org", "acme", "--input", saved, env={"PYTHONIOENCODING": encoding})
    assert shown.code == 0
    assert bool(trend(shown.out)) == there
    assert "\\u258" not in shown.out  # nor as escapes
