"""Today's GitHub: the reports API, whose answers are links to files (API version 2022-11-28, as of November 2026).

A call gives an envelope of signed links to other hosts; each file is read as it arrives, and forgotten. The latest
28 days are one report, any other day is a report of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from copilot_usage_cli.cli.progress import Bar
from copilot_usage_cli.errors import NotFound, NotUnderstood, Unavailable, WrongUsage
from copilot_usage_cli.github.client import Client, Refused
from copilot_usage_cli.github.documents import decode
from copilot_usage_cli.github.downloads import Expired
from copilot_usage_cli.github.status_errors import explain
from copilot_usage_cli.model.fetch_result import Facts, Fetched
from copilot_usage_cli.model.period import Period, days_between, ranges
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.parallel import Pace, run_all
from copilot_usage_cli.sources.reports import aggregated, users
from copilot_usage_cli.sources.reports.permissions import ACCESS
from copilot_usage_cli.sources.reports.users import Members, NoDay, UserDays

SETTLES_IN = 3  # days: GitHub's reports are final after three full UTC days
_LATEST_DAYS = 28
_BEHIND = 4  # days that the latest report may end before today
_KEPT = timedelta(days=365)
_FIRST_DAYS = {"enterprise": date(2025, 10, 10), "org": date(2025, 12, 12)}

Result = TypeVar("Result")


class NotListed(NotFound):
    """A team is on no day's list of team members."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The links to a report's files, and the days that it covers where it says so."""

    links: tuple[str, ...]
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of an enterprise or organization, as one run asks for them.

    `known` are days that needn't be asked for one by one; `nothing` collects those for which there is no report.
    """

    client: Client
    scope: Scope
    today: date
    jobs: int
    bar: Bar
    known: frozenset[date] = frozenset()
    pace: Pace = field(default_factory=Pace)
    nothing: set[date] = field(default_factory=set)

    @property
    def oldest(self) -> date:
        """The first day that GitHub still has."""
        return max(self.today - _KEPT, _FIRST_DAYS[self.scope.kind])

    def _facts(self, source: str, covered: set[date]) -> Facts:
        keeps = f"a year, from {_FIRST_DAYS[self.scope.kind]} on"
        newest = max(covered, default=None)
        return Facts(SETTLES_IN, self.oldest, keeps, nothing=frozenset(self.nothing), source=source, until=newest)

    def aggregated(self, period: Period) -> Fetched:
        """Fetch the daily records of an enterprise or organization from its aggregated reports."""
        if self.scope.team is not None:
            raise WrongUsage(
                f"{self.scope}: the aggregated reports have no teams",
                "use --source user-reports, which adds up the team's members day by day",
            )
        kind = "enterprise" if self.scope.kind == "enterprise" else "organization"
        records: list[DailyRecord] = []
        covered: set[date] = set()
        if self._needs_latest(period):
            latest = self._envelope(f"{kind}-28-day/latest")
            if latest is not None:
                covered = _days_of(latest)
                records += self._aggregated_records(f"{kind}-28-day/latest", None, latest)
        days = self._other_days(period, covered)
        for of_day in self._run([partial(self._aggregated_day, f"{kind}-1-day", day) for day in days]):
            records += of_day
        return Fetched(records, self._facts(aggregated.SOURCE, covered))

    def of_users(self, period: Period) -> Fetched:
        """Fetch daily records by adding up users: of an enterprise, an organization, or the members of a team.

        Raises NotFound for a team that is on no day's list.
        """
        latest = self._envelope("users-28-day/latest") if self._needs_latest(period) else None
        covered = _days_of(latest) if latest else set()
        other = self._other_days(period, covered)
        joined = sorted({*(day for day in covered if period.holds(day)), *other})
        calls = bool(latest) + len(other) + (len(joined) if self.scope.team else 0)
        self.client.say(f"{self.scope}: {calls} report{'s' * (calls != 1)} of per-user data to add up; no user is kept")
        members = self._members(joined) if self.scope.team is not None else None
        if members is not None:
            self.nothing.update(day for day in other if day not in members)
        sums = UserDays(self.scope, members)
        try:
            if latest is not None:
                self._add_users(sums, "users-28-day/latest", None, latest)
        except NoDay:  # lines of the whole period can't make days
            self.client.say(f"{self.scope}: the latest report has no days; asking for {len(joined)} days one by one")
            sums, other = UserDays(self.scope, members), joined
        self._run([partial(self._users_day, sums, day) for day in other])
        conflicts = ranges(day for day in sorted(sums.conflicts) if period.holds(day))
        warnings = (f"lines of the same user and day differ, the first counts: {conflicts}",) if conflicts else ()
        facts = replace(self._facts(users.SOURCE, covered), reasons=self._absent(members, joined), warnings=warnings)
        return Fetched(sums.records(), facts)

    def _needs_latest(self, period: Period) -> bool:
        oldest_latest = self.today - timedelta(days=_LATEST_DAYS + _BEHIND)
        return period.until is None or period.until >= oldest_latest

    def _other_days(self, period: Period, covered: set[date]) -> list[date]:
        """List the days of the period that the latest report doesn't cover and GitHub may have."""
        if period.since is None and period.until is None:
            return []
        yesterday = self.today - timedelta(days=1)
        # What is younger than the latest report isn't ready yet.
        last = min(period.until or yesterday, max(covered, default=yesterday))
        # Without a first day, four weeks are meant, as the latest report has them.
        weeks_before = last - timedelta(days=_LATEST_DAYS - 1)
        first = max(period.since or (min(covered) if last in covered else weeks_before), self.oldest)
        return [day for day in days_between(first, last) if day not in covered and day not in self.known]

    def _aggregated_day(self, report: str, day: date) -> list[DailyRecord]:
        envelope = self._envelope(report, day)
        records = [] if envelope is None else self._aggregated_records(report, day, envelope)
        if not records:
            self.nothing.add(day)
        return records

    def _aggregated_records(self, report: str, day: date | None, envelope: Envelope) -> list[DailyRecord]:
        whose = f"{self.scope}: the report {report}"
        records: list[DailyRecord] = []
        for document in self._documents(report, day, envelope):
            if aggregated.is_no_report(document):
                continue
            for payload in document if isinstance(document, list) else [document]:
                if not isinstance(payload, dict):
                    raise NotUnderstood(f"{whose} holds something that is no day", "see it with `gh api`")
                for one in aggregated.days(payload, whose):
                    place = f"{whose}, record {len(records) + 1}"
                    records.append(aggregated.aggregated_record(one, place, self.scope))
        return records

    def _users_day(self, sums: UserDays, day: date) -> None:
        envelope = self._envelope("users-1-day", day)
        if envelope is None:
            self.nothing.add(day)
        else:
            try:
                self._add_users(sums, "users-1-day", day, envelope)
            except NoDay:
                whose = f"{self.scope}: the report users-1-day"
                raise NotUnderstood(f"{whose} has lines without a day", "see it with `gh api`") from None

    def _add_users(self, sums: UserDays, report: str, day: date | None, envelope: Envelope) -> None:
        whose = f"{self.scope}: the report {report}"
        for number, line in enumerate(self._lines(report, day, envelope), 1):
            sums.add(line, f"{whose}, line {number}")

    def _members(self, days: Sequence[date]) -> Members:
        found = dict(zip(days, self._run([partial(self._members_of_day, day) for day in days]), strict=True))
        members = {day: listed for day, listed in found.items() if listed}
        if days and not members:
            hint = (
                "either there is no such team, or it never had five licensed members on these days: GitHub leaves "
                "smaller teams out"
            )
            if None in found.values():
                hint += "; and for some of these days GitHub has no list of any team"
            raise NotListed(f"{self.scope} is on no list of team members from {days[0]} to {days[-1]}", hint)
        return members

    def _members_of_day(self, day: date) -> Mapping[int, str] | None:
        """List a team's members on a day; None if GitHub has no list of that day."""
        envelope = self._envelope("user-teams-1-day", day)
        if envelope is None:
            return None
        lines = self._lines("user-teams-1-day", day, envelope)
        whose = f"{self.scope}: the report user-teams-1-day of {day}"
        return {user: owner for user, owner, of_day in users.members(lines, self.scope, whose) if of_day == day}

    def _absent(self, members: Members | None, days: Sequence[date]) -> dict[date, str]:
        if members is None:
            return {}
        reason = "the team is on no list of that day: it had fewer than five licensed members, or GitHub has no list"
        return {day: reason for day in days if day not in members}

    def _run(self, calls: Sequence[Callable[[], Result]]) -> list[Result]:
        self.bar.expect(len(calls))
        return run_all(calls, self.jobs, self.bar.step)

    def _lines(self, report: str, day: date | None, envelope: Envelope) -> Iterator[Any]:
        for document in self._documents(report, day, envelope):
            if isinstance(document, list):
                yield from document
            elif not aggregated.is_no_report(document):
                yield document

    def _documents(self, report: str, day: date | None, envelope: Envelope) -> Iterator[Any]:
        """Read the documents of a report's files; expired links are replaced once.

        After that, documents come again from the first: whoever takes them counts a repeated one once.
        """
        try:
            yield from self._files(envelope, report)
        except Expired:
            renewed = self._envelope(report, day)
            try:
                yield from self._files(renewed, report) if renewed else ()
            except Expired as expired:
                raise Unavailable(
                    f"{self.scope}: {expired.netloc} refuses the files of the report {report} ({expired.status})",
                    "a firewall may block this host, or the machine's clock may be wrong; try again later",
                ) from None

    def _files(self, envelope: Envelope, report: str) -> Iterator[Any]:
        for link in envelope.links:
            yield from self.client.downloads.documents(link, f"{self.scope}: a file of the report {report}")

    def _envelope(self, report: str, day: date | None = None) -> Envelope | None:
        """Ask for a report; None if GitHub has none."""
        self.pace.wait()
        owner = f"{'enterprises' if self.scope.kind == 'enterprise' else 'orgs'}/{quote(self.scope.owner, safe='')}"
        query = f"?day={day}" if day else ""
        url = f"{self.client.address.url}/{owner}/copilot/metrics/reports/{report}{query}"
        whose = f"{self.scope}: the answer of {self.client.address.netloc}"
        try:
            answer = self.client.get(url)
        except Refused as refused:
            raise explain(refused, self.scope, self.client.address, self.client.token, ACCESS) from None
        if answer.status == 204 or not answer.body.strip():
            return None
        payload = decode(answer.body, whose)
        if aggregated.is_no_report(payload):
            return None
        links = payload.get("download_links") if isinstance(payload, dict) else None
        if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            raise NotUnderstood(f"{whose} is no report: download_links are due", "see it with `gh api`")
        if not links:
            return None
        return Envelope(tuple(links), _day(payload, "report_start_day"), _day(payload, "report_end_day"))


def _days_of(envelope: Envelope) -> set[date]:
    return set(days_between(envelope.first, envelope.last)) if envelope.first and envelope.last else set()


def _day(payload: dict[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(payload[name])
    except (KeyError, TypeError, ValueError):
        return None
