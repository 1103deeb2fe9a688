"""What the doctor finds, from servers that answer as GitHub does, and that a report ends as the doctor says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.environment import TOKEN
from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.github import GitHub
    from support.program import Finished, Run, RunInTerminal

LIMIT = {"resources": {"core": {"limit": 5000, "remaining": 4987, "reset": 1_790_000_000}}}
CLASSIC, TEAM = "/orgs/acme/copilot/usage", "/orgs/acme/team/core/copilot/usage"
REPORTS = "/orgs/acme/copilot/metrics/reports/organization-28-day/latest"
USERS = "/orgs/acme/copilot/metrics/reports/users-28-day/latest"
POLICY = {"message": "The Copilot usage metrics policy is disabled"}


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def examine(github: GitHub, history: Path, call: Run) -> Callable[..., Finished]:
    """Let GitHub give each path an answer, all others 404, and run a command."""

    def run(answers: dict[str, tuple[int, Any]], *args: str, env: dict[str, str] | None = None) -> Finished:
        def handle(request: Any) -> Response:
            github.arrivals.append(request)
            status, body = answers.get(request.path, (404, {"message": "Not Found"}))
            headers = {"X-OAuth-Scopes": "read:org, manage_billing:copilot"} if request.path == "/rate_limit" else {}
            return Response(json.dumps(body) if status != 204 else b"", status, headers=headers)

        github.arrivals.clear()
        github.server.clear()
        github.server.expect_request(re.compile(".*")).respond_with_handler(handle)
        known = {
            "COPILOT_USAGE_HISTORY": str(history),
            "SSL_CERT_FILE": "",
            "SSL_CERT_DIR": "",
            "NO_PROXY": "",
            "no_proxy": "",
        }
        given = {"GH_TOKEN": TOKEN, **known, **(env or {})}
        return call(*args, "--api-url", github.url, "--max-wait", "0", env=given)

    return run


def states(done: Finished) -> dict[str, tuple[str, str]]:
    return {check["name"]: (check["state"], check["message"]) for check in json.loads(done.out)["checks"]}


def test_all_is_well(examine: Callable[..., Finished], github: GitHub, history: Path) -> None:
    answers = {"/rate_limit": (200, LIMIT), CLASSIC: (200, []), REPORTS: (204, None)}
    done = examine(answers, "doctor", "org:acme", "-v")
    assert done.code == 0
    assert done.out == (
        "ok     scope        org:acme, from the command line\n"
        f"ok     address      {github.url}, from --api-url\n"
        "ok     token        from GH_TOKEN: a classic personal access token; scopes: read:org, manage_billing:copilot\n"
        "ok     rate limit   4,987 of 5,000 calls left until 14:13 UTC\n"
        f"ok     usage API    {CLASSIC} answers\n"
        f"ok     reports API  {REPORTS} answers\n"
        f"ok     history      {history}: none yet, the first report makes it\n"
        "ok     network      no proxy; certificates: those that Python comes with\n"
    )
    assert [re.sub(r" \d+ ms$", "", line) for line in done.err.splitlines()] == [
        f"copilot-usage: GET {github.netloc} /rate_limit 200",
        f"copilot-usage: GET {github.netloc} {CLASSIC} 200",
        f"copilot-usage: GET {github.netloc} {REPORTS} 204",
    ]
    assert not history.exists()


@pytest.mark.parametrize(
    ("classic", "reports", "code", "words"),
    [
        (404, 200, 0, ("note", "ok")),
        (200, 404, 0, ("ok", "note")),
        (200, 403, 0, ("ok", "fails")),
        (404, 403, 4, ("fails", "fails")),
        (404, 404, 5, ("fails", "fails")),
        (403, 200, 4, ("fails", "ok")),
        (410, 422, 2, ("fails", "fails")),
        (404, 500, 6, ("fails", "fails")),
    ],
)
@pytest.mark.parametrize("team", [False, True])
def test_a_report_ends_as_the_doctor_says(
    classic: int, reports: int, code: int, words: tuple[str, str], team: bool, examine: Callable[..., Finished]
) -> None:
    if team and reports == 200:
        pytest.skip("that a team is listed is found by a report alone")
    paths = (TEAM, USERS) if team else (CLASSIC, REPORTS)
    bodies = {200: {"download_links": []}, 403: POLICY}
    answers = {
        "/rate_limit": (200, LIMIT),
        paths[0]: (classic, [] if classic == 200 else {"message": "no"}),
        paths[1]: (reports, bodies.get(reports, {"message": "no"})),
    }
    done = examine(answers, "doctor", "team:acme/core" if team else "acme", "--json")
    found = states(done)
    assert (found["usage API"][0], found["reports API"][0]) == words
    assert (done.code, json.loads(done.out)["exit_code"]) == (code, code)
    scope = ("team", "acme/core") if team else ("org", "acme")
    assert examine(answers, *scope, "--no-history").code == code
    if reports == 403:
        cure = next(check["cure"] for check in json.loads(done.out)["checks"] if check["name"] == "reports API")
        assert cure.startswith('an owner sets the policy "Copilot usage metrics"')


@pytest.mark.parametrize(
    ("answer", "name", "state", "message"),
    [
        ((401, {"message": "Bad credentials"}), "token", "fails", "GitHub refused it (401)"),
        ((403, {"message": "blocked"}), "rate limit", "note", "GitHub doesn't tell it (HTTP 403: blocked)"),
        ((410, {}), "rate limit", "note", "GitHub doesn't tell it (HTTP 410: )"),
        (
            (200, {"resources": {"core": {**LIMIT["resources"]["core"], "remaining": 0}}}),
            "rate limit",
            "fails",
            "0 of 5,000",
        ),
    ],
)
def test_what_the_rate_limit_says_and_does_not(
    answer: tuple[int, Any], name: str, state: str, message: str, examine: Callable[..., Finished]
) -> None:
    done = examine({"/rate_limit": answer, CLASSIC: (200, [])}, "doctor", "org:acme", "--json")
    assert states(done)[name][0] == state
    assert message in states(done)[name][1]
    assert states(done)["usage API"][0] == "ok"
    assert done.code == (6 if message.startswith("0 of") else 0)
    assert examine({"/rate_limit": (401, {})}, "doctor", "--json").code == 4


def test_nobody_answers(run: Run) -> None:
    done = run("doctor", "acme", "--api-url", "http://127.0.0.1:1", "--max-wait", "0", env={"GH_TOKEN": "made-up"})
    assert done.code == 6
    assert re.search(r"^fails  connection   .*\n +→ ", done.out, re.MULTILINE)
    token = f"from GH_TOKEN: of an unknown kind; not checked\n{'':20}→ it is, once GitHub answers"
    assert f"\nnote   token        {token}\nfails  connection" in done.out
    assert "usage API" not in done.out


@pytest.mark.parametrize("status", [410, 422, 500])
def test_one_answer_to_all_is_the_reports_code(status: int, examine: Callable[..., Finished]) -> None:
    answers = {path: (status, {"message": "no"}) for path in ("/rate_limit", CLASSIC, REPORTS)}
    done = examine(answers, "doctor", "acme", "--json")
    assert done.code == examine(answers, "org", "acme", "--no-history").code
    assert all(check["cure"] for check in json.loads(done.out)["checks"] if check["state"] != "ok")


@pytest.mark.parametrize(
    ("classic", "reports"), [({"foo": 1}, []), ([], {"download_links": []}), (None, {"seats": []})]
)
def test_an_answer_that_is_something_else_is_no_answer(
    classic: Any, reports: Any, examine: Callable[..., Finished]
) -> None:
    answers: dict[str, tuple[int, Any]] = {"/rate_limit": (200, LIMIT), REPORTS: (200, reports)}
    if classic is not None:
        answers[CLASSIC] = (200, classic)
    done = examine(answers, "doctor", "acme", "--json")
    assert done.code == examine(answers, "org", "acme", "--no-history").code == (0 if classic == [] else 7)


def test_a_server_without_rate_limits_and_no_scope(examine: Callable[..., Finished], github: GitHub) -> None:
    done = examine({}, "doctor", "--json")
    assert done.code == 0
    found = states(done)
    assert found["rate limit"] == ("ok", "there is none")
    assert found["scope"] == ("note", "none is named")
    assert len(github.arrivals) == 1


def test_the_settled_scope_is_examined_and_where_it_is_settled_is_said(examine: Callable[..., Finished]) -> None:
    done = examine({"/rate_limit": (200, {})}, "doctor", "--json", env={"COPILOT_USAGE_SCOPE": "org:acme"})
    assert states(done)["scope"] == ("ok", "org:acme, from COPILOT_USAGE_SCOPE")
    assert states(done)["rate limit"] == ("note", "GitHub's answer doesn't say")
    assert done.code == 5
    wrong = examine({}, "doctor", "--json", env={"COPILOT_USAGE_SCOPE": "org:"})
    assert (wrong.code, list(states(wrong))) == (2, ["settings"])


def test_no_part_of_a_token_or_of_a_proxys_password_is_shown(examine: Callable[..., Finished]) -> None:
    secret = {"HTTPS_PROXY": "http://user:SECRET@proxy.example:8080", "SSL_CERT_FILE": "/not/there.pem"}
    done = examine({"/rate_limit": (200, LIMIT)}, "doctor", env=secret)
    assert done.code == 0  # http needs no certificates
    assert "SECRET" not in done.out + done.err
    assert TOKEN[:12] not in done.out + done.err
    assert "HTTPS_PROXY=http://proxy.example:8080; certificates: SSL_CERT_FILE=/not/there.pem\n" in done.out
    assert "→ unset SSL_CERT_FILE, or name a file that is there\n" in done.out


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("ghp_", "a classic personal access token"),
        ("github_pat_", "a fine-grained personal access token"),
        ("gho_", "an OAuth token, as gh has it"),
        ("ghs_", "a GitHub App installation token, or an Actions GITHUB_TOKEN"),
        ("0123", "of an unknown kind"),
    ],
)
def test_the_kind_of_a_token_is_known_by_its_prefix(prefix: str, kind: str, examine: Callable[..., Finished]) -> None:
    done = examine({"/rate_limit": (200, LIMIT)}, "doctor", "--json", env={"GH_TOKEN": f"{prefix}{'A' * 30}"})
    assert states(done)["token"][1].startswith(f"from GH_TOKEN: {kind}; scopes: ")
    assert "AAAA" not in done.out


def test_the_history_of_the_scope(examine: Callable[..., Finished], history: Path, record: Callable[..., Any]) -> None:
    answers = {"/rate_limit": (200, LIMIT), CLASSIC: (200, [record("2024-06-03"), record("2024-06-04")])}
    assert examine(answers, "org", "acme", "-q").code == 0
    assert states(examine(answers, "doctor", "acme", "--json"))["history"][1].startswith(
        f"{history}: 2 days of org:acme, "
    )
    assert states(examine(answers, "doctor", "other", "--json"))["history"][1].startswith(
        f"{history}: 0 days of org:other"
    )
    off = examine(answers, "doctor", "--json", env={"COPILOT_USAGE_HISTORY": "off"})
    assert states(off)["history"] == ("note", "off")
    history.write_bytes(b"this is not a database, whatever its name is" * 100)
    done = examine(answers, "doctor", "acme", "--json")
    assert (done.code, states(done)["history"][0]) == (0, "note")


def test_without_a_token_nothing_is_asked(call: Run, history: Path) -> None:
    done = call("doctor", "org:acme", env={"COPILOT_USAGE_HISTORY": str(history), "GH_HOST": "github.example"})
    assert done.code == 4
    assert "fails  token        no token for github.example\n" in done.out


def test_the_address_says_where_it_is_from(call: Run, tmp_path: Path) -> None:
    settings = {"GH_HOST": "", "GITHUB_API_URL": "", "PATH": "", "COPILOT_USAGE_HISTORY": str(tmp_path / "history")}
    for env, said in {
        "": "https://api.github.com, the default",
        "octo.ghe.com": "https://api.octo.ghe.com, from GH_HOST",
    }.items():
        done = call("doctor", env={**settings, "GH_HOST": env})
        assert f"\nok     address      {said}\n" in done.out


def test_in_a_terminal_it_fits_and_has_colours(run_in_terminal: RunInTerminal) -> None:
    done = run_in_terminal(60, "doctor", env={"GH_TOKEN": "", "PATH": ""})
    assert done.code == 4
    plain = re.sub(r"\x1b\[[\d;]*m", "", done.out)
    assert max(map(len, plain.splitlines())) <= 60
    assert "\x1b[31mfails  \x1b[0m" in done.out
    assert "\x1b[32mok     \x1b[0m" in done.out
