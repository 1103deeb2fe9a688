"""What a reader of a report must know besides its numbers."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import NamedTuple

from copilot_usage_cli.model import arithmetic
from copilot_usage_cli.model.activity import names_of_activity, of_activity, table_of
from copilot_usage_cli.model.dates import NARROWED
from copilot_usage_cli.model.fetch_result import SourceFacts
from copilot_usage_cli.model.period import Period, format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import MULTIPLE, PREFERENCE, REPORTS, USER_REPORTS
from copilot_usage_cli.report.breaks import describe_breaks
from copilot_usage_cli.report.grouping import ACTIVITY_COLUMNS
from copilot_usage_cli.report.known import partly_known, user_days
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.text import by_nearness, listed, plural, shorten, without_secrets

_MOST_NAMES = 8
FRESH_DAYS = 3  # GitHub is at most so many days behind; beyond, something is wrong
MODERN = frozenset({REPORTS, USER_REPORTS})
"""The sources of which GitHub changes days for a while, and of which it has changed the series."""


class Gaps(NamedTuple):
    """Days that came twice and differed, are missing, aren't finished by GitHub, or came from several sources."""

    conflicts: tuple[date, ...] = ()
    missing: tuple[date, ...] = ()
    pending: tuple[date, ...] = ()
    of_several: tuple[date, ...] = ()


def notes_on(query: Query, records: Sequence[DailyRecord], gaps: Gaps, facts: SourceFacts) -> tuple[str, ...]:
    """Write the notes on a report, the most important first, a sentence each.

    `records` are those of the period, unfiltered.
    """
    part = "" if query.is_complete else "this is one page of the answer only, so missing days aren't judged"
    conflicts = repeated_days([day for day in gaps.conflicts if query.period.contains(day)])
    if not records:
        notes = [_no_records(query, facts), part, conflicts, *facts.warnings]
    elif query.filter and not any(query.filter.matches(cell) for cell in cells_of(records)):
        missing = _missing(gaps.missing, facts)
        notes = [*_unmatched(query, records), part, *missing, *facts.warnings, _unknown_breakdown(query, records)]
    else:
        newest = max(records[-1].day, facts.reported_until or date.min)
        stale = is_stale(query, newest)
        notes = [
            *_unmatched(query, records),
            part,
            conflicts,
            _impossible(records),
            _stale(newest, query.today) if stale else "",
            *_missing([day for day in gaps.missing if not stale or day < newest], facts),
            *user_days(records),
            *partly_known(query, records),
            _sources(records),
            *facts.warnings,
            _unfinished(records, gaps.pending, query.today, facts),
            _of_several([day for day in gaps.of_several if query.period.contains(day)]),
            "" if of_activity(query.by) else _meaning(records),
            *_on_activity(query, records),
            *notes_on_names(query, records),
        ]
    if query.answerer == "demo":
        notes.append(f"this is the demo, as of {query.today}: the numbers are made up")
    if query.period.narrowed:
        notes.insert(0, NARROWED)
    return tuple(note for note in notes if note)


def notes_on_days(query: Query, records: Sequence[DailyRecord], gaps: Gaps, facts: SourceFacts) -> tuple[str, ...]:
    """Write the notes on the days of a view, whatever it shows of them, the most important first."""
    conflicts = repeated_days([day for day in gaps.conflicts if query.period.contains(day)])
    if not records:
        notes = [_no_records(query, facts), conflicts, *facts.warnings]
    else:
        newest = max(records[-1].day, facts.reported_until or date.min)
        stale = is_stale(query, newest)
        notes = [
            conflicts,
            _stale(newest, query.today) if stale else "",
            *_missing([day for day in gaps.missing if not stale or day < newest], facts),
            _sources(records),
            *facts.warnings,
            _unfinished(records, gaps.pending, query.today, facts),
            _of_several([day for day in gaps.of_several if query.period.contains(day)]),
        ]
    narrowed = [NARROWED] if query.period.narrowed else []
    return tuple(note for note in (*narrowed, *notes) if note)


def notes_on_names(query: Query, records: Sequence[DailyRecord]) -> tuple[str, ...]:
    """Write those of the notes that are about languages and editors alone."""
    return tuple(note for note in (_unknown_breakdown(query, records), _differing(records)) if note)


def is_stale(query: Query, newest: date) -> bool:
    """Return whether the newest day is older than GitHub's delay explains; only where no period was asked for."""
    open_period = query.period == Period() and query.is_live and query.is_complete
    return open_period and newest < query.today - timedelta(days=FRESH_DAYS)


def repeated_days(days: Sequence[date]) -> str:
    """Say that days came more than once with different numbers; nothing of none."""
    if not days:
        return ""
    how = "came more than once with different numbers, the last read counts"
    return f"{plural(len(days), 'day')} {how}: {format_ranges(days)}"


def _of_several(days: Sequence[date]) -> str:
    if not days:
        return ""
    which = f"the first of {', '.join(PREFERENCE)} counts"
    return f"{plural(len(days), 'day')} from several sources, {which}: {format_ranges(days)}"


def _no_records(query: Query, facts: SourceFacts) -> str:
    unit = query.period.unit
    whole = f"--period last-{unit} is the latest whole one" if unit else ""
    if query.period.is_empty:
        when = "it began today, in UTC" if query.period.since == query.today else f"it begins on {query.period.since}"
        began = f"no day of this {unit} is over yet: {when}"
        return f"{began}; {whole}" if query.answerer != "files" else began
    if not query.is_live:
        return f"there is no day of this period in the {'history' if query.answerer == 'history' else 'input'}"
    if query.period.since and query.period.since >= query.today:
        latest = whole or f"the latest day is {query.today - timedelta(days=1)}"
        return f"no data yet: GitHub gives a day when it is over (days are UTC); {latest}"
    if not facts.asked:
        until, kept = query.period.until, facts.kept_since
        too_old = until is not None and kept is not None and until < kept
        before = "GitHub had no data of these days before (--refresh asks again)"
        return f"not asked: {f'GitHub keeps {facts.retention}' if too_old else before}"
    return _nothing_found(query, facts)


def _nothing_found(query: Query, facts: SourceFacts) -> str:
    """Say why GitHub may have nothing, the likelier causes first."""
    members = "only if five or more of its members had an active Copilot license at the end of it"
    five = f"GitHub has a day for a team {members}"
    if facts.source in MODERN:
        team = f"; {five}" if query.scope.team is not None else ""
        return (
            'no data: the policy "Copilot usage metrics" may have been enabled lately, or nobody has a Copilot seat; a '
            f"day comes within two days after it is over (UTC), and GitHub keeps {facts.retention}{team}"
        )
    if facts.kept_since is not None and query.period.until is not None and query.period.until < facts.kept_since:
        return f"no data: GitHub keeps {facts.retention}, and this period is older"
    if query.scope.team is not None:
        return f"no data: {five}, and data runs until yesterday (UTC)"
    parts = ["users count only with telemetry enabled in their editor", "data runs until yesterday (UTC)"]
    parts += [f"and GitHub keeps {facts.retention}"] if facts.retention else []
    return f"no data: {', '.join(parts)}"


def _missing(days: Sequence[date], facts: SourceFacts) -> list[str]:
    by_reason: dict[str, list[date]] = {}
    for day in days:
        too_old = facts.kept_since is not None and day < facts.kept_since
        reason = f" (GitHub keeps {facts.retention})" if too_old else ""
        if day in facts.missing_reasons:
            reason = f" ({facts.missing_reasons[day]})"
        by_reason.setdefault(reason, []).append(day)
    return [
        f"no data for {plural(len(inside), 'day')}: {format_ranges(inside)}{reason}"
        for reason, inside in by_reason.items()
    ]


def _unfinished(records: Sequence[DailyRecord], pending: Sequence[date], today: date, facts: SourceFacts) -> str:
    """Name the days that aren't there yet, and those that may still change."""
    changing = changing_days(records, today, facts)
    parts = [f"not yet available: {format_ranges(pending)}"] if pending else []
    parts += [f"may still change: {format_ranges(changing)}"] if changing else []
    return f"{'; '.join(parts)} (GitHub finishes a day within {facts.settles_in} days)" if parts else ""


def changing_days(records: Sequence[DailyRecord], today: date, facts: SourceFacts) -> tuple[date, ...]:
    """List the days whose numbers may still change: GitHub finishes them later."""
    return tuple(
        record.day for record in records if record.source in MODERN and (today - record.day).days < facts.settles_in
    )


def _sources(records: Sequence[DailyRecord]) -> str:
    """Say where the series changes its source, and which breaks GitHub's own series has."""
    spans: list[list[DailyRecord]] = []
    for record in records:
        if spans and spans[-1][0].source == record.source:
            spans[-1].append(record)
        else:
            spans.append([record])
    mixed = ", ".join(f"{span[0].source} from {span[0].day} to {span[-1].day}" for span in spans)
    parts = [f"the source changes, so the numbers before and after don't compare: {mixed}"] if len(spans) > 1 else []
    modern = [record.day for record in records if record.source in MODERN]
    if modern and (breaks := describe_breaks(modern[0], modern[-1])):
        parts.append(f"GitHub's series changed in this period: {breaks}")
    return "; ".join(parts)


def _meaning(records: Sequence[DailyRecord]) -> str:
    """Say what today's reports count otherwise than the classic API."""
    if any(cell.editor == MULTIPLE for cell in cells_of(records)):
        return "editor multiple: completions of people who used several editors, or none that is known, on that day"
    if not any(record.source == REPORTS for record in records):
        return ""
    return (
        "in GitHub's reports active users are those of any feature; chat users a day and completions by editor are not "
        "in them (--source user-reports has both)"
    )


def _stale(newest: date, today: date) -> str:
    behind = (today - newest).days
    return f"the newest day is {newest}, {behind} days ago; GitHub is usually one day behind"


def _nearest_first(name: str, names: AbstractSet[str]) -> str:
    """List the names that there are, with the one first that was most likely meant."""
    if not names:
        return ""
    listed = [shorten(each) for each in by_nearness(name, sorted(names))]
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return f"; nearest first: {', '.join(listed[:_MOST_NAMES])}{more}"


def _differing(records: Sequence[DailyRecord]) -> str:
    days = [record.day for record in records if arithmetic.breakdown_differs(record)]
    if not days:
        return ""
    return f"languages and editors don't add up to the totals on {len(days)} of {plural(len(records), 'day')}"


def _impossible(records: Sequence[DailyRecord]) -> str:
    """Name the days on which more was accepted than suggested: GitHub lost something, and the rates with it."""
    days = [
        record.day
        for record in records
        if record.total_suggestions_count is not None
        and (record.total_acceptances_count or 0) > record.total_suggestions_count
    ]
    if not days:
        return ""
    what = "GitHub counts more acceptances than suggestions, so the rates are too high"
    return f"on {plural(len(days), 'day')} {what}: {format_ranges(days)}"


def _on_activity(query: Query, records: Sequence[DailyRecord]) -> list[str]:
    table = table_of(query.by or ())
    if table is None:
        return []
    from copilot_usage_cli.report.activity_rows import differences

    by = names_of_activity(query.by or ())
    days = [record.day for record in records if record.table(table) is None]
    notes = [f"no activity by {by} for {plural(len(days), 'day')}: {format_ranges(days)}"] if days else []
    differing = {record.day: found for record in records if (found := differences(record, table))}
    if differing:
        of = f"on {plural(len(differing), 'day')} of {len(records)}: {format_ranges(tuple(differing))}"
        notes.append(
            f"the rows by {by} don't add up to the activity of all features {of} ({_both(differing.values())})"
        )
    return notes


def _both(differing: Iterable[Mapping[str, tuple[int, int]]]) -> str:
    """Write what the rows have and what there is in all, of each count that differs, over the days on which it does."""
    sums: dict[str, list[int]] = {}
    for found in differing:
        for name, both in found.items():
            sums[name] = [old + new for old, new in zip(sums.get(name, [0, 0]), both, strict=True)]
    words = {count: name.replace("_", " ") for name, count in ACTIVITY_COLUMNS.items()}
    return listed([f"{added:,} of {whole:,} {words.get(name, name)}" for name, (added, whole) in sums.items()])


def _unknown_breakdown(query: Query, records: Sequence[DailyRecord]) -> str:
    days = [record.day for record in records if record.breakdown is None]
    of_cells = bool({"language", "editor"} & set(query.by or ())) and not of_activity(query.by)
    by_name = query.by is None or query.filter or of_cells
    return f"no breakdown for {plural(len(days), 'day')}: {format_ranges(days)}" if days and by_name else ""


def _unmatched(query: Query, records: Sequence[DailyRecord]) -> list[str]:
    if not query.filter:
        return []
    cells = cells_of(records)
    notes = []
    for what, wanted in (("language", query.filter.languages), ("editor", query.filter.editors)):
        names = {getattr(cell, what) or "" for cell in cells}
        for name in wanted:
            if name.casefold() not in {each.casefold() for each in names}:
                there = _nearest_first(name, names - {""})
                notes.append(f"--{what} {shorten(without_secrets(name))}: no such {what} in these days{there}")
    if not notes and not any(query.filter.matches(cell) for cell in cells):
        notes.append("no row matches --language and --editor together")
    return notes
