"""JSON: the exact format. By day, daily records in GitHub's shape; else flat objects whose keys are the columns."""

import json
from typing import Any

from copilot_usage_cli.records import CELL_FIELDS, TOTALS, DailyRecord
from copilot_usage_cli.report import Report


def render_json(report: Report) -> str:
    """Render one indented array."""
    return json.dumps(_documents(report), indent=2) + "\n"


def render_ndjson(report: Report) -> str:
    """Render one object a line."""
    return "".join(f"{json.dumps(document)}\n" for document in _documents(report))


def _documents(report: Report) -> list[dict[str, Any]]:
    if report.table.grouping.by != ("day",):
        return list(report.table.rows)
    totals = () if report.filtered else TOTALS
    return [_record(record, totals) for record in report.records]


def _record(record: DailyRecord, totals: tuple[str, ...]) -> dict[str, Any]:
    breakdown = record.breakdown
    return {
        "scope": str(record.scope),
        "source": record.source,
        "day": record.day.isoformat(),
        **{name: getattr(record, name) for name in totals},
        "breakdown": None
        if breakdown is None
        else [{name: getattr(row, name) for name in CELL_FIELDS} for row in breakdown],
    }
