"""Measure what the command costs as a whole process against importing its libraries, and against curl, jq and gh.

    python tests/benchmarks/startup.py [-n 21] [--command PATH]

It measures what is installed beside the interpreter that runs it. A made-up GitHub on loopback, in its own process,
serves 28 days x 40 rows. The two sides of a line run in turn, A B A B, after one run of each that doesn't count, and
write into a pipe. CPU is user and system time. Ratios are medians of the pairs' ratios; limits are on that of CPU. It
exits with 0 whether the limits hold or not, since a clock is no test.
"""

import argparse
import os
import resource
import signal
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

USAGE = "/orgs/acme/copilot/usage"
LANGUAGES = ("python", "typescript", "go", "javascript", "java", "yaml", "c#", "shell", "sql", "markdown")
EDITORS = ("vscode", "jetbrains", "neovim", "visual_studio")
TOTALS = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted", "active_users")
UNIT = 1024 if sys.platform != "darwin" else 1 << 20  # of ru_maxrss, to make it MB
LINE = "{:30} {:37} {:>5} {:>8} {:>9} {:>7} {:>7}  {}"
FLOOR = """
import json, httpx, typer

def main(url: str = "", timeout: float = 30) -> None:
    for day in json.loads(httpx.get(url, timeout=timeout).content):
        print(day["day"], day["total_suggestions_count"])

typer.run(main)
"""


class Row(NamedTuple):
    """A line of the table: A, what it is compared with, and how much more CPU it may take."""

    what: str
    ours: list[str]
    against: str
    theirs: list[str]
    limit: float | None = None


def make_day(n: int) -> dict[str, Any]:
    """Make the n-th day before today, in the shape of GitHub's classic usage API."""
    cells: list[dict[str, Any]] = []
    for k in range(40):
        counts = zip(TOTALS, (100 + n * k % 300, 30 + k, 200 + n * k % 600, 50 + k, 1 + (n + k) % 20), strict=True)
        cells.append({"language": LANGUAGES[k // 4], "editor": EDITORS[k % 4], **dict(counts)})
    totals = {f"total_{name}": sum(cell[name] for cell in cells) for name in TOTALS}
    totals |= {"total_chat_acceptances": 40, "total_chat_turns": 200 + n, "total_active_chat_users": 30}
    return {"day": str(datetime.now(UTC).date() - timedelta(days=n)), **totals, "breakdown": cells}


def serve(into: int, parent: int) -> None:
    """Serve the days, and write the port into a pipe; imports are here to keep the measuring process small."""
    import json
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    answer = json.dumps([make_day(n) for n in range(28, 0, -1)]).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == USAGE
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(answer) if found else 0))
            self.end_headers()
            self.wfile.write(answer if found else b"")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.timeout = 1
    os.write(into, str(server.server_address[1]).encode())
    while os.getppid() == parent:  # which may be killed without ending this process
        server.handle_request()


@contextmanager
def served() -> Iterator[str]:
    """Serve from a child process, and yield the address."""
    port, into, parent = *os.pipe(), os.getpid()
    if not (child := os.fork()):
        try:
            serve(into, parent)
        finally:
            os._exit(1)
    try:
        os.close(into)
        yield f"http://127.0.0.1:{int(os.read(port, 9))}"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def run(command: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Run a command, read all that it writes, and return its CPU seconds, its wall seconds and its peak in MB."""
    out, into = os.pipe()
    errors = Path(env["HOME"]) / "stderr"
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_OPEN, 2, str(errors), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    actions += [(os.POSIX_SPAWN_DUP2, into, 1)]
    start = time.perf_counter()
    # A group of its own, so that a shell's children can be ended with it.
    child = os.posix_spawnp(command[0], command, env, file_actions=actions, setpgroup=0)
    try:
        os.close(into)
        while os.read(out, 1 << 16):
            pass
        _, status, usage = os.wait4(child, 0)
    except KeyboardInterrupt:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    wall = time.perf_counter() - start
    os.close(out)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{command[0]} ended with {code}: {errors.read_text(errors='replace').strip()}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / UNIT


def make_rows(command: str, origin: str, floor: str) -> list[Row]:
    """List what is measured."""
    python, url = sys.executable, origin + USAGE
    org = [command, "org", "acme", "--api-url", origin]
    as_json = [*org, "-f", "json", "-q", "--no-history"]
    names = ("import typer, httpx", "import typer, sqlite3, csv", "import typer", "pass")
    stack, offline, typer, bare = ((f"python -c {name!r}", [python, "-c", name]) for name in names)
    return [
        Row("csv, no history", [*org, "-f", "csv", "-q", "--no-history"], *stack, 1.3),
        Row("json, no history", as_json, *stack, 1.3),
        Row("csv, with history", [*org, "-f", "csv", "-q"], *stack, 1.4),
        Row("json, with history", [*org, "-f", "json", "-q"], *stack, 1.4),
        Row("table in a pipe, no history", [*org, "-q", "--no-history"], *stack, 1.4),
        Row("--offline --by week", [*org, "--offline", "--by", "week"], *offline, 1.3),
        Row("--help", [command, "--help"], *typer, 1.25),
        Row("org --help", [command, "org", "--help"], *typer, 1.35),
        Row("-m copilot_usage_cli --version", [python, "-m", "copilot_usage_cli", "--version"], *bare, 1.2),
        Row("the script's --version", [command, "--version"], *bare),
        Row("floor: an empty package by -m", [python, "-m", "empty"], *bare),
        Row("floor: least Typer and httpx", [python, floor, "--url", url, "--timeout", "10"], *stack),
        Row("json, no history", as_json, "curl | jq", ["sh", "-c", f"curl -s {url} | jq -er '.[].day'"]),
        Row("json, no history", as_json, "gh api --jq", ["gh", "api", url, "--jq", ".[].day"]),
    ]


def measure(row: Row, runs: int, env: dict[str, str]) -> str:
    """Run both sides in turn, and return the line of the table."""
    try:
        pairs = [(run(row.ours, env), run(row.theirs, env)) for _ in range(runs + 1)][1:]
    except (OSError, RuntimeError) as error:
        return f"left out: {row.what} against {row.against}: {error}"
    cpu, wall = (statistics.median(a[k] / b[k] for a, b in pairs) for k in (0, 1))
    seconds, peak = (statistics.median(a[k] for a, _ in pairs) for k in (0, 2))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT  # a child's peak begins at its parent's
    shown = f"{peak:.1f}" if peak > own else f"<{own:.1f}"
    limit, holds = ("-", "-") if row.limit is None else (f"{row.limit:.2f}", "yes" if cpu <= row.limit else "no")
    return LINE.format(row.what, row.against, limit, f"{cpu:.2f}", f"{wall:.2f}", f"{seconds * 1e3:.1f}", shown, holds)


def main() -> None:
    """Serve, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", type=int, default=21, help="pairs to measure for each line")
    options.add_argument("--command", type=Path, default=Path(sysconfig.get_path("scripts")) / "copilot-usage")
    asked = options.parse_args()
    command, runs = str(asked.command.absolute()), max(1, asked.n)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # `python -m` looks in the current folder first, where a clone would hide what is installed.
    with tempfile.TemporaryDirectory() as folder, chdir(folder), served() as origin:
        Path("floor.py").write_text(FLOOR, encoding="utf-8")
        Path("empty").mkdir()
        Path("empty", "__init__.py").touch()
        Path("empty", "__main__.py").touch()
        env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder}
        env |= {f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CACHE", "CONFIG", "DATA", "STATE")}
        env |= {"GH_TOKEN": "made-up", "COPILOT_USAGE_HISTORY": f"{folder}/history.sqlite3"}
        env |= {"XDG_RUNTIME_DIR": folder, "GH_NO_UPDATE_NOTIFIER": "1", "GH_TELEMETRY": "false"}
        print(f"A is {command}; Python {sys.version.split()[0]}; {runs} pairs a line")
        if find_spec("click"):
            print("note: click is importable, so `import httpx` loads its command line: ratios against it flatter")
        print(LINE.format("A", "B", "limit", "CPU A/B", "wall A/B", "A's ms", "A's MB", "holds"), flush=True)
        for row in make_rows(command, origin, f"{folder}/floor.py"):
            print(measure(row, runs, env), flush=True)


if __name__ == "__main__":
    main()
