"""Set a report beside that of another period of the same length. No I/O."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from copilot_usage_cli.asked import Asked
from copilot_usage_cli.period import Period, days_between
from copilot_usage_cli.report import Report, Table
from copilot_usage_cli.rows import Grouping, Row, Value, largest, time_key

PREFIX = "previous_"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports of periods of the same length.

    `per_day` if one side has days missing that the other has, so that only means per day compare.
    """

    current: Report
    previous: Report

    @property
    def per_day(self) -> bool:
        """Whether counts have to be compared as means per day with data."""
        return len(self.current.records) != len(self.previous.records)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about both sides."""
        current, previous = self.current, self.previous
        before = tuple(f"previous period: {note}" for note in previous.notes if note not in current.notes)
        if not self.per_day:
            return (*current.notes, *before)
        days = f"{len(current.records)} and {len(previous.records)}"
        how = f"the periods have {days} days with data, so compare means per day, not sums"
        return (how, *current.notes, *before)

    def table(self, *by: str, top: int | None = None) -> Table:
        """Join both sides' rows, by the report's own grouping or another: each column, and the same of before."""
        grouping = Grouping(by, top, self.current.table.grouping.distinct) if by else self.current.table.grouping
        kept = largest(self.current.records, grouping)
        ours, theirs = self.current.regrouped(grouping, kept), self.previous.regrouped(grouping, kept)
        times = dict(zip(_times(self.current, grouping), _times(self.previous, grouping), strict=False))
        return _join(ours, theirs, times, (_days(self.current, grouping), _days(self.previous, grouping)))


def compared(asked: Asked, period: Period) -> Asked:
    """Ask the same of another period."""
    return replace(asked, period=period)


def _times(report: Report, grouping: Grouping) -> list[str]:
    """List the keys of time in a period, with or without data, in order."""
    if report.since is None or report.until is None:
        return []
    keys = (time_key(day, grouping.time, report.span) for day in days_between(report.since, report.until))
    return list(dict.fromkeys(keys))


def _days(report: Report, grouping: Grouping) -> Counter[str]:
    """Count the days with data by their key of time."""
    return Counter(time_key(record.day, grouping.time, report.span) for record in report.records)


def _join(ours: Table, theirs: Table, times: Mapping[str, str], days: tuple[Counter[str], Counter[str]]) -> Table:
    """Join rows on their names and their place in time; `times` gives the previous key of time for each of ours."""
    grouping = ours.grouping
    identity = ("scope", "source", *grouping.by)
    metrics = [name for name in ours.columns if name not in {*identity, "days", "folded"}]
    metrics = [*(["days"] if grouping.time != "day" else []), *metrics]
    before = tuple(PREFIX + name for name in ("source", *([grouping.time] if grouping.time else [])))
    pairs = tuple(name for metric in metrics for name in (metric, PREFIX + metric))
    columns = (*identity, *before, *pairs, *(name for name in ours.columns if name == "folded"))
    found = {_key(row, grouping, {}): row for row in ours.rows}
    earlier = {_key(row, grouping, {old: new for new, old in times.items()}): row for row in theirs.rows}
    place = {time: n for n, time in enumerate(times)}
    keys = sorted({**found, **earlier}, key=lambda key: place.get(_time(key, grouping), 0))
    rows = []
    for key in keys:
        row, old = found.get(key, {}), earlier.get(key, {})
        time = _time(key, grouping) if grouping.time else next(iter(times), "")
        joined: Row = {name: row.get(name, old.get(name)) for name in columns}
        joined |= dict(zip(grouping.by, key, strict=True)) | {"source": row.get("source")}
        joined |= {PREFIX + "source": old.get("source")}
        joined |= {PREFIX + metric: old.get(metric) for metric in metrics} | {m: row.get(m) for m in metrics}
        if grouping.time != "day":
            joined |= {"days": days[0][time], PREFIX + "days": days[1][times.get(time, "")]}
        if grouping.time:
            joined[PREFIX + grouping.time] = times.get(time)
        rows.append(joined)
    return Table(columns, tuple(rows), grouping)


def _key(row: Row, grouping: Grouping, times: Mapping[str, str]) -> tuple[Value, ...]:
    """Make a row's key, with the time of our side."""
    return tuple(times.get(str(row[name]), row[name]) if name == grouping.time else row[name] for name in grouping.by)


def _time(key: tuple[Value, ...], grouping: Grouping) -> str:
    return str(key[grouping.by.index(grouping.time)]) if grouping.time else ""
