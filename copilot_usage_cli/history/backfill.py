"""Keep what GitHub answered, and supply the days that it no longer gives.

GitHub's answer is the report: the history gives only the days of a period that the answer doesn't have, each from
one source. A history that can't be used costs a warning, never the report.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Self, TypeVar

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.choice import sources_of
from copilot_usage_cli.history.file import BusyHistory, NoHistory
from copilot_usage_cli.history.store import History, Moments
from copilot_usage_cli.model.fetch_result import NO_FINAL_DAYS, FetchResult, FinalDays, SourceFacts
from copilot_usage_cli.model.period import Period, format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import AUTO, SETTLES_IN, SOURCES
from copilot_usage_cli.text import plural

Result = TypeVar("Result")
Answer = tuple[Query, FetchResult]

_NOT_ASKED = "GitHub had nothing when it was last asked; --refresh asks again"


class HistoryBackfill:
    """The history of one host, opened once a run, when it is first needed. A context manager.

    `now` is the run's moment. `warn` takes a line for the person about a history that can't be used.
    """

    def __init__(self, path: Path, host: str, now: datetime, warn: Callable[[str], None]) -> None:
        self._path = path
        self._host = host
        self._now = now
        self._warn = warn
        self._warned: set[str] = set()
        self._announced = False
        self._history: History | None = None
        self._unusable: NotWritten | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._history is not None:
            self._history.close()

    def final_days(self, scope: Scope, source: str, *, complete: bool = False) -> FinalDays:
        """Return the days that needn't be asked for one by one; if `complete`, those alone that have all."""

        def read(history: History) -> FinalDays:
            return FinalDays(
                history.settled_days(self._host, scope, source, SETTLES_IN, complete=complete),
                history.days_without_data(self._host, scope, source),
                history.team_of(self._host, scope, source),
            )

        return self._read_or_warn(read, NO_FINAL_DAYS)

    def store(self, answers: Sequence[Answer]) -> list[int | NotWritten]:
        """Store answers in one transaction; returns how many days of each are new or changed, or why it isn't stored.

        What can't be stored doesn't take others with it.
        """
        try:
            history = self._open(create=True)
            with history.together():
                changed: list[int | NotWritten] = [
                    self._store(history, query.scope, result) for query, result in answers
                ]
        except NotWritten as error:
            self._note_busy(error)
            if len(answers) == 1 or self._unusable is not None:
                return [error] * len(answers)
            return [self.store([answer])[0] for answer in answers]
        if history.created and not self._announced:
            self._announced = True
            self._warn(f"daily records are kept in {self._path} from now on (--no-history turns this off)")
        return changed

    def complete(self, answers: Sequence[Answer]) -> list[FetchResult]:
        """Store answers, and add to each the days of the period that it doesn't have."""
        for stored in self.store(answers):
            if isinstance(stored, NotWritten):
                self._warn_once(stored, "this report is not kept")
        return [self._completed(query, result) for query, result in answers]

    def _store(self, history: History, scope: Scope, result: FetchResult) -> int:
        facts = result.facts
        without_data = [day for day in facts.days_without_data if (self._now.date() - day).days > SETTLES_IN]
        records = result.records
        if facts.stored_as is not None:
            scope, records = facts.stored_as, [record._replace(scope=facts.stored_as) for record in records]
        if facts.team_id:
            moved = history.claim(self._host, scope, facts.source, facts.team_id)
            if moved is not None:
                self._warn(f"{scope} is another team now (team_id {facts.team_id}); the days of the former are {moved}")
        changed = history.store(self._host, records, self._now).changed
        history.store_days_without_data(self._host, scope, facts.source, without_data, self._now)
        return changed

    def _completed(self, query: Query, result: FetchResult) -> FetchResult:
        if result.facts.stored_as is not None:
            own = self._completed(
                query._replace(scope=result.facts.stored_as),
                result._replace(facts=result.facts._replace(stored_as=None)),
            )
            return own._replace(records=[record._replace(scope=query.scope) for record in own.records])
        period = query.period
        if period.since is None and not result.facts.held_days:
            return result  # without a first day asked for, the period is what GitHub answered
        result = self._with_days_not_asked(query, result)
        answered = {record.day for record in result.records if not record.is_blank}
        sources = _sources(query)
        nothing: list[DailyRecord] = []
        loaded = self._read_or_warn(lambda history: self._load(history, query, sources), nothing)
        held = [record for record in loaded if record.day not in answered]
        if not_asked := result.facts.held_days:  # which GitHub would have answered from its source
            of_source = self._read_or_warn(lambda history: self._load(history, query, (result.facts.source,)), nothing)
            same = {record.day: record for record in of_source if record.day in not_asked}
            held = [same.get(record.day, record) for record in held]
        if period.since is None:
            held = [record for record in held if record.day in not_asked]
        if not held:
            return result
        from_history = {record.day for record in held}
        result = result._replace(records=[record for record in result.records if record.day not in from_history])
        when = self._read_or_warn(lambda history: _when(history.moments(self._host, held)), "")
        warnings = (*result.facts.warnings, _provenance(held, when, answered, period))
        gone = sorted(from_history & result.facts.days_without_data)
        if gone:
            warnings += (
                f"GitHub has no data any more for {plural(len(gone), 'day')} of the history: {format_ranges(gone)}",
            )
        return FetchResult([*held, *result.records], result.facts._replace(warnings=warnings))

    def _with_days_not_asked(self, query: Query, result: FetchResult) -> FetchResult:
        """Say of days that GitHub had nothing for that it wasn't asked for them again."""
        facts = result.facts
        nothing: frozenset[date] = frozenset()
        without = self._read_or_warn(
            lambda history: history.days_without_data(self._host, query.scope, facts.source), nothing
        )
        not_asked = {day for day in without - facts.days_without_data if query.period.contains(day)}
        if query.refresh or not not_asked:
            return result
        reasons = dict.fromkeys(not_asked, _NOT_ASKED) | dict(facts.missing_reasons)
        return result._replace(facts=facts._replace(missing_reasons=reasons))

    def held(self, query: Query) -> list[DailyRecord]:
        """Return what the history has of a period, if it can be read at all."""
        nothing: list[DailyRecord] = []
        return self._read_or_warn(lambda history: self._load(history, query, _sources(query)), nothing)

    def offline(self, query: Query) -> FetchResult:
        """Return what the history has, without asking anybody; raises NotWritten if it can't be read."""
        sources = _sources(query)
        others = tuple(source for source in SOURCES if source not in {AUTO, *sources})
        history = self._open(create=False, read_only=True)
        records = self._load(history, query, sources)
        there = {record.day for record in records}
        elsewhere = sorted({each.source for each in self._load(history, query, others) if each.day not in there})
        when = _when(history.moments(self._host, records))
        warnings = [f"from the history alone{when}, nothing was asked of GitHub"]
        warnings += [f"more days are held from {source}: see them with --source {source}" for source in elsewhere]
        return FetchResult(records, SourceFacts(warnings=tuple(warnings)))

    def scopes(self) -> list[Scope]:
        """List the scopes that the history has of this host, in order; raises NotWritten if it can't be read."""
        coverage = self._open(create=False, read_only=True).coverage()
        return [each.scope for each in coverage if each.host == self._host.lower()]

    def _load(self, history: History, query: Query, sources: Sequence[str]) -> list[DailyRecord]:
        return history.load(self._host, query.scope, sources, query.period.since, query.period.until)

    def _open(self, *, create: bool, read_only: bool = False) -> History:
        if self._unusable is not None:
            raise self._unusable  # one that another process holds is waited for once
        if self._history is None:
            try:
                self._history = History(self._path, create=create, read_only=read_only)
            except NoHistory:
                raise
            except NotWritten as error:
                self._unusable = error
                raise
        return self._history

    def _read_or_warn(self, read: Callable[[History], Result], otherwise: Result) -> Result:
        """Read from the history, if there is one; else, or if it can't be used, return `otherwise`."""
        if self._history is None and not self._path.exists():
            return otherwise
        try:
            return read(self._open(create=False))
        except NoHistory:  # another run has just made it, or was killed then
            return otherwise
        except NotWritten as error:
            self._note_busy(error)
            self._warn_once(error, "the history is left out")
            return otherwise

    def _note_busy(self, error: NotWritten) -> None:
        """Let the run wait once for a history that another one holds."""
        if isinstance(error, BusyHistory):
            self._unusable = error

    def _warn_once(self, error: NotWritten, consequence: str) -> None:
        """Warn of a history that can't be used, once of each reason."""
        if error.message not in self._warned:
            self._warned.add(error.message)
            both = "the history is left out, and this report is not kept"
            self._warn(f"warning: {error.message}; {consequence if self._unusable is None else both}")


def _sources(query: Query) -> tuple[str, ...]:
    """List the sources whose days may stand in a report, the preferred first."""
    if query.source != AUTO:
        return (query.source,)
    return sources_of(query.scope)


def _when(moments: Moments) -> str:
    """Say on which days what is held was fetched or imported: ` (fetched from 2026-10-04 to 2026-10-08)`."""
    parts = []
    for verb, days in (("fetched", moments.fetched), ("imported", moments.imported)):
        if days:
            first, last = min(days), max(days)
            parts.append(f"{verb} on {first}" if first == last else f"{verb} from {first} to {last}")
    return f" ({', '.join(parts)})" if parts else ""


def _provenance(held: Sequence[DailyRecord], when: str, answered: set[date], period: Period) -> str:
    from_github = format_ranges(sorted(day for day in answered if period.contains(day)))
    from_history = format_ranges([record.day for record in held])
    return f"from the history: {from_history}{when}; from GitHub: {from_github or 'nothing'}"
