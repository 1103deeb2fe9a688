"""Measure many scopes in one run, as a whole process, against curl on the same server, and print the machine's load.

    python tests/benchmarks/many_scopes.py [-n 11] [--scopes 200] [--many 5000] [--teams 200] [--command PATH]

A made-up GitHub on loopback, in its own process, answers after 80 ms: classic usage of 28 days x 40 rows, and today's
reports of an organization with many teams. It counts the requests, and how many are in flight at most. The two sides
of a line run in turn, A B A B, after one run of each that doesn't count. It exits with 0 whether the limits hold or
not, since a clock is no test. `--many 0` leaves out the run of thousands, which GitHub's limit of 880 requests a minute
makes last six minutes.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import statistics
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.startup import make_day, run

LATENCY = 0.08
JOBS = 8
DAYS = 28
SIZE = 6
LINE = "{:44} {:>9} {:>9}  {}"


class Server:
    """A GitHub of both generations. `/count` answers what was counted, and begins anew."""

    def __init__(self, teams: int) -> None:
        self.classic = json.dumps([make_day(n) for n in range(DAYS, 0, -1)]).encode()
        self.today = datetime.now(UTC).date()
        self.teams = teams
        self.in_flight = self.most = self.requests = 0
        self.cache: dict[str, bytes] = {}
        self.origin = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await self._head(reader):
            path = head.split(" ")[1]
            if path == "/count":
                body, status = json.dumps({"requests": self.requests, "most": self.most}).encode(), 200
                self.requests = self.most = 0
            else:
                self.requests += 1
                self.in_flight += 1
                self.most = max(self.most, self.in_flight)
                await asyncio.sleep(LATENCY)
                self.in_flight -= 1
                body, status = self.answer(path)
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""

    def answer(self, path: str) -> tuple[bytes, int]:
        if re.match(r"/orgs/org-\d+/copilot/usage", path):
            return self.classic, 200
        if path.startswith("/files/"):
            return self.file(path.removeprefix("/files/")), 200
        if found := re.match(r"/orgs/acme/copilot/metrics/reports/(users-28-day/latest|[a-z-]+-1-day\?day=(.*))", path):
            if found[2] and not self.today - timedelta(days=DAYS) <= date.fromisoformat(found[2]) < self.today:
                return b"", 204
            link = f"{self.origin}/files/{found[1].replace('?day=', '/').replace('/latest', '')}"
            days = {"report_start_day": str(self.today - timedelta(days=DAYS))}
            days |= {"report_end_day": str(self.today - timedelta(days=1))}
            return json.dumps({"download_links": [link], **(days if "28-day" in path else {})}).encode(), 200
        return b'{"message": "Not Found"}', 404

    def file(self, name: str) -> bytes:
        if name not in self.cache:
            report, _, day = name.partition("/")
            days = [day] if day else [str(self.today - timedelta(days=n)) for n in range(DAYS, 0, -1)]
            self.cache[name] = b"\n".join(
                json.dumps(line).encode() for each in days for line in self.lines(report, each)
            )
        return self.cache[name]

    def lines(self, report: str, day: str) -> Iterator[dict[str, Any]]:
        for user in range(self.teams * SIZE):
            who = {"user_id": user, "day": day, "organization_id": "1"}
            if "teams" in report:
                yield who | {"team_id": user // SIZE, "slug": f"team-{user // SIZE}"}
            else:
                counts = {"code_generation_activity_count": user, "code_acceptance_activity_count": user // 4}
                counts |= {"loc_suggested_to_add_sum": 3 * user, "loc_added_sum": user}
                feature = {"feature": "code_completion", **counts}
                rows = [feature | {"language": name} for name in ("python", "go", "java")]
                ides = [{"ide": "vscode", **counts}]
                lists = {"totals_by_ide": ides, "totals_by_feature": [feature], "totals_by_language_feature": rows}
                yield who | {"used_chat": True, **lists}


async def serve(into: int, teams: int) -> None:
    """Serve, and write the port into a pipe."""
    server = Server(teams)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, backlog=200)
    port = listening.sockets[0].getsockname()[1]
    server.origin = f"http://127.0.0.1:{port}"
    os.write(into, str(port).encode())
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells that it was killed
        await asyncio.sleep(1)


@contextmanager
def served(teams: int) -> Iterator[str]:
    """Serve from a child process, and yield the address."""
    port, into = os.pipe()
    if not (child := os.fork()):
        try:
            asyncio.run(serve(into, teams))
        finally:
            os._exit(1)
    try:
        os.close(into)
        yield f"http://127.0.0.1:{int(os.read(port, 9))}"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def counted(origin: str) -> dict[str, int]:
    """Ask the server what it counted since the last time."""
    from urllib.request import urlopen

    with urlopen(f"{origin}/count") as answer:
        return dict(json.load(answer))


def line(what: str, value: float, limit: float, more: str = "") -> None:
    """Print a line of the table."""
    holds = "holds" if value <= limit else "DOES NOT HOLD"
    print(LINE.format(what, f"{value:.4g}", f"{limit:g}", f"{holds} {more}".strip()), flush=True)


class Bench:
    """Runs the command, and prints what it measures."""

    def __init__(self, command: str, origin: str, folder: str, pairs: int) -> None:
        self.command = command
        self.origin = origin
        self.folder = folder
        self.pairs = pairs
        self.env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder}
        self.env |= {f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CACHE", "CONFIG", "DATA", "STATE")}
        self.env |= {"GH_TOKEN": "made-up", "COPILOT_USAGE_HISTORY": f"{folder}/history.sqlite3"}

    def org(self, scopes: int, *options: str) -> list[str]:
        """Return the command for so many organizations, which a file lists."""
        path = Path(self.folder, f"{scopes}.txt")
        path.write_text("".join(f"org-{n}\n" for n in range(scopes)))
        return [self.command, "org", "--scopes", str(path), "--api-url", self.origin, "-f", "csv", "-q", *options]

    def classic(self, scopes: int) -> None:
        """Measure many classic scopes against curl."""
        urls = Path(self.folder, "urls.cfg")
        urls.write_text("".join(f'url = "{self.origin}/orgs/org-{n}/copilot/usage"\n' for n in range(scopes)))
        curl = ["curl", "-s", "-Z", "--parallel-max", str(JOBS), "-K", str(urls)]
        jobs = ("--jobs", str(JOBS))
        for what, ours, limit in (
            ("without history", self.org(scopes, *jobs, "--no-history"), 1.7),
            ("with history, new", self.org(scopes, *jobs), 2.2),
            ("with history, the same again", self.org(scopes, *jobs), 2.2),
        ):
            ratios, cpus = [], []
            for turn in range(self.pairs + 1):
                if "new" in what:
                    Path(self.env["COPILOT_USAGE_HISTORY"]).unlink(missing_ok=True)
                counted(self.origin)
                cpu, wall, _ = run(ours, self.env)
                most = counted(self.origin)["most"]
                _, theirs, _ = run(curl, self.env)
                if turn:
                    ratios.append(wall / theirs)
                    cpus.append(cpu * 1e3 / scopes)
            line(f"{scopes} scopes {what}: wall / curl", statistics.median(ratios), limit)
            line(f"{scopes} scopes {what}: ms CPU a scope", statistics.median(cpus), 20)
            line(f"{scopes} scopes {what}: most in flight", most, JOBS)

    def memory(self, scopes: int) -> None:
        """Measure the peak of thousands of scopes against that of one."""
        one = run(self.org(1, "--no-history"), self.env)[2]
        cpu, wall, many = run(self.org(scopes, "--no-history", "--jobs", str(JOBS)), self.env)
        line(f"{scopes} scopes: peak / that of one", many / one, 1.6, f"{one:.0f} and {many:.0f} MB, {wall:.0f} s")
        line(f"{scopes} scopes: ms CPU a scope", cpu * 1e3 / scopes, 20)

    def teams(self, teams: int) -> None:
        """Count the requests of many teams of one organization, and of the next run."""
        names = Path(self.folder, "teams.txt")
        names.write_text("".join(f"team-{n}\n" for n in range(teams)))
        base = [self.command, "team", "--org", "acme", "--api-url", self.origin, "-f", "csv", "-q", "--by", "total"]
        counts = []
        for more in (["--scopes", str(names)], ["team-0"]):
            Path(self.env["COPILOT_USAGE_HISTORY"]).unlink(missing_ok=True)
            counted(self.origin)
            cpu, wall, peak = run([*base, *more], self.env)
            counts.append(counted(self.origin)["requests"])
            if "--scopes" in more:
                run([*base, *more], self.env)
                again = counted(self.origin)["requests"]
                told = f"{wall:.1f} s, {cpu:.1f} s CPU, {peak:.0f} MB"
        line(f"{teams} teams: requests / those of one", counts[0] / counts[1], 1.05, f"{counts[0]}; {told}")
        line(f"{teams} teams: requests of the next run", again, 12)


def main() -> None:
    """Serve, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", type=int, default=11, help="pairs to measure for each line")
    options.add_argument("--scopes", type=int, default=200)
    options.add_argument("--many", type=int, default=5000)
    options.add_argument("--teams", type=int, default=200)
    options.add_argument("--command", type=Path, default=Path(sysconfig.get_path("scripts")) / "copilot-usage")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(asked.teams) as origin:
        bench = Bench(str(asked.command.absolute()), origin, folder, asked.n)
        load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, load {load}, {asked.n} pairs")
        print(LINE.format("", "value", "limit", ""))
        if shutil.which("curl"):
            bench.classic(asked.scopes)
        else:
            print("left out: there is no curl to compare with")
        bench.teams(asked.teams)
        if asked.many:
            bench.memory(asked.many)


if __name__ == "__main__":
    main()
