"""Whose usage is asked for: scopes by name, those that a file lists, or all that an owner has."""

import re
import sys
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.scope_names import FORMS, Kind, read_scope, read_team
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import Owned

_LONGEST_LIST = 4 << 20  # bytes; 100,000 scopes


class Selection(NamedTuple):
    """Scopes, each once and in the order given, or all teams or organizations of an owner, or all that files name.

    `is_many` if the report is one of several scopes, even if only one turns out to be there.
    """

    scopes: tuple[Scope, ...] = ()
    owner: Scope | None = None
    what: Owned = "teams"
    is_many: bool = False


class ScopeArguments(NamedTuple):
    """What the command line says of whose usage it is about.

    `kind` is what names mean, None for any scope; `argument` is what a name is called in the help of the `command`.
    `may_be_in_files` if saved responses may say it.
    """

    command: str
    kind: Kind | None
    argument: str
    names: Sequence[str]
    org: str | None = None
    enterprise: str | None = None
    all_of: Owned | None = None
    file: str | None = None
    may_be_in_files: bool = False


def select(given: ScopeArguments, host: Callable[[], str]) -> Selection:
    """Read whose usage is asked for; raises UsageError. `host` is GitHub's, as scope_names takes it."""
    if given.all_of is not None:
        if given.names or given.file is not None:
            other = given.argument if given.names else "--scopes"
            raise UsageError(f"--all and {other} exclude each other", "--all lists them itself")
        return Selection((), _owner(given, host), given.all_of, is_many=True)
    if given.kind != "team" and (given.org or given.enterprise):
        option = "--org" if given.org else "--enterprise"
        of_any = "a team is named with its owner: ORG/TEAM, or team:ORG/TEAM"
        hint = of_any if given.kind is None else "an organization is named alone, without its enterprise"
        raise UsageError(f"{option} needs --all", hint)
    _check_words(given)
    scopes = [_read(given, name, host) for name in given.names]
    if given.file == "":
        raise UsageError("--scopes names no file", "it takes a file, or - for stdin")
    if given.file is not None:
        scopes += _of_file(given, given.file, host)
    if not scopes and given.may_be_in_files:
        return Selection(is_many=True)
    if not scopes:
        raise UsageError(f"missing argument {given.argument!r}", f"see `{given.command} --help`")
    distinct = tuple(dict.fromkeys(scopes))
    return Selection(distinct, is_many=given.file is not None or len(distinct) > 1)


def _check_words(given: ScopeArguments) -> None:
    """Refuse words that are parts of one scope: `org acme` where any is meant, `acme core` where a team is."""
    for word, following in zip_longest(given.names, given.names[1:]):
        if given.kind is None and word.lower() in {"enterprise", "org", "team"}:
            hint = f"did you mean {word.lower()}:{following}?" if following else f"write {FORMS}"
            raise UsageError(f"{word!r} alone is not a scope", hint)
    if given.kind == "team" and given.org is None and given.enterprise is None and len(given.names) == 2:
        first, second = given.names
        if not any({"/", ":"} & set(name) for name in given.names):
            hint = f"did you mean `{given.command} {first}/{second}`?"
            raise UsageError("a team needs exactly one of --org and --enterprise", hint)


def _owner(given: ScopeArguments, host: Callable[[], str]) -> Scope:
    if given.all_of == "organizations":
        if given.enterprise is None:
            raise UsageError("--all needs --enterprise", "say of which enterprise all organizations are meant")
        return read_scope(given.enterprise, "enterprise", host)
    if (given.org is None) == (given.enterprise is None):
        raise UsageError("--all needs exactly one of --org and --enterprise", "say whose teams are meant")
    if given.org is not None:
        return read_scope(given.org, "org", host)
    return read_scope(given.enterprise or "", "enterprise", host)


def _read(given: ScopeArguments, name: str, host: Callable[[], str]) -> Scope:
    if given.kind == "team":
        return read_team(name, given.org, given.enterprise, host)
    return read_scope(name, given.kind, host)


def _of_file(given: ScopeArguments, name: str, host: Callable[[], str]) -> list[Scope]:
    """Read a file of scopes, one a line; what follows a # at the start or after a blank is a comment."""
    label = "stdin" if name == output.STDOUT else name
    try:
        lines = _content(name).decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}", "--scopes names a file, or - for stdin") from None
    except UnicodeDecodeError:
        raise UsageError(f"{label} is not UTF-8 text", "--scopes takes a text file with a scope a line") from None
    scopes = []
    for number, line in enumerate(lines, 1):
        if text := re.sub(r"(^|\s)#.*", "", line).strip():
            try:
                scopes.append(_read(given, text, host))
            except UsageError as error:
                raise UsageError(f"{label}, line {number}: {error.message}", error.hint) from None
    if not scopes:
        raise UsageError(f"{label} names no scope", "write one a line")
    return scopes


def _content(name: str) -> bytes:
    """Read a file, or stdin; raises UsageError for what is longer than any list of scopes."""
    if name == output.STDOUT:
        data = sys.stdin.buffer.read(_LONGEST_LIST + 1) if sys.stdin is not None else b""
    else:
        with Path(name).open("rb") as file:
            data = file.read(_LONGEST_LIST + 1)
    if len(data) > _LONGEST_LIST:
        raise UsageError(f"--scopes {name} is longer than {_LONGEST_LIST >> 20} MiB", "it takes a scope a line")
    return data
