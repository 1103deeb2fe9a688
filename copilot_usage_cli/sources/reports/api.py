"""Today's GitHub: the reports API, whose answers are links to files (API version 2022-11-28, as of November 2026).

A call returns an envelope of signed links to other hosts; each file is read as it arrives, and forgotten. The latest
28 days are one report, any other day is a report of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from copilot_usage_cli.errors import NotFound, NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.documents import Delivered, decode
from copilot_usage_cli.github.downloads import LinkExpired
from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import days_between, format_ranges
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import REPORTS, SETTLES_IN, USER_REPORTS
from copilot_usage_cli.sources.parallel import Progress, run_all
from copilot_usage_cli.sources.payload import InvalidPayload, expect_object, parse_each
from copilot_usage_cli.sources.reports.aggregated import parse_aggregated, unwrap_days
from copilot_usage_cli.sources.reports.fields import says_no_report
from copilot_usage_cli.sources.reports.teams import Members, TeamLists
from copilot_usage_cli.sources.reports.users import UserDays, WholePeriodLine
from copilot_usage_cli.sources.statement import OwnerIds
from copilot_usage_cli.text import plural

_LATEST_DAYS = 28
_BEHIND = 4  # days that the latest report may end before today
_KEPT = timedelta(days=365)
_FIRST_DAYS = {"enterprise": date(2025, 10, 10), "org": date(2025, 12, 12)}
_LOOK = "see it with `gh api`"

Result = TypeVar("Result")


def report_path(scope: Scope, report: str) -> str:
    """Return the path of a report of a scope's enterprise or organization."""
    owners = "enterprises" if scope.kind == "enterprise" else "orgs"
    return f"/{owners}/{quote(scope.owner, safe='')}/copilot/metrics/reports/{report}"


def latest_report(scope: Scope) -> str:
    """Return the name of the latest report that a scope's numbers come from: its own, or for a team that of users."""
    if scope.team is not None:
        return "users-28-day/latest"
    return f"{'enterprise' if scope.kind == 'enterprise' else 'organization'}-28-day/latest"


class TeamNotListed(NotFound):
    """A team is on no day's list of team members."""


class Envelope(NamedTuple):
    """The links to a report's files, and the days that it covers where it says so."""

    links: tuple[str, ...]
    first: date | None
    last: date | None

    @property
    def days(self) -> set[date]:
        """The days that the report covers."""
        return set(days_between(self.first, self.last)) if self.first and self.last else set()


class ReportsApi:
    """The reports of an enterprise or organization, as one query asks for them.

    `final_days` needn't be asked for one by one.
    """

    def __init__(
        self,
        client: Client,
        query: Query,
        final_days: frozenset[date],
        progress: Progress | None,
        jobs: int,
    ) -> None:
        self._client = client
        self._query = query
        self._scope = query.scope
        self._period = query.period
        self._final_days = final_days
        self._progress = progress
        self._jobs = jobs
        self._days_without_data: set[date] = set()
        self._owners = OwnerIds(query.scope, joined=query.scope.team is not None)
        self._asked = False

    def fetch_aggregated(self) -> FetchResult:
        """Fetch the daily records of an enterprise or organization from its aggregated reports."""
        if self._scope.team is not None:
            raise UsageError(
                f"{self._scope}: the aggregated reports have no teams",
                "use --source user-reports, which adds up the team's members day by day",
            )
        kind = "enterprise" if self._scope.kind == "enterprise" else "organization"
        latest = self._latest(f"{kind}-28-day/latest")
        covered = latest.days if latest else set()
        records = self._aggregated_records(f"{kind}-28-day/latest", None, latest) if latest else []
        days = self._other_days(covered)
        for of_day in self._run([partial(self._aggregated_day, f"{kind}-1-day", day) for day in days]):
            records += of_day
        return FetchResult(records, self._facts(REPORTS, covered))

    def fetch_users(self) -> FetchResult:
        """Fetch daily records by adding up users: of an enterprise, an organization, or the members of a team.

        Raises NotFound for a team that is on no day's list.
        """
        latest = self._latest("users-28-day/latest")
        covered = latest.days if latest else set()
        other = self._other_days(covered)
        joined = sorted({*(day for day in covered if self._period.contains(day)), *other})
        calls = bool(latest) + len(other) + (len(joined) if self._scope.team else 0)
        self._client.say(f"{self._scope}: {plural(calls, 'report')} of per-user data to add up; no user is kept")
        members = self._members(joined) if self._scope.team is not None else None
        if members is not None:
            self._days_without_data.update(day for day in other if day not in members)
        users = UserDays(self._scope, members)
        try:
            if latest is not None:
                self._add_users(users, "users-28-day/latest", None, latest)
        except WholePeriodLine:  # lines of the whole period can't make days
            days = f"{len(joined)} days one by one"
            self._client.say(f"{self._scope}: the latest report has no days; asking for {days}")
            users, other = UserDays(self._scope, members), joined
        self._run([partial(self._users_day, users, day) for day in other])
        conflicts = format_ranges(day for day in users.conflicts if self._period.contains(day))
        warnings = (f"lines of the same user and day differ, the last read counts: {conflicts}",) if conflicts else ()
        facts = self._facts(USER_REPORTS, covered)
        return FetchResult(
            users.records(), facts._replace(missing_reasons=_unlisted(members, joined), warnings=warnings)
        )

    def _facts(self, source: str, covered: set[date]) -> SourceFacts:
        return SourceFacts(
            SETTLES_IN,
            self._oldest,
            retention=f"a year, from {_FIRST_DAYS[self._scope.kind]} on",
            days_without_data=frozenset(self._days_without_data),
            source=source,
            asked=self._asked,
            reported_since=min(covered, default=None),
            reported_until=max(covered, default=None),
        )

    @property
    def _oldest(self) -> date:
        """The first day that GitHub still has."""
        return max(self._query.today - _KEPT, _FIRST_DAYS[self._scope.kind])

    def _latest(self, report: str) -> Envelope | None:
        """Ask for the report of the latest days, unless the period is over before they begin."""
        first = self._query.today - timedelta(days=_LATEST_DAYS + _BEHIND)
        if self._period.until is not None and self._period.until < first:
            return None
        return self.envelope(report)

    def _other_days(self, covered: set[date]) -> list[date]:
        """List the days of the period that the latest report doesn't cover and GitHub may have."""
        since, until = self._period.since, self._period.until
        if since is None and until is None:
            return []
        yesterday = self._query.today - timedelta(days=1)
        # What is younger than the latest report isn't ready yet.
        last = min(until or yesterday, max(covered, default=yesterday))
        # Without a first day, four weeks are meant, as the latest report has them.
        weeks_before = last - timedelta(days=_LATEST_DAYS - 1)
        first = max(since or (min(covered) if last in covered else weeks_before), self._oldest)
        return [day for day in days_between(first, last) if day not in covered and day not in self._final_days]

    def _aggregated_day(self, report: str, day: date) -> list[DailyRecord]:
        envelope = self.envelope(report, day)
        records = [] if envelope is None else self._aggregated_records(report, day, envelope)
        if not records:
            self._days_without_data.add(day)
        return records

    def _aggregated_records(self, report: str, day: date | None, envelope: Envelope) -> list[DailyRecord]:
        label = f"{self._scope}: the report {report}"
        days = self._unwrapped(self._lines(report, day, envelope), label)
        return list(parse_each(days, self._aggregated, f"{label}, record"))

    def _aggregated(self, payload: Any) -> DailyRecord:
        self._owners.check(expect_object(payload), is_aggregate=True)
        return parse_aggregated(payload, self._scope)

    @staticmethod
    def _unwrapped(payloads: Iterator[Any], label: str) -> Iterator[Any]:
        for payload in payloads:
            if not isinstance(payload, dict):
                raise NotUnderstood(f"{label} holds something that is not a day", _LOOK)
            try:
                yield from unwrap_days(payload)
            except InvalidPayload as error:
                raise error.located(label) from None

    def _users_day(self, users: UserDays, day: date) -> None:
        envelope = self.envelope("users-1-day", day)
        if envelope is None:
            self._days_without_data.add(day)
            return
        try:
            if not self._add_users(users, "users-1-day", day, envelope):
                self._days_without_data.add(day)
        except WholePeriodLine:
            raise NotUnderstood(f"{self._scope}: the report users-1-day has lines without a day", _LOOK) from None

    def _add_users(self, users: UserDays, report: str, day: date | None, envelope: Envelope) -> bool:
        """Add the lines of a users report; returns whether there were any."""

        def add(line: Any) -> None:
            self._owners.check(expect_object(line))
            users.add(line)

        lines = parse_each(self._lines(report, day, envelope), add, f"{self._scope}: the report {report}, line")
        return sum(1 for _ in lines) > 0

    def _members(self, days: Sequence[date]) -> Members:
        lists = TeamLists(self._scope)
        listed = self._run([partial(self._read_team_lists, lists, day) for day in days])
        members = {day: users for day, users in lists.members().items() if day in days}
        if members or not any(listed):  # else GitHub has no list of any team, which is no data
            return members
        if days:
            hint = (
                "either there is no such team, or it never had five licensed members on these days: GitHub leaves "
                "smaller teams out"
            )
            if not all(listed):
                hint += "; and for some of these days GitHub has no list of any team"
            raise TeamNotListed(f"{self._scope} is on no list of team members from {days[0]} to {days[-1]}", hint)
        return members

    def _read_team_lists(self, lists: TeamLists, day: date) -> bool:
        """Read who is in which team on a day; returns whether GitHub has a list of that day."""
        report = "user-teams-1-day"
        envelope = self.envelope(report, day)
        if envelope is None:
            return False
        location = f"{self._scope}: the report {report} of {day}, line"
        for _ in parse_each(self._lines(report, day, envelope), lists.add, location):
            pass
        return True

    def _run(self, calls: Sequence[Callable[[], Result]]) -> list[Result]:
        return run_all(calls, self._jobs, self._progress)

    def _lines(self, report: str, day: date | None, envelope: Envelope) -> Iterator[Any]:
        for document in self._documents(report, day, envelope):
            if isinstance(document, list):
                yield from document
            elif not says_no_report(document):
                yield document

    def _documents(self, report: str, day: date | None, envelope: Envelope) -> Iterator[Any]:
        """Yield the documents of a report's files, each once; expired links are replaced once."""
        label = f"{self._scope}: a file of the report {report}"
        links, renewed = envelope.links, False
        number, delivered = 0, Delivered()
        while number < len(links):
            try:
                yield from self._client.downloads.documents(links[number], label, delivered)
            except LinkExpired as expired:
                if renewed:
                    raise Unavailable(
                        f"{self._scope}: {expired.netloc} refuses the files of the report {report} ({expired.status})",
                        "a firewall may block this host, or the machine's clock may be wrong; try again later",
                    ) from None
                before, links, renewed = len(links), self._links(report, day), True
                if len(links) != before and (number or delivered.count):
                    raise Unavailable(f"{label} changed while it was read", "try again") from None
            else:
                number, delivered = number + 1, Delivered()

    def _links(self, report: str, day: date | None) -> tuple[str, ...]:
        envelope = self.envelope(report, day)
        return () if envelope is None else envelope.links

    def envelope(self, report: str, day: date | None = None) -> Envelope | None:
        """Ask for a report; None if GitHub has none."""
        self._asked = True
        path = report_path(self._scope, report)
        label = f"{self._scope}: the answer of {self._client.address.netloc}"
        try:
            response = self._client.get(self._client.url(path, {"day": str(day)} if day else {}))
        except StatusError as refused:
            from copilot_usage_cli.github.status_errors import explain_status
            from copilot_usage_cli.sources.reports.permissions import ACCESS_RULES

            address, token = self._client.address, self._client.token
            options = self._query.dates_given if day else ()
            raise explain_status(refused, self._scope, address, token, ACCESS_RULES, options=options) from None
        if response.status == 204 or not response.body.strip():
            return None
        payload = decode(response.body, label)
        if says_no_report(payload):
            return None
        links = payload.get("download_links") if isinstance(payload, dict) else None
        if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            raise NotUnderstood(f"{label} is not a report: expected download_links", _LOOK)
        if not links:
            return None
        return Envelope(tuple(links), _day(payload, "report_start_day"), _day(payload, "report_end_day"))


def _unlisted(members: Members | None, days: Sequence[date]) -> dict[date, str]:
    """Say of each day why there is nothing: the team was on no list."""
    if members is None:
        return {}
    reason = "the team is on no list of that day: it had fewer than five licensed members, or GitHub has no list"
    return {day: reason for day in days if day not in members}


def _day(payload: dict[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(payload[name])
    except (KeyError, TypeError, ValueError):
        return None
