"""Strategies of Hypothesis that several tests draw from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from copilot_usage_cli.model.aggregates import (
    ACTIVE_USERS,
    MEDIANS,
    PULL_REQUESTS,
    SESSIONS,
    Aggregates,
    Engagement,
    Phase,
    PullRequests,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from copilot_usage_cli.model.activity import ActivityRow
    from copilot_usage_cli.model.records import BreakdownRow, DailyRecord

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "random"  # the weekly search

Kind = TypeVar("Kind", "BreakdownRow", "DailyRecord", "ActivityRow")


def built(kind: type[Kind], *values: SearchStrategy[Any], **fields: SearchStrategy[Any]) -> SearchStrategy[Kind]:
    """Build records or rows; a field that isn't given stays unknown, where st.builds would draw it."""
    rest = kind._fields[len(values) :]
    unknown = {name: st.just(kind._field_defaults[name]) for name in rest if name in kind._field_defaults}
    return st.builds(kind, *values, **{**unknown, **fields})


def aggregates(names: SearchStrategy[str | None], counts: SearchStrategy[int | None]) -> SearchStrategy[Aggregates]:
    """Draw what aggregated reports say of a day besides activity, any part of it unknown."""
    minutes = st.none() | st.floats(0, 1e9)
    sessions = st.none() | st.tuples(*[counts] * len(SESSIONS))
    return st.builds(
        Aggregates,
        st.none() | st.tuples(*[counts] * len(ACTIVE_USERS)).filter(any),
        st.none()
        | st.builds(PullRequests, st.tuples(*[counts] * len(PULL_REQUESTS)), st.tuples(*[minutes] * len(MEDIANS))),
        st.none() | st.lists(st.builds(Phase, names, *[counts] * 4), max_size=4).map(tuple),
        st.none() | st.builds(Engagement, counts, st.lists(st.tuples(names, counts), max_size=8).map(tuple)),
        sessions,
        sessions,
    )
