"""The program from its arguments to its output, whole.

Expected reports are files in tests/expected. After a change that is meant to alter them, run the tests once with
UPDATE_EXPECTED=1 and read the difference.
"""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW, ago
from support.expected import DATA, EXPECTED, check

from copilot_usage_cli.model.dates import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github import GitHub
    from support.program import Run, RunInTerminal

SGR = re.compile(r"\x1b\[[\d;]*m")
TRAPS = ["org", "acme", "--input", "traps.json"]
DEMO = ["org", "acme", "--demo"]
REPORTS = {
    "default": [],
    "by-week-editor": ["--by", "week,editor"],
    "by-language-top-3": ["--by", "language", "--top", "3"],
    "editor-vscode": ["--editor", "vscode"],
}


@pytest.fixture(autouse=True)
def _among_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where the data is: a title names a file as it was given."""
    monkeypatch.chdir(DATA)


def layout(shown: str) -> str:
    """Reduce what a terminal shows to what can be seen without colours: no escapes, no blanks at the ends of lines."""
    return re.sub(r" +$", "", SGR.sub("", shown), flags=re.MULTILINE)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(("source", "scope"), [("traps", TRAPS), ("demo", DEMO)])
def test_a_report_in_a_pipe(source: str, scope: list[str], name: str, run: Run) -> None:
    done = run(*scope, *REPORTS[name])
    assert (done.code, done.err) == (0, "")
    check(f"{source}-{name}", done.out)


@pytest.mark.parametrize("columns", [40, 80, 100, 160])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_in_a_terminal(name: str, columns: int, run_in_terminal: RunInTerminal) -> None:
    done = run_in_terminal(columns, *TRAPS, *REPORTS[name])
    assert done.code == 0
    assert max(map(len, layout(done.out).splitlines())) <= columns
    check(f"traps-{name}-{columns}", layout(done.out))


def test_the_demo_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    check("demo-default-80", layout(run_in_terminal(80, *DEMO).out))


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "ndjson"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_for_machines(name: str, form: str, run: Run) -> None:
    done = run(*TRAPS, *REPORTS[name], "--format", form)
    assert done.code == 0
    check(f"traps-{name}-notes", done.err)
    check(f"traps-{name}-{form}", done.out)


def test_the_known_figures_of_the_fixture(call: Run) -> None:
    (row,) = json.loads(call(*TRAPS, "--by", "total", "--json").out)
    # By hand: 83 + 131 + 212 + 65 + 6 + 0 + 60 + 45 accepted of 280 + 410 + 700 + 135 + 20 + 7 + 275 + 150.
    assert row["acceptance_rate"] == 602 / 1977
    assert row["lines_acceptance_rate"] == (104 + 190 + 295 + 96 + 9 + 0 + 66 + 70) / 3355
    assert (row["active_users_mean"], row["active_users_peak"], row["active_users_days"]) == (44 / 8, 9, 8)
    assert (row["days"], row["total"]) == (9, "2025-12-26..2026-01-07")


def test_styles_are_there_in_a_terminal_and_only_there(run: Run, run_in_terminal: RunInTerminal) -> None:
    shown = run_in_terminal(80, *TRAPS).out
    assert shown.startswith("\x1b[1morg:acme | ")
    assert "\x1b[35mnote: " in shown
    assert "\x1b[1mday (UTC)" in run_in_terminal(80, *TRAPS, "--since", "2025-12-26", "--until", "2025-12-31").out
    assert "\x1b[2mnot shown" in run_in_terminal(80, *TRAPS, "--full").out
    assert "\x1b" not in run(*TRAPS).out


def test_no_color_leaves_no_colour(run_in_terminal: RunInTerminal) -> None:
    shown = run_in_terminal(80, *TRAPS, env={"NO_COLOR": "1"}).out
    assert set(SGR.findall(shown)) <= {"\x1b[0m", "\x1b[1m", "\x1b[2m"}
    assert layout(shown) == (EXPECTED / "traps-default-80.txt").read_text("utf-8")


@pytest.mark.parametrize("columns", [40, 80, 100, 160])
def test_a_dumb_terminal_gets_no_escapes_and_the_same_layout(columns: int, run_in_terminal: RunInTerminal) -> None:
    shown = run_in_terminal(columns, *TRAPS, env={"TERM": "dumb"}).out
    assert "\x1b" not in shown
    assert layout(shown) == (EXPECTED / f"traps-default-{columns}.txt").read_text("utf-8")


@pytest.mark.parametrize("env", [{"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "COLUMNS": "50"}])
def test_forced_colours_in_a_pipe_keep_the_full_width(env: dict[str, str], run: Run) -> None:
    forced = run(*TRAPS, env=env).out
    assert "\x1b[1m" in forced
    plain = (EXPECTED / "traps-default.txt").read_text("utf-8")
    assert layout(forced).replace("─", "-") == plain


def test_forced_colours_change_nothing_for_machines_and_files(run: Run, tmp_path: Path) -> None:
    forced = run(*TRAPS, "-f", "csv", env={"FORCE_COLOR": "1"})
    assert forced.out == (EXPECTED / "traps-default-csv.txt").read_text("utf-8")
    assert run(*TRAPS, "-o", str(tmp_path / "report.txt"), env={"FORCE_COLOR": "1"}).out == ""
    assert (tmp_path / "report.txt").read_text("utf-8") == (EXPECTED / "traps-default.txt").read_text("utf-8")


def test_machine_formats_look_the_same_in_a_terminal_but_for_control_characters(
    run: Run, run_in_terminal: RunInTerminal
) -> None:
    for form in ("json", "csv"):
        shown = run_in_terminal(80, *TRAPS, "-q", "-f", form, "--by", "language").out
        assert shown == run(*TRAPS, "-q", "-f", form, "--by", "language").out.replace("\x07", r"\x07").replace(
            "\x1b", r"\x1b"
        )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--json", "-f", "csv"], "--json and --format csv exclude each other\nhint: give one of them"),
        (["--top", "3", "--json"], "--top needs names to count\nhint: add --by language, editor, feature or model"),
        *(
            (["--full", *given], f"--full and {name} exclude each other\nhint: it is the whole report for people")
            for name, given in {
                "--format json": ["--json"], "--by": ["--by", "day"], "--compare": ["--compare", "previous"]
            }.items()
        ),
        *(
            (
                ["--chart", "total_active_users", *given],
                f"--chart and {name} exclude each other\nhint: it draws one column instead of tables",
            )
            for name, given in {
                "--format csv": ["-f", "csv"], "--by": ["--by", "day"], "--full": ["--full"], "--top": ["--top", "2"]
            }.items()
        ),
        (
            ["--chart", "active_users"],
            "--chart: 'active_users' is not a column of --by day\nhint: did you mean total_active_users?",
        ),
        (
            ["--chart", "total_active_users", "--language", "go"],
            ("--chart: 'total_active_users' is not a column of --by day\n"
            "hint: the columns of --by day are suggestions_count, acceptances_count, lines_suggested, lines_accepted, "
            "acceptance_rate, lines_acceptance_rate"),
        ),
        (
            ["--width", "19"],
            ("invalid value for '--width': 19 is not a whole number from 20 to 1000\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (
            ["--top", "3", "--by", "week"],
            "--top needs names to count\nhint: add --by language, editor, feature or model",
        ),
        *(
            (
                ["--input", "traps.json", *option],
                f"--input and {option[0]} exclude each other\nhint: --input reads files and asks nobody",
            )
            for option in (
                ["--demo"], ["--page", "1"], ["--per-page", "5"], ["--api-url", "https://api.github.com"],
                ["--hostname", "github.com"],
            )
        ),
        *(
            (["--demo", *option], f"--demo and {option[0]} exclude each other\nhint: the demo is inside this process")
            for option in (["--api-url", "https://api.github.com"], ["--hostname", "github.com"])
        ),
        (
            ["--since", "2024-06-02", "--until", "2024-06-01"],
            ("the period ends before it begins: since 2024-06-02T00:00:00Z, until 2024-06-01T23:59:59Z\n"
            "hint: both ends are inclusive; days are UTC"),
        ),
        (
            ["--since", "2024-02-30"],
            "invalid value for '--since': '2024-02-30' is not in the calendar\nhint: see `copilot-usage org --help`",
        ),
        (
            ["--until", "soon"],
            f"invalid value for '--until': 'soon' is not a date; write {FORMS}\nhint: see `copilot-usage org --help`",
        ),
        (
            ["--by", "year"],
            ("invalid value for '--by': 'year' is not one of day, week, month, total, language, editor, "
             "ide, feature, model, scope\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (
            ["--by", "day,week"],
            ("invalid value for '--by': 'day,week' has more than one of day, week, month, total\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (
            ["--by", "editor,editor"],
            "invalid value for '--by': 'editor,editor' names a dimension twice\nhint: see `copilot-usage org --help`",
        ),
        (
            ["-f", "xml"],
            ("invalid value for '--format' / '-f': 'xml' is not one of table, csv, tsv, json, ndjson, markdown, html, "
            "xlsx, summary\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (
            ["--per-page", "29"],
            ("invalid value for '--per-page': 29 is not a whole number from 1 to 28\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (
            ["--top", "0", "--by", "editor"],
            "invalid value for '--top': 0 is not a whole number of at least 1\nhint: see `copilot-usage org --help`",
        ),
        (["-x"], "no such option: -x\nhint: see `copilot-usage org --help`"),
        (
            ["--width", "x"],
            ("invalid value for '--width': 'x' is not a whole number from 20 to 1000\n"
            "hint: see `copilot-usage org --help`"),
        ),
        (["--since"], "option '--since' requires an argument\nhint: see `copilot-usage org --help`"),
    ],
)  # fmt: skip
def test_wrong_options_are_one_error_with_a_cure(arguments: list[str], error: str, call: Run) -> None:
    done = call("org", "acme", *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"copilot-usage: error: {error}\n")


@pytest.mark.parametrize("owners", [[], ["--org", "acme", "--enterprise", "megacorp"]])
def test_a_team_has_exactly_one_owner(owners: list[str], call: Run) -> None:
    done = call("team", "core", *owners)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: a team needs exactly one of --org and --enterprise\n"
        "hint: say whose team it is, or write ORG/TEAM\n"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["org"], "missing argument 'ORG'\nhint: see `copilot-usage org --help`"),
        (["nope"], "'nope' is not a command of copilot-usage\nhint: did you mean `copilot-usage org nope`?"),
        (
            ["org", "a b"],
            (
                "'a b' is not a valid organization slug\n"
                "hint: a slug has letters, digits, -, _ and .; it is the last part of "
                "the organization's address on GitHub"
            ),
        ),
        (
            ["team", "..", "--org", "acme"],
            (
                "'..' is not a valid team slug\n"
                "hint: a slug has letters, digits, -, _, : and .; it is the last part of the "
                "team's address on GitHub"
            ),
        ),
    ],
)
def test_wrong_arguments_are_one_error_with_a_cure(arguments: list[str], error: str, call: Run) -> None:
    done = call(*arguments)
    assert (done.code, done.out, done.err) == (2, "", f"copilot-usage: error: {error}\n")


COMMANDS = ("org", "enterprise", "team", "completion", "doctor", "history", "help", "version")
HISTORY = tuple(f"history {name}" for name in ("sync", "list", "import", "remove", "check", "path"))


VIEWS = ("seats", "credits", "active", "prs", "adoption")
OF_VIEWS = tuple(f"{name} {scope}" for name in VIEWS for scope in ("org", "enterprise"))


@pytest.mark.parametrize("command", ["", *COMMANDS, *HISTORY, *VIEWS, *OF_VIEWS])
def test_help_is_everywhere_with_examples(command: str, call: Run) -> None:
    arguments = command.split()
    short, long = call(*arguments, "-h"), call(*arguments, "--help")
    assert (short.code, short.err) == (0, "")
    assert short == long
    assert "Usage: copilot-usage" in short.out
    assert re.search(rf"^Examples:\n  copilot-usage {command}", short.out, re.MULTILINE)
    assert max(map(len, short.out.splitlines())) <= 80
    parts = [line for line in short.out.splitlines() if re.fullmatch(r"[A-Z][a-z ]+:", line)]
    assert parts[-5:] == ["Examples:", "Environment:", "Files:", "Exit codes:", "Read more:"]
    assert not re.search(r"\w-$", short.out, re.MULTILINE)
    assert short.out.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f]|\\b", short.out)
    expected = ["Arguments:", "Commands:", "Scopes:", "Period:", "Rows:", "Output:", "Source:", "Network:", "Options:"]
    assert parts[:-5] == [part for part in expected if part in parts]
    assert "Options:" in parts


def test_the_options_of_a_report_are_in_groups_the_common_ones_first(call: Run) -> None:
    text = call("org", "--help").out
    groups = dict(re.findall(r"^(\w+):\n((?: .*\n)+)", text, re.MULTILINE))
    first = {name: re.findall(r"^  (?:-\w, )?(--[\w-]+)", body, re.MULTILINE) for name, body in groups.items()}
    assert first["Period"] == ["--since", "--until", "--period", "--compare"]
    assert first["Rows"] == ["--by", "--editor", "--language", "--top", "--sort", "--full", "--chart"]
    assert first["Output"][:3] == ["--format", "--json", "--output"]
    assert first["Source"][:3] == ["--input", "--demo", "--offline"]
    assert first["Network"] == ["--jobs", "--api-url", "--hostname", "--timeout", "--max-wait", "--verbose"]
    assert first["Options"] == ["--help"]


@pytest.mark.parametrize("command", ["org", "enterprise", "team"])
def test_every_option_is_in_the_help_of_each_scope(command: str, call: Run) -> None:
    text = call(command, "--help").out
    for option in (
        "--since", "--until", "--by", "--editor", "--language", "--top", "--format", "-f", "--json", "--output", "-o",
        "--input", "--demo", "--page", "--per-page", "--api-url", "--hostname", "--timeout", "--max-wait", "--quiet",
        "-q", "--verbose", "-v", "--fail-on-missing", "--help", "-h",
    ):  # fmt: skip
        assert re.search(rf"(?<!\S){option}\b", text), option
    assert "--token" not in text


def test_no_arguments_are_the_help_and_wrong_usage(call: Run) -> None:
    done = call()
    assert (done.code, done.out, done.err) == (2, call("--help").out, "")


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version(option: str, run: Run) -> None:
    done = run(option)
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"copilot-usage \d+\.\d+\.\d+\S*\n", done.out)


def test_options_stand_before_and_after_the_argument(call: Run) -> None:
    after = call("org", "acme", "--input", "traps.json", "--by", "week", "-f", "csv")
    assert call("org", "--input", "traps.json", "--by=week", "-f", "csv", "acme") == after
    assert call("org", "--by", "week", "acme", "-fcsv", "--input=traps.json") == after
    team = call("team", "--org", "acme", "core", "--demo")
    assert team == call("team", "core", "--demo", "--org", "acme")
    assert team.code == 0


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "ndjson"])
def test_notes_of_machine_formats_are_three_lines_at_most_and_quiet_ones_are_none(form: str, call: Run) -> None:
    assert call(*TRAPS, "-f", form).err.count("\n") == 3
    quiet = call(*TRAPS, "-f", form, "-q")
    assert (quiet.code, quiet.err) == (0, "")


def test_a_table_carries_its_notes_unless_it_is_to_be_quiet(call: Run) -> None:
    one_screen, full, week = call(*TRAPS), call(*TRAPS, "--full"), call(*TRAPS, "--by", "week")
    assert [each.out.count("\nnote: ") for each in (one_screen, full, week)] == [1, 7, 5]
    for options in ([], ["--full"], ["--by", "week"], ["--width", "40"], ["--compare", "2025-12-28..2026-01-03"]):
        done = call(*TRAPS, "-q", *options)
        assert (done.code, done.err) == (0, "")
        assert not re.search("note:|not shown|unknown throughout", done.out)


def test_why_a_table_is_empty_is_said_to_the_quiet_too(call: Run) -> None:
    notes = {
        ("--language", "pyton"): "--language pyton: no such language in these days; nearest first: ",
        ("--period", "2024-01"): "there is no day of this period in the input\n",
        ("--compare", "last-year"): "there is nothing to compare: 2024-12-27 to 2025-01-08 has no data; choose ",
        ("--period", "2024-01", "--compare", "previous"): "there is nothing to compare: 2024-01-01 to 2024-01-31 has ",
    }
    for options, note in notes.items():
        done = call(*TRAPS, "-q", *options)
        assert (done.code, done.err, done.out.count("\nnote: ")) == (0, "", 1)
        assert f"\nnote: {note}" in done.out
        assert call(*TRAPS, "-q", *options, "-f", "csv").err == ""


def test_quiet_never_silences_an_error(call: Run) -> None:
    assert call("org", "acme", "-q", "--input", "not-found.json").err.count("\n") == 2


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_missing_days_fail_if_asked_and_the_report_is_written(form: str, call: Run) -> None:
    done = call(*TRAPS, "-f", form, "--fail-on-missing")
    assert done.code == 3
    assert done.out == call(*TRAPS, "-f", form).out
    whole = call(*TRAPS, "--since", "2025-12-29", "--until", "2026-01-01", "-f", form, "--fail-on-missing")
    assert whole.code == 0


def test_the_period_selects_days_of_a_file(call: Run) -> None:
    done = call(*TRAPS, "--since", "2025-12-30T23:00:00-02:00", "--until", "2026-01-02", "-f", "csv")
    assert [row["day"] for row in csv.DictReader(done.out.splitlines())] == ["2025-12-31", "2026-01-01"]
    table = call(*TRAPS, "--since", "2025-12-31", "--until", "2026-01-02").out
    assert table.startswith("org:acme | 2025-12-31 to 2026-01-02, 2 of 3 days | source: usage | traps.json\n")
    assert re.search("^2026-01-02 Fri  no data$", table, re.MULTILINE)


def test_a_name_that_matches_nothing_is_noted(call: Run) -> None:
    done = call(*TRAPS, "--editor", "vi", "--language", "PYTHON", "-f", "csv")
    assert done.code == 0
    assert "copilot-usage: note: no breakdown for 2 days: " in done.err
    assert "don't add up" not in done.err
    table = call(*TRAPS, "--editor", "vi", "--language", "PYTHON").out
    assert "note: --editor vi: no such editor in these days; nearest first: " in table
    assert "--language" not in table


def test_the_output_option_writes_what_stdout_would_get(call: Run, tmp_path: Path) -> None:
    for form in ("table", "csv", "json"):
        target = tmp_path / form
        done = call(*TRAPS, "-q", "-f", form, "--output", str(target))
        assert (done.code, done.out, done.err) == (0, "", "")
        assert target.read_text("utf-8") == call(*TRAPS, "-q", "-f", form).out


def test_pages_and_files_of_the_same_days_give_the_same_report(
    github: GitHub, record: Callable[..., Any], call: Run, tmp_path: Path
) -> None:
    days = [record(f"2024-06-{n:02}", total_active_users=n) for n in (5, 3, 4, 7, 9, 8)]
    repeated = [days[0], days[3], *days, days[2]]
    (tmp_path / "a.json").write_text(json.dumps(days))
    for most in (1, 2, 28):
        github.server.clear()
        github.serve(repeated, most=most)
        options = ["--since", "2024-06-03", "--until", "2024-06-09", "--json"]
        fetched = github.run("org", "acme", *options)
        read = call("org", "acme", *options, "--input", str(tmp_path / "a.json"))
        assert fetched.code == 0
        answered = json.loads(fetched.out)
        assert len({each.pop("stated_at") for each in answered}) == 1  # the day of the fetch
        assert answered == json.loads(read.out)
        assert fetched.err == read.err.replace("2024-06-06", "2024-06-06 (GitHub keeps 28 days)")


def test_since_and_until_are_sent_as_github_wants_them(github: GitHub, record: Callable[..., Any]) -> None:
    github.serve([record("2024-06-03")])
    for options in (
        ["--since", "2024-06-01", "--until", "2024-06-03"],
        ["--since", "2024-06-01T02:00:00+02:00", "--until", "2024-06-03T10:00:00Z"],
        [],
    ):
        assert github.run("org", "acme", *options).code == 0
    sent = [(request.args.get("since"), request.args.get("until")) for request in github.arrivals]
    assert sent == [
        ("2024-06-01T00:00:00Z", "2024-06-03T23:59:59Z"),
        ("2024-06-01T00:00:00Z", "2024-06-03T10:00:00Z"),
        (None, None),
    ]


def test_since_7d_is_the_seven_days_that_end_yesterday(github: GitHub, record: Callable[..., Any]) -> None:
    days = [ago(n) for n in range(10)]
    github.serve([record(day) for day in days])
    done = github.run("org", "acme", "--since", "7d", "--json", "--fail-on-missing", now=NOW)
    assert [date.fromisoformat(row["day"]) for row in json.loads(done.out)] == days[7:0:-1]
    assert (done.code, done.err) == (0, "")


def test_a_stale_answer_warns_and_counts_as_missing(github: GitHub, record: Callable[..., Any]) -> None:
    github.serve([record("2024-06-03"), record("2024-06-04")])
    done = github.run("org", "acme", "--fail-on-missing", "--json")
    assert done.code == 3
    assert [row["day"] for row in json.loads(done.out)] == ["2024-06-03", "2024-06-04"]
    assert re.fullmatch(
        r"copilot-usage: note: the newest day is 2024-06-04, \d+ days ago; GitHub is usually one day behind\n"
        r"copilot-usage: failed: \d+ days missing: 2024-06-05 to \d{4}-\d\d-\d\d\n",
        done.err,
    )
    assert github.run("org", "acme", "--fail-on-missing", "--page", "1").code == 0


def test_an_empty_answer_says_why_and_counts_as_missing(github: GitHub) -> None:
    github.serve([])
    done = github.run("org", "acme", "--fail-on-missing")
    assert done.code == 3
    assert done.out == (
        "org:acme | no days\n\nnote: no data: users count only with telemetry enabled in their editor, data runs until "
        "yesterday (UTC), and GitHub keeps 28 days\n"
    )


def test_the_runs_clock_is_a_parameter(
    record: Callable[..., Any],
    github: GitHub,
    token: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from copilot_usage_cli.__main__ import main

    monkeypatch.setenv("GH_TOKEN", token)
    github.serve([record("2024-06-03")])
    code = main(
        ["org", "acme", "--since", "1d", "--json", "-q", "--api-url", github.url],
        lambda: datetime(2024, 6, 4, 23, 59, 59, tzinfo=UTC),
    )
    assert (code, [day["day"] for day in json.loads(capfd.readouterr().out)]) == (0, ["2024-06-03"])
    assert github.arrivals[0].args.to_dict() == {"since": "2024-06-03T00:00:00Z", "until": "2024-06-03T23:59:59Z"}


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_shows_errors_in_red(
    env: dict[str, str], coloured: bool, run_in_terminal: RunInTerminal, run: Run
) -> None:
    shown = run_in_terminal(80, "org", "acme", "--nonsense", env=env)
    assert shown.code == 2
    assert ("\x1b[31merror: \x1b[0mno such option" in shown.out) is coloured
    assert ("\x1b" in shown.out) is coloured
    assert "\x1b" not in run("org", "acme", "--nonsense", env={**env, "FORCE_COLOR": "1"}).err
