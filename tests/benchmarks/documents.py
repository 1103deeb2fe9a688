"""Measure a year by day, with 51 breakdown rows a day, in each format: whole processes, CPU beside that of JSON.

    python tests/benchmarks/documents.py [--runs N]

The numbers are made up, and the same on every run. Measure an installed wheel, not an editable install.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

PROGRAM = Path(sysconfig.get_path("scripts")) / "copilot-usage"
FORMATS = ("json", "csv", "table", "markdown", "summary", "html", "xlsx")
COUNTS = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
DAYS, LANGUAGES, EDITORS = 365, 17, ("vscode", "jetbrains", "neovim")
LAST = date(2026, 11, 15)


def day(number: int, chance: Random) -> dict[str, Any]:
    """Make up a day."""
    rows: list[dict[str, Any]] = []
    for language in range(LANGUAGES):
        for editor in EDITORS:
            shown = chance.randrange(10, 900)
            counts = (shown, shown // 3, shown * 2, shown // 2)
            names = {"language": f"language {language}", "editor": editor, "active_users": chance.randrange(1, 60)}
            rows.append({**names, **dict(zip(COUNTS, counts, strict=True))})
    totals = {f"total_{name}": sum(row[name] for row in rows) for name in COUNTS}
    users = {"total_active_users": chance.randrange(50, 100), "total_active_chat_users": chance.randrange(10, 50)}
    chat = {"total_chat_acceptances": chance.randrange(50), "total_chat_turns": chance.randrange(300)}
    return {"day": str(LAST - timedelta(days=DAYS - number - 1)), **totals, **users, **chat, "breakdown": rows}


def cpu(command: list[object]) -> float:
    """Run a command, and return the seconds of CPU that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure all formats in turn, and print medians."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=11)
    runs = options.parse_args().runs
    chance = Random(1)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "year.json"
        saved.write_text(json.dumps([day(number, chance) for number in range(DAYS)]))
        took: dict[str, list[float]] = {form: [] for form in FORMATS}
        for _ in range(runs):
            for form in FORMATS:
                took[form].append(cpu([PROGRAM, "org", "acme", "--input", saved, "-q", "-f", form]))
    of_json = statistics.median(took["json"])
    for form, seconds in took.items():
        middle = statistics.median(seconds)
        sys.stdout.write(
            f"{form:10} {middle:6.3f} s of CPU, {middle / of_json:5.2f} x JSON (at best {min(seconds):.3f})\n"
        )


if __name__ == "__main__":
    main()
