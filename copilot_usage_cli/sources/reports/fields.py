"""Take the classic counters out of today's reports, which count every feature of Copilot in one place.

Aggregated days and single user-days carry the same arrays. Completions are only those of the feature
`code_completion`, chat is `chat_inline` and `chat_panel_*`; the counters at the top of a record mix all features
and are never used. An absent row counts 0, an absent array is unknown.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.sources.payload import MOST, count, name_of, objects

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

_COMPLETION = "code_completion"
_take_completions = itemgetter(*COMPLETION_FIELDS)
_take_chat = itemgetter(*CHAT_FIELDS)


class Counters(NamedTuple):
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
    where = f"{place}, totals_by_feature"
    for row in objects(features, place, "totals_by_feature"):
        feature = row.get("feature")
        if feature == _COMPLETION:
            completions = added(completions, _counts(row, COMPLETION_FIELDS, _take_completions, where))
        elif type(feature) is str:
            if feature == "chat_inline" or feature.startswith("chat_panel_"):
                chat = added(chat, _counts(row, CHAT_FIELDS, _take_chat, where))
        else:
            name_of(row, "feature", where)
    completions = completions or (0,) * 4
    return Counters(completions, chat or (0,) * 2, _languages(payload, place, completions))


def _counts(row: dict[str, Any], names: Sequence[str], take: Callable[[Any], Sums], place: str) -> Sums:
    """Read counts from a row; `take` does it quickly where all of them are there, as in millions of rows."""
    try:
        counts = take(row)
        for value in counts:
            if type(value) is not int or not 0 <= value <= MOST:
                break
        else:
            return counts
    except KeyError:
        pass
    return tuple(count(row, name, place) for name in names)


def _languages(payload: dict[str, Any], place: str, whole: Sums | None) -> dict[str | None, Sums] | None:
    """Add up completions by language; what GitHub's ten largest rows leave of the whole goes to `others`."""
    rows = payload.get("totals_by_language_feature")
    if rows is None:
        return None
    languages: dict[str | None, Sums] = {}
    named: Sums = (0,) * 4
    where = f"{place}, totals_by_language_feature"
    for row in objects(rows, place, "totals_by_language_feature"):
        if row.get("feature") == _COMPLETION:
            language = name_of(row, "language", where)
            four = _counts(row, COMPLETION_FIELDS, _take_completions, where)
            named = added(named, four)
            languages[language] = added(languages.get(language), four)
    if whole is not None and whole != named:
        rest = tuple(None if a is None else a - (b or 0) for a, b in zip(whole, named, strict=True))
        known = [value for value in rest if value is not None]
        # A negative rest is GitHub's own contradiction: it stays visible as a day that doesn't add up.
        if any(known) and min(known) >= 0:
            languages[OTHERS] = added(languages.get(OTHERS), rest)
    return languages
