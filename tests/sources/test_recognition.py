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
SEATS = f"`seats org ORG` reads it; {USAGE_IS}"
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
    "seats": ({"total_seats": 1, "seats": [{"created_at": "2026-01-01T00:00:00Z"}]}, "record 1 is a list of", SEATS),
    "a seat": ({"assignee": None, "last_activity_editor": None}, "record 1 is a Copilot seat", SEATS),
    "a summary of seats": (
        {"seat_breakdown": {"total": 3}, "plan_type": "business"},
        "record 1 is a summary of Copilot seats and settings",
        SEATS,
    ),
    "credits": (
        {"timePeriod": {"year": 2026}, "organization": "acme", "usageItems": []},
        "record 1 is an answer about credits or billing",
        f"`credits org ORG` reads it; {USAGE_IS}",
    ),
    "budgets": ({"budgets": [], "has_next_page": False}, "record 1 is an answer about budgets", USAGE_IS),
    "a repository report": (
        {"day": "2026-09-08", "repo_id": 1, "repo_name": "web", "pull_requests": {"total_created": 3}},
        "record 1 is a line of a repository report, which counts pull requests",
        f"`prs org ORG --by repo` reads it; {USAGE_IS}",
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
    "CSV in quotes": ('"day","user_id"\n"2026-09-08","1"\n', "is CSV, which can't be read back"),
    "a log": ("2026-11-25 12:00:00, INFO: started\n", "is not JSON, or was cut short"),
    "an error of curl's": ("curl: (6) Could not resolve host, again\n", "is not JSON, or was cut short"),
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


def test_an_answer_with_its_headers_is_named(both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    saved = tmp_path / "curl.txt"
    saved.write_text("HTTP/2 200 \ncontent-type: application/json\n\n[]\n")
    for done in both_ways(str(saved)):
        assert done.err.endswith(
            "is an answer with its headers, as curl -i writes it\nhint: save the body alone: leave out -i\n"
        )


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


def test_members_and_users_are_of_one_organization(both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    team: dict[str, Any] = {"scope": ("team", "core", "--org", "acme"), "named": "team:acme/core"}
    people = lines(tmp_path / "u.ndjson", user(1, organization_id="111"))
    ours, theirs = (lines(tmp_path / f"{n}.ndjson", {**member(1), "organization_id": n}) for n in ("111", "222"))
    for files in ([people, ours, theirs], [people, theirs, ours], [people, theirs]):
        for done in both_ways(*files, **team):
            assert "the organization 111" in done.err
            assert "the organization 222" in done.err


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
    ids: list[Any] = [{"organization_id": number, "enterprise_id": "9"} for number in ("111", "222")]
    saved = lines(tmp_path / "x.ndjson", user(1, **ids[0]), user(1, **ids[1]), user(2, **ids[1]))
    (day,) = json.loads(call("enterprise", "mega", "--input", saved, "--json", "-q").out)
    assert (day["total_suggestions_count"], day["total_active_users"]) == (20, 2)


def test_integers_that_look_like_floats_are_counts(call: Run, tmp_path: Path) -> None:
    saved = lines(tmp_path / "x.ndjson", user(1, 40.0))
    (day,) = json.loads(call("org", "acme", "--input", saved, "--json", "-q").out)
    assert day["total_suggestions_count"] == 40


def test_the_period_of_a_report_file_is_its_own(call: Run, tmp_path: Path) -> None:
    span: Any = {"report_start_day": "2026-09-01", "report_end_day": "2026-09-10"}
    saved = lines(tmp_path / "x.ndjson", user(1, **span))
    table = call("org", "acme", "--input", saved, "--full").out
    assert table.startswith("org:acme | 2026-09-01 to 2026-09-10, 1 of 10 days | ")
    assert "note: no data for 9 days: 2026-09-01 to 2026-09-07, 2026-09-09 to 2026-09-10\n" in table
    assert call("org", "acme", "--input", saved, "--fail-on-missing", "-q").code == 3
    whole = call(
        "org", "acme", "--input", saved, "--fail-on-missing", "-q", "--since", "2026-09-08", "--until", "2026-09-08"
    )
    assert whole.code == 0


def test_a_span_that_its_own_day_contradicts_is_none(call: Run, tmp_path: Path) -> None:
    span: Any = {"report_start_day": "2026-10-01", "report_end_day": "2026-10-10"}
    assert call("org", "acme", "--input", lines(tmp_path / "x.ndjson", user(1, **span))).out.startswith(
        "org:acme | 2026-09-08 | "
    )


def test_two_teams_that_answer_to_a_name_are_listed(call: Run, tmp_path: Path) -> None:
    teams = lines(tmp_path / "teams.ndjson", member(1), {**member(2), "team_id": 8})
    users = lines(tmp_path / "users.ndjson", user(1))
    done = call("team", "core", "--org", "acme", "--input", teams, "--input", users)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: team:acme/core: core (team_id 7) and core (team_id 8) answer to this name\n"
        "hint: name one by its team_id\n"
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


SAVED: dict[str, tuple[Any, str]] = {
    "metrics of nothing": ([{"date": "2026-09-08", "copilot_ide_chat": None}], "has no day"),
    "metrics of something else": ([{"date": "2026-09-08", "copilot_seats": 40}], "has no day"),
    "metrics with classic counts": (
        [{"date": "2026-09-08", "total_engaged_users": 5, "total_suggestions_count": 1500, "breakdown": []}],
        "is a day of the classic API under another name",
    ),
    "a user of something else": ([{"day": "2026-09-08", "user_id": 5, "builds": 17}], "has no count of a usage record"),
    "a report of something else": ({"day_totals": [{"day": "2026-09-08", "builds": 17}]}, "has no count of a usage"),
    "an aggregated day of nothing": ([{"day": "2026-09-08", "daily_active_users": None}], "has no count of a usage"),
    "users without ids": (
        [
            {"day": "2026-09-08", "daily_active_users": n, "user_login": f"u{n}", "totals_by_feature": []}
            for n in (5, 4)
        ],
        "is neither a line of a users report",
    ),
    "our comparison": ([{"day": "2026-09-08", "total_chat_turns": 1, "previous_total_chat_turns": 2}], "is a row of a"),
    "our languages by day": (
        [{"scope": "org:acme", "source": "usage", "day": "2026-09-08", "language": "go", "suggestions_count": 3}],
        "is a row of this tool's report by other dimensions",
    ),
    "a day and a date": ([{"day": "2026-09-08", "date": "2026-09-08", "total_chat_turns": 1}], "is a record with both"),
    "a repository with a count": ([{"day": "2026-09-08", "repo_id": 1, "total_chat_turns": 3}], "is a line of a repos"),
    "a bare seat": ([{"created_at": "2026-01-01T00:00:00Z", "pending_cancellation_date": None}], "is a Copilot seat"),
}


@pytest.mark.parametrize("kind", SAVED)
def test_what_looks_like_usage_and_is_not_is_refused(
    kind: str, both_ways: Callable[..., list[Finished]], tmp_path: Path
) -> None:
    payload, words = SAVED[kind]
    saved = tmp_path / "x.json"
    saved.write_text(json.dumps(payload))
    for done in both_ways(str(saved)):
        assert done.err.startswith(f"copilot-usage: error: {saved}: record 1 {words}")


def test_our_own_table_is_recognized(call: Run, both_ways: Callable[..., list[Finished]], tmp_path: Path) -> None:
    saved = tmp_path / "table.txt"
    saved.write_text(call("org", "acme", "--demo").out)
    for done in both_ways(str(saved)):
        assert "is this tool's table, which can't be read back\nhint: keep JSON" in done.err


def total(call: Run, *args: str) -> list[tuple[int | None, int | None]]:
    done = call(*args, "--json", "-q")
    assert done.code == 0
    return [(each["total_suggestions_count"], each["total_active_users"]) for each in json.loads(done.out)]


ENDS: list[Any] = [{"report_start_day": f"2026-09-0{n}", "report_end_day": f"2026-09-2{n}"} for n in (1, 2)]


def test_an_enterprises_organizations_state_their_users_each_by_itself(
    call: Run, history: Path, tmp_path: Path
) -> None:
    ids: list[Any] = [{"organization_id": number, "enterprise_id": 9.0} for number in ("111", 222.0)]
    one = lines(tmp_path / "1.ndjson", user(1, 100, **ids[0], **ENDS[0]), user(2, 7, **ids[0], **ENDS[0]))
    two = lines(tmp_path / "2.ndjson", user(3, 50, **ids[1], **ENDS[1]), user(2, 7, **ids[1], **ENDS[1]))
    new = lines(tmp_path / "3.ndjson", user(1, 1, **ids[0], **ENDS[1]))  # user 2 is gone from the first
    for order in permutations([one, two]):
        assert total(call, "enterprise", "mega", *(f"--input={name}" for name in order)) == [(157, 3)]
    for every in permutations([one, two, new]):
        assert total(call, "enterprise", "mega", *(f"--input={name}" for name in every)) == [(58, 3)]
    assert call("history", "import", one, "--scope", "enterprise:mega").code == 0
    assert call("history", "import", two, "--scope", "enterprise:mega").code == 7
    assert call("history", "import", one, two, "--scope", "enterprise:mega", "--replace").code == 0
    assert total(call, "enterprise", "mega", "--offline", "--source", "user-reports") == [(157, 3)]


def test_who_is_gone_from_the_newer_report_is_gone_from_the_team(call: Run, tmp_path: Path) -> None:
    teams = lines(tmp_path / "teams.ndjson", member(1), {**member(2), "user_id": "2", "team_id": 7.0})
    old = lines(tmp_path / "old.ndjson", user(1, 100, **ENDS[0]), user(3, 9, **ENDS[0]))
    new = lines(tmp_path / "new.ndjson", user(3, 9, **ENDS[1]))
    for order in permutations([teams, old, new]):
        assert total(call, "team", "core", "--org", "acme", *(f"--input={name}" for name in order)) == [(0, 0)]


def test_a_later_report_without_details_takes_no_ones_place(call: Run, history: Path, tmp_path: Path) -> None:
    old = lines(tmp_path / "old.ndjson", user(1, 100, **ENDS[0]))
    short = lines(tmp_path / "short.ndjson", {"user_id": 1, "day": "2026-09-08", "used_chat": None, **ENDS[1]})
    for order in permutations([old, short]):
        assert total(call, "org", "acme", *(f"--input={name}" for name in order)) == [(100, 1)]
        assert call("history", "import", *order, "--scope", "org:acme").code == 0
        assert total(call, "org", "acme", "--offline", "--source", "user-reports") == [(100, 1)]


def test_our_own_json_given_last_counts_among_equals(call: Run, tmp_path: Path) -> None:
    users = lines(tmp_path / "users.ndjson", user(1, 50, **ENDS[0]))
    ours = tmp_path / "ours.json"
    ours.write_text(call("org", "acme", "--input", lines(tmp_path / "a", user(1, 100, **ENDS[0])), "--json", "-q").out)
    assert total(call, "org", "acme", "--input", users, "--input", str(ours)) == [(100, 1)]
    assert total(call, "org", "acme", "--input", str(ours), "--input", users) == [(50, 1)]


def test_parts_of_a_second_order_nothing(call: Run, history: Path, tmp_path: Path) -> None:
    files = [
        lines(tmp_path / f"{n}.json", {**aggregated("1"), "created_at": f"2026-09-20T10:00:00.{n}00Z"}) for n in (9, 1)
    ]
    for order in permutations(files):
        read = call("org", "acme", *(f"--input={name}" for name in order), "--json", "-q").out
        for name in order:
            assert call("history", "import", name, "--scope", "org:acme").code == 0
        ours = json.loads(call("org", "acme", "--offline", "--source", "reports", "--json", "-q").out)
        assert ours == json.loads(read)
        history.unlink()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "soon", 5])
def test_a_moment_outside_the_calendar_is_none(moment: Any, call: Run, tmp_path: Path) -> None:
    saved = lines(tmp_path / "x.json", {**aggregated("1"), "created_at": moment})
    assert call("org", "acme", "--input", saved, "--json", "-q").code == 0
    day = {"scope": "org:acme", "source": "usage", "day": "2026-09-08", "breakdown": [], "stated_at": moment}
    done = call("org", "acme", "--input", lines(tmp_path / "y.json", day))
    assert (done.code, ", field stated_at: " in done.err) == (7, True)


def test_a_day_of_several_sources_comes_from_one_and_says_so(call: Run, tmp_path: Path) -> None:
    classic = lines(tmp_path / "c.json", {"day": "2026-09-08", "total_suggestions_count": 5, "breakdown": []})
    report = lines(tmp_path / "r.json", {**aggregated("1"), "created_at": "2026-09-20T10:00:00Z"})
    for order in permutations([classic, report]):
        done = call("org", "acme", *(f"--input={name}" for name in order), "--json")
        assert [each["source"] for each in json.loads(done.out)] == ["usage"]
        assert done.err.splitlines()[0] == (
            "copilot-usage: note: 1 day from several sources, the first of usage, reports, user-reports, metrics "
            "counts: 2026-09-08"
        )


def test_an_enterprise_and_one_of_its_organizations_are_not_mixed(
    both_ways: Callable[..., list[Finished]], tmp_path: Path
) -> None:
    whole = lines(
        tmp_path / "e.json", {"enterprise_id": "9", "day_totals": [{"day": "2026-09-08", "daily_active_users": 5}]}
    )
    part = lines(tmp_path / "o.json", aggregated("1"))
    for order in permutations([whole, part]):
        for done in both_ways(*order, scope=ENTERPRISE, named="enterprise:mega"):
            assert "no organization alone" in done.err


def test_an_enterprises_own_users_report_and_its_organizations_do_not_mix(
    both_ways: Callable[..., list[Finished]], call: Run, history: Path, tmp_path: Path
) -> None:
    old = lines(
        tmp_path / "o.ndjson", user(1, 40, organization_id="1", **ENDS[0]), user(7, 100, organization_id="1", **ENDS[0])
    )
    new = lines(tmp_path / "n.ndjson", user(1, 44, enterprise_id="9", **ENDS[1]))
    for order in permutations([old, new]):
        for done in both_ways(*order, scope=ENTERPRISE, named="enterprise:mega"):
            assert "is of no organization alone, others are of one of its organizations" in done.err or (
                "is of one of its organizations, others are of no organization alone" in done.err
            )
    assert call("history", "import", old, "--scope", "enterprise:mega").code == 0
    assert call("history", "import", new, "--scope", "enterprise:mega").code == 0
    assert total(call, "enterprise", "mega", "--offline", "--source", "user-reports") == [(44, 1)]


def test_a_person_of_two_organizations_has_the_later_line(call: Run, history: Path, tmp_path: Path) -> None:
    one = lines(tmp_path / "1.ndjson", user(1, 40, organization_id="1", **ENDS[0]))
    two = lines(tmp_path / "2.ndjson", user(1, 44, organization_id="2", **ENDS[1]))
    for order in permutations([one, two]):
        done = call("enterprise", "mega", *(f"--input={name}" for name in order), "--json")
        assert [each["total_suggestions_count"] for each in json.loads(done.out)] == [44]
        assert "differ" not in done.err


def test_organizations_are_refused_in_any_order_of_imports(call: Run, history: Path, tmp_path: Path) -> None:
    files = [lines(tmp_path / f"{n}.ndjson", user(n, 10 * n, organization_id=str(n), **ENDS[n % 2])) for n in (1, 2)]
    for order in permutations(files):
        assert call("history", "import", order[0], "--scope", "enterprise:mega").code == 0
        done = call("history", "import", order[1], "--scope", "enterprise:mega")
        assert (done.code, "give all files" in done.err) == (7, True)
        history.unlink()


def test_arrays_without_any_number_are_no_details(call: Run, history: Path, tmp_path: Path) -> None:
    old = lines(tmp_path / "o.ndjson", user(1, 40, **ENDS[0]))
    bare = {"user_id": 1, "day": "2026-09-08", "totals_by_ide": [], "totals_by_language_feature": [], "used_chat": None}
    new = lines(tmp_path / "n.ndjson", {**bare, **ENDS[1]})
    for order in permutations([old, new]):
        assert total(call, "org", "acme", *(f"--input={name}" for name in order)) == [(40, 1)]
        assert call("history", "import", *order, "--scope", "org:acme").code == 0
