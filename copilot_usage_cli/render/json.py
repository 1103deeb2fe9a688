"""JSON: the exact format. By day, daily records in GitHub's shape; else flat objects whose keys are the columns."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from copilot_usage_cli.model.activity import (
    ACTIVITY_COUNTS,
    MORE_TABLES,
    TABLES,
    WITHOUT_PROMPTS,
    ActivityRow,
)
from copilot_usage_cli.model.aggregates import ACTIVE_USERS, MEDIANS, PULL_REQUESTS, SESSIONS, Aggregates
from copilot_usage_cli.model.records import (
    CELL_FIELDS,
    COUNTED,
    RATED,
    TOTALS,
    BreakdownRow,
    DailyRecord,
    UserDayCounts,
)
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.grouping import RATES

if TYPE_CHECKING:
    from copilot_usage_cli.report.view import Sheet

_OF_JSON = (str, int, float, list, dict, type(None))


def json_items(documents: Sequence[dict[str, Any]]) -> str:
    """Render the items of an indented array, with each row of a breakdown on a line of its own.

    Shorter to read than json's own indenting, and twice as fast: that is in Python.
    """
    return ",\n".join(map(_indented, documents))


def ndjson_items(documents: Sequence[dict[str, Any]]) -> str:
    """Render one object a line."""
    return "".join(f"{_object(document)}\n" for document in documents)


def documents(report: Report) -> list[dict[str, Any]]:
    """Return a report's daily records if it is by day, else its rows."""
    if report.table.grouping.by != ("day",):
        return only_columns(report.table)
    totals = () if report.filtered else TOTALS
    rates = {row["day"]: {name: row[name] for name in RATES} for row in report.table.rows}
    return [_record(record, totals) | rates[record.day.isoformat()] for record in report.records]


def only_columns(table: "Table | Sheet") -> list[dict[str, Any]]:
    """Return a table's rows with its columns alone."""
    return [{name: row[name] for name in table.columns} for row in table.rows]


def _record(record: DailyRecord, totals: tuple[str, ...]) -> dict[str, Any]:
    rows = record.breakdown
    return {
        "scope": str(record.scope),
        "source": record.source,
        "day": record.day.isoformat(),
        **{name: getattr(record, name) for name in totals},
        "breakdown": None if rows is None else [_row(row, record.source) for row in rows],
        **(_activity(record) | _aggregates(record.aggregates) if totals else {}),
        **({"stated_at": record.stated_at.isoformat()} if record.stated_at is not None else {}),
        **(_user_days(record.user_days) if record.user_days is not None and totals else {}),
    }


def _user_days(counts: UserDayCounts) -> dict[str, Any]:
    known = dict(zip(COUNTED, counts.known, strict=True)) | dict(zip(RATED, counts.rated, strict=False))
    known |= dict(zip(MORE_TABLES, counts.tables, strict=False))
    return {"user_days": {"all": counts.all, "without_details": counts.without_details, **known}}


def _row(row: BreakdownRow, source: str) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in CELL_FIELDS}
    if source == REPORTS and row.editor is None:
        del fields["editor"]  # GitHub's aggregated reports know no editor; a key would say that they do
    return fields


def _activity(record: DailyRecord) -> dict[str, Any]:
    """Return what GitHub gave of the activity of all features, by its names."""
    totals = record.activity.totals
    counts = {} if totals is None else dict(zip(ACTIVITY_COUNTS, totals, strict=True))
    tables = {name: rows for name in TABLES if (rows := record.table(name)) is not None}
    return counts | {name: [_activity_row(row, name) for row in rows] for name, rows in tables.items()}


def _aggregates(found: Aggregates) -> dict[str, Any]:
    """Return what GitHub's reports say besides activity, by its names."""
    users = zip(ACTIVE_USERS, found.active_users or (), strict=False)
    made: dict[str, Any] = {name: value for name, value in users if value is not None}
    for field, sessions in (("totals_by_cli", found.cli), ("totals_by_copilot_app", found.app)):
        if sessions is not None:
            counts = dict(zip(SESSIONS, sessions, strict=True))
            tokens = {name: counts.pop(name) for name in SESSIONS if name.endswith("_tokens_sum")}
            made[field] = counts | {"token_usage": tokens}
    if (pulls := found.pull_requests) is not None:
        made["pull_requests"] = dict(zip((*PULL_REQUESTS, *MEDIANS), (*pulls.counts, *pulls.medians), strict=True))
    if found.phases is not None:
        made["totals_by_ai_adoption_phase"] = [phase._asdict() for phase in found.phases]
    if (engagement := found.engagement) is not None:
        rows = [{"feature": feature, "engaged_user_count": users} for feature, users in engagement.features]
        whole = {"active_user_count": engagement.active_user_count}
        made["copilot_feature_engagement"] = whole | {"totals_by_feature": rows}
    return made


def _activity_row(row: ActivityRow, table: str) -> dict[str, Any]:
    first = int(table in WITHOUT_PROMPTS)
    names = (*TABLES[table], *ACTIVITY_COUNTS[first:])
    return dict(zip(names, (*row.names, *row.counts[first:]), strict=True))


def _object(document: dict[str, Any]) -> str:
    if all(isinstance(value, _OF_JSON) for value in document.values()):
        return json.dumps(document)
    return "{" + ", ".join(f"{json.dumps(name)}: {_value(value)}" for name, value in document.items()) + "}"


def _value(value: Any) -> str:
    """Write a value; a decimal as a number with all its digits, which json can't."""
    return json.dumps(value) if isinstance(value, _OF_JSON) else f"{value:f}"


def _indented(document: dict[str, Any]) -> str:
    members = (f"    {json.dumps(name)}: {_member(value)}" for name, value in document.items())
    return "  {\n" + ",\n".join(members) + "\n  }"


def _member(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _value(value)
    return "[\n" + ",\n".join(f"      {json.dumps(row)}" for row in value) + "\n    ]"
