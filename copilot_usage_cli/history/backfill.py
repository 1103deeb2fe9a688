"""Keep what GitHub answered, and supply the days that it no longer gives.

GitHub's answer is the report: the history gives only the days of a period that the answer doesn't have, each from
one source. A history that can't be used costs a warning, never the report.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.fetch_result import Facts, Fetched
from copilot_usage_cli.model.period import Period, ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import METRICS, REPORTS, SOURCES, USAGE, USER_REPORTS

Result = TypeVar("Result")

KEPT = tuple(source for source in SOURCES if source != "auto")
SETTLES_IN = 3  # UTC days after which a day is final, whatever its source


def sources(asked: str, scope: Scope) -> tuple[str, ...]:
    """List the sources whose days may stand in a report, the preferred first."""
    if asked != "auto":
        return (asked,)
    return (USAGE, USER_REPORTS if scope.team is not None else REPORTS, METRICS)


@dataclass(frozen=True, slots=True)
class Archive:
    """The history of one host, as of the run's moment `now`.

    `warn` takes a line for the person about a history that can't be used.
    """

    path: Path
    host: str
    now: datetime
    warn: Callable[[str], None]
    warned: set[str] = field(default_factory=set)

    def known(self, scope: Scope, source: str) -> frozenset[date]:
        """Give the days that needn't be asked for one by one: final ones that are held, and those without data."""
        return self._try(lambda history: self._known(history, scope, source), frozenset())

    def keep(self, scope: Scope, fetched: Fetched) -> int:
        """Store an answer; raises NotWritten."""
        nothing = [day for day in fetched.facts.nothing if (self.now.date() - day).days > SETTLES_IN]
        with History(self.path) as history:
            stored = history.store(self.host, fetched.records, self.now, settles_in=SETTLES_IN)
            history.store_nothing(self.host, scope, fetched.facts.source, nothing, self.now)
            if history.created:
                self.warn(f"daily records are kept in {self.path} from now on (--no-history doesn't)")
        return stored

    def complete(self, scope: Scope, period: Period, asked: str, fetched: Fetched) -> Fetched:
        """Keep an answer, and add the days of the period that it doesn't have."""
        try:
            self.keep(scope, fetched)
        except NotWritten as error:
            self._warn(error, "this report is not kept")
        if period.since is None:  # without a first day asked for, the period is what GitHub answered
            return fetched
        answered = {record.day for record in fetched.records}
        held = [record for record in self.load(scope, period, asked) if record.day not in answered]
        if not held:
            return fetched
        facts = replace(fetched.facts, warnings=(*fetched.facts.warnings, _provenance(held, answered, period)))
        return Fetched([*held, *fetched.records], facts)

    def load(self, scope: Scope, period: Period, asked: str) -> list[DailyRecord]:
        """Load the days of a period from the history alone; nothing where it can't be used."""
        wanted = sources(asked, scope)
        return self._try(lambda history: history.load(self.host, scope, wanted, period.since, period.until), [])

    def _known(self, history: History, scope: Scope, source: str) -> frozenset[date]:
        settled = history.settled(self.host, scope, source, SETTLES_IN)
        return settled | history.nothing(self.host, scope, source)

    def _try(self, read: Callable[[History], Result], otherwise: Result) -> Result:
        if not self.path.exists():
            return otherwise
        try:
            with History(self.path, create=False, read_only=True) as history:
                return read(history)
        except NotWritten as error:
            self._warn(error, "the history is left out")
            return otherwise

    def _warn(self, error: NotWritten, so: str) -> None:
        """Warn of a history that can't be used, once of each reason: it is opened several times a run."""
        if error.message not in self.warned:
            self.warned.add(error.message)
            self.warn(f"warning: {error.message}; {so}")


def offline(archive: Archive, scope: Scope, period: Period, asked: str) -> Fetched:
    """Give what the history has, without asking anybody; raises NotWritten if it can't be read."""
    wanted = sources(asked, scope)
    left = tuple(source for source in KEPT if source not in wanted)
    with History(archive.path, create=False, read_only=True) as history:
        records = history.load(archive.host, scope, wanted, period.since, period.until)
        others = history.load(archive.host, scope, left, period.since, period.until)
    there = {record.day for record in records}
    elsewhere = sorted({record.source for record in others if record.day not in there})
    warnings = ["from the history alone, nothing was asked of GitHub"]
    warnings += [f"more days are held from {source}: see them with --source {source}" for source in elsewhere]
    return Fetched(records, Facts(warnings=tuple(warnings)))


def _provenance(held: Sequence[DailyRecord], answered: set[date], period: Period) -> str:
    from_github = ranges(sorted(day for day in answered if period.holds(day)))
    from_history = ranges([record.day for record in held])
    return f"from the history: {from_history}; from GitHub: {from_github or 'nothing'}"
