"""What a person asked to see; everything else of a report follows from it and the records."""

from dataclasses import dataclass, field, replace

from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Filter:
    """Breakdown rows to keep: repeats of one option are or, the two options are and, case is ignored."""

    languages: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.languages or self.editors)

    def keeps(self, row: BreakdownRow) -> bool:
        """Tell whether the filter keeps a row."""
        return _matches(row.language, self.languages) and _matches(row.editor, self.editors)

    def apply(self, record: DailyRecord) -> DailyRecord:
        """Reduce a record to the rows kept."""
        rows = record.breakdown
        return replace(record, breakdown=None if rows is None else tuple(row for row in rows if self.keeps(row)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A scope, a period, and how to look at it.

    `by` is None where nothing was said: by day for machines, one screen of everything for people. `origin` says
    where the records come from, for people. `from_files` if saved responses are read: then an open end of the
    period is theirs. `judge_missing` is false where a single page was asked for.
    """

    scope: Scope
    period: Period = field(default_factory=Period)
    by: tuple[str, ...] | None = None
    top: int | None = None
    filter: Filter = field(default_factory=Filter)
    source: str = "auto"
    origin: str = ""
    from_files: bool = False
    judge_missing: bool = True
    made_up: bool = False


def _matches(name: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or (name or "").casefold() in {each.casefold() for each in wanted}
