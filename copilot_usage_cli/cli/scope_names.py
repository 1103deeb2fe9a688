"""Scopes as people write them: as this tool prints them, as GitHub shows them, or as a slug alone."""

import re
from collections.abc import Callable
from typing import Literal

from copilot_usage_cli import PROGRAM
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope

Kind = Literal["enterprise", "org", "team"]
_NAMES: dict[Kind, str] = {"enterprise": "an enterprise", "org": "an organization", "team": "a team"}
_ADDRESS = r"(?i:https?://)(?:[^/@]*@)?([^/?#]*)([^?#]*).*"
_HOST = r"(github\.com|[a-z0-9-]+\.ghe\.com)/"
GITHUB = "github.com"
_ENTERPRISE_TEAM = "ent:"
_PREFIXES = ("enterprise:", "org:", "team:")
FORMS = "org:acme, enterprise:megacorp, team:acme/core or team:enterprise:megacorp/ent:core"


def read_scope(text: str, kind: Kind | None = None, host: Callable[[], str] = lambda: GITHUB) -> Scope:
    """Read a scope in any form that this tool prints or GitHub shows; a slug alone is an organization's.

    With `kind`, it must be one of that kind, and a slug alone is of it. The address of a page must be on the `host`
    that is asked, which is looked up only then. A slash at the end means nothing. Raises UsageError.
    """
    text = text.rstrip("/") or text
    scope = _read(text, kind, host)
    found: Kind = scope.kind if scope.team is None else "team"
    if kind is not None and found != kind:
        raise UsageError(f"{text!r} is {_NAMES[found]}, not {_NAMES[kind]}", f"write `{PROGRAM} {arguments_of(scope)}`")
    return scope


def read_team(text: str, org: str | None, enterprise: str | None, host: Callable[[], str] = lambda: GITHUB) -> Scope:
    """Read a team that names its owner itself, or whose owner is given; raises UsageError."""
    text = text.rstrip("/") or text
    owner = None
    if org is not None and enterprise is None:
        owner = read_scope(org, "org", host)
    elif enterprise is not None and org is None:
        owner = read_scope(enterprise, "enterprise", host)
    if not _names_its_owner(text):
        if owner is None:
            whose = "say whose team it is, or write ORG/TEAM"
            if text.lower().startswith(_ENTERPRISE_TEAM):
                whose = f"write `{PROGRAM} team {text} --enterprise ENTERPRISE`"
            raise UsageError("a team needs exactly one of --org and --enterprise", whose)
        return Scope(owner.kind, owner.owner, text)
    scope = read_scope(text, "team", host)
    if (org is None and enterprise is None) or owner == Scope(scope.kind, scope.owner):
        return scope
    raise UsageError(
        f"{text!r} says whose team it is, and the options say otherwise", "leave --org and --enterprise out"
    )


def arguments_of(scope: Scope) -> str:
    """Return the command and arguments that report a scope."""
    if scope.team is None:
        return f"{scope.kind} {scope.owner}"
    return (
        f"team {scope.owner}/{scope.team}" if scope.kind == "org" else f"team {scope.team} --enterprise {scope.owner}"
    )


def _names_its_owner(text: str) -> bool:
    return "/" in text or text.lower().startswith(_PREFIXES)


def _read(text: str, kind: Kind | None, host: Callable[[], str]) -> Scope:
    if address := re.fullmatch(_ADDRESS, text, re.DOTALL):
        text = re.sub(r"//[^/@]*@", "//", text)  # a password, if any, is not for messages
        return _of_address(text, address[1].lower(), [part for part in address[2].split("/") if part], host())
    name = text.removeprefix("@")
    if "@" in name:  # what stands before it may be a password
        raise UsageError("a scope has no @ within it", f"write {FORMS}")
    lower = name.lower()
    if re.match(_HOST, lower):
        return _read(f"https://{name}", kind, host)
    if lower.startswith("enterprise:") and "/" in name:
        return Scope.parse(f"team:{name}")
    if lower.startswith(_PREFIXES):
        return Scope.parse(name)
    owner, slash, team = name.partition("/")
    if slash and not owner:
        raise UsageError(f"{text!r} names no organization", f"write {FORMS}")
    if slash:
        return Scope("org", owner, team)
    if lower.startswith(_ENTERPRISE_TEAM):
        raise UsageError(f"{text!r} is a team, but of which enterprise?", f"write team:enterprise:ENTERPRISE/{name}")
    return Scope("enterprise" if kind == "enterprise" else "org", name)


def _of_address(text: str, host: str, path: list[str], asked: str) -> Scope:
    """Read the address of a page on GitHub."""
    match path:
        case ["enterprises" | "orgs" as owners, owner, "teams", team, *_]:
            scope = Scope("org" if owners == "orgs" else "enterprise", owner, team)
        case ["enterprises" | "orgs" | "organizations" as owners, owner, *_]:
            scope = Scope("enterprise" if owners == "enterprises" else "org", owner)
        case [owner]:
            scope = Scope("org", owner)
        case _:
            raise UsageError(
                f"{text!r} is not the address of an enterprise, an organization or a team", f"write {FORMS}"
            )
    if host.removeprefix("www.") != asked:
        raise UsageError(f"{text!r} is on {host}, and {asked} is asked", f"write {scope} --hostname {host}")
    return scope
