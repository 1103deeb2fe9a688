"""What a person asked to see; everything else of a report follows from it and the records."""

from dataclasses import dataclass, field

from copilot_usage_cli.period import Period
from copilot_usage_cli.rows import Filter
from copilot_usage_cli.scopes import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """A scope, a period, and how to look at it.

    `by` is None where nothing was said: by day for machines, one screen of everything for people. `origin` says
    where the records come from, for people. `from_files` if saved responses are read: then an open end of the
    period is theirs. `judge_missing` is false where a single page was asked for.
    """

    scope: Scope
    period: Period = field(default_factory=Period)
    by: tuple[str, ...] | None = None
    top: int | None = None
    filter: Filter = field(default_factory=Filter)
    source: str = "auto"
    origin: str = ""
    from_files: bool = False
    judge_missing: bool = True
    made_up: bool = False
