"""The retired metrics API: each row of its mapping to a daily record."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.metrics import is_metrics, parse_metrics
from copilot_usage_cli.sources.payload import parse_each

if TYPE_CHECKING:
    from pathlib import Path

    from support.program import Run

SCOPE = Scope("org", "acme")


def row(name: str | None, users: int | None, *counts: int | None) -> dict[str, Any]:
    names = (
        "total_code_suggestions",
        "total_code_acceptances",
        "total_code_lines_suggested",
        "total_code_lines_accepted",
    )
    return {"name": name, "total_engaged_users": users, **dict(zip(names, counts, strict=True))}


def day() -> dict[str, Any]:
    """A day with two editors, two models, a language in both, and all that isn't taken."""
    return {
        "date": "2025-03-04",
        "total_active_users": 24,
        "total_engaged_users": 20,
        "copilot_ide_code_completions": {
            "total_engaged_users": 18,
            "languages": [{"name": "python", "total_engaged_users": 99}],
            "editors": [
                {
                    "name": "vscode",
                    "total_engaged_users": 13,
                    "models": [
                        {
                            "name": "default",
                            "is_custom_model": False,
                            "custom_model_training_date": None,
                            "languages": [row("python", 6, 249, 123, 225, 135), row("ruby", 7, 496, 253, 520, 270)],
                        },
                        {"name": "a-custom", "languages": [row("python", 4, 1, 1, 2, 3)]},
                    ],
                },
                {"name": "JetBrains", "models": [{"name": "default", "languages": [row("python", 2, 10, 0, 0, 0)]}]},
            ],
        },
        "copilot_ide_chat": {
            "total_engaged_users": 13,
            "editors": [
                {"name": "vscode", "models": [chat(45, 12, 16), chat(5, 1, 0)]},
                {"name": "JetBrains", "models": [chat(10, 0, 2)]},
            ],
        },
        "copilot_dotcom_chat": {"total_engaged_users": 14, "models": [{"name": "default", "total_chats": 38}]},
        "copilot_dotcom_pull_requests": {"total_engaged_users": 12, "repositories": []},
        "unknown": {"key": 1},
    }


def chat(chats: int | None, insertions: int | None, copies: int | None) -> dict[str, Any]:
    return {
        "name": "default",
        "total_chats": chats,
        "total_chat_insertion_events": insertions,
        "total_chat_copy_events": copies,
    }


def mapped(payload: dict[str, Any]) -> DailyRecord:
    (record,) = parse_each([payload], lambda each: parse_metrics(each, SCOPE), "saved.json: record")
    return record


def test_it_is_known_by_its_date() -> None:
    assert is_metrics(day())
    assert not is_metrics({"day": "2025-03-04"})


def test_day_scope_and_source() -> None:
    record = mapped(day())
    assert (record.scope, record.source, record.day) == (SCOPE, "metrics", date(2025, 3, 4))


def test_completions_are_sums_over_editors_models_and_languages() -> None:
    record = mapped(day())
    assert record.total_suggestions_count == 249 + 496 + 1 + 10
    assert record.total_acceptances_count == 123 + 253 + 1
    assert record.total_lines_suggested == 225 + 520 + 2
    assert record.total_lines_accepted == 135 + 270 + 3


@pytest.mark.parametrize("nothing", ["null", "absent"])
def test_completions_are_unknown_without_their_object(nothing: str) -> None:
    payload = day()
    payload["copilot_ide_code_completions"] = None
    if nothing == "absent":
        del payload["copilot_ide_code_completions"]
    record = mapped(payload)
    assert (record.total_suggestions_count, record.total_acceptances_count) == (None, None)
    assert (record.total_lines_suggested, record.total_lines_accepted, record.breakdown) == (None, None, None)
    assert record.total_active_users == 24


def test_active_users_are_those_of_any_feature() -> None:
    assert mapped(day()).total_active_users == 24


def test_chat_turns_are_chats_in_the_ide() -> None:
    assert mapped(day()).total_chat_turns == 45 + 5 + 10


def test_chat_acceptances_are_insertions_and_copies() -> None:
    assert mapped(day()).total_chat_acceptances == 12 + 16 + 1 + 2


def test_chat_users_are_those_of_the_ide_never_plus_those_of_the_website() -> None:
    assert mapped(day()).total_active_chat_users == 13


def test_chat_is_unknown_without_its_object() -> None:
    record = mapped(day() | {"copilot_ide_chat": None})
    assert (record.total_chat_turns, record.total_chat_acceptances, record.total_active_chat_users) == (None,) * 3


def test_the_breakdown_adds_up_models_and_keeps_names() -> None:
    assert mapped(day()).breakdown == (
        BreakdownRow("python", "vscode", 250, 124, 227, 138, 6),  # of two models: the larger number of users
        BreakdownRow("ruby", "vscode", 496, 253, 520, 270, 7),
        BreakdownRow("python", "JetBrains", 10, 0, 0, 0, 2),
    )


def test_a_day_without_editors_has_no_breakdown() -> None:
    record = mapped({"date": "2025-03-04", "copilot_ide_code_completions": {"total_engaged_users": 0}})
    assert (record.breakdown, record.total_suggestions_count) == (None, None)
    empty = mapped({"date": "2025-03-04", "copilot_ide_code_completions": {"editors": []}})
    assert (empty.breakdown, empty.total_suggestions_count) == ((), 0)


def test_only_the_date_is_required() -> None:
    assert mapped({"date": "2025-03-04"}) == DailyRecord(SCOPE, "metrics", date(2025, 3, 4), *(None,) * 9)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", "4 March"),
        ("total_active_users", "many"),
        ("total_active_users", -1),
        ("copilot_ide_chat", []),
        ("copilot_ide_code_completions", {"editors": {}}),
        ("copilot_ide_code_completions", {"editors": [{"name": "x", "models": [{"languages": [1]}]}]}),
    ],
)
def test_what_it_is_not_is_refused(field: str, value: Any) -> None:
    with pytest.raises(NotUnderstood, match=r"saved\.json: record 1"):
        mapped(day() | {field: value})


def test_input_reads_it(call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "metrics.json"
    saved.write_text(json.dumps([day()]), "utf-8")
    done = call("org", "acme", "--input", str(saved), "--json")
    assert (done.code, done.err) == (0, "")
    (record,) = json.loads(done.out)
    assert (record["source"], record["day"], record["total_suggestions_count"]) == ("metrics", "2025-03-04", 756)
