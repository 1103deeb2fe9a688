"""Strategies of Hypothesis that several tests draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from copilot_usage_cli.model.activity import ActivityRow
    from copilot_usage_cli.model.records import BreakdownRow, DailyRecord

Kind = TypeVar("Kind", "BreakdownRow", "DailyRecord", "ActivityRow")


def built(kind: type[Kind], *values: SearchStrategy[Any], **fields: SearchStrategy[Any]) -> SearchStrategy[Kind]:
    """Build records or rows; a field that isn't given stays unknown, where st.builds would draw it."""
    rest = kind._fields[len(values) :]
    unknown = {name: st.just(kind._field_defaults[name]) for name in rest if name in kind._field_defaults}
    return st.builds(kind, *values, **{**unknown, **fields})
