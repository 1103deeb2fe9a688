"""Which days a history has of a scope."""

from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.scope import Scope


class Coverage(NamedTuple):
    """The days held of a scope on a host: its sources by name, and the days of all of them together.

    `missing` are the days between `first` and `last` that no source has.
    """

    host: str
    scope: Scope
    sources: tuple[str, ...]
    first: date
    last: date
    days: int
    missing: tuple[date, ...]
