"""What is asked: whose usage, of which days, from where, and how it is grouped: one object, from options to tables."""

from datetime import date
from typing import Literal, NamedTuple

from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO

Answerer = Literal["github", "demo", "history", "files"]


class Filter(NamedTuple):
    """Breakdown rows to keep: repeats of one option are or, the two options are and, case is ignored."""

    languages: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.languages or self.editors)

    def matches(self, row: BreakdownRow) -> bool:
        """Return whether the filter keeps a row."""
        return _matches(row.language, self.languages) and _matches(row.editor, self.editors)

    def apply(self, record: DailyRecord) -> DailyRecord:
        """Return a record reduced to the rows that match."""
        rows = record.breakdown
        return record._replace(breakdown=None if rows is None else tuple(row for row in rows if self.matches(row)))


class Query(NamedTuple):
    """A scope, a period, and how to look at it; everything else of a report follows from it and the records.

    `today` is the UTC day on which the run began. `by` is None where nothing was said: by day for machines, one screen
    of everything for people. `refresh` asks for days that are held, too. `full` if that screen is to have every day.
    `page` and `per_page` are parameters of the classic API. `answerer` is who is asked;
    `files` are the names of saved responses, for people. `dates_given` are the options of the period that a
    person gave. `chart` is the column to draw, empty for tables. `complete` if days that an earlier version kept,
    without activity, are to be asked for again.
    """

    scope: Scope
    period: Period
    today: date
    source: str = AUTO
    by: tuple[str, ...] | None = None
    top: int | None = None
    filter: Filter = Filter()
    page: int | None = None
    per_page: int | None = None
    answerer: Answerer = "github"
    files: tuple[str, ...] = ()
    refresh: bool = False
    full: bool = False
    dates_given: tuple[str, ...] = ()
    chart: str = ""
    complete: bool = False

    @property
    def is_live(self) -> bool:
        """Whether a GitHub is asked, if only the demo's; else an open end of the period is that of the data."""
        return self.answerer in {"github", "demo"}

    @property
    def is_complete(self) -> bool:
        """Whether all of the answer was asked for, so that missing days can be judged; a single page is a part."""
        return self.page is None


def _matches(name: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or (name or "").casefold() in {each.casefold() for each in wanted}
