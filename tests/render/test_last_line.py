"""The line in which the report on one screen ends: no note in it is ever cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.render.last_line import LATER, last_line
from copilot_usage_cli.render.lines import wrap
from copilot_usage_cli.report.before import NO_CHANGE

MISSING = "no data for 1 day: 2026-10-27"
DEMO = "this is the demo, as of 2026-11-16: the numbers are made up"
LEFT = ["8 languages"]


@pytest.mark.parametrize(
    ("width", "most", "said"),
    [
        (None, 1, f"note: {MISSING}; {NO_CHANGE}; 1 more note, 8 languages: --full"),
        (80, 2, f"note: {MISSING}; {NO_CHANGE}; 1 more note, 8 languages: --full"),
        (90, 1, "note: no data for 1 day; no change shown: --compare previous; 8 languages, more: --full"),
        (80, 1, "note: no data for 1 day; change: --compare previous; 8 languages, more: --full"),
        (70, 1, "note: no data for 1 day: 2026-10-27; 2 more notes, 8 languages: --full"),
        (60, 1, "note: no data for 1 day; 2 more notes, 8 languages: --full"),
        (40, 1, "3 notes, 8 languages: --full"),
        (30, 1, "3 notes, 8 languages: --full"),
        (20, 1, "3 notes, 8 languages: --full"),  # there is nothing shorter
    ],
)
def test_the_fullest_text_that_has_room(width: int | None, most: int, said: str) -> None:
    assert last_line([MISSING, NO_CHANGE, DEMO], LEFT, 0, width, most) == said


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("9 of 127 user-days without details: GitHub has no telemetry of them, so they are in no sum", "details"),
        ("no data for 90 days: 2026-01-01 to 2026-03-31 (GitHub keeps a year, from 2025-12-12 on)", "2026-03-31"),
        ("no data for 90 days: 2026-01-01 to 2026-03-31, 2026-04-10 to 2026-05-10 (GitHub keeps a year)", "90 days"),
        (
            "on 3 days GitHub counts more acceptances than suggestions, so the rates are too high: 2026-01-01",
            "gestions",
        ),
        ("GitHub's series changed in this period: 2026-01-01: something; 2026-01-02: something else", "this period"),
        ("the source changes, so the numbers don't compare: usage from 2026-01-01 to 2026-01-02", "compare"),
        ("in GitHub's reports active users are those of any feature; chat users a day are not in them", "any feature"),
        ("not yet available: 2026-11-15; may still change: 2026-11-14 (GitHub is slow)", "2026-11-14"),
        ("weekend days: 1 of 1 now, 0 of 1 before, which by itself changes the numbers", "0 of 1 before"),
        (
            "not yet available: 2026-11-15; may still change: 2026-10-01, 2026-10-03, 2026-10-05, 2026-10-07",
            "2026-11-15",
        ),
    ],
)
def test_what_a_note_can_spare(note: str, said: str) -> None:
    short = last_line([note, DEMO], [], 0, 80, 1)
    assert short.endswith((f"{said}; 1 more note: --full", f"{said}; more: --full"))
    assert note.startswith(short.removeprefix("note: ").partition(said)[0])


def test_without_notes_what_is_left_out_is_there_and_without_both_nothing() -> None:
    assert last_line([], ["1 earlier week", "8 languages"], 0, 80, 1) == "1 earlier week, 8 languages more: --full"
    assert last_line([DEMO], [], 0, 80, 1) == f"note: {DEMO}"
    assert last_line([NO_CHANGE, DEMO], [], 0, 80, 1) == f"note: {NO_CHANGE}; 1 more note: --full"
    assert last_line([], [], 0, 80, 1) == ""


@pytest.mark.parametrize(
    ("notes", "columns", "width", "said"),
    [
        ([DEMO], 9, 100, f"note: {DEMO}; 9 columns need more width"),
        ([DEMO], 9, 80, f"note: {DEMO}"),
        ([], 1, 80, "1 column needs more width"),
    ],
)
def test_columns_without_room_are_counted_where_that_takes_no_line(
    notes: list[str], columns: int, width: int, said: str
) -> None:
    assert last_line(notes, [], columns, width, 1) == said


@given(
    st.lists(st.sampled_from([MISSING, NO_CHANGE, DEMO, "word " * 60]), min_size=1, unique=True),
    st.integers(40, 200),
    st.integers(1, 3),
)
def test_it_takes_no_more_lines_than_it_may_and_names_where_the_rest_is(
    notes: list[str], width: int, most: int
) -> None:
    said = last_line(notes, LEFT, 0, width, most)
    assert len(wrap(said, width, LATER)) <= most
    assert said.endswith(": --full")
    assert "…" not in said
