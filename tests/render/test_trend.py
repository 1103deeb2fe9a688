"""The sparkline of the human report."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.render.lines import text_width
from copilot_usage_cli.render.trend import Series, Trend, sparkline
from copilot_usage_cli.report.blocks import bucket_size, in_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from support.program import Run, RunInTerminal

BLOCKS = "▁▂▃▄▅▆▇"
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


def trend(shown: str, label: str = "suggestions") -> str:
    """Give the blocks of a number in a report; nothing if there are none."""
    lines = [line for line in SGR.sub("", shown).splitlines() if line.startswith(label)]
    found = re.search(f"  ([{BLOCKS}][{BLOCKS} ]*?)  0 to ", lines[0]) if lines else None
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("values", "blocks"),
    [
        ([0, 1, 2, 3, 4, 5, 6], BLOCKS),
        ([None, 7, None, 0], " ▇ ▁"),
        ([5], "▇"),
        ([], ""),
        ([None, None], ""),
        ([0, 0], ""),
        ([10**12, 10**12 // 2], "▇▄"),
    ],
)
def test_blocks(values: list[int | None], blocks: str) -> None:
    assert sparkline(values) == blocks


def drawn(counts: Mapping[int, int | None], width: int, length: int = 0) -> str:
    """Draw days, each with its count by its place in the period, into a width."""
    days = [FIRST + timedelta(days=n) for n in range(length or max(counts) + 1)]
    daily = [(counts.get(n), 1) for n in range(len(days))]
    series = Series(daily, lambda each: f"{each:g}")
    trend = Trend(days, [series])
    above = trend.heading().at(width, blocks=True)
    return "\n".join([*([above] if above else []), trend.drawing(series).at(width, blocks=True)])


def test_one_block_a_day_and_blanks_for_missing_days() -> None:
    counts = {0: 10, 1: 80, 4: 40, 5: None, 6: 0, 7: 80}
    assert drawn(counts, 17) == "▂▇  ▄ ▁▇  0 to 80"
    assert drawn({1: 80}, 17, 4) == "  ▇▇      0 to 80"


def test_few_days_are_drawn_wider_below_their_dates() -> None:
    assert drawn({0: 10, 1: 80}, 14) == "▂▂▇▇  0 to 80"
    assert drawn({0: 10, 1: 80}, 22) == "06-03  06-04\n▂▂▂▂▂▂▇▇▇▇▇▇  0 to 80"
    assert drawn({0: 10, 1: 80}, 33) == f"2024-06-03    2024-06-04\n{'▂' * 12}{'▇' * 12}  0 to 80"


def test_many_days_are_drawn_by_the_week() -> None:
    counts = dict.fromkeys(range(21), 40) | dict.fromkeys(range(7), 80)
    assert drawn(counts, 20) == "a bar is a week\n▇▇▇▄▄▄▄▄▄  0 to 80"
    years = dict.fromkeys(range(400), 80)
    whole = "2024-06-03        2025-07-07"
    blocks = "▇" * 28 + "  0 to 80"
    assert drawn(years, 46) == f"{whole}  a bar is 2 weeks\n{blocks}"
    assert drawn(years, 41) == f"{whole}  2-week bars\n{blocks}"
    assert drawn(years, 39) == f"06-03   2-week bars    07-07\n{blocks}"
    months = dict.fromkeys(range(90), 80)
    blocks = "▇" * 72 + "  0 to 80"
    assert drawn(months, 88) == f"2024-06-03{' ' * 52}2024-08-31  weekly bars\n{blocks}"
    assert drawn(months, 81) == f"2024-06-03{'a bar is a week':^52}2024-08-31\n{blocks}"


@pytest.mark.parametrize("weekend", [0, 20])
@pytest.mark.parametrize("days", range(14, 60))
def test_a_remainder_of_days_looks_like_no_crash_and_no_rise(days: int, weekend: int) -> None:
    """Weeks that are all alike are a line that is nearly level, on whichever weekday the period begins and ends."""
    week = [(count, 1) for count in (*[80] * 5, *[weekend] * 2)]
    for first in range(7):
        daily = [week[(first + n) % 7] for n in range(days)]
        for size in (7, 14):
            known = [BLOCKS.index(block) for block in sparkline(in_blocks(daily, size))]
            assert max(known) - min(known) <= 1


@pytest.mark.parametrize("days", [2, 8, 28, 29, 61, 400])
@pytest.mark.parametrize("most", [5, 8071, 10**12])
def test_a_line_is_never_wider_than_its_room_whatever_a_block_is(days: int, most: int) -> None:
    """Days have whole numbers, weeks have decimals."""
    counts = {n: most - n % 3 for n in range(days)}
    for width in range(24, 91):
        lines = drawn(counts, width).splitlines()
        assert max(map(len, lines)) <= width
        assert re.fullmatch(f"[{BLOCKS}]+  0 to [\\d.e+]+ *|", lines[-1])


@pytest.mark.parametrize("by", ["day", "week", "language"])
def test_none_where_a_table_was_asked_for(call: Run, save: Callable[..., str], by: str) -> None:
    assert "0 to " not in call("org", "acme", "--input", save({0: 1, 1: 2}), "--by", by).out


def test_none_of_a_single_day(call: Run, save: Callable[..., str]) -> None:
    assert "0 to " not in call("org", "acme", "--input", save({0: 5})).out


@pytest.mark.parametrize(
    ("days", "room", "size"),
    [(28, 28, 1), (29, 28, 7), (202, 28, 7), (203, 28, 14), (3650, 28, 126), (5, 4, 7), (1, 1, 1)],
)
def test_weeks_for_long_periods(days: int, room: int, size: int) -> None:
    assert bucket_size(days, room) == size
    assert len(in_blocks([(1, 1)] * days, size)) == max(days // size, 1) <= room


def test_a_week_is_its_sum_over_its_days_and_a_rate_the_sum_over_the_sum() -> None:
    week = [(80, 1), *[(None, None)] * 6]
    assert in_blocks([*week, *[(10, 1)] * 7, *[(None, 1)] * 7], 7) == [80, 10, None]
    assert in_blocks([(1, 10), (9, 10), (None, 100)] + [(0, 80)] * 4 + [(5, 5)] * 7, 7) == [10 / 340, 1]
    assert in_blocks([(5, 5)] + [(1, 10), (9, 10), (None, 100)] + [(0, 80)] * 4, 7) == [15 / 345]


@pytest.mark.parametrize("columns", [40, 59, 60, 80, 160])
@pytest.mark.parametrize("days", [28, 400])
def test_never_wider_than_the_terminal(
    run_in_terminal: RunInTerminal, save: Callable[..., str], columns: int, days: int
) -> None:
    shown = run_in_terminal(columns, "org", "acme", "--input", save(dict.fromkeys(range(days), 5)))
    assert shown.code == 0
    assert all(text_width(line) <= columns for line in SGR.sub("", shown.out).splitlines())
    assert bool(trend(shown.out)) is (columns > 57)


@pytest.mark.parametrize(("encoding", "there"), [("ascii", False), ("latin-1", False), ("utf-8", True)])
def test_an_encoding_without_blocks_gets_none_nor_their_escapes(
    run_in_terminal: RunInTerminal, save: Callable[..., str], encoding: str, there: bool
) -> None:
    saved = save({n: 10 * n for n in range(28)})
    args = ("org", "acme", "--input", saved, "--since", "2024-06-17", "--until", "2024-06-30")
    shown = run_in_terminal(80, *args, env={"PYTHONIOENCODING": encoding})
    assert shown.code == 0
    assert bool(trend(shown.out)) == there
    assert "\\u" not in shown.out
    assert (" + 215.4%" in shown.out) is not there
    assert ("▲ 215.4%" in shown.out) is there
