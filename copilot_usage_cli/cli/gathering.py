"""What stays of many scopes' reports until the last of them is there: as little as their format needs."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.spool import Spool, temporary_files
from copilot_usage_cli.cli.verdicts import Verdict, verdicts
from copilot_usage_cli.errors import CopilotUsageError
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import CHANGE, IDE, MACHINES, TIMES, Format
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.grouping import Value
from copilot_usage_cli.report.headline import headline
from copilot_usage_cli.report.league import Standing, rank, standing_of, users_column, why_not_added
from copilot_usage_cli.report.notes_of_many import NotesOfMany
from copilot_usage_cli.text import plural

_UNLIKE = "the periods of the scopes differ: each one's numbers are of its own days"

Span = tuple[date, date]

if TYPE_CHECKING:
    from copilot_usage_cli.render.documents.document import About
    from copilot_usage_cli.render.league import Gathered
    from copilot_usage_cli.report.chart import Chart
    from copilot_usage_cli.report.comparison import Comparison


class Gathering:
    """Takes reports, comparisons or errors in the order in which they come, and puts them in the order that is wanted.

    Scopes are numbered as they were given. `spool` keeps what is rendered already.
    """

    def __init__(self, options: ReportOptions, form: Format, screen: Screen, spool: Spool) -> None:
        self._options = options
        self._form = form
        self._screen = screen
        self._spool = spool
        self._is_rendered = form in MACHINES or options.full or options.chart is not None
        self._is_league = not self._is_rendered and options.by is None and options.compare is None
        self._most = None if set(options.by or ()) - {*TIMES, IDE} else options.top
        self._is_sorted = options.sort is not None or self._is_league or self._most is not None
        self._head = ""
        self._has_data = False
        self._errors: dict[int, CopilotUsageError] = {}
        self._values: dict[int, Value] = {}
        self._standings: dict[int, Standing] = {}
        self._tables: dict[int, Table] = {}
        self._charts: dict[Scope, Chart] = {}
        self._per_day = False if options.compare is not None else None
        self._notes = NotesOfMany()
        self._spans: set[Span] = set()
        self.verdicts: dict[int, list[Verdict]] = {}

    @property
    def ended(self) -> set[int]:
        """The numbers of the scopes that came, with a report or not."""
        return {*self._values, *self._errors}

    @property
    def has_reports(self) -> bool:
        """Whether any scope has a report."""
        return bool(self._values)

    def failures(self) -> list[tuple[int, CopilotUsageError]]:
        """List what failed, in the order given."""
        return sorted(self._errors.items(), key=lambda each: each[0])

    def add(self, number: int, query: Query, shown: "Report | Comparison | CopilotUsageError") -> None:
        """Take what came of a scope."""
        if isinstance(shown, CopilotUsageError):
            self._errors[number] = shown
            return
        report = shown if isinstance(shown, Report) else shown.current
        self._values[number] = self._sort_value(report)
        self._has_data |= not report.is_empty
        unseen = report.notes_on_names if self._is_league else ()
        self._notes.add(query.scope, [note for note in shown.notes if note not in unseen])
        if report.since is not None and report.until is not None:
            self._spans.add((report.since, report.until))
        if found := verdicts(report, self._options):
            self.verdicts[number] = found
        if self._form == "xlsx":
            from copilot_usage_cli.render.documents.tabs import packed_tabs, tabs_of

            self._spool.put_packed(number, packed_tabs(tabs_of(shown)))
        if self._form == "html" and query.by is None:
            from copilot_usage_cli.render.documents.scopes import panel_of

            self._charts[query.scope] = panel_of(shown)
        if self._is_league:
            self._standings[number] = standing_of(report)
        elif self._is_rendered:
            self._spool.put(number, self._rendered(shown))
        elif isinstance(shown, Report):
            self._tables[number] = shown.table
        else:
            self._tables[number] = shown.table() if query.by else shown.table("total")
            self._per_day = self._per_day or shown.per_day

    def text(self, queries: Sequence[Query], about: "About | None") -> Iterable[str | bytes]:
        """Yield the parts of the whole report; documents say where they come from."""
        numbers = self._ordered(queries)
        if about is not None:
            yield self._document(queries, numbers, about)
        elif not self._is_rendered:
            yield self._drawn(queries, numbers)
        elif self._form == "table":
            for place, number in enumerate(numbers):
                yield f"\n{self._spool.get(number)}" if place else self._spool.get(number)
        else:
            from copilot_usage_cli.render.chunks import joined

            yield from joined(self._form, self._head, map(self._spool.get, numbers))

    def notes_of(self, queries: Sequence[Query]) -> list[str]:
        """Write the notes of the scopes that are shown, the weightiest first."""
        scopes = [queries[number].scope for number in self._ordered(queries)]
        left_out = len(self._values) - len(scopes)
        top = [f"left out by --top: {plural(left_out, 'more scope')}"] if left_out and self._form != "table" else []
        unlike = [_UNLIKE] if len(self._spans) > 1 else []
        return [*top, *unlike, *(why_not_added(scopes) if self._has_data else ()), *self._notes.of(scopes)]

    def _span(self) -> tuple[date | None, date | None]:
        """Return the days from the first of any scope to the last; none where they are sums over unlike periods."""
        if not self._spans or (len(self._spans) > 1 and not self._is_league):
            return None, None
        return min(since for since, _ in self._spans), max(until for _, until in self._spans)

    def _sort_value(self, report: Report) -> Value:
        """Return what a scope is ordered by: a column of its whole period."""
        if self._options.sort == "scope" or not self._is_sorted:
            return None
        if self._options.sort == CHANGE:
            return headline(report)[0].change
        whole = report.whole()
        return whole.get(self._options.sort or users_column(filtered=report.filtered))

    def _rendered(self, shown: "Report | Comparison") -> str:
        if self._form == "table":
            from copilot_usage_cli.render import render

            return render(shown, self._form, self._screen)
        from copilot_usage_cli.render.chunks import body, head

        self._head = self._head or head(shown, self._form)
        return body(shown, self._form)

    def _ordered(self, queries: Sequence[Query]) -> list[int]:
        """List the scopes that are shown: in the order given, unless they are sorted, and as many as --top says."""
        numbers = sorted(self._values)
        if self._options.sort == "scope":
            numbers.sort(key=lambda number: str(queries[number].scope).lower())
        elif self._is_sorted:
            numbers.sort(key=lambda number: rank(queries[number].scope, self._values[number]))
        return numbers[: self._most]

    def _gathered(self, queries: Sequence[Query], numbers: Sequence[int]) -> "Gathered":
        from copilot_usage_cli.render.league import Gathered

        return Gathered(
            queries[0],
            len(queries),
            self._span(),
            [queries[number].scope for number, _ in self.failures()],
            len(self._values) - len(numbers),
            self.notes_of(queries),
            ": --full" if self._is_league else "",
        )

    def _document(self, queries: Sequence[Query], numbers: Sequence[int], about: "About") -> str | bytes:
        from copilot_usage_cli.render.documents import render_book, written
        from copilot_usage_cli.render.documents.scopes import book_of_scopes, document_of_league, document_of_rows

        gathered = self._gathered(queries, numbers)
        standings = [self._standings[number] for number in numbers if self._is_league]
        tables = [self._tables[number] for number in numbers if not self._is_league]
        if self._form == "xlsx":
            packed = [partial(self._spool.get_packed, number) for number in numbers]
            with temporary_files():
                return render_book(book_of_scopes(gathered, standings, tables, packed, about))
        if self._is_league:
            return written(document_of_league(gathered, standings, self._charts, about), self._form)
        charts = {query.scope: self._charts[query.scope] for query in map(queries.__getitem__, numbers) if self._charts}
        return written(document_of_rows(gathered, tables, charts, about, per_day=self._per_day), self._form)

    def _drawn(self, queries: Sequence[Query], numbers: Sequence[int]) -> str:
        from copilot_usage_cli.render.league import draw_league, draw_rows
        from copilot_usage_cli.render.paint import paint

        gathered = self._gathered(queries, numbers)
        if self._is_league:
            lines = draw_league(gathered, [self._standings[number] for number in numbers], self._screen)
        else:
            tables = [self._tables[number] for number in numbers]
            lines = draw_rows(gathered, tables, self._screen, per_day=self._per_day)
        return paint(lines, self._screen)
