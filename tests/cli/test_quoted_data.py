"""Whatever is wrong with data, what is said of it holds no secret, no control character, and little of the data."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import ago
from support.reports import day, member, user, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.program import Run

SENTINEL = "c2VudGluZWw"
LINK = f"https://storage.example/a.json?se=2026-11-20&sig={SENTINEL}"
LONG = "\x1b]0;title\x07" + "a " * 50_000
Where = tuple[Any, ...]

PAYLOADS: dict[str, Any] = {
    "users": [user(1, ago(3), created_at="2026-11-19")],
    "teams": [member(1, ago(3))],
    "reports": [whole(day(ago(3)))],
    "ours": [{"scope": "org:acme", "source": "usage", "day": str(ago(3)), "total_active_users": 3, "stated_at": None}],
    "metrics": [
        {
            "date": str(ago(3)),
            "total_active_users": 3,
            "copilot_ide_code_completions": {
                "editors": [{"name": "vscode", "models": [{"languages": [{"name": "c"}]}]}]
            },
        }
    ],
}


def places(value: Any, where: Where = ()) -> Iterator[Where]:
    """List the place of each value in a document."""
    yield where
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from places(each, (*where, key))


def put(document: Any, where: Where, value: Any) -> Any:
    if not where:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    return changed


@pytest.mark.parametrize(
    "wrong",
    [LINK, LONG, *(pytest.param(each, marks=pytest.mark.slow) for each in ({LINK: LINK}, [LONG], {LONG: 1}))],
    ids=["link", "long", "key", "in a list", "long key"],
)
@pytest.mark.parametrize("kind", [*PAYLOADS, "classic"])
def test_whatever_is_wrong_is_quoted_safely(
    kind: str,
    wrong: Any,
    call: Run,
    record: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    document = PAYLOADS.get(kind, [record(ago(3))])
    refused = 0
    for number, where in enumerate(places(document)):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(put(document, where, wrong)))
        for command in (
            ("org", "acme", "--input", path.name, "--json"),
            ("history", "import", "--scope", "org:acme", path.name),
        ):
            done = call(*command, env={"COPILOT_USAGE_HISTORY": str(tmp_path / f"{number}.sqlite3")})
            assert done.code in {0, 2, 7}, done.err
            assert SENTINEL not in done.err
            assert "\x1b" not in done.err
            assert len(done.err) < 2000
            refused += done.code != 0
    assert refused


@pytest.mark.parametrize("value", ["https://u:c2VudGluZWw@h/x", "u:c2VudGluZWw@h:1", "https://h/x?sig=c2VudGluZWw"])
def test_what_is_set_is_said_without_its_secret(value: str, call: Run, tmp_path: Path) -> None:
    env = {"PATH": "", "COPILOT_USAGE_HISTORY": f"/nowhere/{value}"}
    scopes = tmp_path / "scopes"
    scopes.write_text(f"{value}\n")
    runs = [
        call("doctor", env=env | {"COPILOT_USAGE_SCOPE": value}),
        call("history", "list", env=env),
        call("history", "list", "--json", env=env),
        call("history", "check", env=env),
        call("org", value, "--demo", env=env),
        call("report", value, "--demo", env=env),
        call("report", "--scopes", str(scopes), "--demo", env=env),
        call("org", "acme", "--input", value, env=env),
        call("org", "acme", "--demo", "-o", f"/nowhere/{value}", env=env),
    ]
    for done in runs:
        assert SENTINEL not in done.out + done.err


AMOUNTS = ("grossQuantity", "grossAmount", "discountQuantity", "discountAmount", "netQuantity", "netAmount")
OTHERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "seats": (
        {"total_seats": 1, "seats": [{"created_at": "2026-01-01T00:00:00Z", "assignee": {"id": 1, "login": "a"}}]},
        ("seats", "org", "acme", "--users"),
    ),
    "credits": (
        {
            "timePeriod": {"year": 2026, "month": 11},
            "usageItems": [{"model": "m", "sku": "s", "unitType": "credits", **dict.fromkeys(AMOUNTS, 1.5)}],
        },
        ("credits", "org", "acme"),
    ),
    "repositories": (
        [{"day": str(ago(3)), "repo_id": 1, "repo_name": "a", "pull_requests": {"total_created": 1}}],
        ("prs", "org", "acme", "--by", "repo"),
    ),
    "pull requests": (
        [day(ago(3)) | {"pull_requests": {"total_created": 1, "median_minutes_to_merge": 1.5}}],
        ("prs", "org", "acme", "--by", "total"),
    ),
    "adoption": (
        [day(ago(3)) | {"totals_by_ai_adoption_phase": [{"phase": "Phase 1", "users_in_phase_28d": 1}]}],
        ("adoption", "org", "acme"),
    ),
    "user credits": ([user(1, ago(3), ai_credits_used=1.5)], ("credits", "org", "acme", "--by", "user", "--users")),
}


@pytest.mark.parametrize(
    "wrong",
    [LINK, LONG, *(pytest.param(each, marks=pytest.mark.slow) for each in ({LINK: LINK}, [LONG], {LONG: 1}))],
    ids=["link", "long", "key", "in a list", "long key"],
)
@pytest.mark.parametrize("kind", OTHERS)
def test_whatever_is_wrong_in_what_is_not_usage_is_quoted_safely(
    kind: str, wrong: Any, call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document, command = OTHERS[kind]
    path = tmp_path / "saved.json"
    refused = 0
    for where in places(document):
        path.write_text(json.dumps(put(document, where, wrong)))
        done = call(*command, "--input", path.name, "--width", "80")
        assert done.code in {0, 2, 7}, done.err
        assert SENTINEL not in done.err
        assert "\x1b" not in done.err + done.out
        assert len(done.err) < 2000
        refused += done.code != 0
    assert refused
