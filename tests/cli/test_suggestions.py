"""What is suggested to a person who mistyped: one command, option or value, as git does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.program import Run

LOG_IN = "log in with `gh auth login --hostname github.com`"
COMMANDS = {
    "acme": "org acme",
    "acme --since 7d": "org acme --since 7d",
    "acme/core": "team acme/core",
    "@acme/core --json": "team acme/core --json",
    "org:acme": "org acme",
    "enterprise:mega": "enterprise mega",
    "team:enterprise:mega/ent:core": "team ent:core --enterprise mega",
    "https://github.com/orgs/acme/teams/core": "team acme/core",
    "ent:core": "team ent:core --enterprise ENTERPRISE",
    "orgs acme": "org acme",
    "Org acme": "org acme",
    "organization acme": "org acme",
    "enterprize mega": "enterprise mega",
    "teams acme/core": "team acme/core",
    "histroy list": "history list",
    "sync org:acme": "history sync org:acme",
    "import a.json --scope acme": "history import a.json --scope acme",
    "completions bash": "completion bash",
    "history lst": "history list",
    "history delete acme": "history remove acme",
    "history rm acme": "history remove acme",
    "history frobnicate acme": None,
    "hlep": "help",
    "versions": "version",
    "acme -q --json": "org acme -q --json",
    "history synch acme": "history sync acme",
    "seats acme": "seats org acme",
    "seats enterprise:mega --users": "seats enterprise mega --users",
    "seats acme/core": None,
    "seat org acme": "seats org acme",
}
OPTIONS = {
    "-f md": "markdown",
    "-f Excel": "xlsx",
    "--csv": "-f csv",
    "--ndjson": "-f ndjson",
    "--days 7": "--since 7d",
    "--days=30": "--since 30d",
    "--last": "--since 7d",
    "--weeks 4": "--since 4w",
    "--months 3": "--since 3mo",
    "--sinc 7d": "--since",
    "--from 2026-11-01": "--since",
    "--to yesterday": "--until",
    "--weekly": "--by week",
    "--lanugage go": "--language",
    "--lang go": "--language",
    "--limit 5": "--top",
    "--quite": "--quiet",
    "--jason": "--json",
    "--outptu x": "--output",
    "--host x": "--hostname",
    "--week": "--by week",
    "--month": "--by month",
    "--yesterday": "--period yesterday",
    "--last-week": "--period last-week",
    "--this-week": "--period this-week",
    "--last-month": "--period last-month",
    "--this-month": "--period this-month",
    "--last-moth": "--period last-month",
    "-since 7d": "--since",
    "--source user": "user-reports",
    "--period last-year": "1y",
    "--since 2026-W5": "2026-W05",
    "--since 2026w46": "2026-W46",
    "--period 2026/11": "2026-11",
    "--by weekly": "week",
    "--by daily": "day",
    "--by langauge": "language",
    "--by week,editr": "editor",
    "-f cvs": "csv",
    "--format JSONL": "ndjson",
    "--source report": "reports",
    "--since yesterdya": "yesterday",
    "--since 7days": "7d",
    "--since lastweek": "last-week",
    "--since 2026/11/1": "2026-11-01",
    "--until Mondy": "monday",
    "--since last-monday": "monday",
    "--since last_fridy": "friday",
    "--since last-7-days": "7d",
    "--period last_month": "last-month",
    "--compare prev": "previous",
    "--compare lastyear": "last-year",
}


@pytest.mark.parametrize("typed", COMMANDS)
def test_a_command_that_there_is_not(typed: str, call: Run) -> None:
    done = call(*typed.split())
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert error.startswith("copilot-usage: error: ")
    assert "is not a command of copilot-usage" in error
    meant = COMMANDS[typed]
    assert hint == (
        f"hint: see `copilot-usage {typed.split(maxsplit=1)[0]} --help`"
        if meant is None
        else f"hint: did you mean `copilot-usage {meant}`?"
    )


@pytest.mark.parametrize("typed", OPTIONS)
def test_an_option_or_value_that_there_is_not(typed: str, call: Run) -> None:
    done = call("org", "acme", *typed.split())
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert error.startswith(("copilot-usage: error: no such option: ", "copilot-usage: error: invalid value for '--"))
    assert hint == f"hint: did you mean {OPTIONS[typed]}?"


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--md", "did you mean -f markdown?"),
        ("--html", "did you mean -f html?"),
        ("--excel", "did you mean -f xlsx?"),
        ("--summry", "did you mean -f summary?"),
    ],
)
def test_a_format_is_no_option(option: str, hint: str, call: Run) -> None:
    done = call("org", "acme", option)
    assert (done.code, done.err) == (2, f"copilot-usage: error: no such option: {option}\nhint: {hint}\n")
    assert call("doctor", option).err.endswith("hint: see `copilot-usage doctor --help`\n")


@pytest.mark.parametrize("option", ["--token", "--tokn", "--access-token=SECRET", "--pat"])
def test_a_token_is_never_an_option(option: str, call: Run) -> None:
    done = call("org", "acme", option, "SECRET")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("hint: set GH_TOKEN: on the command line everybody on the machine could read it\n")
    assert "SECRET" not in done.err


@pytest.mark.parametrize("typed", ["--nonsense", "--order x", "-f xml", "--by unit", "--since soon", "--compare never"])
def test_what_is_near_nothing_gets_no_suggestion(typed: str, call: Run) -> None:
    assert call("org", "acme", *typed.split()).err.endswith("hint: see `copilot-usage org --help`\n")


def test_options_without_a_scope_say_how_to_name_one(call: Run) -> None:
    done = call("--since", "7d")
    hint = "say whose usage: `copilot-usage org ORG`, or set COPILOT_USAGE_SCOPE=org:ORG for good"
    assert (done.code, done.err) == (2, f"copilot-usage: error: no such option: --since\nhint: {hint}\n")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("help", "--help"),
        ("help org", "org --help"),
        ("help org acme", "org --help"),
        ("help history", "history --help"),
        ("help history sync", "history sync --help"),
        ("history help", "history --help"),
        ("history help sync", "history sync --help"),
        ("help help", "help --help"),
        ("help version", "version --help"),
        ("help history help", "history help --help"),
        ("version", "-V"),
    ],
)
def test_help_and_version_work_as_commands(words: str, options: str, call: Run) -> None:
    done = call(*words.split())
    assert (done.code, done) == (0, call(*options.split()))


@pytest.mark.parametrize(
    ("typed", "error", "hint"),
    [
        ("help nosuch", "'nosuch' is not a command of copilot-usage", "see `copilot-usage --help`"),
        ("help orgs", "'orgs' is not a command of copilot-usage", "did you mean `copilot-usage org --help`?"),
        ("nosuch --help", "'nosuch' is not a command of copilot-usage", "see `copilot-usage --help`"),
        (
            "history help nosuch",
            "'nosuch' is not a command of copilot-usage history",
            "see `copilot-usage history --help`",
        ),
        ("org acme --output", "option '--output' requires an argument", "see `copilot-usage org --help`"),
        ("--json=3", "option '--json' does not take a value", "see `copilot-usage org --help`"),
        (
            "history remove acme --day",
            "option '--day' requires an argument",
            "see `copilot-usage history remove --help`",
        ),
        (
            "history sync acme",
            "no token for github.com",
            f"set GH_TOKEN (or GITHUB_TOKEN), for example GH_TOKEN=$(cat FILE), or {LOG_IN}",
        ),
    ],
)
def test_no_hint_goes_in_a_circle(typed: str, error: str, hint: str, call: Run, tmp_path: Path) -> None:
    environment = {"COPILOT_USAGE_SCOPE": "org:acme", "COPILOT_USAGE_HISTORY": str(tmp_path / "history"), "PATH": ""}
    done = call(*typed.split(), env={"GH_HOST": "github.com", "GH_TOKEN": "", **environment})
    assert done.err == f"copilot-usage: error: {error}\nhint: {hint}\n"


def test_words_are_read_in_any_case(call: Run) -> None:
    expected = call("org", "acme", "--demo", "-f", "csv", "--by", "week", "--since", "last-week")
    assert expected.code == 0
    assert call("org", "acme", "--demo", "-f", "CSV", "--by", "Week", "--since", "LAST-WEEK") == expected


def test_a_language_that_there_is_not_is_answered_by_those_that_there_are(call: Run) -> None:
    done = call("org", "acme", "--demo", "--language", "pyton")
    assert (done.code, done.err) == (0, "")
    notes = [line for line in done.out.splitlines() if line.startswith("note: ")]
    assert notes[0].startswith("note: --language pyton: no such language in these days; nearest first: python, ")


@pytest.mark.parametrize("typed", ["licences acme", "usage acme --json", "check acme"])
def test_a_word_before_another_is_no_scope(typed: str, call: Run) -> None:
    assert call(*typed.split()).err.endswith("hint: see `copilot-usage --help`\n")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("team acme core --since 7d", "`copilot-usage team acme/core`"),
        ("doctor org acme", "`copilot-usage doctor org:acme`"),
        ("report org acme", "org:acme"),
        ("history sync team acme/core", "team:acme/core"),
    ],
)
def test_two_words_that_should_be_one(typed: str, meant: str, call: Run) -> None:
    done = call(*typed.split())
    assert (done.code, done.err.splitlines()[1]) == (2, f"hint: did you mean {meant}?")


def test_a_shell_and_a_column_that_there_are_not(call: Run) -> None:
    assert call("completion", "bsh").err.endswith("hint: did you mean bash?\n")
    done = call("org", "acme", "--demo", "--fail-if", "total_active_users<1")
    assert done.err.endswith("hint: did you mean active_users_mean?\n")
