"""AI credits by user, from users reports: a report for each day, whose lines are added up as they come.

`ai_credits_used` is there since 2026-06-19, and is null or absent where nothing was used or GitHub knows nothing.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.credits import UserCredits
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.sources.input_files import open_files
from copilot_usage_cli.sources.parallel import run_all
from copilot_usage_cli.sources.payload import (
    MOST,
    InvalidPayload,
    day_of,
    expect_day,
    expect_object,
    not_usage,
    parse_each,
    short_name,
    shown,
    unlike_names,
)
from copilot_usage_cli.sources.recognition import is_user_line
from copilot_usage_cli.sources.reports.api import ReportsApi
from copilot_usage_cli.sources.statement import id_text
from copilot_usage_cli.text import plural

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress

_REPORT = "users-1-day"
_FIELD = "ai_credits_used"
_MOST_LINES = 400_000


def fetch_user_credits(
    client: Client, query: Query, days: Sequence[date], jobs: int, progress: "Progress | None" = None
) -> UserCredits:
    """Fetch what people used on some days; raises the errors of errors.py."""
    client.say(f"{query.scope}: {plural(len(days), 'report')} of per-user data to fetch, one for each day")
    api = ReportsApi(client, query.scope, query.dates_given)
    lines = _Lines()
    without: set[date] = set()

    def read(day: date) -> None:
        envelope = api.envelope(_REPORT, day)
        label = f"{query.scope}: the report {_REPORT} of {day}, line"
        add = partial(lines.add, of=day)
        if envelope is None or not sum(1 for _ in parse_each(api.lines(_REPORT, day, envelope), add, label)):
            without.add(day)

    run_all([partial(read, day) for day in days], jobs, progress)
    return lines.added()._replace(without_data=tuple(sorted(without)))


def read_user_credits(names: Sequence[str], query: Query) -> UserCredits:
    """Read saved users reports; raises UsageError for a file that can't be read, else NotUnderstood."""
    lines = _Lines()
    for file in open_files(names):
        items = (each for one in file.documents() for each in (one if isinstance(one, list) else [one]))
        for _ in parse_each(items, lines.add, f"{file.label}: line"):
            pass
    return lines.added(query)


class _Lines:
    """What lines say of people and days, each once: the one read last. Safe to share between threads."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, date], Decimal | None] = {}
        self._logins: dict[str, tuple[date, str]] = {}
        self._kinds: set[bool] = set()
        self._lock = Lock()

    def add(self, payload: Any, of: date | None = None) -> None:
        """Take a line, of the report of a day if one is given; raises InvalidPayload, naming the field."""
        is_whole = expect_object(payload).get("day") is None and "report_end_day" in payload
        day = day_of(payload, "report_end_day" if is_whole else "day")
        expect_day(day, [of] if of else ())
        self._kinds.add(is_whole)
        if len(self._kinds) > 1:
            raise InvalidPayload(
                " is of a whole period, or the lines before it were, and not both", "give one kind alone"
            )
        user = id_text(payload.get("user_id"))
        if not user or not is_user_line(payload):
            raise not_usage(payload)
        used, login = _credits(payload), short_name(payload, "user_login")
        with self._lock:
            self._used[user, day] = used
            if login and day >= self._logins.get(user, (date.min, ""))[0]:
                self._logins[user] = day, login
            if max(len(self._used), 2 * len(self._logins)) > _MOST_LINES:
                raise InvalidPayload(
                    f" is of more than {_MOST_LINES // 2:,} people, or {_MOST_LINES:,} lines",
                    "ask for fewer days at a time",
                )

    def added(self, query: Query | None = None) -> UserCredits:
        """Add up each person's days, of a query's period, by the latest login."""
        found: dict[str, Decimal | None] = {}
        user_days = known = 0
        for (user, day), used in sorted(self._used.items()):
            if query is None or query.period.contains(day):
                found.setdefault(user, None)
                user_days += 1
                if used is not None:
                    found[user] = (found[user] or Decimal(0)) + used
                    known += 1
        names = unlike_names({user: self._logins[user][1] if user in self._logins else user for user in found})
        return UserCredits({names[user]: used for user, used in found.items()}, user_days, known)


def _credits(payload: dict[str, Any]) -> Decimal | None:
    value = payload.get(_FIELD)
    if value is None:
        return None
    if type(value) in {int, float} and 0 <= value <= MOST:
        return Decimal(str(value))  # the shortest text of it, which is the one that GitHub wrote
    raise InvalidPayload(f", field {_FIELD}: {shown(value)} is not a number of credits")
