"""Payloads that are nearly good: documents of every generation, changed as data and as bytes."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from faults.figures.ground import classic_days
from support.expected import DATA
from support.packing import compress
from support.reports import day, member, user, whole

from copilot_usage_cli.model.repositories import STAGES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_OF = date(2026, 11, 5)
_ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        3.7,
        40.0,
        -0.0,
        2**53,
        2**53 + 1,
        2**63,
        10**400,
        1e308,
        float("nan"),
        float("inf"),
    ),
    *(
        "",
        " ",
        "12",
        "null",
        "core",
        "go",
        "vscode",
        "code_completion",
        "x" * 300,
        "\ud800",
        "\u202e",
        "\x1b[31m",
        "\0",
    ),
    *("a\nb", "=1+1", "\u0663", "\ufeff", "\U0010ffff", "org:acme", "team:acme/core", "usage", "user-reports", "4711"),
    *("2026-11-05", "2026-02-30", "0001-01-01", "9999-12-31", "2020-12-31", "2026-11-05T00:00:00Z", "2024-W23", "-1"),
    *("2026-11-05T00:00:00+24:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20261105", "2026-11-5"),
    *("https://127.0.0.1:1/x?sig=abc", "No report available", "ghp_made_up"),
    *([], {}, [[]], [{}], {"": 1}, [None], ["x"], {"day": None}, [1, [2, [3]]]),
)
_PIECES = (b"\0", b"\xff", b'"', b"\\u", b"{", b"]", b",", b"\n", b"[" * 5000, b"9" * 5000)
_STARTS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b"\x1f\x8b", b"<", b"HTTP/1.1 200")
_KEYS = (
    *("day", "date", "breakdown", "user_id", "team_id", "slug", "scope", "source", "message", "day_totals", "seats"),
    *("organization_id", "enterprise_id", "created_at", "report_start_day", "report_end_day", "download_links"),
    *("totals_by_feature", "totals_by_ide", "totals_by_language_feature", "used_chat", "total_suggestions_count"),
    *("daily_active_users", "language", "editor", "models", "name", "previous_day", "", "\ud800", "x" * 90),
)


def good_documents() -> list[Any]:
    """List good documents, of each generation and of those that are no usage."""
    texts = [path.read_text("utf-8") for path in sorted(DATA.iterdir())]
    documents: list[Any] = []
    for text in texts:
        try:
            documents.append(json.loads(text))
        except ValueError:
            documents.append([json.loads(line) for line in text.splitlines()])
    documents += [classic_days(3, 3), whole(day(_OF), day(date(2026, 11, 6))), [day(_OF)], day(_OF)]
    documents += [[user(n, _OF) for n in range(3)], [member(n, _OF) for n in range(3)], user(1, None)]
    documents.append([*(user(n, _OF) for n in range(3)), *(member(n, _OF) for n in range(3))])
    documents.append({"download_links": ["https://a.example/f?sig=x"], "report_start_day": "2026-11-05"})
    documents.append([{"slug": "core", "id": 3, "name": "Core"}])
    documents += [_seats(), _credits(), [_repository(n) for n in range(2)], _aggregates()]
    documents.append([user(n, _OF, ai_credits_used=n * 0.5) for n in range(3)])
    own = {"scope": "org:acme", "source": "usage", "day": "2026-11-05", "acceptance_rate": 0.5}
    documents.append([own | {"total_suggestions_count": 2, "breakdown": []}])
    return documents


def _seats() -> dict[str, Any]:
    seat = {
        "created_at": "2026-01-02T03:04:05-06:00",
        "assignee": {"id": 1, "login": "u"},
        "organization": {"login": "acme"},
        "assigning_team": {"slug": "core"},
        "last_activity_at": "2026-11-02T03:04:05-06:00",
        "last_activity_editor": "vscode/1.2/copilot/3",
        "pending_cancellation_date": "2026-12-01",
        "plan_type": "business",
    }
    return {"total_seats": 2, "seats": [seat, seat | {"assignee": None}]}


def _credits() -> dict[str, Any]:
    amounts = dict.fromkeys(
        ("grossQuantity", "grossAmount", "discountQuantity", "discountAmount", "netQuantity", "netAmount"), 3956.1799545
    )
    item = {"product": "Copilot", "sku": "Copilot AI Credits", "model": "Claude Haiku 4.5", "unitType": "ai-credits"}
    period = {"year": 2026, "month": 11, "day": 3}
    return {"timePeriod": period, "usageItems": [item | amounts], "costCenter": {"id": "1", "name": "x"}}


def _repository(number: int) -> dict[str, Any]:
    times = {f"{what}_minutes_{stage}": 1.25 for stage in STAGES for what in ("median", "p90")}
    return {
        "day": str(_OF),
        "repo_id": number,
        "repo_owner_name": "acme",
        "repo_name": "web",
        "pull_requests": {"total_created": 3, "total_merged": 1, "median_minutes_to_merge": 5.5},
        "pull_request_review_times": [{"authored_by": "human", "total_merged": 1, **times}],
    }


def _aggregates() -> dict[str, Any]:
    phase = {"phase": "Phase 1", "phase_number": 1, "users_in_phase_28d": 3, "total_pull_requests_merged": 1}
    engagement = {"active_user_count": 3, "totals_by_feature": [{"feature": "agent_edit", "engaged_user_count": 2}]}
    besides = {
        "weekly_active_users": 5,
        "monthly_active_vscode_agent_users": 2,
        "pull_requests": {"total_created": 3, "median_minutes_to_merge": 5.5},
        "totals_by_ai_adoption_phase": [phase],
        "totals_by_cli": {"session_count": 3, "token_usage": {"output_tokens_sum": 9}},
    }
    return {**whole(day(_OF) | besides), "report_end_day": str(_OF), "copilot_feature_engagement": engagement}


class Mutator:
    """Makes payloads out of good documents by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._documents = [json.dumps(document) for document in good_documents()]  # quicker than to copy
        self._changes: list[Callable[[Any, Any], Any]] = [
            self._replace,
            self._replace,
            self._delete,
            self._delete,
            self._rename,
            self._insert,
            self._repeat,
            self._cross,
            self._wrap,
            self._nudge,
        ]

    def payload(self) -> bytes:
        """Make one."""
        chance = self._chance
        document = self._document()
        for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3))):
            document = self._changed(document)
        data = self._written(document)
        if chance.random() < 0.25:
            for _ in range(chance.choice((1, 1, 2, 4))):
                data = self._spoilt(data)
        if chance.random() < 0.06:
            data = compress(data, 1)
            if chance.random() < 0.5:
                data = self._spoilt(data)
        return data

    def _document(self) -> Any:
        return json.loads(self._chance.choice(self._documents))

    def _changed(self, document: Any) -> Any:
        holder = [document]
        container, place = self._place(holder)
        changed = self._chance.choice(self._changes)(container, place)
        return holder[0] if changed is None else changed

    def _place(self, holder: list[Any]) -> tuple[Any, Any]:
        """Choose a place by chance: a container, and the key or index in it."""
        container: Any = holder
        place: Any = 0
        while isinstance(inner := container[place], dict | list) and inner and self._chance.random() < 0.85:
            container = inner
            place = self._chance.choice(list(inner)) if isinstance(inner, dict) else self._chance.randrange(len(inner))
        return container, place

    def _replace(self, container: Any, place: Any) -> None:
        container[place] = copy.deepcopy(self._chance.choice(_ODD))

    def _delete(self, container: Any, place: Any) -> Any:
        del container[place]
        return container if isinstance(container, list) and not container else None

    def _rename(self, container: Any, place: Any) -> None:
        if isinstance(container, dict):
            container[self._chance.choice(_KEYS)] = container.pop(place)

    def _insert(self, container: Any, place: Any) -> None:
        odd = copy.deepcopy(self._chance.choice(_ODD))
        if isinstance(container, dict):
            container[self._chance.choice(_KEYS)] = odd
        else:
            container.insert(place, odd)

    def _repeat(self, container: Any, place: Any) -> None:
        if isinstance(container, list):
            container += [copy.deepcopy(container[place])] * self._chance.choice((1, 2, 20))

    def _cross(self, container: Any, place: Any) -> None:
        other, there = self._place([self._document()])
        container[place] = other[there]

    def _wrap(self, container: Any, place: Any) -> None:
        depth = self._chance.choice((1, 1, 2, 40))
        for _ in range(depth):
            container[place] = {"day_totals": container[place]} if self._chance.random() < 0.1 else [container[place]]

    def _nudge(self, container: Any, place: Any) -> None:
        value = container[place]
        if type(value) is int:
            container[place] = value + self._chance.choice((-1, 1, -value, 10**9, 0.5 if value < 2**53 else 1))
        elif isinstance(value, str) and value:
            at = self._chance.randrange(len(value))
            container[place] = value[:at] + self._chance.choice("\0\t09\u2028\ud83d\U0001f600") + value[at + 1 :]

    def _written(self, document: Any) -> bytes:
        """Write a document in one of the shapes that people save."""
        chance = self._chance
        ascii_only = chance.random() < 0.7
        shape = chance.random()
        try:
            if shape < 0.5 or not isinstance(document, list):
                text = json.dumps(document, ensure_ascii=ascii_only, indent=chance.choice((None, None, 1)))
            elif shape < 0.85:
                text = chance.choice(("\n", "\r\n", "\n\n", "", " ")).join(
                    json.dumps(each, ensure_ascii=ascii_only) for each in document
                )
            else:
                text = json.dumps([document, document[:1]]) + chance.choice(("", "\n[]", "\n{}", ","))
        except ValueError:  # too many digits for Python
            text = "9" * 5000
        return text.encode("utf-8", "surrogatepass")

    def _spoilt(self, data: bytes) -> bytes:
        """Change some bytes."""
        chance = self._chance
        at = chance.randrange(len(data) + 1)
        length = chance.choice((1, 1, 2, 8, 64))
        other = self._written(self._document()) if chance.random() < 0.1 else data
        ways: tuple[Callable[[], bytes], ...] = (
            lambda: data[:at],
            lambda: data[:at] + data[at + length :],
            lambda: data[:at] + chance.randbytes(length) + data[at + length :],
            lambda: data[:at] + chance.choice(_PIECES) + data[at:],
            lambda: data[:at] + data[at : at + 200] + data[at:],
            lambda: data[:at] + other[chance.randrange(len(other) + 1) :],
            lambda: chance.choice(_STARTS) + data,
            lambda: data.replace(chance.choice((b": ", b", ", b"2026", b"null", b"0")), chance.randbytes(1)),
            lambda: data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "latin-1", "utf-32")), "replace"),
        )
        return chance.choice(ways)()
