"""Views of daily records: of one scope or several, and beside those of another period. No I/O."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from copilot_usage_cli.model.period import days_between, format_ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import TIMES
from copilot_usage_cli.report.days import Days
from copilot_usage_cli.report.grouping import common, time_key
from copilot_usage_cli.report.notes import notes_on_days
from copilot_usage_cli.report.notes_of_many import NotesOfMany
from copilot_usage_cli.report.view import Circumstances, Field, Sheet, View, title_of
from copilot_usage_cli.report.view_comparison import compare_sheets
from copilot_usage_cli.text import plural

SOURCE = Field("source", kind="text")


class DayFound(NamedTuple):
    """The days of a scope, and those that they are compared with."""

    now: Days
    before: Days | None = None


class Topic(NamedTuple):
    """What a view is about: its name, whether a record knows of it, its sheets by what they group, and its notes.

    `overlap` says why the numbers of several scopes don't add up; `adds` if some add up over days. `compared` notes
    what of two periods is unlike.
    """

    name: str
    knows: Callable[[DailyRecord], bool]
    sheets: Mapping[str, Callable[[Days], Sheet]]
    notes: Callable[[Days], Iterable[str]]
    overlap: str
    adds: bool = False
    compared: Callable[[Days, Days], Iterable[str]] = lambda _now, _before: ()


def daily_view(
    found: Sequence[DayFound], topic: Topic, for_machines: str, for_people: Sequence[str], circumstances: Circumstances
) -> View:
    """Show a topic: what machine formats write, and what people see, by the names of its sheets."""
    scopes = [each.now.query.scope for each in found]
    notes = NotesOfMany()
    for each in found:
        notes.add(each.now.query.scope, _notes_on(each, topic))
    made = {name: _sheet(found, topic, name) for name in (for_machines, *for_people)}
    more = [topic.overlap] if len(scopes) > 1 else []
    return View(
        _title(found, topic, circumstances),
        made[for_machines],
        (*notes.of(scopes), *more),
        tuple(made[name] for name in for_people),
    )


def _sheet(found: Sequence[DayFound], topic: Topic, name: str) -> Sheet:
    """Make a sheet of all scopes, each beside what it was before where it is compared."""
    made = [_compared(each, topic, name) for each in found]
    titles = {sheet.title for sheet in made if sheet.rows}
    title = titles.pop() if len(titles) == 1 else ""
    return made[0]._replace(rows=[row for sheet in made for row in sheet.rows], title=title)


def _compared(found: DayFound, topic: Topic, name: str) -> Sheet:
    now = topic.sheets[name](_known(found.now, topic))
    if found.before is None:
        return now
    times = {unit: _times(found.now, found.before, unit) for unit in TIMES}
    before = topic.sheets[name](_known(found.before, topic))
    title = f"{now.title}; before: {before.title}" if now.title and before.title else now.title
    return compare_sheets(now, before, times)._replace(title=title)


def _known(days: Days, topic: Topic) -> Days:
    """Leave out the days that don't know of the topic."""
    return days._replace(records=tuple(filter(topic.knows, days.records)))


def _times(now: Days, before: Days, unit: str) -> dict[str, str]:
    """Pair the keys of time of two periods by their places."""
    keys = [_keys(days, unit) for days in (now, before)]
    return dict(zip(*keys, strict=False))


def _keys(days: Days, unit: str) -> list[str]:
    span = days_between(days.since, days.until) if days.since and days.until else ()
    return list(dict.fromkeys(time_key(day, unit, f"{days.since}..{days.until}") for day in span))


def _title(found: Sequence[DayFound], topic: Topic, circumstances: Circumstances) -> tuple[str, ...]:
    days = [each.now for each in found]
    spans = {each.words for each in days}
    befores = {each.before.words for each in found if each.before is not None}
    sources = [each.source for each in days if each.source]
    return title_of(
        [each.query.scope for each in days],
        topic.name,
        spans.pop() if len(spans) == 1 else "",
        f"before: {befores.pop()}" if len(befores) == 1 else "",
        f"source: {common(sources)}" if sources else "",
        circumstances.answerer,
    )


def _notes_on(found: DayFound, topic: Topic) -> list[str]:
    notes = list(_of(found.now, topic))
    if found.before is not None:
        there = set(notes)
        days = [len([record for record in each.records if topic.knows(record)]) for each in (found.now, found.before)]
        notes += topic.compared(_known(found.now, topic), _known(found.before, topic))
        if days[0] != days[1]:
            words = f"the periods have {days[0]} and {days[1]} days with data"
            notes.insert(0, f"{words}: what adds up changes by its mean a day" if topic.adds else words)
        notes += [f"previous period: {note}" for note in _of(found.before, topic) if note not in there]
    return notes


def _of(days: Days, topic: Topic) -> Iterator[str]:
    without = [record.day for record in days.records if not topic.knows(record)]
    if without and len(without) == len(days.records):
        yield f"there is nothing to show: these days (source: {days.source}) have no {topic.name}"
    elif without:
        yield f"no {topic.name} for {plural(len(without), 'day')}: {format_ranges(without)}"
    yield from notes_on_days(days.query, days.records, days.gaps, days.facts)
    yield from topic.notes(_known(days, topic))
