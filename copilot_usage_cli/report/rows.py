"""Group daily records into rows: the columns are a contract that depends on the options, never on the data."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from copilot_usage_cli.model import arithmetic
from copilot_usage_cli.model.records import (
    COUNTABLE_TOTALS,
    COUNTS,
    TOTALS,
    BreakdownRow,
    DailyRecord,
)
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.report.grouping import (
    DAYS,
    ON_KNOWN_DAYS,
    USER_DAYS,
    USERS,
    Grouping,
    Key,
    Row,
    Value,
    common,
    time_key,
)


def group(
    records: Sequence[DailyRecord], grouping: Grouping, span: str, *, cells: bool, kept: frozenset[Key] | None = None
) -> tuple[Row, ...]:
    """Group records, unique and in order of days, into rows whose keys are `columns`, and more.

    Each row has `days`, with data, and over how many of these, and of the user-days, each sum is known. `span` names
    the whole period, for `total`; `kept` are names to keep instead of the largest.
    Order: time ascending, then suggestions descending, then name.
    """
    by_time: dict[str, list[DailyRecord]] = defaultdict(list)
    for record in records:
        by_time[time_key(record.day, grouping.time, span)].append(record)
    if not cells and grouping.table is None:
        return tuple(_totals_row(time, inside, grouping) for time, inside in by_time.items())
    kept = largest(records, grouping) if kept is None else kept
    if grouping.table is not None:
        return tuple(row for time, inside in by_time.items() for row in _activity_rows(time, inside, grouping, kept))
    return tuple(row for time, inside in by_time.items() for row in _cell_rows(time, inside, grouping, kept))


def cells_of(records: Iterable[DailyRecord]) -> list[BreakdownRow]:
    """List the breakdown rows of records."""
    return [row for record in records for row in record.breakdown or ()]


def _start(time: str, records: Sequence[DailyRecord], grouping: Grouping) -> Row:
    row: Row = {"scope": str(records[0].scope), "source": common(record.source for record in records)}
    return row | dict.fromkeys(grouping.by, "") | ({grouping.time: time} if grouping.time else {})


def _totals_row(time: str, records: Sequence[DailyRecord], grouping: Grouping) -> Row:
    row = _start(time, records, grouping) | {"days": len(records)} | _user_days(records, COUNTABLE_TOTALS)
    for name in COUNTABLE_TOTALS:
        row[f"{name}{DAYS}"] = arithmetic.known(getattr(record, name) for record in records)
    if grouping.time == "day":
        row |= {name: getattr(records[0], name) for name in TOTALS}
    else:
        for name in COUNTABLE_TOTALS:
            row[name] = arithmetic.total(getattr(record, name) for record in records)
        for name in USERS:
            users = arithmetic.user_statistics(getattr(record, f"total_{name}") for record in records)
            row |= {f"{name}_mean": users.mean, f"{name}_peak": users.peak, f"{name}_days": users.days}
        if grouping.distinct:
            row["distinct_users"] = arithmetic.distinct(record.user_bits for record in records)
    sums = arithmetic.completions(records)
    return row | {"acceptance_rate": sums.acceptance_rate, "lines_acceptance_rate": sums.lines_acceptance_rate}


def _user_days(records: Sequence[DailyRecord], names: Sequence[str]) -> Row:
    """Add up user-days: those with details, and those of which each count is known."""
    counts = [record.user_days for record in records]
    if not all(counts):
        return dict.fromkeys(("user_days", *(f"{name}{USER_DAYS}" for name in names)))
    detailed = sum(each.detailed for each in counts if each)
    known = {f"{name}{USER_DAYS}": sum(each.of(name) for each in counts if each) for name in names}
    return {"user_days": detailed, **known}


def _cell_rows(time: str, records: Sequence[DailyRecord], grouping: Grouping, kept: frozenset[Key] | None) -> list[Row]:
    start = _start(time, records, grouping) | {"days": len(records)} | _user_days(records, COUNTS)
    groups: dict[Key | None, list[BreakdownRow]] = defaultdict(list)
    folded: set[Key] = set()
    dated: dict[Key | None, list[tuple[date, BreakdownRow]]] = defaultdict(list)
    unknown: dict[Key | None, set[tuple[str, date]]] = defaultdict(set)
    can_rate: dict[Key | None, list[arithmetic.Rated]] = defaultdict(list)
    names = _namer(grouping)
    for record in records:
        rated = arithmetic.rated(record, cells=True)
        for cell in record.breakdown or ():
            key: Key | None = names(cell)
            if key and kept is not None and key not in kept:
                folded.add(key)
                key = None
            groups[key].append(cell)
            dated[key].append((record.day, cell))
            can_rate[key].append(rated)
            if None in cell[2:6]:
                unknown[key].update((name, record.day) for name in COUNTS if getattr(cell, name) is None)
    days = arithmetic.known(None if record.breakdown is None else 1 for record in records)
    if not grouping.names and not groups:
        groups[()] = []  # a day or week with data of which no row matches: nothing is known of it, but it was there
    rows = []
    for key, inside in groups.items():  # the key None is the row of what was folded
        row = start | dict(zip(grouping.names, key or (), strict=False))
        row |= _cell_sums(inside, can_rate[key], distinct=grouping.distinct)
        if grouping.top is not None:
            row["folded"] = len(folded) if key is None else 0
        # A name that isn't there on a day has 0 on it; a day without a breakdown is unknown to all names.
        for name in COUNTS:
            open_days = {day for other, day in unknown[key] if other == name}
            row[f"{name}{DAYS}"] = days - len(open_days)
            row[f"{name}{ON_KNOWN_DAYS}"] = (
                arithmetic.total(getattr(cell, name) for day, cell in dated[key] if day not in open_days)
                if open_days
                else row[name]
            )
        rows.append(row)
    return sorted(
        rows, key=lambda row: _by_suggestions(row["suggestions_count"], [row[name] for name in grouping.names])
    )


def _cell_sums(cells: Sequence[BreakdownRow], can_rate: Sequence[arithmetic.Rated], *, distinct: bool) -> Row:
    sums = arithmetic.completions(cells, can_rate)
    row: Row = dict(zip(COUNTS, sums.counts, strict=True))
    row["active_users_at_least"] = arithmetic.at_least(cells)
    if distinct:
        row["distinct_users"] = arithmetic.distinct(cell.user_bits for cell in cells)
    return row | {"acceptance_rate": sums.acceptance_rate, "lines_acceptance_rate": sums.lines_acceptance_rate}


def _activity_rows(
    time: str, records: Sequence[DailyRecord], grouping: Grouping, kept: frozenset[Key] | None
) -> list[Row]:
    from copilot_usage_cli.report.activity_rows import activity_rows

    start = _start(time, records, grouping) | {"days": len(records)}
    outputs = "code_generation_activity_count" if IDE in grouping.names else "outputs"
    rows = activity_rows(start, records, grouping, kept)
    return sorted(rows, key=lambda row: _by_suggestions(row[outputs], [row[name] for name in grouping.names]))


def largest(
    records: Sequence[DailyRecord], grouping: Grouping, besides: frozenset[Key] = frozenset()
) -> frozenset[Key] | None:
    """Choose the names that `top` keeps, by suggestions over the whole period; those `besides` are kept already."""
    if grouping.top is None:
        return None
    suggestions: dict[Key, list[int | None]] = defaultdict(list)
    for names, count in _suggestions(records, grouping):
        if names not in besides:
            suggestions[names].append(count)
    order = sorted(suggestions, key=lambda key: _by_suggestions(arithmetic.total(suggestions[key]), list(key)))
    return frozenset(order[: grouping.top])


def _suggestions(records: Sequence[DailyRecord], grouping: Grouping) -> Iterator[tuple[Key, int | None]]:
    """Yield the names of each row with its suggestions; of activity, with its outputs."""
    if grouping.table is None:
        names = _namer(grouping)
        yield from ((names(cell), cell.suggestions_count) for cell in cells_of(records))
        return
    from copilot_usage_cli.report.activity_rows import named_rows

    for record in records:
        yield from ((names, row.code_generation_activity_count) for names, row in named_rows(record, grouping))


def _namer(grouping: Grouping) -> Callable[[BreakdownRow], Key]:
    """Return what names a row of the breakdown by the dimensions of a grouping; there are tens of thousands of rows."""
    match grouping.names:
        case ("language",):
            return lambda cell: (cell.language,)
        case ("editor",):
            return lambda cell: (cell.editor,)
        case ("editor", "language"):
            return lambda cell: (cell.editor, cell.language)
        case ("language", "editor"):
            return lambda cell: (cell.language, cell.editor)
    return lambda _cell: ()


def _by_suggestions(suggestions: Value, names: Iterable[Value]) -> tuple[int, list[str]]:
    return (-suggestions if isinstance(suggestions, int) else 1, [str(name or "") for name in names])
