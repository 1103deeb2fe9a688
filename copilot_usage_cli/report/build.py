"""Compute a report from daily records: the period, what is missing in it, rows, headlines and notes. No I/O."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from copilot_usage_cli.model.activity import names_of_activity, table_of
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import COUNTS, DailyRecord
from copilot_usage_cli.model.vocabulary import NAMES, USER_REPORTS
from copilot_usage_cli.report.days import select_days
from copilot_usage_cli.report.grouping import Grouping, Key, Row, columns
from copilot_usage_cli.report.known import LABELS
from copilot_usage_cli.report.notes import changing_days, notes_on, notes_on_names
from copilot_usage_cli.report.rows import cells_of, group


class Table(NamedTuple):
    """Rows and their columns, by the contract of rows.columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    grouping: Grouping


class Report(NamedTuple):
    """A scope's usage in a period, with what a reader must know about it.

    `since` and `until` are None where nothing was asked for and nothing came. `missing` are days of the period
    without data that GitHub could have given by now, `notes_on_names` those of the notes that are about languages and
    editors alone, `pending` those that it hasn't finished, `changing` those whose numbers it may still change.
    `filtered` if the rows come from a filtered breakdown. `matched` are the whole of it, and of as many days
    just before, over the days that both have; None where there is nothing to match. `earlier` are the records of
    the days just before.
    """

    query: Query
    since: date | None
    until: date | None
    source: str
    records: tuple[DailyRecord, ...]
    missing: tuple[date, ...]
    table: Table
    notes: tuple[str, ...]
    notes_on_names: tuple[str, ...] = ()
    pending: tuple[date, ...] = ()
    changing: tuple[date, ...] = ()
    matched: tuple[Row, Row] | None = None
    earlier: tuple[DailyRecord, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether the report is of matching breakdown rows."""
        return bool(self.query.filter)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: no day has data, or no row of theirs matches the filter."""
        return not self.records or (self.filtered and not cells_of(self.records))

    @property
    def days(self) -> int:
        """The number of days in the period."""
        return max((self.until - self.since).days + 1, 0) if self.since and self.until else 0

    def known_days(self) -> dict[str, frozenset[timedelta]]:
        """Return on which days of the period, by their place in it, each count that the report shows is known."""
        first = self.since or date.min
        by = self.query.by or ()
        known: dict[str, list[date]] = {}
        if (table := table_of(by)) is not None:
            label = f"activity by {names_of_activity(by)}"
            return {label: frozenset(record.day - first for record in self.records if record.table(table) is not None)}
        if not self.filtered and not set(NAMES) & set(by):
            for name, label in LABELS.items():
                known[label] = [record.day for record in self.records if getattr(record, name) is not None]
        if self.query.by is None or self.filtered or set(NAMES) & set(by):
            for name in COUNTS:
                label = f"{LABELS[f'total_{name}']} by language and editor"
                known[label] = [record.day for record in self.records if _knows(record, name)]
        return {label: frozenset(day - first for day in days) for label, days in known.items()}

    def whole(self) -> Row:
        """Return the one row of the whole period, with over how many days each sum is known; empty without days."""
        return next(iter(self.grouped("total").rows), {})

    def grouped(self, *by: str, top: int | None = None) -> Table:
        """Group the report's records anew."""
        grouping = Grouping(by, top, self.table.grouping.distinct)
        return _table(self.records, grouping, self.span, filtered=self.filtered)

    def regrouped(self, grouping: Grouping, kept: frozenset[Key] | None) -> Table:
        """Group the report's records anew, keeping names that were chosen elsewhere."""
        return _table(self.records, grouping, self.span, filtered=self.filtered, kept=kept)

    @property
    def span(self) -> str:
        """The period in words: `2026-10-19..2026-11-15`, or nothing where there is none."""
        return _span(self.since, self.until)


def _knows(record: DailyRecord, name: str) -> bool:
    return record.breakdown is not None and all(getattr(row, name) is not None for row in record.breakdown)


def build(query: Query, result: FetchResult) -> Report:
    """Build the report of a query from records as they were read."""
    days = select_days(query, result)
    kept = tuple(query.filter.apply(record) for record in days.records) if query.filter else days.records
    grouping = Grouping(query.by or ("day",), query.top if query.by else None, query.source == USER_REPORTS)
    return Report(
        query=query,
        since=days.since,
        until=days.until,
        source=days.source,
        records=kept,
        missing=days.gaps.missing,
        table=_table(kept, grouping, _span(days.since, days.until), filtered=bool(query.filter)),
        notes=notes_on(query, days.records, days.gaps, result.facts),
        notes_on_names=notes_on_names(query, days.records),
        pending=days.gaps.pending,
        changing=changing_days(days.records, query.today, result.facts),
    )


def _table(
    records: Sequence[DailyRecord],
    grouping: Grouping,
    span: str,
    *,
    filtered: bool,
    kept: frozenset[Key] | None = None,
) -> Table:
    cells = filtered or grouping.of_cells
    return Table(columns(grouping, cells=cells), group(records, grouping, span, cells=cells, kept=kept), grouping)


def _span(since: date | None, until: date | None) -> str:
    return f"{since}..{until}" if since and until else ""
