"""Documents, from the command line to the file: Markdown, HTML, workbooks and summaries."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW
from support.documents import markdown, page, sheets
from support.expected import check

from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.provenance import about_of

if TYPE_CHECKING:
    from support.program import Run, RunInTerminal

DEMO = ("org", "acme", "--demo")
MANY = ("org", "acme", "globex", "initech", "--demo")
OUTPUTS = {
    "markdown": (*DEMO, "-f", "markdown"),
    "markdown-compare": (*DEMO, "--source", "reports", "--since", "2w", "--compare", "previous", "-f", "markdown"),
    "markdown-weeks": (*DEMO, "--source", "reports", "--period", "2026-08-15..2026-09-30", "-f", "markdown"),
    "markdown-by": (*DEMO, "--by", "week,language", "--top", "2", "-f", "markdown"),
    "markdown-league": (*MANY, "-f", "markdown"),
    "markdown-league-compare": (*MANY, "--since", "7d", "--compare", "previous", "-f", "markdown"),
    "markdown-seats": ("seats", *DEMO, "-f", "markdown"),
    "markdown-credits": ("credits", "org", "acme", "--demo", "-f", "markdown"),
    "summary": (*DEMO, "-f", "summary"),
    "summary-compare": (*DEMO, "--since", "7d", "--compare", "previous", "-f", "summary"),
    "summary-reports": (*DEMO, "--source", "reports", "-f", "summary"),
    "summary-one-day": (*DEMO, "--since", "yesterday", "-f", "summary"),
    "summary-filtered": (*DEMO, "--language", "go", "-f", "summary"),
    "summary-empty": (*DEMO, "--since", "2026-01-01", "--until", "2026-01-31", "-f", "summary"),
    "summary-league": (*MANY, "-f", "summary"),
    "summary-credits": ("credits", *DEMO, "-f", "summary"),
    "summary-prs": ("prs", *DEMO, "-f", "summary"),
    "summary-adoption": ("adoption", *DEMO, "-f", "summary"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_whole_outputs(name: str, call: Run) -> None:
    done = call(*OUTPUTS[name])
    assert (done.code, done.err) == (0, "")
    check(f"document-{name}", done.out)


@pytest.mark.parametrize("form", ["markdown", "summary", "html"])
def test_a_terminal_gets_what_a_pipe_gets(form: str, run_in_terminal: RunInTerminal, call: Run) -> None:
    assert run_in_terminal(80, *DEMO, "-f", form).out == call(*DEMO, "-f", form).out


def test_a_terminal_gets_no_workbook_but_a_pipe_does(run_in_terminal: RunInTerminal, script: Path) -> None:
    done = run_in_terminal(80, *DEMO, "-f", "xlsx")
    assert done.code == 2
    assert "\x1b[0ma workbook is not text for a terminal\nhint: write it to a file: -o report.xlsx" in done.out
    piped = subprocess.run([script, *DEMO, "-f", "xlsx"], capture_output=True, check=True)
    assert piped.stdout.startswith(b"PK\x03\x04")
    assert piped.stderr == b""


def test_without_the_extra_a_line_names_it(call: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "xlsxwriter" else find(name, *more)
    )
    for command in (DEMO, ("seats", *DEMO)):
        done = call(*command, "-o", str(tmp_path / "report.xlsx"))
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            "copilot-usage: error: a workbook needs the extra xlsx: pip install 'copilot-usage-cli[xlsx]'\n"
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [(*DEMO, "--since", "7d"), (*MANY, "--since", "3d"), ("credits", *DEMO), (*DEMO, "--since", "7d", "--by", "week")],
)
def test_the_same_data_are_the_same_bytes(command: tuple[str, ...], call: Run, tmp_path: Path) -> None:
    digests = set()
    for name in ("one.xlsx", "another.xlsx"):
        assert call(*command, "-o", str(tmp_path / name)).code == 0
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    for name in ("one.html", "another.html"):
        assert call(*command, "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / "one.html").read_text() == (tmp_path / "another.html").read_text()


def test_a_summary_is_of_the_whole_period(call: Run) -> None:
    done = call(*DEMO, "--by", "week", "-f", "summary")
    assert (done.code, done.err) == (
        2,
        "copilot-usage: error: --by and --format summary exclude each other\nhint: a summary is of the whole period\n",
    )


def test_documents_keep_their_notes_when_the_terminal_is_to_be_quiet(call: Run) -> None:
    for form in ("markdown", "html", "summary"):
        assert "2026-10-27" in call(*DEMO, "-q", "-f", form).out


def test_a_page_says_where_it_comes_from_without_secrets(call: Run, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    assert call(*DEMO, "--since", "7d", "-qo", str(target)).code == 0
    found = page(target.read_text())
    assert found.texts("code") == ["copilot-usage org acme --demo --since 7d -q"]
    assert "tmp" not in target.read_text()


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["org", "acme", "-o", "x.html", "--top", "3", "-f", "html"], "copilot-usage org acme --top 3"),
        (["org", "acme", "--output=x.html", "-ox.html", "--format=html"], "copilot-usage org acme"),
        (["org", "acme", "--input", "a b.json"], "copilot-usage org acme --input 'a b.json'"),
        (
            ["org", "acme", "--api-url", "https://me:pw@h/?token=s"],
            "copilot-usage org acme --api-url '***'",
        ),
        (["org", "acme", "--language", "\x1b[31m\u202e"], "copilot-usage org acme --language '\\x1b[31m\\u202e'"),
    ],
)
def test_the_command_of_a_document(arguments: list[str], command: str) -> None:
    about = about_of(Invocation(arguments, lambda: NOW), NOW.date())
    assert about.command.startswith(command)
    assert "pw" not in about.command
    assert "token=s" not in about.command


# Several scopes


def test_a_page_of_several_scopes_has_a_chart_for_each(call: Run) -> None:
    found = page(call(*MANY, "-f", "html").out)
    assert found.tables[0].column("scope") == ["org:initech", "org:globex", "org:acme"]
    charts = [each.get("aria-label") for each in found.tree.iter() if "chart" in each.get("class", "").split()]
    assert charts == [f"Active users of org:{name}" for name in ("initech", "globex", "acme")]


def test_a_page_of_several_scopes_that_are_compared_has_charts_too(call: Run) -> None:
    found = page(call(*MANY, "--since", "3d", "--compare", "previous", "-f", "html").out)
    charts = [each for each in found.tree.iter() if "chart" in each.get("class", "").split()]
    assert len(charts) == 3
    assert all(any(part.get("class") == "before" for part in chart.iter()) for chart in charts)


def test_a_page_of_many_scopes_draws_the_first_and_says_so(call: Run, tmp_path: Path) -> None:
    scopes = tmp_path / "scopes.txt"
    scopes.write_text("".join(f"org:org-{n}\n" for n in range(63)))
    text = call("report", "--scopes", str(scopes), "--demo", "--since", "2d", "-f", "html").out
    found = page(text)
    assert len(found.tables[0].rows) == 63
    assert sum("chart" in each.get("class", "").split() for each in found.tree.iter()) == 60
    assert "charts of 3 more scopes have no room" in found.texts("li")


@pytest.mark.parametrize("look", [(), ("--by", "week,language"), ("--compare", "previous")])
def test_a_workbook_of_several_scopes_has_a_column_for_them(look: tuple[str, ...], call: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.xlsx"
    assert call(*MANY, "--since", "5d", *look, "-o", str(target)).code == 0
    book = sheets(target)
    expected = ["Summary", "Rows", "Notes"]
    if "--by" not in look:
        expected = ["Summary", "Scopes", "Days", "Languages", "Editors", "Data", "Notes"]
    assert list(book) == expected
    for name in expected[1:-1]:
        header, *rows = book[name]
        assert {row[header.index("scope")] for row in rows} == {"org:acme", "org:globex", "org:initech"}
        assert all(len(row) == len(header) for row in rows)
    numbers = {row[0]: row[1] for row in book["Summary"] if str(row[0]).startswith("org:")}
    assert ("--by" in look) == (numbers == {})
    if look == ():
        totals = {
            row["scope"]: row for row in json.loads(call(*MANY, "--since", "5d", "--by", "total", "--json", "-q").out)
        }
        header, *rows = book["Scopes"]
        for row in rows:
            assert row[header.index("suggestions")] == totals[row[0]]["total_suggestions_count"]
        assert len(rows) == 3
        assert numbers == pytest.approx({name: row["active_users_mean"] for name, row in totals.items()})


def test_markdown_of_several_scopes_is_one_table(call: Run) -> None:
    tokens, tables = markdown(call(*MANY, "--by", "week", "-f", "markdown").out)
    assert len(tables) == 1
    assert tables[0].headers[:2] == ["scope", "week"]
    assert len(tables[0].rows) == 12
    assert not [token for token in tokens if token.type == "fence"]


def test_a_scope_that_fails_is_named_in_the_document(call: Run, tmp_path: Path) -> None:
    for form in ("markdown", "html", "xlsx", "summary"):
        target = tmp_path / f"report.{form}"
        args = ("org", "acme", "missing", "--demo", "--since", "7d", "-f", form, "-o", str(target))
        assert call(*args).code == 5
        assert not target.exists()
        assert call(*args, "--partial").code == 5
        text = " ".join(map(str, sum(sheets(target)["Notes"], []))) if form == "xlsx" else target.read_text()  # noqa: RUF017
        assert "no report of 1 scope: " in text
        assert "org:missing" in text


# Charts of Mermaid


def mermaid(text: str) -> dict[str, Any]:
    (block,) = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    return {
        "title": re.findall(r'title "(.*)"', block)[0],
        "names": re.findall(r'"([^"]*)"', re.findall(r"x-axis \[(.*)\]", block)[0]),
        "bars": [float(each) for each in re.findall(r"bar \[(.*)\]", block)[0].split(", ")],
        "top": float(re.findall(r"0 --> (.*)", block)[0]),
    }


def test_a_chart_of_mermaid_has_no_hole_and_says_what_it_leaves_out(call: Run) -> None:
    text = call(*DEMO, "-f", "markdown").out
    chart = mermaid(text)
    assert len(chart["bars"]) == len(chart["names"]) == 27
    assert chart["names"] == [str(n) for n in (*range(19, 27), *range(28, 32), *range(1, 16))]
    assert max(chart["bars"]) <= chart["top"]
    assert "Left out of the chart, since it isn't known: 2026-10-27." in text


def test_a_chart_of_mermaid_of_a_long_period_is_by_weeks(call: Run) -> None:
    chart = mermaid(call(*OUTPUTS["markdown-weeks"]).out)
    assert chart["title"] == "Active users, mean a day by week, 15 Aug to 30 Sep"
    assert len(chart["bars"]) == 6
    assert chart["names"] == ["15 Aug", "27 Aug", "3 Sep", "10 Sep", "17 Sep", "24 Sep"]


def test_a_chart_of_mermaid_of_rates_is_in_percent(call: Run) -> None:
    chart = mermaid(call(*DEMO, "--language", "go", "-f", "markdown").out)
    assert chart["title"] == "Acceptance rate by count, %, 19 Oct to 15 Nov"
    assert all(20 < bar < 50 for bar in chart["bars"])


@pytest.mark.parametrize("count", [0, 1, 999_999, 1_234_567, 10**15])
def test_numbers_of_mermaid_have_no_exponent(count: int, call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    days = [{"day": f"2026-11-{n:02}", "total_active_users": count + n, "total_chat_turns": 1} for n in (9, 10)]
    saved.write_text(json.dumps(days))
    text = call("org", "acme", "--input", str(saved), "-f", "markdown").out
    assert mermaid(text)["bars"] == [count + 9, count + 10]
    (block,) = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    numbers = re.findall(r"[ \[]([\d.e+-]+)", block.partition("y-axis")[2])
    assert all(re.fullmatch(r"\d+(\.\d+)?", number) for number in numbers if number[0].isdigit())


SECRETS = ("ghp_" + "a" * 36, "saved.json?sig=CANARY&se=2026")


@pytest.mark.parametrize("form", ["table", "markdown", "html", "summary", "xlsx"])
def test_no_secret_in_a_name_is_in_a_document(form: str, call: Run, tmp_path: Path) -> None:
    target = tmp_path / f"report.{form}"
    for secret in SECRETS:
        saved = tmp_path / secret
        saved.write_text(json.dumps([{"day": "2026-11-09", "total_active_users": 3}]))
        given = ("--input", str(saved), "--language", f"https://me:CANARY@host/{secret}")
        done = call("org", "acme", *given, "-f", form, "-o", str(target))
        assert done.code == 0
        text = repr(sheets(target)) if form == "xlsx" else target.read_text()
        for canary in ("CANARY", "ghp_a", "se=2026"):
            assert canary not in text + done.err


def test_a_temporary_file_that_cannot_be_written_is_what_fails(script: Path) -> None:
    command = f"ulimit -f 8; '{script}' org acme --demo -f xlsx | cat > /dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 8
    assert done.stderr == (
        "copilot-usage: error: the temporary file can't be written: File too large\nhint: TMPDIR names its folder\n"
    )
