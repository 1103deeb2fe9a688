"""Measure a users report of 2,000 users x 28 days against json.loads of each line alone: time and memory.

    python tests/benchmarks/users_report.py [--users N] [--shards N]

It makes the shards (about 180 MB) in a temporary folder, serves them on loopback, runs each side in a process of its
own in turn, and prints medians and their ratio.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

RUNS = 10
UNIT = 1024 if sys.platform != "darwin" else 1 << 20  # of ru_maxrss, to make it MB
FIRST = date(2026, 3, 29)
COUNTERS = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)
LANGUAGES = ("python", "typescript", "go", "java", "yaml", "csharp", "shellscript", "sql", "markdown", "terraform")
FEATURES = ("code_completion", "chat_inline", "chat_panel_ask_mode", "chat_panel_agent_mode", "agent_edit")

ALONE = """
import json, sys, urllib.request
for url in sys.argv[1:]:
    with urllib.request.urlopen(url) as answer:
        for line in answer:
            json.loads(line)
"""


def line(user: int, day: date, chance: Random) -> dict[str, Any]:
    """Make a line of about 3.2 KB, the size seen in real reports."""

    def row(**names: str) -> dict[str, Any]:
        return {**names, **{name: int(chance.random() * 90) for name in COUNTERS}}

    languages = [LANGUAGES[(user + n) % len(LANGUAGES)] for n in range(4)]
    return {
        "report_start_day": str(FIRST),
        "report_end_day": str(FIRST + timedelta(days=27)),
        "day": str(day),
        "organization_id": "100000001",
        "enterprise_id": "200001",
        "user_id": user,
        "user_login": f"user-{user}",
        **row(),
        "totals_by_ide": [row(ide="vscode")],
        "totals_by_feature": [row(feature=feature) for feature in FEATURES[:4]],
        "totals_by_language_feature": [row(language=name, feature="code_completion") for name in languages],
        "totals_by_language_model": [row(language=name, model="gpt-5.4") for name in languages[:2]],
        "totals_by_model_feature": [row(model="gpt-5.4", feature=FEATURES[2])],
        "used_agent": True,
        "used_chat": True,
    }


def make_shards(folder: Path, users: int, shards: int) -> list[Path]:
    """Write the report; the users of a day are spread over the shards."""
    paths = [folder / f"part-{n}.ndjson" for n in range(shards)]
    files = [path.open("w", encoding="utf-8") for path in paths]
    chance = Random(1)
    for n in range(28):
        for user in range(users):
            files[user % shards].write(json.dumps(line(user, FIRST + timedelta(days=n), chance)) + "\n")
    for file in files:
        file.close()
    return paths


def serve(folder: Path) -> ThreadingHTTPServer:
    """Serve the envelope and the files on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            origin = f"http://{self.headers['Host']}"
            if self.path.startswith("/part-"):
                size = (folder / self.path[1:]).stat().st_size
                self.send_response(200)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                with (folder / self.path[1:]).open("rb") as file:
                    while chunk := file.read(1 << 16):
                        self.wfile.write(chunk)
                return
            links = [f"{origin}/{path.name}" for path in sorted(folder.iterdir())]
            body = json.dumps(
                {
                    "download_links": links,
                    "report_start_day": str(FIRST),
                    "report_end_day": str(FIRST + timedelta(days=27)),
                }
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; give its CPU seconds and its peak in MB."""
    null = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, null, 1)]
    process = os.posix_spawn(command[0], command, {**os.environ, "GH_TOKEN": "made-up"}, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    os.close(null)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"failed: {command}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / UNIT


def main() -> None:
    """Make, serve, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=2000)
    options.add_argument("--shards", type=int, default=4)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = make_shards(folder, asked.users, asked.shards)
        size = sum(path.stat().st_size for path in paths)
        print(f"{asked.users} users x 28 days, {asked.shards} shards, {size / 1e6:.0f} MB")
        server = serve(folder)
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        ours = [sys.executable, "-m", "copilot_usage_cli", "org", "acme", "--source", "user-reports", "-q"]
        ours += ["--api-url", origin, "-f", "csv", "--by", "language,editor"]
        alone = [sys.executable, "-c", ALONE, *(f"{origin}/{path.name}" for path in paths)]
        pairs = [(run(ours), run(alone)) for _ in range(RUNS)]
        for what, n in (("copilot-usage", 0), ("json.loads of each line alone", 1)):
            seconds, peak = (statistics.median(pair[n][k] for pair in pairs) for k in (0, 1))
            print(f"{what}: {seconds:.2f} s of CPU, peak {peak:.0f} MB (medians of {RUNS})")
        print(f"ratio: {statistics.median(pair[0][0] / pair[1][0] for pair in pairs):.2f}")
        server.shutdown()


if __name__ == "__main__":
    main()
