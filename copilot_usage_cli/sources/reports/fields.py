"""Read the classic counters out of today's reports, which count every feature of Copilot in one place.

Aggregated days and single user-days carry the same arrays. Completions are only those of the feature
`code_completion`, chat is `chat_inline` and `chat_panel_*`; the counters at the top of a record mix all features
and are never used. An absent row counts 0, an absent array is unknown.
"""

from typing import Any, NamedTuple

from copilot_usage_cli.model.activity import (
    ACTIVITY_COUNTS,
    COMPLETION,
    MORE_TABLES,
    TABLES,
    WITHOUT_PROMPTS,
    Activity,
    ActivityRow,
    ActivityRows,
)
from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.sources.payload import CountFields, InvalidPayload, name_of, objects

COMPLETION_FIELDS = (
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_added_sum",
)
"""Suggestions, acceptances, lines suggested, lines accepted: in the order of records.COUNTS."""

CHAT_FIELDS = ("code_acceptance_activity_count", "user_initiated_interaction_count")
"""Chat acceptances, chat turns."""

OTHERS = "others"

_completion_counts = CountFields(COMPLETION_FIELDS)
_chat_counts = CountFields(CHAT_FIELDS)
_activity_counts = CountFields(ACTIVITY_COUNTS)
_counts_without_prompts = CountFields(ACTIVITY_COUNTS[1:])


class Counters(NamedTuple):
    """Completions, chat (acceptances, turns) and completions by language; None where GitHub gave no array."""

    completions: Sums | None
    chat: Sums | None
    languages: dict[str | None, Sums] | None


def read_counters(payload: dict[str, Any]) -> Counters:
    """Read the counters of an aggregated day or a user-day; raises InvalidPayload, naming the field."""
    features = payload.get("totals_by_feature")
    if features is None:
        return Counters(None, None, _languages(payload, None))
    completions: Sums | None = None
    chat: Sums | None = None
    rows = objects(features, "totals_by_feature")
    try:
        for row in rows:
            feature = row.get("feature")
            if feature == COMPLETION:
                completions = added(completions, _completion_counts.read(row))
            elif type(feature) is str:
                if feature == "chat_inline" or feature.startswith("chat_panel_"):
                    chat = added(chat, _chat_counts.read(row))
            else:
                name_of(row, "feature")
    except InvalidPayload as error:
        raise error.at(", totals_by_feature") from None
    completions = completions or (0,) * 4
    return Counters(completions, chat or (0,) * 2, _languages(payload, completions))


def read_table(payload: dict[str, Any], table: str) -> ActivityRows:
    """Read one of TABLES; None without the array. Raises InvalidPayload, naming the field."""
    rows = payload.get(table)
    if rows is None:
        return None
    objects(rows, table)
    dimensions = TABLES[table]
    try:
        if table in WITHOUT_PROMPTS:
            return tuple(ActivityRow(_names(row, dimensions), None, *_counts_without_prompts.read(row)) for row in rows)
        return tuple(ActivityRow(_names(row, dimensions), *_activity_counts.read(row)) for row in rows)
    except InvalidPayload as error:
        raise error.at(f", {table}") from None


def read_activity(payload: dict[str, Any]) -> Activity:
    """Read the activity of all features; raises InvalidPayload, naming the field."""
    totals = _activity_counts.read(payload)
    known = None if all(value is None for value in totals) else totals
    return Activity(known, *(read_table(payload, table) for table in MORE_TABLES))


def _names(row: dict[str, Any], dimensions: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(name_of(row, dimension) for dimension in dimensions)


def says_no_report(document: Any) -> bool:
    """Return whether a document is GitHub's words for a day without a report, which come as a JSON string."""
    return isinstance(document, str) and document.strip().lower().startswith("no report available")


def _languages(payload: dict[str, Any], whole: Sums | None) -> dict[str | None, Sums] | None:
    """Add up completions by language; what GitHub's ten largest rows leave of the whole goes to `others`."""
    rows = payload.get("totals_by_language_feature")
    if rows is None:
        return None
    languages: dict[str | None, Sums] = {}
    named: Sums = (0,) * 4
    objects(rows, "totals_by_language_feature")
    try:
        for row in rows:
            if row.get("feature") == COMPLETION:
                language = name_of(row, "language")
                counts = _completion_counts.read(row)
                named = added(named, counts)
                languages[language] = added(languages.get(language), counts)
    except InvalidPayload as error:
        raise error.at(", totals_by_language_feature") from None
    if whole is not None and whole != named:
        rest = tuple(None if a is None else a - (b or 0) for a, b in zip(whole, named, strict=True))
        known = [value for value in rest if value is not None]
        # A negative rest is GitHub's own contradiction: it stays visible as a day that doesn't add up.
        if any(known) and min(known) >= 0:
            languages[OTHERS] = added(languages.get(OTHERS), rest)
    return languages
