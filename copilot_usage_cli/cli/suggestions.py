"""What a person who mistyped may have meant: one command, option or value, as git suggests."""

import shlex
from collections.abc import Iterable, Sequence
from itertools import takewhile

from copilot_usage_cli import PROGRAM
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.text import nearest

_COMMANDS = {
    "organization": "org",
    "organisation": "org",
    "ent": "enterprise",
    "business": "enterprise",
    "group": "team",
    "completions": "completion",
    "sync": "history sync",
    "import": "history import",
    "list": "history list",
}
_HISTORY = {"rm": "remove", "del": "remove", "delete": "remove", "ls": "list", "show": "list", "fetch": "sync"}
_NEAR = 0.7  # of difflib's ratio: names of commands and options are short
_PERIODS = ("yesterday", "this-week", "last-week", "this-month", "last-month")
_OPTIONS = {  # of other tools, or half remembered
    "--csv": "-f csv",
    "--tsv": "-f tsv",
    "--ndjson": "-f ndjson",
    "--jsonl": "-f ndjson",
    "--table": "-f table",
    "--from": "--since",
    "--start": "--since",
    "--start-date": "--since",
    "--after": "--since",
    "--to": "--until",
    "--end": "--until",
    "--end-date": "--until",
    "--before": "--until",
    "--group-by": "--by",
    "--group": "--by",
    "--day": "--by day",
    "--week": "--by week",
    "--month": "--by month",
    "--daily": "--by day",
    "--weekly": "--by week",
    "--monthly": "--by month",
    **{f"--{word}": f"--period {word}" for word in _PERIODS},
    "--limit": "--top",
    "--file": "--input",
    "--out": "--output",
    "--host": "--hostname",
    "--url": "--api-url",
    "--lang": "--language",
    "--force": "--refresh",
    "--no-cache": "--no-history",
    "--debug": "--verbose",
    "--silent": "--quiet",
}
_FORMATS = {
    "--md": "markdown",
    "--markdown": "markdown",
    "--html": "html",
    "--xlsx": "xlsx",
    "--excel": "xlsx",
    "--summary": "summary",
}
_TOKENS = ("--token", "--access-token", "--pat")
_LENGTHS = {"--days": "d", "--last": "d", "--weeks": "w", "--months": "mo", "--years": "y"}


def unknown_command(path: str, arguments: Sequence[str], commands: Sequence[str]) -> UsageError:
    """Return an error for a command that `path` hasn't, with the one that was meant; `arguments` begin with it."""
    name, *rest = arguments
    is_word = not rest or (rest[0].startswith("-") and not {"-h", "--help"} & set(rest))
    if path == PROGRAM:
        meant = _as_scope(name) if {":", "/"} & set(name) else _COMMANDS.get(name.lower())
        meant = meant or nearest(name, commands, _NEAR)
        if meant is None and is_word:
            meant = _as_scope(name)
    else:
        meant = _HISTORY.get(name.lower()) if "sync" in commands else None
        as_scope = (_as_scope(name) or "") if is_word and "org" in commands else ""
        if as_scope.startswith(("org ", "enterprise ")) and ":" in name:
            meant = as_scope
        meant = meant or nearest(name, commands, _NEAR)
        if meant is None and as_scope.startswith("org "):
            meant = as_scope
    hint = f"see `{path} --help`"
    if path == PROGRAM and name.lower().startswith("ent:"):
        hint = f"did you mean `{PROGRAM} team {name} --enterprise ENTERPRISE`?"
    if meant is not None:
        hint = f"did you mean `{shlex.join([*path.split(), *meant.split(), *rest])}`?"
    return UsageError(f"{name!r} is not a command of {path}", hint)


def hint_for_option(name: str, arguments: Sequence[str], options: Iterable[str]) -> str:
    """Return what was meant by an option that there isn't, or nothing."""
    own = list(options)
    if not name.startswith("--"):  # -since is read as -s
        whole = next((each for each in arguments if each.startswith(name) and f"-{each}" in own), name)
        name = whole if whole == name else f"-{whole}"
    among = [each for each in (*own, *_OPTIONS, *_FORMATS, *_LENGTHS, *_TOKENS) if each.startswith("--")]
    meant = name if name in among else f"--{nearest(name.lstrip('-'), [each[2:] for each in among], _NEAR)}"
    if meant in _TOKENS:
        return "set GH_TOKEN: on the command line everybody on the machine could read it"
    if meant in _FORMATS and "--format" in own:
        return f"did you mean -f {_FORMATS[meant]}?"
    if meant in _LENGTHS:
        meant = f"--since {_value_of(name, arguments) or 7}{_LENGTHS[meant]}"
    meant = _OPTIONS.get(meant, meant)
    return f"did you mean {meant}?" if meant.split()[0] in own else ""


def without_demo(hint: str) -> str:
    """Return a hint without the words on --demo, for a command that hasn't it."""
    return hint.partition("; to look around")[0]


def _as_scope(name: str) -> str | None:
    """Return the command of a scope that was given without one."""
    from copilot_usage_cli.cli.scope_names import arguments_of, read_scope

    try:
        return arguments_of(read_scope(name))
    except UsageError:
        return None


def _value_of(name: str, arguments: Sequence[str]) -> str:
    """Return the whole number that follows an option."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    after = words[words.index(name) + 1 :] if name in words else []
    return after[0] if after and after[0].isdecimal() else ""


def hint_for_extra_argument(arguments: Sequence[str]) -> str:
    """Return what was meant by words that a command takes as one: a team as ORG/TEAM, a scope as KIND:NAME."""
    command, *words = takewhile(lambda each: not each.startswith("-"), arguments)
    if len(words) != 2:
        return ""
    first, second = words
    joined = {"org": f"team {first}/{second}", "team": f"team {first}/{second}", "doctor": f"doctor {first}:{second}"}
    return f"did you mean `{PROGRAM} {joined[command]}`?" if command in joined else ""
