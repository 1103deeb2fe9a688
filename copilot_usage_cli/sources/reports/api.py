"""Today's GitHub: the reports API, whose answers are links to files (API version 2022-11-28, as of November 2026).

A call returns an envelope of signed links to other hosts; each file is read as it arrives, and forgotten. The latest
28 days are one report, any other day is a report of its own.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

from copilot_usage_cli.errors import NotUnderstood, Unavailable
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.github.documents import Delivered
from copilot_usage_cli.github.downloads import LinkExpired
from copilot_usage_cli.model.dates import may_have_data
from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.reports.fields import says_no_report

LOOK = "see it with `gh api`"
_LARGEST_ENVELOPE = 4 << 20  # bytes
_MOST_LINKS = 1_000
_MOST_DAYS = 400


def report_path(scope: Scope, report: str) -> str:
    """Return the path of a report of a scope's enterprise or organization."""
    owners = "enterprises" if scope.kind == "enterprise" else "orgs"
    return f"/{owners}/{quote(scope.owner, safe='')}/copilot/metrics/reports/{report}"


def latest_report(scope: Scope) -> str:
    """Return the name of the latest report that a scope's numbers come from: its own, or for a team that of users."""
    return "users-28-day/latest" if scope.team is not None else f"{aggregate_of(scope)}-28-day/latest"


def aggregate_of(scope: Scope) -> str:
    """Return what the aggregated reports of a scope are called."""
    return "enterprise" if scope.kind == "enterprise" else "organization"


class Envelope(NamedTuple):
    """The links to a report's files, and the days that it covers where it says so."""

    links: tuple[str, ...]
    first: date | None
    last: date | None

    @property
    def days(self) -> frozenset[date]:
        """The days that the report covers."""
        return frozenset(days_between(self.first, self.last) if self.first and self.last else ())


class ReportsApi:
    """The reports of an enterprise or organization. Safe to share between threads.

    `scope` is who asks, in messages: it, or a team of it. `dates_given` are the options that the days come from.
    """

    def __init__(self, client: Client, scope: Scope, dates_given: Sequence[str] = ()) -> None:
        self.client = client
        self.scope = scope
        self.was_asked = False
        self._dates_given = dates_given

    def envelope(self, report: str, day: date | None = None) -> Envelope | None:
        """Ask for a report; None if GitHub has none."""
        self.was_asked = True
        path = report_path(self.scope, report)
        label = f"{self.scope}: the answer of {self.client.address.netloc}"
        try:
            response = self.client.get(self.client.url(path, {"day": str(day)} if day else {}), _LARGEST_ENVELOPE)
        except StatusError as refused:
            from copilot_usage_cli.github.status_errors import explain_status
            from copilot_usage_cli.sources.reports.permissions import ACCESS_RULES

            address, token = self.client.address, self.client.token
            options = self._dates_given if day else ()
            raise explain_status(refused, self.scope, address, token, ACCESS_RULES, options=options) from None
        if response.status == 204:
            return None
        payload = decode(response.body, label)
        if says_no_report(payload):
            return None
        links = payload.get("download_links") if isinstance(payload, dict) else None
        if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            raise NotUnderstood(f"{label} is not a report: expected download_links", LOOK)
        if not links:
            return None
        if len(links) > _MOST_LINKS:
            raise NotUnderstood(f"{label} has more than {_MOST_LINKS:,} links", LOOK)
        first, last = _day(payload, "report_start_day"), _day(payload, "report_end_day")
        if first and last and (last - first).days >= _MOST_DAYS:
            raise NotUnderstood(f"{label} covers more than {_MOST_DAYS} days", LOOK)
        for end in filter(None, (first, last)):
            if not may_have_data(end):
                raise NotUnderstood(f"{label} covers {end}, of which Copilot has no data", LOOK)
        return Envelope(tuple(links), first, last)

    def lines(self, report: str, day: date | None, envelope: Envelope) -> Generator[Any, None, None]:
        """Yield the lines of a report's files, each once; an array's items are lines, too."""
        with closing(self._documents(report, day, envelope)) as found:
            for document in found:
                if document != [] and not says_no_report(document):
                    yield document

    def _documents(self, report: str, day: date | None, envelope: Envelope) -> Generator[Any, None, None]:
        """Yield the documents of a report's files, each once; expired links are replaced once."""
        label = f"{self.scope}: a file of the report {report}"
        links, renewed = envelope.links, False
        number, delivered = 0, Delivered()
        while number < len(links):
            try:
                yield from self.client.downloads.documents(links[number], label, delivered)
            except LinkExpired as expired:
                if renewed:
                    raise Unavailable(
                        f"{self.scope}: {expired.netloc} refuses the files of the report {report} ({expired.status})",
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


def _day(payload: dict[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(payload[name])
    except (KeyError, TypeError, ValueError):
        return None
