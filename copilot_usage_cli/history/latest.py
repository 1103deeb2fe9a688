"""The latest final day of each scope that a history has."""

from typing import NamedTuple

from copilot_usage_cli.history.choice import sources_of
from copilot_usage_cli.history.days import Series, to_day
from copilot_usage_cli.history.store import History
from copilot_usage_cli.history.tables import DayReader
from copilot_usage_cli.model.records import TOTALS, DailyRecord
from copilot_usage_cli.model.vocabulary import SETTLES_IN

_LATEST = f"""SELECT series, max(day) FROM day
  WHERE fetched_at / 86400 - day >= ? AND coalesce({", ".join(TOTALS)}) IS NOT NULL GROUP BY series"""  # noqa: S608 - the names are ours


class HeldDay(NamedTuple):
    """A day that a history has, and the host that it is of."""

    host: str
    record: DailyRecord


def latest_final_days(history: History) -> list[HeldDay]:
    """List the latest day of each scope that was fetched or imported when GitHub had finished it, by host and scope.

    Only days of the sources that stand in reports count, and of several the preferred. Raises NotWritten if one isn't
    what was stored.
    """
    with history.reading() as connection:
        days = dict(connection.execute(_LATEST, (SETTLES_IN,)).fetchall())
        chosen: dict[tuple[str, str], tuple[int, Series]] = {}
        for number, series in history.all_series(connection):
            if number not in days or series.source not in sources_of(series.scope):
                continue
            key = (series.host.lower(), str(series.scope).lower())
            if key not in chosen or _rank(days[number], series) > _rank(days[chosen[key][0]], chosen[key][1]):
                chosen[key] = (number, series)
        reader = DayReader(connection)
        found = []
        for _, (number, series) in sorted(chosen.items()):
            for day, stored in reader.days(series, number, (days[number], days[number])):
                if stored is None:
                    raise history.damaged(series, day)
                found.append(HeldDay(series.host, stored.to_record(series.scope, series.source, to_day(day))))
    return found


def _rank(day: int, series: Series) -> tuple[int, int]:
    return day, -sources_of(series.scope).index(series.source)
