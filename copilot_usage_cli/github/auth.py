"""Find the token: the environment's variables for the kind of host, then GitHub's own `gh`."""

import os
import re
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, NamedTuple

from copilot_usage_cli.errors import NotAllowed
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.deadline import DeadlineExceeded, call_within
from copilot_usage_cli.text import without_secrets

if TYPE_CHECKING:
    import subprocess

_FOR_GITHUB = ("GH_TOKEN", "GITHUB_TOKEN")
_FOR_SERVERS = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_VARIABLES = {
    "github.com": _FOR_GITHUB,
    "ghe.com": _FOR_GITHUB,
    "server": _FOR_SERVERS,
    "loopback": (*_FOR_GITHUB, *_FOR_SERVERS),
}
_GH_SECONDS = 5
_LONGEST = 1 << 16  # bytes, more than any token has
_SHORTEST = 4  # characters; what is shorter can't be a token, and is part of any word
_TELLING = 12  # the first characters of a token that tell more than its kind
_PRINTABLE = r"[\x21-\x7e]+"


class Token(NamedTuple):
    """A token and where it came from: a variable's name, or `gh auth token`."""

    value: str
    where: str

    def __repr__(self) -> str:
        return f"Token(where={self.where!r})"


def find_token(address: Address, environ: Mapping[str, str]) -> Token:
    """Find the token for an address; raises NotAllowed if there is none, or none that a header can carry."""
    names = _VARIABLES[address.kind]
    for name in names:
        if environ.get(name, "").strip():
            return _checked(environ[name], name)
    log_in = ""
    if address.kind != "loopback":
        if printed := _ask_gh(address.hostname, environ).strip():
            return _checked(printed, "gh auth token")
        log_in = f", or log in with `gh auth login --hostname {address.hostname}`"
    raise NotAllowed(
        f"no token for {address.hostname}",
        f"set {names[0]} (or {names[1]}), for example {names[0]}=$(cat FILE){log_in}; "
        "to look around without a token, add --demo",
    )


def redact(text: str, token: Token | None = None) -> str:
    """Take tokens and the query strings of URLs out of a text; of a token that was cut, its first part, too."""
    whole = len(token.value) if token else 0
    if token and whole >= _SHORTEST:
        for length in range(whole, min(whole, _TELLING) - 1, -1):
            text = text.replace(token.value[:length], "***")
    return without_secrets(text)


def _checked(value: str, where: str) -> Token:
    value = value.strip()
    if not re.fullmatch(_PRINTABLE, value):
        raise NotAllowed(
            f"the token from {where} holds characters that no token has",
            "it may have been copied with a line break, a space or a typographic quote; set it anew",
        )
    return Token(value, where)


def _ask_gh(hostname: str, environ: Mapping[str, str]) -> str:
    import shutil
    import subprocess

    gh = shutil.which("gh", path=environ.get("PATH"))
    if gh is None:
        return ""
    try:
        asked = subprocess.Popen(
            [gh, "auth", "token", "--hostname", hostname],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
            bufsize=0,
        )
    except OSError:
        return ""
    try:
        return _printed(asked)
    except (DeadlineExceeded, subprocess.TimeoutExpired):
        _end(asked)
        return ""
    finally:
        if asked.stdout:
            asked.stdout.close()


def _printed(asked: "subprocess.Popen[bytes]") -> str:
    """Return what a program prints if it succeeds; raises DeadlineExceeded or TimeoutExpired if it goes on."""
    begun = time.monotonic()
    printed = call_within(_GH_SECONDS, partial(_read, asked.stdout)) if asked.stdout else b""
    code = asked.wait(max(0.0, _GH_SECONDS - (time.monotonic() - begun)))
    return "" if code else printed.decode("ascii", "replace")


def _read(stream: IO[bytes]) -> bytes:
    """Read all that a program prints; raises DeadlineExceeded for what may never end."""
    printed = b""
    while part := stream.read(_LONGEST):
        printed += part
        if len(printed) > _LONGEST:
            raise DeadlineExceeded
    return printed


def _end(asked: "subprocess.Popen[bytes]") -> None:
    """End a program, with what it has started and left in its group."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(asked.pid, signal.SIGKILL)
        else:
            asked.kill()
    asked.wait()
