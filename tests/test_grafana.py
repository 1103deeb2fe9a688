"""The dashboard in examples: each of its queries finds what the export for Prometheus writes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.history.latest import HeldDay
from copilot_usage_cli.model.records import TOTALS, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.prometheus import render_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

DASHBOARD = Path(__file__).parents[1] / "examples" / "grafana-dashboard.json"
SCOPES = [Scope("org", "acme"), Scope("org", "acme", "core"), Scope("enterprise", "mega")]
DAY = date(2026, 11, 16)


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Yield each query with what its panel is called, all of each variable chosen."""
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], re.sub(r"\$\w+", ".*", target["expr"])


def exported() -> str:
    counts = dict(zip(TOTALS, (40, 10, 80, 16, 7, 1, 9, 5), strict=True))
    return render_prometheus(
        [
            HeldDay("github.com", DailyRecord(scope, "usage", DAY, **counts))  # type: ignore[arg-type]
            for scope in SCOPES
        ]
    )


def test_it_asks_for_nothing_else_and_leaves_nothing_out() -> None:
    written = set(re.findall(r"^# TYPE (\S+)", exported(), re.MULTILINE))
    asked = {name for _, query in queries() for name in re.findall(r"copilot_usage_\w+", query)}
    left = {f"copilot_usage_day_{name}" for name in ("suggested_lines", "accepted_lines", "chat_acceptances")}
    assert asked == written - left
    for variable in dashboard()["templating"]["list"][1:]:
        name, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()  # type: ignore[union-attr]
        assert name in written
        assert f'{label}="' in exported()
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(dashboard()["panels"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")
def test_prometheus_answers_each_query(tmp_path: Path) -> None:
    series = [
        {"series": line.rpartition(" ")[0], "values": f"{line.rpartition(' ')[2]}x200"}
        for line in exported().splitlines()
        if not line.startswith("#")
    ]
    rules = [{"record": f"panel_{n}", "expr": query} for n, (_, query) in enumerate(queries())]
    expected = [
        {
            "expr": f"count(panel_{n})",
            "eval_time": "1h",
            "exp_samples": [{"labels": "{}", "value": 1 if "max(" in query else len(SCOPES)}],
        }
        for n, (_, query) in enumerate(queries())
    ]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    test = {"interval": "1m", "input_series": series, "promql_expr_test": expected}
    (tmp_path / "test.yml").write_text(json.dumps({"rule_files": ["rules.yml"], "tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
