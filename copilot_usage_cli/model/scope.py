"""Whose usage: an enterprise, an organization, or a team of either."""

import re
from dataclasses import dataclass
from typing import Literal

from copilot_usage_cli.errors import WrongUsage

_SLUG = re.compile(r"[A-Za-z0-9._-]+")
_TEAM_SLUG = re.compile(r"[A-Za-z0-9._:-]+")  # GitHub's enterprise teams are called ent:NAME
_ENTERPRISE = "enterprise:"


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """An enterprise or organization, or the team of it that `team` names.

    Written `enterprise:megacorp`, `org:acme`, `team:acme/core`, `team:enterprise:megacorp/core`; compared without
    case, as GitHub compares slugs.
    """

    kind: Literal["enterprise", "org"]
    owner: str
    team: str | None = None

    def __post_init__(self) -> None:
        _check(self.owner, _SLUG, "enterprise" if self.kind == "enterprise" else "organization")
        if self.team is not None:
            _check(self.team, _TEAM_SLUG, "team")

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read a scope as it is written; raises WrongUsage if it isn't written so."""
        kind, colon, rest = text.partition(":")
        kind = kind.lower()
        if colon and kind in {"enterprise", "org"}:
            return cls("org" if kind == "org" else "enterprise", rest)
        if colon and kind == "team":
            owner, slash, team = rest.partition("/")
            if slash and owner.lower().startswith(_ENTERPRISE):
                return cls("enterprise", owner[len(_ENTERPRISE) :], team)
            if slash:
                return cls("org", owner, team)
        raise WrongUsage(
            f"{text!r} is no scope",
            "write enterprise:megacorp, org:acme, team:acme/core or team:enterprise:megacorp/core",
        )

    def __str__(self) -> str:
        if self.team is None:
            return f"{self.kind}:{self.owner}"
        owner = f"enterprise:{self.owner}" if self.kind == "enterprise" else self.owner
        return f"team:{owner}/{self.team}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.is_named(str(other))

    def __hash__(self) -> int:
        return hash(str(self).lower())

    def is_named(self, name: str) -> bool:
        """Tell whether `name` is this scope's name, in any case."""
        return str(self).lower() == name.lower()


def _check(slug: str, pattern: re.Pattern[str], what: str) -> None:
    if not pattern.fullmatch(slug) or slug in {".", ".."}:
        colon = ", : and ." if pattern is _TEAM_SLUG else " and ."
        raise WrongUsage(
            f"{slug!r} is no {what} slug",
            f"a slug has letters, digits, -, _{colon}; it is the last part of the {what}'s address on GitHub",
        )
