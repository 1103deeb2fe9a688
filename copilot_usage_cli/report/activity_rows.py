"""Group the activity of all features into rows: by IDE, feature, model, or a pair of language, feature and model."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from copilot_usage_cli.model import arithmetic
from copilot_usage_cli.model.activity import (
    ACTIVITY_COUNTS,
    COMPLETION,
    MORE_TABLES,
    OUTSIDE_IDES,
    TABLES,
    WITHOUT_PROMPTS,
    ActivityRow,
)
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import FEATURE, IDE, LANGUAGE, MODEL
from copilot_usage_cli.report.grouping import (
    DAYS,
    NO_MODEL,
    ON_KNOWN_DAYS,
    RATES,
    USER_DAYS,
    Grouping,
    Key,
    Row,
    activity_columns,
)

Dated = tuple[date, ActivityRow, arithmetic.Rated]


def activity_rows(
    start: Row, records: Sequence[DailyRecord], grouping: Grouping, kept: frozenset[Key] | None
) -> list[Row]:
    """Group the activity of some days into rows that begin with `start`; `kept` are the names that aren't folded.

    A name that isn't there on a day has 0 on it; a day without the table is unknown to all names.
    """
    table = grouping.table or ""
    days = arithmetic.known(None if record.table(table) is None else 1 for record in records)
    start = start | _user_days(records, grouping)
    groups: dict[Key | None, list[Dated]] = defaultdict(list)
    folded: set[Key] = set()
    for record in records:
        rated = arithmetic.rated(record, cells=LANGUAGE in grouping.names)
        for found, row in named_rows(record, grouping):
            key: Key | None = found
            if kept is not None and found not in kept:
                folded.add(found)
                key = None
            groups[key].append((record.day, row, rated))
    rows: list[Row] = []
    for key, inside in groups.items():  # the key None is the row of what was folded
        made = start | dict(zip(grouping.names, key or (), strict=False)) | _sums(inside, days, grouping)
        if grouping.distinct:
            made["distinct_users"] = arithmetic.distinct(each.user_bits for _, each, _ in inside)
        if FEATURE in grouping.names:
            made |= _rates(inside, key, grouping)
        if grouping.top is not None:
            made["folded"] = len(folded) if key is None else 0
        rows.append(made)
    return rows


def named_rows(record: DailyRecord, grouping: Grouping) -> Iterator[tuple[Key, ActivityRow]]:
    """Yield a day's rows by their names, in the order of the columns; models have one for what has no model."""
    table = grouping.table or ""
    places = [TABLES[table].index(name) for name in grouping.names]
    rows = record.table(table)
    for row in rows or ():
        yield tuple(row.names[place] for place in places), row
    if grouping.names == (MODEL,) and rows is not None:
        for row in record.activity.totals_by_feature or ():
            if row.names == (COMPLETION,):
                yield (NO_MODEL,), row


def _sums(inside: Sequence[Dated], days: int, grouping: Grouping) -> Row:
    row: Row = {}
    for name, count in activity_columns(grouping).items():
        values = [(day, getattr(each, count)) for day, each, _ in inside]
        unknown = {day for day, value in values if value is None}
        row[name] = arithmetic.total(value for _, value in values)
        row[f"{name}{DAYS}"] = days - len(unknown)
        row[f"{name}{ON_KNOWN_DAYS}"] = arithmetic.total(value for day, value in values if day not in unknown)
    return row


def _rates(inside: Sequence[Dated], key: Key | None, grouping: Grouping) -> Row:
    """Tell the rates of completions; no other feature has suggestions that are accepted or not."""
    if key is None or key[grouping.names.index(FEATURE)] != COMPLETION:
        return dict.fromkeys(RATES)
    pairs = [
        (row.code_acceptance_activity_count, row.code_generation_activity_count) for _, row, (ok, _) in inside if ok
    ]
    lines = [(row.loc_added_sum, row.loc_suggested_to_add_sum) for _, row, (_, ok) in inside if ok]
    return dict(zip(RATES, (arithmetic.rate(pairs), arithmetic.rate(lines)), strict=True))


def _user_days(records: Sequence[DailyRecord], grouping: Grouping) -> Row:
    """Add up user-days: those with details, and those of which each count is known."""
    counts = [record.user_days for record in records]
    names = activity_columns(grouping)
    table = grouping.table or ""
    if not all(counts) or (table in MORE_TABLES and not all(each and each.tables for each in counts)):
        return dict.fromkeys(("user_days", *(f"{name}{USER_DAYS}" for name in names)))
    whole = [each for each in counts if each]
    row: Row = {"user_days": sum(each.detailed for each in whole)}
    for name, count in names.items():
        if table in MORE_TABLES:
            row[f"{name}{USER_DAYS}"] = sum(each.tables[MORE_TABLES.index(table)] for each in whole)
        else:
            row[f"{name}{USER_DAYS}"] = sum(each.of(count) for each in whole)
    return row


def differences(record: DailyRecord, table: str) -> dict[str, tuple[int, int]]:
    """Return the counts that a day's rows don't add up to, as the activity of all features has them: both numbers.

    A table of models has no completions, which are added, and one of IDEs may lack what isn't in any; one of languages
    has no prompts, and isn't compared by them.
    """
    totals, rows = record.activity.totals, record.table(table)
    if totals is None or rows is None:
        return {}
    inside = list(rows)
    if MODEL in TABLES[table]:
        inside += [row for row in record.activity.totals_by_feature or () if row.names == (COMPLETION,)]
    outside = [row for row in record.activity.totals_by_feature or () if row.names[0] in OUTSIDE_IDES]
    found = {}
    for at, (name, whole) in enumerate(zip(ACTIVITY_COUNTS, totals, strict=True)):
        values = [row.counts[at] for row in inside]
        is_compared = not (table in WITHOUT_PROMPTS and at == 0)
        if is_compared and whole is not None and None not in values:
            added = sum(filter(None, values))
            rest = sum(row.counts[at] or 0 for row in outside) if TABLES[table] == (IDE,) else 0
            if whole not in {added, added + rest}:
                found[name] = added, whole
    return found
