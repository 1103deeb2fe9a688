"""Which team a series is of: a slug may move to another team, whose days must not complete those of the first.

A team's id is GitHub's, and says nothing of anybody in it.
"""

from collections.abc import Iterator
from itertools import count
from sqlite3 import Connection

from copilot_usage_cli.history.days import Series
from copilot_usage_cli.history.tables import ALWAYS, DayReader, add_series
from copilot_usage_cli.model.scope import Scope


def team_of(connection: Connection, series: Series) -> str:
    """Return the id of the team that a series is of; empty where none is known."""
    found = connection.execute(
        "SELECT team_id FROM series WHERE host = ? AND scope = ? AND source = ?",
        (series.host, str(series.scope), series.source),
    ).fetchone()
    return "" if found is None or found[0] is None else str(found[0])


def claim(connection: Connection, series: Series, team: str) -> Scope | None:
    """Let a series be of a team; what another team had under its name is kept under that one's id: returns where."""
    before, moved = team_of(connection, series), None
    if before and before != team:
        moved = next(scope for scope in _names(series.scope, before) if _is_free(connection, series, scope))
        _rename(connection, series, moved)
    if before != team:
        connection.execute("UPDATE series SET team_id = ? WHERE id = ?", (team, add_series(connection, series)))
    return moved


def _rename(connection: Connection, series: Series, scope: Scope) -> None:
    """Give a series another name, and seal its days anew; what wasn't as it was stored is not now either."""
    number, renamed = add_series(connection, series), series._replace(scope=scope)
    for day, stored in DayReader(connection).days(series, number, ALWAYS):
        if stored is not None:
            at, imported = connection.execute(
                "SELECT fetched_at, imported FROM day WHERE series = ? AND day = ?", (number, day)
            ).fetchone()
            checksum = renamed.checksum(day, at, stored, imported=bool(imported))
            connection.execute("UPDATE day SET checksum = ? WHERE series = ? AND day = ?", (checksum, number, day))
    connection.execute("UPDATE series SET scope = ? WHERE id = ?", (str(scope), number))


def _names(scope: Scope, team: str) -> Iterator[Scope]:
    """Name a team by its id; by more than that where another series has this name."""
    return (scope._replace(team=team if n == 1 else f"{team}.{n}") for n in count(1))


def _is_free(connection: Connection, series: Series, scope: Scope) -> bool:
    wanted = (series.host, str(scope), series.source)
    return (
        connection.execute("SELECT 1 FROM series WHERE host = ? AND scope = ? AND source = ?", wanted).fetchone()
        is None
    )
