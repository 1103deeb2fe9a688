"""`history export --format prometheus`: from the history to a file that Prometheus' own tools read."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.prometheus import render_prometheus

if TYPE_CHECKING:
    from pathlib import Path

    from support.program import Run

ORG, CORE = Scope("org", "acme"), Scope("org", "acme", "core")
ENTERPRISE = Scope("enterprise", "mega", "ent:core")
MONDAY = date(2026, 11, 2)
FETCHED = datetime(2026, 11, 9, 12, tzinfo=UTC)


def record(scope: Scope, day: int, users: int | None = None, source: str = "usage", **totals: int) -> DailyRecord:
    named: dict[str, Any] = {f"total_{name}": count for name, count in totals.items()}
    return DailyRecord(scope, source, MONDAY + timedelta(days=day), total_active_users=users, **named)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(path))
    return History(path)


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    families = list(text_string_to_metric_families(text))
    assert all(family.type == "gauge" and family.documentation for family in families)
    assert all(sample.timestamp is None for family in families for sample in family.samples)
    return {family.name: [(each.labels, each.value) for each in family.samples] for family in families}


def test_the_latest_final_day_of_each_scope(held: History, call: Run) -> None:
    counts = {"suggestions_count": 40, "acceptances_count": 10, "chat_turns": 0}
    # Fetched on the 9th, days up to the 6th are final: those of three days and more before.
    held.store("github.com", [record(ORG, n, 10 + n, "usage", **counts) for n in range(7)], FETCHED)
    held.store("github.com", [record(CORE, n, 3 + n) for n in range(3)], FETCHED)
    held.store("octo.ghe.com", [record(ENTERPRISE, 0, 5)], FETCHED)
    held.close()
    done = call("history", "export", "-", "--format", "prometheus")
    assert (done.code, done.err) == (0, "")
    found = samples(done.out)
    of_org = {"host": "github.com", "enterprise": "", "organization": "acme", "team": "", "source": "usage"}
    of_core = {**of_org, "team": "core"}
    of_enterprise = {**of_org, "host": "octo.ghe.com", "enterprise": "mega", "organization": "", "team": "ent:core"}
    assert found["copilot_usage_day_active_users"] == [(of_org, 14), (of_core, 5), (of_enterprise, 5)]
    days = {labels["team"] or "org": value for labels, value in found["copilot_usage_day_timestamp_seconds"]}
    assert days == {
        name: datetime(2026, 11, n, tzinfo=UTC).timestamp() for name, n in {"org": 6, "core": 4, "ent:core": 2}.items()
    }
    assert found["copilot_usage_day_acceptance_ratio"] == [(of_org, 0.25)]
    assert found["copilot_usage_day_chat_turns"] == [(of_org, 0)]
    assert "copilot_usage_day_accepted_lines" not in found


def test_a_day_from_several_sources_is_that_of_the_first(held: History, call: Run) -> None:
    held.store("github.com", [record(ORG, 0, 1, "reports"), record(ORG, 1, 2, "reports")], FETCHED)
    held.store("github.com", [record(ORG, 0, 10), record(ORG, 1, 20)], FETCHED)
    held.store("github.com", [record(ORG, 2, 30, "user-reports")], FETCHED)  # which no report shows unless asked to
    held.store("github.com", [record(CORE, 1, 3, "user-reports"), record(CORE, 0, 30)], FETCHED)
    held.close()
    found = samples(call("history", "export", "-", "-f", "prometheus").out)["copilot_usage_day_active_users"]
    assert [(labels["team"], labels["source"], value) for labels, value in found] == [
        ("", "usage", 20), ("core", "user-reports", 3),
    ]  # fmt: skip


def test_days_that_are_not_final_and_blank_ones_are_left_out(held: History, call: Run) -> None:
    held.store("github.com", [record(ORG, 5, 1), record(ORG, 6, 2)], FETCHED)
    held.close()
    done = call("history", "export", "-", "-f", "prometheus")
    assert (done.code, done.out) == (0, "")
    assert done.err == "copilot-usage: note: the history has no final day of any scope\n"


def test_the_file_is_whole_or_as_it_was(held: History, call: Run, tmp_path: Path) -> None:
    held.store("github.com", [record(ORG, 0, 7)], FETCHED)
    held.close()
    target = tmp_path / "copilot.prom"
    assert call("history", "export", str(target), "-f", "prometheus").code == 0
    written = target.read_bytes()
    assert written == call("history", "export", "-", "-f", "prometheus").out.encode()
    assert call("history", "export", str(target), "-f", "prometheus").code == 0
    assert target.read_bytes() == written
    assert [path.name for path in tmp_path.iterdir() if "tmp" in path.name] == []
    for name, why in ((str(tmp_path), "it is a directory"), ("/nowhere/x.prom", "there is no directory /nowhere")):
        done = call("history", "export", name, "-f", "prometheus")
        assert done.code == 8
        assert f"error: {name}: {why}\n" in done.err


def test_without_a_history_or_a_format_a_line_says_so(tmp_path: Path, call: Run) -> None:
    done = call("history", "export", "-", "-f", "prometheus", env={"COPILOT_USAGE_HISTORY": str(tmp_path / "none")})
    assert done.code == 8
    assert "there is no history at " in done.err
    assert call("history", "export", "-", "-f", "prometheus", env={"COPILOT_USAGE_HISTORY": "off"}).code == 2
    assert call("history", "export", "-").code == 2
    assert "is not one of parquet, prometheus" in call("history", "export", "-", "-f", "csv").err


def test_a_damaged_day_is_refused(held: History, call: Run) -> None:
    held.store("github.com", [record(ORG, 0, 7)], FETCHED)
    with held._file.writing() as connection:
        connection.execute("UPDATE day SET total_active_users = 8")
    held.close()
    done = call("history", "export", "-", "-f", "prometheus")
    assert (done.code, done.out) == (8, "")
    assert "org:acme on 2026-11-02 (usage, github.com) is not what was stored" in done.err


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")
def test_promtool_has_nothing_to_say(held: History, call: Run) -> None:
    totals = {"suggestions_count": 4, "acceptances_count": 1, "lines_suggested": 9, "lines_accepted": 2}
    chat = {"chat_acceptances": 1, "chat_turns": 2, "active_chat_users": 1}
    held.store("github.com", [record(scope, 0, 7, "usage", **totals, **chat) for scope in (ORG, CORE)], FETCHED)
    held.close()
    text = call("history", "export", "-", "-f", "prometheus").out
    assert len(samples(text)) == 11
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_hosts_name_is_escaped() -> None:
    text = render_prometheus([('a"b\\c\nd', record(ORG, 0, 1))])
    ((labels, value),) = samples(text)["copilot_usage_day_active_users"]
    assert (labels["host"], value) == ('a"b\\c\nd', 1)
