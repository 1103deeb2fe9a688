"""Take the classic counters out of today's reports, which count every feature of Copilot in one place.

Aggregated days and single user-days carry the same arrays. Completions are only those of the feature
`code_completion`, chat is `chat_inline` and `chat_panel_*`; the counters at the top of a record mix all features
and are never used. An absent row counts 0, an absent array is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.payload import count, name_of

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

Sums = list[int | None]


@dataclass(frozen=True, slots=True)
class Counters:
    """Completions, chat (acceptances, turns) and completions by language; None where GitHub gave no array."""

    completions: Sums | None
    chat: Sums | None
    languages: dict[str | None, Sums] | None


def counters(payload: dict[str, Any], place: str) -> Counters:
    """Read the counters of an aggregated day or a user-day; raises NotUnderstood, naming the field."""
    features = payload.get("totals_by_feature")
    if features is None:
        return Counters(None, None, _languages(payload, place, None))
    completions: Sums | None = None
    chat: Sums | None = None
    for row in objects(features, place, "totals_by_feature"):
        feature = row.get("feature")
        if feature == "code_completion":
            completions = completions or [None] * 4
            add(completions, four(row, place))
        elif isinstance(feature, str) and (feature == "chat_inline" or feature.startswith("chat_panel_")):
            chat = chat or [None] * 2
            add(chat, [count(row, name, place) for name in CHAT_FIELDS])
    completions = completions or [0] * 4
    return Counters(completions, chat or [0] * 2, _languages(payload, place, completions))


def four(row: dict[str, Any], place: str) -> Sums:
    """Read the four counters of completions from a row."""
    return [count(row, name, place) for name in COMPLETION_FIELDS]


def add(sums: Sums, values: Sums) -> None:
    """Add what is known to what is known."""
    for n, value in enumerate(values):
        if value is not None:
            sums[n] = value + (sums[n] or 0)


def objects(rows: Any, place: str, field: str) -> Iterator[dict[str, Any]]:
    """Iterate over an array of objects; raises NotUnderstood if it is none."""
    if not isinstance(rows, list):
        raise NotUnderstood(f"{place}, field {field}: it is no list of rows")
    for row in rows:
        if not isinstance(row, dict):
            raise NotUnderstood(f"{place}, field {field}: a row of it is no object")
        yield row


def _languages(payload: dict[str, Any], place: str, whole: Sums | None) -> dict[str | None, Sums] | None:
    """Add up completions by language; what GitHub's ten largest rows leave of the whole goes to `others`."""
    rows = payload.get("totals_by_language_feature")
    if rows is None:
        return None
    languages: dict[str | None, Sums] = {}
    for row in objects(rows, place, "totals_by_language_feature"):
        if row.get("feature") == "code_completion":
            add(languages.setdefault(name_of(row, "language", place), [None] * 4), four(row, place))
    if whole is not None:
        named: Sums = [0, 0, 0, 0]
        for sums in languages.values():
            add(named, sums)
        rest = [(all_of or 0) - (part or 0) for all_of, part in zip(whole, named, strict=True)]
        # A negative rest is GitHub's own contradiction: it stays visible as a day that doesn't add up.
        if any(rest) and min(rest) >= 0:
            add(languages.setdefault(OTHERS, [None] * 4), list(rest))
    return languages
