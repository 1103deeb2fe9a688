"""The metrics API of 2024 to 2026, which GitHub has retired: its answers sit in many archives.

Its completions are nested in editors, models and languages. Its users are those who accepted something, per
language, so fewer than the classic ones, and those active in any feature, per day, so more.
"""

from typing import Any

from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.model.records import TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import METRICS
from copilot_usage_cli.sources.payload import CountFields, InvalidPayload, count, day_of, name_of, objects

_FEATURES = ("copilot_ide_code_completions", "copilot_ide_chat", "copilot_dotcom_chat", "copilot_dotcom_pull_requests")
_CLASSIC_ALONE = {"breakdown", *TOTALS} - {"total_active_users"}
_completion_counts = CountFields(
    (
        "total_code_suggestions",
        "total_code_acceptances",
        "total_code_lines_suggested",
        "total_code_lines_accepted",
    )
)


def is_metrics(payload: dict[str, Any]) -> bool:
    """Return whether a payload is a day of the metrics API: with a `date` instead of a `day`, and counts of its own."""
    if "date" not in payload or "day" in payload or _CLASSIC_ALONE & payload.keys():
        return False
    own = any(payload.get(name) is not None for name in _FEATURES)
    return own or any(payload.get(name) is not None for name in ("total_active_users", "total_engaged_users"))


def parse_metrics(payload: dict[str, Any], scope: Scope) -> DailyRecord:
    """Read one day; raises InvalidPayload, naming the field."""
    day = day_of(payload, "date")
    try:
        breakdown = _breakdown(payload)
        chat = _object(payload, "copilot_ide_chat")
        active = count(payload, "total_active_users")
        chat_users = None if chat is None else count(chat, "total_engaged_users")
        totals: Sums = (*_sums(breakdown), active, *_chat_counts(chat), chat_users)
        return DailyRecord.of(scope, METRICS, day, totals, breakdown)
    except InvalidPayload as error:
        raise error.at(f" ({day})") from None


def _breakdown(payload: dict[str, Any]) -> tuple[BreakdownRow, ...] | None:
    """Add up completions by language and editor, over models; unknown where there is no object or no editors."""
    whole = _object(payload, "copilot_ide_code_completions")
    if whole is None or whole.get("editors") is None:
        return None
    cells: dict[tuple[str | None, str | None], Sums] = {}
    try:
        for editor in objects(whole["editors"], "editors"):
            for model in _nested(editor, "models"):
                for row in _nested(model, "languages"):
                    names = (name_of(row, "name"), name_of(editor, "name"))
                    *sums, known = cells.get(names, (None,) * 5)
                    users = count(row, "total_engaged_users")
                    # Who accepted from two models is in both: the larger is sure, the sum is not.
                    users = known if users is None else max(known or 0, users)
                    cells[names] = (*added(tuple(sums), _completion_counts.read(row)), users)
    except InvalidPayload as error:
        raise error.at(", copilot_ide_code_completions") from None
    return tuple(BreakdownRow(language, editor, *cell) for (language, editor), cell in cells.items())


def _sums(rows: tuple[BreakdownRow, ...] | None) -> Sums:
    if rows is None:
        return (None,) * 4
    sums: Sums = (None,) * 4 if rows else (0,) * 4
    for row in rows:
        sums = added(sums, (row.suggestions_count, row.acceptances_count, row.lines_suggested, row.lines_accepted))
    return sums


def _chat_counts(chat: dict[str, Any] | None) -> Sums:
    """Add up acceptances (insertions and copies) and turns (chats) of chat in the IDE."""
    if chat is None or chat.get("editors") is None:
        return (None, None)
    sums: Sums = (None, None) if chat["editors"] else (0, 0)
    try:
        for editor in objects(chat["editors"], "editors"):
            for model in _nested(editor, "models"):
                insertions = count(model, "total_chat_insertion_events")
                sums = added(sums, (insertions, count(model, "total_chats")))
                sums = added(sums, (count(model, "total_chat_copy_events"), None))
    except InvalidPayload as error:
        raise error.at(", copilot_ide_chat") from None
    return sums


def _nested(payload: dict[str, Any], field: str) -> list[dict[str, Any]]:
    rows = payload.get(field)
    return [] if rows is None else objects(rows, field)


def _object(payload: dict[str, Any], field: str) -> dict[str, Any] | None:
    value = payload.get(field)
    if value is None or isinstance(value, dict):
        return value
    raise InvalidPayload(f", field {field}: it is not an object", "")
