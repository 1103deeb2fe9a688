"""The tables of a line come back as they were, in little room."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.activity import MORE_TABLES, TABLES, WITHOUT_PROMPTS, Activity, ActivityRow
from copilot_usage_cli.sources.reports.packed_tables import NO_TABLES, have_numbers, pack_tables, unpack_tables

NAMES = {name: number for number, name in enumerate([None, "", "go", "agent_edit", "gpt-5"])}
COUNTS = st.none() | st.integers(0, 300) | st.integers(0, 2**53)


def rows(table: str) -> st.SearchStrategy[Any]:
    prompts = st.none() if table in WITHOUT_PROMPTS else COUNTS
    names = st.tuples(*[st.sampled_from(list(NAMES))] * len(TABLES[table]))
    row = st.builds(ActivityRow, names, prompts, *[COUNTS] * 6)
    return st.none() | st.lists(row, max_size=3).map(tuple)


@given(st.builds(Activity, st.none(), *map(rows, MORE_TABLES)))
def test_they_come_back(activity: Activity) -> None:
    packed = pack_tables(activity, NAMES)
    expected = [
        None if table is None else [(tuple(NAMES[name] for name in row.names), row.counts) for row in table]
        for table in activity.tables
    ]
    assert unpack_tables(packed) == expected
    assert have_numbers(packed) != activity.is_blank
    assert (packed == NO_TABLES) == (activity == Activity())


def test_a_usual_line_takes_two_bytes_a_number() -> None:
    row = ActivityRow(("go", "agent_edit"), None, 12, 3, 400, 0, 65_535, 7)
    assert len(pack_tables(Activity(None, None, None, (row,) * 10), NAMES)) == 1 + 2 * (4 + 10 * 8)
