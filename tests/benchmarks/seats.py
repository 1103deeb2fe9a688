"""Measure `seats` of 10,000 people in 100 pages, as a whole process, against curl that fetches the same pages in turn.

    python tests/benchmarks/seats.py [-n 11] [--people 10000] [--latency 0.0] [--command PATH]

A made-up GitHub on loopback, in its own process, serves pages of 100 seats with `Link`, its last page among the links.
The two run in turn, after one run of each that doesn't count. It exits with 0 whether the limit of 2 s holds or not,
since a clock is no test.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sysconfig
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATH = "/enterprises/mega/copilot/billing/seats"
A_PAGE = 100


def seat(user: int) -> dict[str, Any]:
    """Make a seat as large as GitHub's."""
    name = f"user-{user}"
    links = {
        f"{what}_url": f"https://api.github.com/users/{name}/{what}" for what in ("repos", "events", "orgs", "gists")
    }
    return {
        "created_at": "2026-01-02T03:04:05-06:00",
        "updated_at": "2026-01-02T03:04:05-06:00",
        "assignee": {"login": name, "id": user, "type": "User", "site_admin": False, **links},
        "organization": {"login": f"org-{user % 9}", "id": user % 9, **links},
        "assigning_team": {"slug": f"team-{user % 40}", "id": user % 40, "name": "made up", **links},
        "pending_cancellation_date": None,
        "last_activity_at": "2026-11-14T20:00:00-06:00",
        "last_activity_editor": "vscode/1.139.0/copilot-chat/0.41.0",
        "last_authenticated_at": "2026-11-14T20:00:00-06:00",
        "plan_type": "business",
    }


def serve(people: int, latency: float, ready: Connection) -> None:
    """Serve pages until the process is ended."""
    last = -(-people // A_PAGE)
    pages = [
        json.dumps(
            {"total_seats": people, "seats": [seat(user) for user in range(n * A_PAGE, min((n + 1) * A_PAGE, people))]}
        )
        for n in range(last)
    ]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
            time.sleep(latency)
            body = pages[page - 1].encode()
            self.send_response(200)
            base = f"http://{self.headers['Host']}{PATH}?per_page={A_PAGE}"
            links = {"next": page + 1, "last": last} if page < last else {"prev": page - 1}
            self.send_header("Link", ", ".join(f'<{base}&page={n}>; rel="{rel}"' for rel, n in links.items()))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready.send((server.server_address[1], last))
    server.serve_forever()


def measure(args: list[str], env: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(args, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("-n", type=int, default=11)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--command", default=str(Path(sysconfig.get_path("scripts")) / "copilot-usage"))
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.people, given.latency, theirs), daemon=True)
    server.start()
    port, last = ours.recv()
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "GH_TOKEN": "made-up", "COPILOT_USAGE_HISTORY": "off"}
    sides = {"seats enterprise mega": [given.command, "seats", "enterprise", "mega", "--api-url", url, "--json", "-q"]}
    if curl := shutil.which("curl"):
        sides["curl, one page after another"] = [curl, "-sf", f"{url}{PATH}?per_page={A_PAGE}&page=[1-{last}]"]
    times: dict[str, list[float]] = {name: [] for name in sides}
    for n in range(given.n + 1):
        for name, args in sides.items():
            took = measure(args, env)
            if n:
                times[name].append(took)
    for name, found in times.items():
        print(f"{name:32} {statistics.median(found):6.2f} s  (of {given.n}, {min(found):.2f} to {max(found):.2f})")
    print(f"{given.people:,} people, {last} pages, load {os.getloadavg()[0]:.1f}; the limit is 2 s")
    server.terminate()


if __name__ == "__main__":
    main()
