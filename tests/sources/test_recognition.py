"""Inputs that are something else are refused by their name, and nothing of them is stored."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.records import TOTALS
from copilot_usage_cli.sources.recognition import is_classic, recognize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from support.program import Finished, Run

USAGE_IS = "usage is in the reports of an enterprise or organization, and of their users"
LOOK = "look at the record as it was fetched or saved"
OTHERS: dict[str, tuple[Any, str, str]] = {
    "anything with a day": (
        {"day": "2026-09-08", "builds": 17},
        "record 1 has no count of a usage record: it has day, builds",
        LOOK,
    ),
    "a day of nothing": ({"day": "2026-09-08"}, "record 1 has no count of a usage record: it has day", LOOK),
    "totals that are all null": (
        {"day": "2026-09-08", "total_active_users": None},
        "record 1 has no count of a usage record: it has day, total_active_users",
        LOOK,
    ),
    "an envelope": (
        {"download_links": ["https://x.example/a?sig=secret"], "report_day": "2026-09-08"},
        "record 1 is the answer that links to a report, not the report",
        "fetch its links, or let the tool do it",
    ),
    "seats": ({"total_seats": 1, "seats": [{"created_at": "2026-01-01T00:00:00Z"}]}, "record 1 is a list of", USAGE_IS),
    "a seat": ({"assignee": None, "last_activity_editor": None}, "record 1 is a Copilot seat", USAGE_IS),
    "a summary of seats": (
        {"seat_breakdown": {"total": 3}, "plan_type": "business"},
        "record 1 is a summary of Copilot seats and settings",
        USAGE_IS,
    ),
    "credits": (
        {"timePeriod": {"year": 2026}, "organization": "acme", "usageItems": []},
        "record 1 is an answer about credits or billing",
        USAGE_IS,
    ),
    "budgets": ({"budgets": [], "has_next_page": False}, "record 1 is an answer about budgets", USAGE_IS),
    "a repository report": (
        {"day": "2026-09-08", "repo_id": 1, "repo_name": "web", "pull_requests": {"total_created": 3}},
        "record 1 is a line of a repository report, which counts pull requests",
        USAGE_IS,
    ),
    "an error of GitHub's": (
        {"message": "Not Found", "documentation_url": "https://docs.github.com", "status": "404"},
        "record 1 is an error answer of GitHub's: Not Found",
        "fetch it again",
    ),
    "our rows by week": (
        [{"scope": "org:acme", "source": "usage", "week": "2026-W40", "total_suggestions_count": 3}],
        "record 1 is a row of this tool's report by other dimensions",
        "only its JSON by day can be read back",
    ),
    "classic fields under date": (
        [{"date": "2026-09-08", "total_suggestions_count": 1500, "breakdown": []}],
        "record 1 is a day of the classic API under another name, `date`",
        "the classic API calls it `day`: rename it",
    ),
    "a date of nothing": (
        {"date": "2026-09-08", "builds": 3},
        "record 1 has no day, so it is not a usage record",
        LOOK,
    ),
    "a users line without user_id": (
        [{"day": "2026-09-08", "user_login": "a", "totals_by_feature": []}],
        "record 1 is neither a line of a users report, which has a user_id, nor a day of an aggregated one",
        "save the report whole: without user_id one person's line can't be told from another's",
    ),
    "a users line without who": (
        [{"day": "2026-09-08", "totals_by_feature": []}] * 2,
        "record 1 is neither a line of a users report",
        "save the report whole",
    ),
}
TEXTS = {
    "CSV of ours": (
        "scope,source,day,total_suggestions_count\norg:acme,usage,2026-09-08,3\n",
        "is CSV, which can't be",
    ),
    "CSV of others": ("day,user_id,user_login\n2026-09-08,1,a\n", "is CSV, which can't be read back"),
    "TSV": ("day\tuser_id\r\n2026-09-08\t1\r\n", "is CSV, which can't be read back"),
    "a page": ("<!doctype html><title>Sign in</title>", "is a web page, not JSON"),
    "a saved page": ("From: <Saved by Blink>\nSnapshot-Content-Location: x\n", "is a saved web page, not JSON"),
}


ORG, ENTERPRISE = ("org", "acme"), ("enterprise", "mega")


@pytest.fixture
def both_ways(call: Run, history: Path) -> Callable[..., list[Finished]]:
    """Read files as --input and import them; nothing may come of it."""

    def run(*names: str, scope: Sequence[str] = ("org", "acme"), named: str = "org:acme") -> list[Finished]:
        given = [f"--input={name}" for name in names]
        ended = [call(*scope, *given), call("history", "import", *names, "--scope", named)]
        for done in ended:
            assert (done.code, done.out) == (7, "")
            assert "gh api" not in done.err
            assert "secret" not in done.err
        assert not history.exists()
        return ended

    return run


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_something_else_is_named(kind: str, both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    payload, words, hint = OTHERS[kind]
    saved = tmp_path / "x.json"
    saved.write_text(json.dumps(payload))
    for done in both_ways(str(saved)):
        error, said = done.err.splitlines()
        assert error.startswith(f"copilot-usage: error: {saved}: {words}")
        assert said.startswith(f"hint: {hint}")


@pytest.mark.parametrize("kind", TEXTS)
def test_what_is_no_json_is_named(kind: str, both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    text, words = TEXTS[kind]
    saved = tmp_path / "x"
    saved.write_text(text)
    for done in both_ways(str(saved)):
        assert done.err.startswith(f"copilot-usage: error: {saved} {words}")


@pytest.mark.parametrize("start", [b"PK\x03\x04\xff\xfe", b"%PDF-1.7\xff", b"SQLite format 3\x00\xff"])
def test_what_is_no_text_is_named(start: bytes, both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    saved = tmp_path / "x"
    saved.write_bytes(start)
    for done in both_ways(str(saved)):
        assert "not JSON\nhint: give it the JSON of the API\n" in done.err


def test_our_own_csv_is_recognized(call: Run, both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    for by in ("day", "week", "language"):
        saved = tmp_path / f"{by}.csv"
        assert call("org", "acme", "--demo", "--by", by, "-f", "csv", "-o", str(saved)).code == 0
        for done in both_ways(str(saved)):
            assert done.err.endswith(
                "is CSV, which can't be read back\nhint: keep JSON: --json writes what --input reads\n"
            )


def member(user: int) -> dict[str, Any]:
    return {"user_id": user, "day": "2026-09-08", "organization_id": "111", "team_id": 7, "slug": "core"}


def user(number: int, shown: float = 10, **fields: Any) -> dict[str, Any]:
    counts = {"code_generation_activity_count": shown, "code_acceptance_activity_count": 1}
    features = [{"feature": "code_completion", **counts}]
    return {"user_id": number, "day": "2026-09-08", "totals_by_feature": features, **fields}


def lines(path: Path, *payloads: Any) -> str:
    path.write_text("".join(json.dumps(each) + "\n" for each in payloads))
    return str(path)


def test_a_user_teams_report_alone_needs_the_users_report(
    call: Run, both_ways: Callable[..., list[Finished]], tmp_path: Path
) -> None:
    teams = lines(tmp_path / "teams.ndjson", member(1), member(2))
    for done in both_ways(teams):
        assert "is a user-teams report, which says who is in which team\n" in done.err
    both_ways(teams, scope=("team", "core", "--org", "acme"), named="team:acme/core")
    users = lines(tmp_path / "users.ndjson", user(1), user(3))
    for order in permutations([teams, users]):
        done = call("team", "core", "--org", "acme", *(f"--input={name}" for name in order), "--json", "-q")
        assert [each["total_suggestions_count"] for each in json.loads(done.out)] == [10]


def aggregated(organization: str, enterprise: str = "9") -> dict[str, Any]:
    ids = {"organization_id": organization, "enterprise_id": enterprise}
    return {**ids, "day_totals": [{"day": "2026-09-08", "daily_active_users": 1, **ids}]}


@pytest.mark.parametrize(
    ("scope", "payloads", "words"),
    [
        (ORG, [aggregated("111"), aggregated("222")], "organization 222, others are of the organization 111"),
        (ORG, [user(1, organization_id=111), user(2, organization_id="222")], "organization 222, others are of"),
        (ENTERPRISE, [user(1, enterprise_id="9"), user(2, enterprise_id="8")], "enterprise 8, others are of"),
        (ENTERPRISE, [aggregated("1", "9"), aggregated("1", "8")], "enterprise 8, others are of"),
        (ENTERPRISE, [aggregated("1"), aggregated("2")], "organization 2, others are of"),
    ],
)
def test_a_second_id_at_the_asked_level_is_refused_with_both(
    scope: tuple[str, str], payloads: list[Any], words: str, both_ways: Callable[..., list[Finished]], tmp_path: Path
) -> None:
    named = ":".join(scope)
    together = lines(tmp_path / "x.ndjson", *payloads)
    for done in both_ways(together, scope=scope, named=named):
        assert f" is of the {words}" in done.err
    apart = [lines(tmp_path / f"{n}.ndjson", each) for n, each in enumerate(payloads)]
    both_ways(*apart, scope=scope, named=named)


def test_an_enterprise_has_users_of_several_organizations_and_equal_lines_once(call: Run, tmp_path: Path) -> None:
    ids: list[Any] = [{"organization_id": number, "enterprise_id": "9"} for number in ("111", "222", "")]
    saved = lines(tmp_path / "x.ndjson", user(1, **ids[0]), user(1, **ids[1]), user(2, **ids[1]), user(3, **ids[2]))
    (day,) = json.loads(call("enterprise", "mega", "--input", saved, "--json", "-q").out)
    assert (day["total_suggestions_count"], day["total_active_users"]) == (30, 3)


def test_integers_that_look_like_floats_are_counts(call: Run, tmp_path: Path) -> None:
    saved = lines(tmp_path / "x.ndjson", user(1, 40.0))
    (day,) = json.loads(call("org", "acme", "--input", saved, "--json", "-q").out)
    assert day["total_suggestions_count"] == 40


def test_the_period_of_a_report_file_is_its_own(call: Run, tmp_path: Path) -> None:
    span: Any = {"report_start_day": "2026-09-01", "report_end_day": "2026-09-10"}
    saved = lines(tmp_path / "x.ndjson", user(1, **span))
    table = call("org", "acme", "--input", saved).out
    assert table.startswith("org:acme | 2026-09-01 to 2026-09-10, 1 of 10 days | ")
    assert "note: no data for 9 days, counted nowhere: 2026-09-01 to 2026-09-07, 2026-09-09 to 2026-09-10\n" in table
    assert call("org", "acme", "--input", saved, "--fail-on-missing", "-q").code == 3
    whole = call(
        "org", "acme", "--input", saved, "--fail-on-missing", "-q", "--since", "2026-09-08", "--until", "2026-09-08"
    )
    assert whole.code == 0


def test_a_span_that_its_own_day_contradicts_is_none(call: Run, tmp_path: Path) -> None:
    span: Any = {"report_start_day": "2026-10-01", "report_end_day": "2026-10-10"}
    assert call("org", "acme", "--input", lines(tmp_path / "x.ndjson", user(1, **span))).out.startswith(
        "org:acme | 2026-09-08 to 2026-09-08, 1 of 1 day | "
    )


def test_two_teams_that_answer_to_a_name_are_listed(call: Run, tmp_path: Path) -> None:
    teams = lines(tmp_path / "teams.ndjson", member(1), {**member(2), "team_id": 8})
    users = lines(tmp_path / "users.ndjson", user(1))
    done = call("team", "core", "--org", "acme", "--input", teams, "--input", users)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: team:acme/core: core (team_id 7) and core (team_id 8) answer to this name\n"
        "hint: name one by its exact slug or its team_id\n"
    )


KEYS = st.sampled_from(
    [*TOTALS, "breakdown", "day", "user_id", "builds", "seats", "message", "date", "repo_id", "slug"]
)


@given(st.dictionaries(KEYS, st.none() | st.integers(0, 9) | st.text(max_size=3)))
def test_a_payload_is_usage_or_has_no_count_of_it(payload: dict[str, Any]) -> None:
    has_count = any(payload.get(name) is not None for name in TOTALS)
    assert is_classic(payload) == (has_count or "breakdown" in payload)
    other = recognize(payload)
    assert other is None or (other.what and other.hint)
