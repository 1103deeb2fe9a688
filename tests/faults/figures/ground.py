"""What all figures stand on: a folder, chance, the program as a process, and clients whose waiting takes no time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from support.clock import NOW
from support.environment import TOKEN
from support.faulty import Behaviours, Faulty
from support.limits import HANG
from support.processes import started
from support.program import SCRIPT

from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import RunLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from support.faulty import Behaviour

Item = TypeVar("Item")
Result = TypeVar("Result")

FORMATS = ("table", "csv", "tsv", "json", "ndjson")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("org", "acme", "--demo"),
    ("org", "acme", "--demo", "--full"),
    ("org", "acme", "globex", "--demo"),
    ("org", "acme", "globex", "--demo", "-f", "json"),
    ("team", "--all", "--org", "acme", "--demo"),
    ("org", "--all", "--enterprise", "megacorp", "--demo", "-f", "csv"),
    ("org", "acme", "--demo", "--compare", "previous"),
    ("report", "org:acme", "enterprise:megacorp", "--demo", "--by", "week"),
    ("seats", "org", "acme", "--demo", "--users"),
    ("credits", "enterprise", "megacorp", "--demo", "--by", "cost-center"),
    ("active", "org", "acme", "--demo", "-f", "csv"),
    ("prs", "org", "acme", "--demo", "--compare", "previous"),
    ("adoption", "org", "acme", "globex", "--demo", "-f", "json"),
    ("history", "list"),
    ("history", "list", "--json"),
    ("history", "path"),
    ("completion", "fish"),
    ("help",),
    ("org", "--help"),
)
"""Commands that need nothing but a history, and end with 0."""

SIGNATURE = "c2VudGluZWxPZkFMaW5r"  # made up: what a signed link is signed with
QUERY = f"se=2026-11-16&sig={SIGNATURE}"
FAULT = "fault in the tool"  # what the program says of itself, below the traceback
_UNITS_OF_A_MB = 1 << 20 if sys.platform == "darwin" else 1 << 10  # in which systems count memory
METER = """
import json, os, sys
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), usage.ru_maxrss, usage.ru_utime + usage.ru_stime], file)
"""


class Figure(NamedTuple):
    """A figure, what was measured in words and numbers, and whether it is as promised."""

    id: str
    words: str
    holds: bool

    @property
    def line(self) -> str:
        """The line that is printed."""
        return f"{self.id}: {self.words}: {'holds' if self.holds else 'DOES NOT HOLD'}"


class UnmeasuredFigure(Exception):
    """This system lacks what a figure is measured with."""


class Ground(NamedTuple):
    """Where and how far a figure is measured."""

    folder: Path
    seed: int = 1
    long: bool = False

    def chance(self, name: str = "") -> random.Random:
        """Return a source of chance that is the same for the same seed and name."""
        return random.Random(f"{self.seed} {name}")

    def pick(self, short: Item, long: Item) -> Item:
        """Return what is for the short form, or for the long one."""
        return long if self.long else short

    def folder_named(self, name: str) -> Path:
        """Make a folder of this name."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def has_traceback(self) -> bool:
        """Whether it showed what only its makers understand."""
        return "Traceback" in self.err or FAULT in self.err


class Metered(NamedTuple):
    """How a process ended, its peak of memory in MB, and its seconds on a processor."""

    ended: Ended
    peak: float
    seconds: float


def run(*args: object, env: dict[str, str] | None = None, stdin: bytes = b"", limit: float = HANG) -> Ended:
    """Run the installed program to its end, or another command if the first argument is its path."""
    command = args if isinstance(args[0], Path) else (SCRIPT, *args)
    with started(command, env=env, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(stdin, timeout=limit)
    return Ended(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def meter(folder: Path, *args: object, env: dict[str, str] | None = None, stdin: bytes = b"") -> Metered:
    """Run the installed program, and measure it from a small process: a child's peak begins with its parent's."""
    result = folder / f"meter-{os.urandom(8).hex()}"
    try:
        ended = run(Path(sys.executable), "-I", "-S", "-c", METER, result, SCRIPT, *args, env=env, stdin=stdin)
    except subprocess.TimeoutExpired:
        return Metered(Ended(-signal.SIGKILL, "", "it hangs"), 0.0, HANG)
    code, peak, seconds = json.loads(result.read_text("utf-8"))
    return Metered(ended._replace(code=code), peak / _UNITS_OF_A_MB, seconds)


def each(work: Callable[[Item], Result], items: Iterable[Item], at_once: int = 4) -> list[Result]:
    """Do the same with many things, some at a time; what they start are processes."""
    with ThreadPool(at_once) as pool:
        return pool.map(work, items, chunksize=1)


@contextmanager
def served(*script: Behaviour) -> Iterator[Faulty]:
    """Serve a script of faults."""
    server = Faulty(script)
    try:
        yield server
    finally:
        server.close()


class Talk(NamedTuple):
    """A client in this process, and the seconds that it would have slept."""

    client: Client
    slept: list[float]


@contextmanager
def talking(
    url: str,
    *,
    timeout: float = 10.0,
    max_wait: float = 120.0,
    jitter: float = 1.0,
    asleep: Callable[[], object] = lambda: None,
) -> Iterator[Talk]:
    """Give a client whose waiting takes no time; `asleep` is called when it waits."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        asleep()

    client = Client(
        find_address(url, None, {}),
        Token(TOKEN, "GH_TOKEN"),
        RunLimits(timeout, max_wait),
        now=lambda: NOW,
        clock=lambda: sum(slept),
        sleep=sleep,
        jitter=lambda: jitter,
    )
    with client:
        yield Talk(client, slept)


def envelope(link: str) -> bytes:
    """Answer as the reports API does, with one link."""
    days = {"report_start_day": "2026-10-17", "report_end_day": "2026-11-13"}
    return Behaviours.reply(body=json.dumps({"download_links": [link], **days}))


def head(*headers: str) -> bytes:
    """Begin an answer without saying where it ends, unless a header does."""
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", "Connection: close", *headers, "")).encode()


def classic_days(days: int, rows: int, number: int = 1, name: str = "language") -> list[dict[str, Any]]:
    """Make days of the classic API, each of whose counts is `number`."""
    counts = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted", "active_users")
    return [
        {
            "day": f"2026-{1 + n // 28:02}-{1 + n % 28:02}",
            "total_suggestions_count": number,
            "breakdown": [
                {"language": f"{name} {row}", "editor": "vscode", **dict.fromkeys(counts, number)}
                for row in range(rows)
            ],
        }
        for n in range(days)
    ]


def until(condition: Callable[[], object], seconds: float = HANG) -> bool:
    """Wait until something is so; return whether it came to that."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.0005)
    return bool(found)
