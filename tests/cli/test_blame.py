"""Errors and notes that blame the right thing, and answers that only some sources have."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import TODAY, ago
from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.github import GitHub
    from support.program import Finished, Run, RunInTerminal


@pytest.fixture
def ask(call: Run, github: GitHub, token: str) -> Callable[..., Finished]:
    def finish(*args: str, **env: str) -> Finished:
        return call(*args, "--api-url", github.url, "--max-wait", "0", env={"GH_TOKEN": token, **env})

    return finish


def answer_reports(github: GitHub, answer: Callable[[Request], Response]) -> None:
    github.server.expect_request(re.compile(".*/copilot/usage")).respond_with_data("{}", 404)
    github.server.expect_request(re.compile(".*/reports/.*")).respond_with_handler(answer)


EMPTY = {
    "204": lambda _: Response(status=204),
    "no links": lambda _: Response(json.dumps({"download_links": []}), 200),
    "a sentence": lambda _: Response('"No report available"', 200),
}


@pytest.mark.parametrize("face", EMPTY)
def test_an_empty_latest_report_names_the_likelier_causes(
    face: str, ask: Callable[..., Finished], github: GitHub
) -> None:
    answer_reports(github, EMPTY[face])
    done = ask("org", "acme")
    assert done.code == 0
    (note,) = [line for line in done.out.splitlines() if line.startswith("note: ")]
    assert note == (
        'note: no data: the policy "Copilot usage metrics" may have been enabled lately, or nobody has a Copilot seat; '
        "a day comes within two days after it is over (UTC), and GitHub keeps a year, from 2025-12-12 on"
    )
    assert ask("org", "acme", "--fail-on-missing", "-q").code == 3


@pytest.mark.parametrize("face", EMPTY)
def test_an_empty_answer_for_a_day_that_was_asked_for_is_missing(
    face: str, ask: Callable[..., Finished], github: GitHub
) -> None:
    answer_reports(github, EMPTY[face])
    day = str(ago(1))
    assert ask("org", "acme", "--since", day, "--until", day, "--json", "-q").code == 0
    done = ask("org", "acme", "--since", day, "--until", day, "--json", "-q", "--fail-on-missing")
    assert (done.code, done.out) == (3, "[]\n")


def test_a_young_day_that_was_not_asked_for_is_awaited(ask: Callable[..., Finished], github: GitHub) -> None:
    days = [
        {"day": str(ago(n)), "daily_active_users": 3, "totals_by_feature": [], "totals_by_language_feature": []}
        for n in range(30, 2, -1)
    ]

    def answer(request: Request) -> Response:
        if "latest" not in request.path:
            return Response(status=204)
        span = {"report_start_day": str(ago(30)), "report_end_day": str(ago(3))}
        return Response(json.dumps({"download_links": [f"{github.url}/file"], **span}), 200)

    answer_reports(github, answer)
    github.server.expect_request("/file").respond_with_json({"day_totals": days})
    done = ask("org", "acme", "--since", "7d", "--json", "--fail-on-missing")
    assert done.code == 0
    assert f"not yet available: {ago(2)} to {ago(1)}" in done.err


def test_a_wholly_older_period_was_not_asked_for(ask: Callable[..., Finished], github: GitHub, history: Path) -> None:
    github.answer(200, "[]")
    done = ask("org", "acme", "--source", "usage", "--since", "2024-01-01", "--until", "2024-01-31", "--json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err.splitlines()[-1] == "copilot-usage: note: not asked: GitHub keeps 28 days"
    assert github.arrivals == []


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        ([], "GitHub refuses this request; its message may say why"),
        (["--since", "2020-01-01"], "GitHub refuses these parameters; check --since"),
        (["--until", str(TODAY)], "GitHub refuses these parameters; check --until"),
        (["--page", "2"], "GitHub refuses these parameters; check --page"),
        (["--per-page", "3"], "GitHub refuses these parameters; check --per-page"),
    ],
)
def test_a_422_blames_what_was_given(args: list[str], hint: str, ask: Callable[..., Finished], github: GitHub) -> None:
    github.answer(422, json.dumps({"message": "Payment problem"}))
    done = ask("org", "acme", "--source", "usage", *args)
    assert done.code == 2
    host = github.netloc
    assert done.err == f"copilot-usage: error: org:acme: {host} answered 422 (Payment problem)\nhint: {hint}\n"


def test_a_422_of_the_reports_blames_dates_only_where_some_were_given(
    ask: Callable[..., Finished], github: GitHub, tmp_path: Path
) -> None:
    github.answer(422, json.dumps({"message": "Payment problem"}))
    assert ask("org", "acme", "--source", "reports").err.endswith("this request; its message may say why\n")
    older = ("--since", str(ago(80)), "--until", str(ago(70)))
    assert ask("org", "acme", "--source", "reports", *older).err.endswith("parameters; check --since and --until\n")
    done = ask("history", "sync", "org:acme", COPILOT_USAGE_HISTORY=str(tmp_path / "h"))
    assert done.err.endswith("this request; its message may say why\n")
    github.server.clear()
    github.answer(422)
    assert ask("org", "acme", "--source", "reports").err.endswith("GitHub refuses this request, without saying why\n")


def test_by_ide_needs_a_source_that_has_it(call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "classic.json"
    saved.write_text(json.dumps([{"day": "2026-10-05", "breakdown": []}]))
    hint = "hint: --source reports and --source user-reports have it\n"
    done = call("org", "acme", "--by", "ide", "--input", str(saved))
    assert (done.code, done.out) == (2, "")
    assert done.err == f"copilot-usage: error: org:acme (source: usage) has no activity by IDE\n{hint}"
    assert call("org", "acme", "--by", "ide", "--demo").code == 0
    done = call("org", "acme", "--by", "ide", "--source", "usage")
    assert done.err == f"copilot-usage: error: --source usage has no activity by IDE\n{hint}"


def test_by_ide_works_on_users_reports(call: Run, tmp_path: Path) -> None:
    def line(user: int, **ides: int) -> dict[str, Any]:
        rows = [{"ide": ide, "code_generation_activity_count": count} for ide, count in ides.items()]
        return {"user_id": user, "day": "2026-10-05", "totals_by_ide": rows, "totals_by_feature": []}

    saved = tmp_path / "users.ndjson"
    saved.write_text("\n".join(json.dumps(each) for each in (line(1, vscode=3, zed=1), line(2, vscode=4))))
    rows = json.loads(call("org", "acme", "--by", "ide", "--input", str(saved), "--json", "-q").out)
    assert [(row["ide"], row["code_generation_activity_count"]) for row in rows] == [("vscode", 7), ("zed", 1)]
    done = call("org", "acme", "--by", "ide", "--demo", "--source", "user-reports", "--json", "-q")
    assert (done.code, len(json.loads(done.out))) == (0, 6)


BLOB = "x = 1; " * 430  # code where a language should be: 3,010 characters


def test_a_long_name_is_shortened_in_tables_alone(call: Run, run_in_terminal: RunInTerminal, tmp_path: Path) -> None:
    saved = tmp_path / "classic.json"
    cells = [{"language": BLOB, "editor": "vim", "suggestions_count": 5, "acceptances_count": 1}]
    saved.write_text(json.dumps([{"day": f"2026-10-0{n}", "breakdown": cells} for n in (5, 6)]))
    args = ("org", "acme", "--input", str(saved))
    for more in ([], ["--by", "language"], ["--compare", "2026-10-06..2026-10-06", "--until", "2026-10-05"]):
        done = call(*args, *more)
        assert done.code == 0
        assert max(map(len, done.out.splitlines())) < 250
        assert f"{BLOB[:57]}..." in done.out
    shown = run_in_terminal(80, *args, "--by", "language")
    assert max(map(len, shown.out.splitlines())) < 200
    assert BLOB in call(*args, "--by", "language", "-f", "csv").out
    assert json.loads(call(*args, "--by", "language", "--json", "-q").out)[0]["language"] == BLOB
