"""Notes on sums of which only a part is known: on some of the days, or of some of the user-days. No I/O."""

from collections.abc import Iterator, Sequence
from datetime import date

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, of_activity
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, COUNTED, COUNTS, DailyRecord
from copilot_usage_cli.model.vocabulary import NAMES
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.text import plural

LABELS = dict(
    zip(
        COUNTABLE_TOTALS,
        ("suggestions", "acceptances", "lines suggested", "lines accepted", "chat acceptances", "chat turns"),
        strict=True,
    )
)


def partly_known(query: Query, records: Sequence[DailyRecord]) -> list[str]:
    """Name the days on which a count is unknown that is known on others: sums leave them out."""
    by_days: dict[tuple[date, ...], list[str]] = {}
    if of_activity(query.by):
        return []  # each row says on how many days it is known
    of_cells = query.filter or set(NAMES) & set(query.by or ())
    if of_cells:
        records = [record for record in records if record.breakdown is not None]  # those without have a note already
    for name, label in LABELS.items():
        if of_cells and name.removeprefix("total_") not in COUNTS:
            continue
        unknown = tuple(record.day for record in records if _is_unknown(record, name, query if of_cells else None))
        if unknown and (len(unknown) < len(records) or (of_cells and _is_partly_known(records, name, query))):
            by_days.setdefault(unknown, []).append(label)
    notes = []
    for days, labels in by_days.items():
        known = f"known on {len(records) - len(days)} of {plural(len(records), 'day')}"
        if of_cells:  # sums have what is known of the others, too
            notes.append(f"{', '.join(labels)}: all of it {known}, at most a part of it on {format_ranges(days)}")
        else:
            notes.append(f"{', '.join(labels)}: {known}, and summed over these; not known on {format_ranges(days)}")
    return notes


def _is_partly_known(records: Sequence[DailyRecord], name: str, query: Query) -> bool:
    cells = (cell for cell in cells_of(records) if query.filter.matches(cell))
    return any(getattr(cell, name.removeprefix("total_")) is not None for cell in cells)


def _is_unknown(record: DailyRecord, name: str, query: Query | None) -> bool:
    """Return whether a day's total is unknown, or with `query`, one of the rows that it is about."""
    if query is None:
        return getattr(record, name) is None
    cell_name = name.removeprefix("total_")
    cells = [cell for cell in record.breakdown or () if query.filter.matches(cell)]
    return any(getattr(cell, cell_name) is None for cell in cells)


def user_days(records: Sequence[DailyRecord]) -> list[str]:
    """Say of how many user-days there are no details, and which counts only some of the others know."""
    counted = [(record.day, record.user_days) for record in records if record.user_days is not None]
    everyone = sum(counts.all for _, counts in counted)
    short = sum(counts.without_details for _, counts in counted)
    notes = []
    if short:
        why = "GitHub has no telemetry of them, so they are in no sum"
        notes.append(f"{short:,} of {everyone:,} user-days without details: {why}")
    stated = {name for at, name in enumerate(COUNTED) if any(counts.known[at] for _, counts in counted)}
    by_days: dict[tuple[tuple[date, ...], int, int], list[str]] = {}
    for at, name in enumerate(COUNTED):
        partly = [(day, counts) for day, counts in counted if 0 < counts.known[at] < counts.detailed]
        if partly:
            known, whole = sum(counts.known[at] for _, counts in partly), sum(counts.detailed for _, counts in partly)
            by_days.setdefault((tuple(day for day, _ in partly), known, whole), []).append(name)
    for (days, known, whole), names in by_days.items():
        of = f"known for {known:,} of {whole:,} user-days, and summed over these"
        notes.append(f"{', '.join(_labels(names, stated))}: {of}, on {format_ranges(days)}")
    return notes


def _labels(names: Sequence[str], stated: set[str]) -> Iterator[str]:
    """Name some of COUNTED for people: counts of languages, or of IDEs, at once where all that are stated are there."""
    yield from (LABELS[name] for name in names if name in LABELS)
    for rows, whole, label in (
        (COUNTS, "languages and editors", "language and editor"),
        (ACTIVITY_COUNTS, "activity by IDE", "IDE"),
    ):
        some = [name for name in names if name in rows]
        if some and stated.intersection(rows) <= set(some):
            yield whole
        else:
            yield from (f"{LABELS.get(f'total_{name}', name)} by {label}" for name in some)
