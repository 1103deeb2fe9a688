"""The examples that send reports elsewhere, as far as that can be done without the service."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.documents import hostile_days, markdown, page
from support.program import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def run_shell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command with the installed program, and sendmail, which only keeps what it is given, on the path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "copilot-usage").symlink_to(SCRIPT)
    mailer = programs / "sendmail"
    mailer.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/arguments'\ncat > '{tmp_path}/mail'\n")
    mailer.chmod(0o755)

    def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            command, env={**os.environ, "PATH": path, **env}, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def steps(name: str) -> dict[str, str]:
    """Return the commands of a workflow's steps by their names."""
    text = (EXAMPLES / name).read_text("utf-8")
    found = {}
    for step in re.split(r"^      - ", text, flags=re.MULTILINE)[1:]:
        named = re.match(r"name: (.*)\n", step)
        block = re.search(r"^ *run: \|\n((?: {10}.*\n)+)", step, re.MULTILINE)
        line = re.search(r"run: (?!\|)(.*)\n", step)
        command = re.sub(r"^ {10}", "", block[1], flags=re.MULTILINE) if block else line[1] if line else ""
        found[named[1] if named else command.split(" ")[0]] = command
    return found


def test_the_weekly_workflow_makes_its_summary_and_its_files(
    run_shell: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    commands = steps("weekly-report.yml")
    assert list(commands)[:3] == ["pipx", "Fetch once", "Report last week beside the week before"]
    env = {
        "ORG": "acme",
        "WEEK": "2026-W46",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    for name in list(commands)[1:3]:
        command = commands[name].replace("-q --json -o", "--demo -q --json -o")
        done = run_shell("bash", "-e", "-c", command, **env)
        assert (done.returncode, done.stderr) == (0, "")
    _, tables = markdown((tmp_path / "summary").read_text("utf-8"))
    assert tables[0].headers[-1] == "change"
    assert page((tmp_path / "copilot.html").read_text("utf-8")).texts("p", "value")[0] == "65.6"
    assert (tmp_path / "copilot.xlsx").read_bytes().startswith(b"PK")
    uploaded = re.findall(r"runner.temp }}/(\S+)", (EXAMPLES / "weekly-report.yml").read_text("utf-8"))
    assert all((tmp_path / name).exists() for name in uploaded)
    assert len(uploaded) == 2


@pytest.mark.parametrize("name", ["weekly-report.yml", "keep-csv.yml"])
def test_workflows_pin_what_they_use_and_ask_for_no_right_they_do_not_need(name: str) -> None:
    text = (EXAMPLES / name).read_text("utf-8")
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each) for each in re.findall(r"uses: (\S+)", text))
    assert "permissions: {}" in text
    assert not re.search(r"run:.*\$\{\{", text)


pytestmark_slack = pytest.mark.skipif(
    shutil.which("jq") is None or shutil.which("curl") is None, reason="no jq, or no curl"
)


@pytestmark_slack
@pytest.mark.parametrize("hostile", [False, True])
def test_the_slack_message_has_the_report_and_calls_nobody(
    hostile: bool,
    run_shell: Callable[..., subprocess.CompletedProcess[str]],
    httpserver: HTTPServer,
    tmp_path: Path,
) -> None:
    httpserver.expect_request("/hook").respond_with_data("ok")
    arguments = ["org:acme", "--demo"]
    if hostile:
        names = ["<script>alert(1)</script>", "<details>", "</sub>x", "```mermaid", "</details>", "go"]
        (tmp_path / "saved.json").write_text(json.dumps(hostile_days(names)))
        arguments = ["org:acme", "--input", str(tmp_path / "saved.json")]
    address = httpserver.url_for("/hook")
    done = run_shell(str(EXAMPLES / "slack.sh"), *arguments, SLACK_WEBHOOK=address, PERIOD="2026-W46")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    ((request, _),) = httpserver.log
    assert request.content_type == "application/json"
    message = json.loads(request.data)
    (block,) = message["blocks"]
    assert block["type"] == "markdown"
    assert len(block["text"]) <= 12_000
    for text in (message["text"], block["text"]):
        assert "<" not in text
        assert "xychart" not in text
        assert text.startswith(("org:acme, 2026-11-09", "## Copilot: `org:acme`"))
        assert "Left out of the chart" not in text
    assert "2026-11-09 to 2026-11-15" in block["text"]
    tables = markdown(block["text"])[1]
    assert [table.headers[0] for table in tables] == ["", "language", "editor"]
    assert "Notes" in block["text"]
    if hostile:
        assert "&lt;script&gt;" in block["text"]


@pytestmark_slack
def test_a_slack_that_refuses_is_a_failure_without_the_address(
    run_shell: Callable[..., subprocess.CompletedProcess[str]], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/secret").respond_with_data("no_service", status=404)
    done = run_shell(str(EXAMPLES / "slack.sh"), "org:acme", "--demo", SLACK_WEBHOOK=httpserver.url_for("/secret"))
    assert done.returncode != 0
    assert "404" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_the_mail_has_three_sentences_and_the_page(
    run_shell: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run_shell(str(EXAMPLES / "mail.sh"), "boss@example.com", "org:acme", "--demo", PERIOD="2026-W46")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "arguments").read_text() == "-t\n"
    mail = email.message_from_bytes((tmp_path / "mail").read_bytes(), policy=email.policy.default)
    assert (mail["To"], mail["Subject"]) == ("boss@example.com", "Copilot usage of org:acme, 2026-W46")
    assert not mail.defects
    text, shown, attached = [part for part in mail.walk() if not part.is_multipart()]
    assert text.get_content_type() == "text/plain"
    assert text.get_content().startswith("org:acme, 2026-11-09 to 2026-11-15, 7 of 7 days")
    assert shown.get_content_type() == "text/html"
    assert shown.get_content() == attached.get_content()
    assert attached.get_filename() == "copilot.html"
    assert page(shown.get_content()).texts("h1") == ["Copilot: org:acme"]


def test_the_mail_of_a_report_that_fails_is_not_sent(
    run_shell: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run_shell(str(EXAMPLES / "mail.sh"), "boss@example.com", "org:missing", "--demo")
    assert done.returncode == 5
    assert "error: " in done.stderr
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize(
    ("script", "arguments", "env"),
    [
        ("mail.sh", ["boss@x\nBcc: evil@x", "org:acme", "--demo"], {}),
        ("mail.sh", ["", "org:acme"], {}),
        ("mail.sh", ["boss@x"], {}),
        ("slack.sh", ["org:acme", "--demo"], {"SLACK_WEBHOOK": 'https://h/"\noutput = "/tmp/x'}),
        ("slack.sh", ["org:acme", "--demo"], {"SLACK_WEBHOOK": ""}),
    ],
)
def test_what_is_no_address_is_refused(
    script: str,
    arguments: list[str],
    env: dict[str, str],
    run_shell: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    done = run_shell(str(EXAMPLES / script), *arguments, **env)
    assert done.returncode != 0
    assert done.stderr
    assert not (tmp_path / "mail").exists()
