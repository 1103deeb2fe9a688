"""The metrics API of 2024 to 2026, which GitHub has retired: its answers sit in many archives.

Its completions are nested in editors, models and languages. Its users are those who accepted something, per
language, so fewer than the classic ones, and those active in any feature, per day, so more.
"""

from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import count, day_of, name_of, objects

SOURCE = "metrics"
_COMPLETIONS = (
    "total_code_suggestions",
    "total_code_acceptances",
    "total_code_lines_suggested",
    "total_code_lines_accepted",
)


def is_metrics(payload: dict[str, Any]) -> bool:
    """Tell a day of the metrics API: it has a `date` where other generations have a `day`."""
    return "date" in payload and "day" not in payload


def metrics_record(payload: dict[str, Any], place: str, scope: Scope) -> DailyRecord:
    """Map one day; raises NotUnderstood, naming the record and the field."""
    day = day_of({"day": payload.get("date")}, place)
    place = f"{place} ({day})"
    rows = _rows(payload, place)
    suggestions, acceptances, lines_suggested, lines_accepted = _sums(rows)
    chat = _object(payload, "copilot_ide_chat", place)
    chat_acceptances, chat_turns = _chat(chat, f"{place}, copilot_ide_chat")
    return DailyRecord(
        scope,
        SOURCE,
        day,
        total_suggestions_count=suggestions,
        total_acceptances_count=acceptances,
        total_lines_suggested=lines_suggested,
        total_lines_accepted=lines_accepted,
        total_active_users=count(payload, "total_active_users", place),
        total_chat_acceptances=chat_acceptances,
        total_chat_turns=chat_turns,
        total_active_chat_users=None if chat is None else count(chat, "total_engaged_users", place),
        breakdown=rows,
    )


def _rows(payload: dict[str, Any], place: str) -> tuple[BreakdownRow, ...] | None:
    """Add up completions by language and editor, over models; unknown where there is no object or no editors."""
    whole = _object(payload, "copilot_ide_code_completions", place)
    if whole is None or whole.get("editors") is None:
        return None
    place = f"{place}, copilot_ide_code_completions"
    cells: dict[tuple[str | None, str | None], Sums] = {}
    for editor in objects(whole["editors"], place, "editors"):
        for model in _nested(editor, "models", place):
            for row in _nested(model, "languages", place):
                names = (name_of(row, "name", place), name_of(editor, "name", place))
                *sums, known = cells.get(names, (None,) * 5)
                users = count(row, "total_engaged_users", place)
                # Who accepted from two models is in both: the larger is sure, the sum is not.
                users = known if users is None else max(known or 0, users)
                counts = tuple(count(row, name, place) for name in _COMPLETIONS)
                cells[names] = (*added(tuple(sums), counts), users)
    return tuple(BreakdownRow(language, editor, *cell) for (language, editor), cell in cells.items())


def _sums(rows: tuple[BreakdownRow, ...] | None) -> Sums:
    if rows is None:
        return (None,) * 4
    sums: Sums = (None,) * 4 if rows else (0,) * 4
    for row in rows:
        sums = added(sums, (row.suggestions_count, row.acceptances_count, row.lines_suggested, row.lines_accepted))
    return sums


def _chat(chat: dict[str, Any] | None, place: str) -> Sums:
    """Add up acceptances (insertions and copies) and turns (chats) of chat in the IDE."""
    if chat is None or chat.get("editors") is None:
        return (None, None)
    sums: Sums = (None, None) if chat["editors"] else (0, 0)
    for editor in objects(chat["editors"], place, "editors"):
        for model in _nested(editor, "models", place):
            insertions = count(model, "total_chat_insertion_events", place)
            sums = added(sums, (insertions, count(model, "total_chats", place)))
            sums = added(sums, (count(model, "total_chat_copy_events", place), None))
    return sums


def _nested(payload: dict[str, Any], name: str, place: str) -> list[dict[str, Any]]:
    rows = payload.get(name)
    return [] if rows is None else objects(rows, place, name)


def _object(payload: dict[str, Any], name: str, place: str) -> dict[str, Any] | None:
    value = payload.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise NotUnderstood(f"{place}, field {name}: it is no object")
