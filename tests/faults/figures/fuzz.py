"""F9: payloads drawn by chance, by all ways in. Run as a program, it is one of the processes that read them."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faults.figures.ground import FORMATS, Figure, each
from faults.figures.mutation import Mutator
from support.clock import NOW
from support.environment import TOKEN
from support.expected import TESTS
from support.processes import started

from copilot_usage_cli.__main__ import main
from copilot_usage_cli.errors import CopilotUsageError, Unavailable
from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.body import BodyCutShort
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.decoding import WebPage
from copilot_usage_cli.github.documents import documents
from copilot_usage_cli.github.response import HttpResponse
from copilot_usage_cli.github.retry import RunLimits
from copilot_usage_cli.model.fetch_result import NO_FINAL_DAYS
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import FORMATS as OUR_FORMATS
from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.active import active_view
from copilot_usage_cli.report.adoption import adoption_view
from copilot_usage_cli.report.credits import CreditsFound, CreditsLook, credits_view, look_of_files, user_credits_view
from copilot_usage_cli.report.daily_view import DayFound
from copilot_usage_cli.report.days import select_days
from copilot_usage_cli.report.pull_requests import pull_requests_view
from copilot_usage_cli.report.repositories import RepositoriesFound, repositories_view
from copilot_usage_cli.report.seats import SeatsQuery, seats_view
from copilot_usage_cli.report.view import Circumstances
from copilot_usage_cli.sources import classic
from copilot_usage_cli.sources.credits import read_credits
from copilot_usage_cli.sources.fetch import Fetcher
from copilot_usage_cli.sources.reports.api import ReportsApi
from copilot_usage_cli.sources.reports.fetch_aggregated import fetch_aggregated
from copilot_usage_cli.sources.reports.fetch_users import UsersPass
from copilot_usage_cli.sources.reports.repositories import read_repositories
from copilot_usage_cli.sources.reports.user_credits import read_user_credits
from copilot_usage_cli.sources.saved_files import read_files
from copilot_usage_cli.sources.seats import read_seats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faults.figures.ground import Ground

_CODES = frozenset({0, 2, 3, 4, 5, 6, 7, 8})
_SCOPES = (Scope("org", "acme"), Scope("enterprise", "mega"), Scope("org", "acme", "core"))
_LONGEST = 5.0  # seconds of a payload of some kilobytes
_ENVELOPE = {
    "report_start_day": "2026-10-23",
    "report_end_day": "2026-11-19",
    "download_links": ["http://127.0.0.1:2/f"],
}
_VIEWS = (
    ("seats", "org", "acme"),
    ("credits", "enterprise", "mega", "--by", "sku"),
    ("active", "org", "acme"),
    ("prs", "enterprise", "mega", "--by", "week"),
    ("prs", "org", "acme", "--by", "repo"),
    ("adoption", "org", "acme", "--compare", "previous"),
)
_SINCE = Period(date(2026, 10, 23), date(2026, 11, 19))


class _OneAnswer:
    """Stands for a client whose answers, or whose files, are one payload."""

    address = find_address("http://127.0.0.1:1", None, {})
    token = Token(TOKEN, "GH_TOKEN")

    def __init__(self, payload: bytes, *, is_file: bool) -> None:
        self._payload = payload
        self._is_file = is_file
        self.downloads = self

    def url(self, path: str, _query: dict[str, Any]) -> str:
        return path

    def get(self, _url: str, _most_bytes: int) -> HttpResponse:
        return HttpResponse(200, {}, json.dumps(_ENVELOPE).encode() if self._is_file else self._payload)

    def pages(self, _path: str, _query: dict[str, Any], *, follow: bool) -> Iterator[bytes]:
        assert follow
        yield self._payload

    def say(self, _line: str) -> None:
        pass

    def documents(self, _link: str, label: str, delivered: Any = None) -> Iterator[Any]:
        try:
            yield from documents([self._payload], label, delivered, most_bytes=1 << 30)
        except (BodyCutShort, WebPage):
            raise Unavailable("it is tried again until --max-wait ends") from None


class Reader:
    """Reads payloads by all ways in, and keeps those that end as nothing should."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._number = 0
        self.ways: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()
        self.faults: dict[str, str] = {}
        self._choices: list[tuple[float, Callable[[bytes], int]]] = [
            (40, self._saved),
            (22, self._answer),
            (18, self._aggregated),
            (18, self._users),
            (8, self._other),
            (0.7, self._input),
            (0.3, self._view),
            (0.7, self._import),
            (0.6, self._http),
        ]

    def read(self, payload: bytes) -> None:
        """Read one payload by a way drawn by chance."""
        weights = [weight for weight, _ in self._choices]
        ((_, way),) = self._chance.choices(self._choices, weights)
        self.ways[way.__name__.removeprefix("_")] += 1
        begun = time.monotonic()
        fault = ""
        try:
            code = way(payload)
            if code not in _CODES:
                fault = f"exit {code}"
        except CopilotUsageError as error:
            code = error.exit_code
            fault = "" if code in _CODES else f"exit {code}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
            code = 1
            last = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
        self.codes[code] += 1
        if time.monotonic() - begun > _LONGEST:
            fault = f"slow: {way.__name__}"
        if fault and fault not in self.faults:
            kept = self._folder / f"fault-{os.urandom(4).hex()}"
            kept.write_bytes(payload)
            self.faults[fault] = f"{way.__name__}: {kept}"

    def _file(self, payload: bytes) -> Path:
        path = self._folder / "payload"
        path.unlink(missing_ok=True)  # some file systems flush what is written over another file
        path.write_bytes(payload)
        return path

    def _saved(self, payload: bytes) -> int:
        read_files([str(self._file(payload))], self._chance.choice(_SCOPES))
        return 0

    def _other(self, payload: bytes) -> int:
        """Read what isn't usage, and show it."""
        file, scope = [str(self._file(payload))], self._chance.choice(_SCOPES[:2])
        query, here = self._query(scope), Circumstances(NOW)
        kind = self._chance.randrange(5)
        if kind == 0:
            look = SeatsQuery(users=True) if self._chance.random() < 0.5 else SeatsQuery(by="team")
            view = seats_view([(scope, read_seats(file, scope))], look, here)
        elif kind == 1:
            found = [(scope, CreditsFound(read_credits(file, scope)))]
            view = credits_view(found, look_of_files(found, CreditsLook("model", "credits", "")), here)
        elif kind == 2:
            lines = RepositoriesFound(read_repositories(file, query))
            view = repositories_view([(scope, lines)], self._chance.choice(("repo", "day,repo")), None, here)
        elif kind == 3:
            used = read_user_credits(file, query)
            view = user_credits_view([(scope, used)], CreditsLook("user", "credits", ""), here)
        else:
            days = [DayFound(select_days(query, read_files(file, scope)))]
            view = self._chance.choice((active_view, pull_requests_view, adoption_view))(days, None, here)
        form: Format = self._chance.choice(OUR_FORMATS)
        render(view, form, Screen(self._chance.choice((None, 20, 80))))
        return 0

    def _view(self, payload: bytes) -> int:
        command = self._chance.choice(_VIEWS)
        form, to = self._chance.choice(FORMATS), str(self._folder / "out")
        return self._main(*command, "--input", str(self._file(payload)), "-f", form, "-o", to)

    def _query(self, scope: Scope) -> Query:
        return Query(scope, _SINCE, NOW.date())

    def _answer(self, payload: bytes) -> int:
        query = self._query(self._chance.choice(_SCOPES))
        client: Any = _OneAnswer(payload, is_file=False)
        if self._chance.random() < 0.8:
            classic.fetch(client, query, query.period)
        else:
            ReportsApi(client, query.scope).envelope("organization-28-day/latest")
        return 0

    def _aggregated(self, payload: bytes) -> int:
        query = self._query(self._chance.choice(_SCOPES[:2]))
        client: Any = _OneAnswer(payload, is_file=True)
        fetch_aggregated(ReportsApi(client, query.scope), query, NO_FINAL_DAYS, 1)
        return 0

    def _users(self, payload: bytes) -> int:
        query = self._query(self._chance.choice(_SCOPES))
        client: Any = _OneAnswer(payload, is_file=True)
        UsersPass(ReportsApi(client, query.scope), [query], {query.scope: NO_FINAL_DAYS}, 1).results()
        return 0

    def _input(self, payload: bytes) -> int:
        """Run the whole program on a file, in each format."""
        by = self._chance.choice(((), ("--by", "week"), ("--by", "language,editor"), ("--compare", "previous")))
        form = self._chance.choice(FORMATS)
        scope = self._chance.choice(_SCOPES)
        named = ("team", "--org", "acme", "core") if scope.team else (scope.kind, scope.owner)
        return self._main(*named, "--input", str(self._file(payload)), *by, "-f", form, "-o", str(self._folder / "out"))

    def _import(self, payload: bytes) -> int:
        """Import a file into a history that grows with all before, and look at what is held now and then."""
        scope = str(self._chance.choice(_SCOPES))
        code = self._main("history", "import", str(self._file(payload)), "--scope", scope)
        if code in _CODES and self._chance.random() < 0.05:
            return self._main("history", "check")
        return code

    def _http(self, payload: bytes) -> int:
        """Answer every request and download of a client with the payload."""
        scope = self._chance.choice(_SCOPES)
        query = Query(scope, _SINCE, NOW.date(), self._chance.choice(("auto", "reports", "user-reports")))

        def respond(_host: str, target: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
            return 200, {}, json.dumps(_ENVELOPE).encode() if asks_for_links and target != "/f" else payload

        asks_for_links = self._chance.random() < 0.5
        limits = RunLimits(10.0, 0.0, 1)
        with Client(_OneAnswer.address, _OneAnswer.token, limits, responder=respond, now=lambda: NOW) as client:
            Fetcher(client, jobs=1).fetch(query)
        return 0

    def _main(self, *args: str) -> int:
        said, sys.stderr = sys.stderr, io.StringIO()
        try:
            code = main(args, lambda: NOW)
            text = sys.stderr.getvalue()
        finally:
            sys.stderr = said
        if code == 1 or "Traceback" in text:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            where = [line for line in lines if line.startswith("File ")]
            raise RuntimeError(f"{lines[-3]} {where[-1:]}")
        if not all(c.isprintable() or c == "\n" for c in text):
            raise RuntimeError(f"stderr: {text!r}")
        return code


def fuzzed_payloads(ground: Ground) -> Figure:
    """Read a million payloads, in some processes; each must end as is documented."""
    count = ground.pick(2000, 1_000_000)
    processes = ground.pick(1, os.cpu_count() or 1)
    begun = time.monotonic()
    kept = Path(tempfile.gettempdir(), "fuzz-faults") if ground.long else ground.folder_named("faults")

    def work(number: int) -> dict[str, Any]:
        folder = ground.folder_named(f"reader {number}")
        env = {"PYTHONPATH": str(TESTS), "COPILOT_USAGE_HISTORY": str(folder / "h.sqlite3"), "HOME": str(folder)}
        command = (sys.executable, "-P", __file__, folder, f"{ground.seed} {number}", count // processes)
        with started(command, env=env, stdin=subprocess.DEVNULL) as process:
            out, err = process.communicate()
        if process.returncode:
            return {"ways": {}, "codes": {}, "faults": {f"the process ended: {err.decode()[-400:]}": ""}}
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        for place in found["faults"].values():
            kept.mkdir(exist_ok=True)
            path = Path(place.partition(": ")[2])
            shutil.move(path, kept / path.name)
        return found

    found = each(work, range(processes), processes)
    faults = {fault: place for one in found for fault, place in one["faults"].items()}
    ways, codes = (sum((Counter(one[name]) for one in found), Counter()) for name in ("ways", "codes"))
    rate = ways.total() / (time.monotonic() - begun)
    by_way = ", ".join(f"{n:,} {way}" for way, n in ways.items())
    by_code = ", ".join(f"{code}: {n:,}" for code, n in sorted(codes.items()))
    words = f"{len(faults)} kinds of faults in {ways.total():,} fuzzed payloads ({by_way}; exit codes {by_code}"
    words += f"; {rate:.0f} a second)"
    words += "".join(f"; {fault} by {place}" for fault, place in faults.items())
    return Figure("F9", words, not faults and ways.total() >= count - processes)


def run_reader(folder: Path, seed: str, count: int) -> None:
    """Read so many payloads, and print what came of them as JSON."""
    with ExitStack() as stack:
        nowhere = stack.enter_context((folder / "stdout").open("w"))
        own = os.dup(1)
        os.dup2(nowhere.fileno(), 1)  # what the program prints
        chance = random.Random(seed)
        mutator, reader = Mutator(chance), Reader(folder, chance)
        for _ in range(count):
            reader.read(mutator.payload())
        sys.stdout.flush()
        found = {"ways": reader.ways, "codes": reader.codes, "faults": reader.faults}
        os.write(own, f"{json.dumps(found)}\n".encode())


if __name__ == "__main__":
    run_reader(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
