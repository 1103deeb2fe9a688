"""Whose usage: an enterprise, an organization, or a team of either."""

import re
from typing import Literal, NamedTuple, Self

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.text import shorten

_SLUG = r"[A-Za-z0-9._-]+"
_TEAM_SLUG = r"[A-Za-z0-9._:-]+"  # GitHub's enterprise teams are called ent:NAME
_ENTERPRISE = "enterprise:"


class _Fields(NamedTuple):
    kind: Literal["enterprise", "org"]
    owner: str
    team: str | None = None


class Scope(_Fields):
    """An enterprise or organization, or the team of it that `team` names.

    Written `enterprise:megacorp`, `org:acme`, `team:acme/core`, `team:enterprise:megacorp/core`; compared without
    case, as GitHub compares slugs. Raises UsageError for what can't be a slug.
    """

    __slots__ = ()

    def __new__(cls, kind: Literal["enterprise", "org"], owner: str, team: str | None = None) -> Self:  # noqa: D102 - as the class
        _check_slug(owner, _SLUG, "enterprise" if kind == "enterprise" else "organization")
        if team is not None:
            _check_slug(team, _TEAM_SLUG, "team")
        return super().__new__(cls, kind, owner, team)

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read a scope as it is written; raises UsageError if it isn't written so."""
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
        raise UsageError(
            f"{shorten(text)!r} is not a valid scope",
            "write enterprise:megacorp, org:acme, team:acme/core or team:enterprise:megacorp/core",
        )

    def __str__(self) -> str:
        if self.team is None:
            return f"{self.kind}:{self.owner}"
        owner = f"enterprise:{self.owner}" if self.kind == "enterprise" else self.owner
        return f"team:{owner}/{self.team}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.is_named(str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(str(self).lower())

    def is_named(self, name: str) -> bool:
        """Return whether `name` is this scope's name, in any case."""
        return str(self).lower() == name.lower()


def _check_slug(slug: str, pattern: str, kind: str) -> None:
    if not re.fullmatch(pattern, slug) or slug in {".", ".."}:
        colon = ", : and ." if pattern is _TEAM_SLUG else " and ."
        raise UsageError(
            f"{shorten(slug)!r} is not a valid {kind} slug",
            f"a slug has letters, digits, -, _{colon}; it is the last part of the {kind}'s address on GitHub",
        )
