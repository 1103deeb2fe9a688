"""Set a report beside that of another period. No I/O."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from copilot_usage_cli.model.dates import NARROWED
from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.change import unlike_weekends
from copilot_usage_cli.report.grouping import (
    ON_KNOWN_DAYS,
    USER_DAYS,
    Grouping,
    Key,
    Row,
    Value,
    known_columns,
    time_key,
)
from copilot_usage_cli.report.known import LABELS
from copilot_usage_cli.report.rows import largest
from copilot_usage_cli.text import plural

PREFIX = "previous_"


class Comparison(NamedTuple):
    """Two reports of different periods.

    `per_day` if one side has days missing that the other has, or a count is known on other days, so that only means per
    day on which it is known compare.
    """

    current: Report
    previous: Report

    @property
    def per_day(self) -> bool:
        """Whether counts have to be compared as means per day on which they are known."""
        return _days_by_place(self.current) != _days_by_place(self.previous) or bool(self.unlike)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to compare: one of the periods has nothing to show."""
        return self.current.is_empty or self.previous.is_empty

    @property
    def unlike(self) -> tuple[str, ...]:
        """The counts that are known on other days of one period than of the other, where both know some."""
        current, previous = self.current.known_days(), self.previous.known_days()
        return tuple(name for name in current if current[name] != previous[name])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about both sides."""
        current, previous = self.current, self.previous
        if self.is_empty:
            return self._nothing()
        before = tuple(f"previous period: {note}" for note in previous.notes if note not in current.notes)
        before = (*self._place(), *self._weekends(), *self._user_days(), *before)
        if not self.per_day:
            return (*current.notes, *before)
        if _days_by_place(current) == _days_by_place(previous):
            labels = ", ".join(self.unlike)
            how = f"not known on the same days of both periods, so compare means per known day, not sums: {labels}"
            return (how, *current.notes, *before)
        days = f"{len(current.records)} and {len(previous.records)} days with data"
        same = ", not the same ones" if len(current.records) == len(previous.records) else ""
        how = f"the periods have {days}{same}, so compare means per day, not sums"
        return (how, *current.notes, *before)

    def _nothing(self) -> tuple[str, ...]:
        """Say which period has nothing to compare, why, and what to do; then what is known of the current one."""
        if self.current.is_empty and self.current.records:  # no other days help: its first note says what does
            return self.current.notes
        empty = self.current if self.current.is_empty else self.previous
        span = f"{empty.since} to {empty.until}" if empty.days else "the period"
        notes = self.current.notes
        if empty.records:
            what = "no row that matches"
        else:
            first = next(note for note in empty.notes if note != NARROWED)
            reason = first.partition(";")[0]  # what follows has another cure
            reason = reason.removeprefix("no data: ").removeprefix("no data yet: ")
            what = f"no data ({reason})" if empty.query.is_live else "no data"
            notes = tuple(note for note in notes if note != first)
        why = f"there is nothing to compare: {span} has {what}; choose other days with --compare or --period"
        return (why, *notes)

    def _place(self) -> tuple[str, ...]:
        """Say where what a period is compared with isn't earlier, or is a part of the same days."""
        common = len(set(_days_of(self.current)).intersection(_days_of(self.previous)))
        if common:
            return (f"the periods overlap: they have {plural(common, 'day')} in common",)
        since, other = self.current.since, self.previous.since
        return ("the period compared with is later",) if since and other and other > since else ()

    def _weekends(self) -> tuple[str, ...]:
        """Say where a change may come from the share of weekend days among those with data."""
        days = ([record.day for record in side.records] for side in (self.current, self.previous))
        return tuple(filter(None, (unlike_weekends(*days),)))

    def _user_days(self) -> tuple[str, ...]:
        """Say where a change may come from what is known of user-days, and not from usage."""
        notes = []
        for label, of_now, of_before in _shares(self.current, self.previous):
            (known, whole), (known_before, whole_before) = of_now, of_before
            if known * whole_before != known_before * whole:
                shares = f"{known:,} of {whole:,} user-days and {known_before:,} of {whole_before:,} before"
                notes.append(f"{label} {shares}: the change may not be one of usage")
        return tuple(notes)

    def table(self, *by: str, top: int | None = None) -> Table:
        """Join both sides' rows, by the report's own grouping or another: each column, and the same of before."""
        grouping = Grouping(by, top, self.current.table.grouping.distinct) if by else self.current.table.grouping
        kept = self._kept(grouping)
        ours, theirs = self.current.regrouped(grouping, kept), self.previous.regrouped(grouping, kept)
        times = _times(self.current, self.previous, grouping)
        return _join(ours, theirs, times, (_days(self.current, grouping), _days(self.previous, grouping)))

    def _kept(self, grouping: Grouping) -> frozenset[Key] | None:
        """Choose the names that `top` keeps: those of the current report, and of the previous while there is room."""
        kept = largest(self.current.records, grouping)
        if kept is None or grouping.top is None or len(kept) >= grouping.top:
            return kept
        others = largest(self.previous.records, grouping._replace(top=grouping.top - len(kept)), besides=kept)
        return kept | (others or frozenset())


def _shares(current: Report, previous: Report) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Yield what is known of how many user-days on both sides, where both count them."""
    sides = [[record.user_days for record in side.records] for side in (current, previous)]
    if not all(sides) or not all(map(all, sides)):
        return
    now, before = ([each for each in side if each is not None] for side in sides)
    everyone = [sum(each.all for each in side) for side in (now, before)]
    detailed = [sum(each.detailed for each in side) for side in (now, before)]
    yield "details are known for", (detailed[0], everyone[0]), (detailed[1], everyone[1])
    for at, label in enumerate(LABELS.values()):
        known = [sum(each.known[at] for each in side) for side in (now, before)]
        yield f"{label}: known for", (known[0], detailed[0]), (known[1], detailed[1])


def _days_by_place(report: Report) -> set[timedelta]:
    """Return the days with data by their place in the period."""
    return {record.day - report.since for record in report.records if report.since}


def _times(current: Report, previous: Report, grouping: Grouping) -> dict[str, str]:
    """Pair the keys of time of two periods, so that most days are in the key that their counterparts are paired with.

    The 31 days before March begin in January, yet March belongs beside February.
    """
    ours, theirs = _days_by_key(current, grouping), _days_by_key(previous, grouping)
    if not ours or not theirs:
        return {}
    mine, old = list(dict.fromkeys(ours)), list(dict.fromkeys(theirs))
    shifts = Counter(old.index(b) - mine.index(a) for a, b in zip(ours, theirs, strict=False))
    shift = shifts.most_common(1)[0][0]
    return {key: old[n + shift] for n, key in enumerate(mine) if 0 <= n + shift < len(old)}


def _days_by_key(report: Report, grouping: Grouping) -> list[str]:
    """List the key of time of each day in a period, with or without data."""
    return [time_key(day, grouping.time, report.span) for day in _days_of(report)]


def _days_of(report: Report) -> tuple[date, ...]:
    return days_between(report.since, report.until) if report.since and report.until else ()


def _days(report: Report, grouping: Grouping) -> Counter[str]:
    """Count the days with data by their key of time."""
    return Counter(time_key(record.day, grouping.time, report.span) for record in report.records)


def _join(ours: Table, theirs: Table, times: Mapping[str, str], days: tuple[Counter[str], Counter[str]]) -> Table:
    """Join rows on their names and their place in time; `times` gives the previous key of time for each of ours."""
    grouping = ours.grouping
    time = grouping.time
    identity = ("scope", "source", *grouping.by)
    known = known_columns(grouping, cells="suggestions_count" in ours.columns)
    metrics = [name for name in ours.columns if name not in {*identity, *known, "days", "folded"}]
    metrics = [*(["days"] if time != "day" else []), *metrics]
    before = tuple(PREFIX + name for name in ("source", *([time] if time else [])))
    pairs = tuple(name for metric in metrics for name in (metric, PREFIX + metric))
    columns = (*identity, *before, *pairs, *(name for name in ours.columns if name == "folded"))
    columns += tuple(name for metric in known for name in (metric, PREFIX + metric))
    metrics += [*known, *(f"{name}{what}" for name in ours.columns for what in (ON_KNOWN_DAYS, USER_DAYS)), "user_days"]
    metrics = list(dict.fromkeys(metrics))
    paired = {old: new for new, old in times.items()}
    found = {(row.get(time or ""), None, *_names(row, grouping)): row for row in ours.rows}
    earlier: dict[tuple[Value, ...], Row] = {}
    for row in theirs.rows:
        own = row.get(time or "")
        counterpart = paired.get(str(own))
        earlier[counterpart, own if counterpart is None else None, *_names(row, grouping)] = row
    rows = []
    # Rows that only the previous period has stand behind those of their time, or of all times.
    for key in sorted({**found, **earlier}, key=lambda key: (key[0] is None, str(key[0] or ""), str(key[1] or ""))):
        row, was = found.get(key, {}), earlier.get(key, {})
        joined: Row = {name: row.get(name, was.get(name)) for name in columns}
        joined |= {"source": row.get("source"), PREFIX + "source": was.get("source")}
        joined |= {metric: row.get(metric) for metric in metrics} | {PREFIX + m: was.get(m) for m in metrics}
        new, old = key[0], key[1] if key[0] is None else times.get(str(key[0]))
        if time:
            joined |= {time: new, PREFIX + time: old}
        elif times:
            new, old = next(iter(times.items()))
        if time != "day":
            joined |= {"days": days[0][str(new)], PREFIX + "days": days[1][str(old)]}
        rows.append(joined)
    return Table(columns, tuple(rows), grouping)


def _names(row: Row, grouping: Grouping) -> tuple[Value, ...]:
    """Return what names a row within its time; a name that is empty is not what `top` folded."""
    return (*(row[name] for name in grouping.by if name != grouping.time), bool(row.get("folded")))
