"""What must not harm a dataset: killed exports, full disks, folders that may not be written, and readers meanwhile."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from support.disks import ordinary_user
from support.processes import at_the_same_time, finish, started
from support.program import SCRIPT

pytest.importorskip("pyarrow")

from pyarrow import BufferReader, parquet
from support.dataset import MANIFEST, contents

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.dataset.export import export
from copilot_usage_cli.history.dataset.open_target import open_target
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from pathlib import Path

ORG = Scope("org", "acme")
FIRST = date(2026, 1, 1)
AT = datetime(2026, 11, 20, tzinfo=UTC)
COMPLETED = "the next export completes what is there"


def made_up(n: int, factor: int = 1) -> DailyRecord:
    chance = Random(n * factor)
    cells = tuple(BreakdownRow(f"language {row}", "vim", chance.randrange(1 << 40), row) for row in range(30))
    return DailyRecord(ORG, "usage", FIRST + timedelta(n), n * factor, breakdown=cells)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A history of ten months."""
    path = tmp_path / "history.sqlite3"
    with History(path) as held:
        held.store("github.com", [made_up(n) for n in range(300)], AT)
    return path


def export_to(history: Path, folder: Path) -> None:
    with History(history, read_only=True) as held:
        export(held, open_target(str(folder)), lambda _: None, lambda: None)


def verify(folder: Path, *versions: dict[str, bytes]) -> None:
    """All files are whole, each of one of the versions, and those of finished months are there."""
    found = {name: data for name, data in contents(folder).items() if not name.endswith(".copilot-usage.tmp")}
    for name, data in found.items():
        if name == MANIFEST:
            for month in [month for month, (seal, _) in json.loads(data)["months"].items() if seal]:
                assert {each for each in versions[0] if f"month={month}/" in each} <= set(found)
        else:
            assert any(version.get(name) == data for version in versions), name
            parquet.ParquetFile(BufferReader(data)).read()


def kill_exports(history: Path, folder: Path, whole: dict[str, bytes], rounds: int, seed: int) -> None:
    """Kill exports at random moments; after each, nothing halved may be there."""
    chance = Random(seed)
    for _ in range(rounds):
        with started([SCRIPT, "history", "export", folder], env={"COPILOT_USAGE_HISTORY": str(history)}) as process:
            time.sleep(chance.uniform(0.15, 0.6))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if folder.exists():
            verify(folder, whole)


@pytest.fixture
def whole(history: Path, tmp_path: Path) -> dict[str, bytes]:
    """What a whole export has."""
    export_to(history, tmp_path / "whole")
    return contents(tmp_path / "whole")


def test_an_export_that_is_killed_is_completed_by_the_next(
    history: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    kill_exports(history, folder, whole, 6, 14)
    export_to(history, folder)
    assert contents(folder) == whole


@pytest.mark.slow
def test_exports_that_are_killed_again_and_again(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    for n in range(20):
        folder = tmp_path / f"data{n}"
        kill_exports(history, folder, whole, 10, seed + n)
        export_to(history, folder)
        assert contents(folder) == whole, seed


def test_an_interrupted_export_leaves_no_temporary_file(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with started([SCRIPT, "history", "export", folder], env={"COPILOT_USAGE_HISTORY": str(history)}) as process:
        while not (folder / "days").exists() and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    if process.returncode:  # else it was quicker
        assert (process.returncode, out, err) == (130, b"", b"")
    verify(folder, whole)
    assert not [name for name in contents(folder) if name.endswith(".tmp")]
    export_to(history, folder)
    assert contents(folder) == whole


def test_readers_see_whole_files_meanwhile(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    export_to(history, folder)
    with History(history) as held:
        held.store("github.com", [made_up(n, 3) for n in range(300)], AT + timedelta(1))
    export_to(history, tmp_path / "later")
    later = contents(tmp_path / "later")
    ended = False

    def read() -> None:
        while not ended:
            for name, data in whole.items():
                if name != MANIFEST:
                    assert (folder / name).read_bytes() in {data, later[name]}

    with at_the_same_time(read):
        try:
            export_to(history, folder)
        finally:
            ended = True
    assert contents(folder) == later


SIGNAL = """
import os, signal, sys
from pyarrow import parquet
before = parquet.ParquetWriter.__del__
count = 0
def __del__(self):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGTERM)
    before(self)
parquet.ParquetWriter.__del__ = __del__
sys.argv = ["copilot-usage", "history", "export", sys.argv[1]]
from copilot_usage_cli.__main__ import run_process
run_process()
"""


def test_a_signal_that_python_would_swallow_comes_again(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = finish([sys.executable, "-c", SIGNAL, folder], env={"COPILOT_USAGE_HISTORY": str(history)})
    assert (done.returncode, done.stdout, done.stderr) == (143, b"", b"")
    verify(folder, whole)
    assert not [name for name in contents(folder) if name.endswith(".tmp")]


def test_no_damage_is_a_fault_of_the_tool(history: Path, tmp_path: Path) -> None:
    """Flip a few bytes of a history, and export what is left of it, or say that it is damaged."""
    sound = history.read_bytes()
    for seed in range(40):
        chance = Random(seed)
        data = bytearray(sound)
        for _ in range(chance.choice((1, 8, 64))):
            data[chance.randrange(100, len(data))] = chance.randrange(256)
        damaged = tmp_path / "damaged"
        damaged.write_bytes(data)
        with suppress(NotWritten):
            export_to(damaged, tmp_path / "data")


def refused(history: Path, folder: Path) -> tuple[str, str]:
    with pytest.raises(NotWritten) as caught:
        export_to(history, folder)
    assert caught.value.exit_code == 8
    return caught.value.message, caught.value.hint


def test_a_full_disk(history: Path, whole: dict[str, bytes], small_disk: Path, tmp_path: Path) -> None:
    folder = small_disk / "data"
    assert refused(history, folder) == (f"{folder}: No space left on device", f"make room: {COMPLETED}")
    verify(folder, whole)
    assert not [name for name in contents(folder) if name.endswith(".tmp")]


def test_a_limit_to_the_size_of_files(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        assert refused(history, folder) == (f"{folder}: File too large", f"make room: {COMPLETED}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    verify(folder, whole)
    export_to(history, folder)
    assert contents(folder) == whole


def test_a_folder_that_may_not_be_written(history: Path, open_folder: Path) -> None:
    folder = open_folder / "data"
    history.chmod(0o666)
    history.parent.chmod(0o777)
    open_folder.chmod(0o555)
    with History(history, read_only=True) as held, ordinary_user(), pytest.raises(NotWritten) as caught:
        export(held, open_target(str(folder)), lambda _: None, lambda: None)
    assert caught.value.message == f"{folder}: Permission denied"
    assert caught.value.hint == "is the folder yours to write? If not, name another"
    assert not folder.exists()


def test_a_dataset_that_may_not_be_written(history: Path, whole: dict[str, bytes], open_folder: Path) -> None:
    folder = open_folder / "data"
    export_to(history, folder)
    with History(history) as held:
        held.store("github.com", [made_up(1, 3)], AT + timedelta(1))
    folder.chmod(0o555)
    with History(history, read_only=True) as held, ordinary_user(), pytest.raises(NotWritten) as caught:
        export(held, open_target(str(folder)), lambda _: None, lambda: None)
    assert caught.value.message == f"{folder}: Permission denied"
    folder.chmod(0o755)
    assert contents(folder) == whole


def test_others_write_to_the_history_between_months(history: Path, tmp_path: Path) -> None:
    """An export holds the history for a month at a time; what comes meanwhile is in it, or in the next."""
    folder = tmp_path / "data"

    def store() -> None:
        with History(history, wait=5) as held:
            for n in range(300, 330):
                held.store("github.com", [made_up(n)], AT)

    with at_the_same_time(store):
        export_to(history, folder)
    export_to(history, folder)
    export_to(history, tmp_path / "anew")
    assert contents(folder) == contents(tmp_path / "anew")


def test_two_exports_at_a_time(history: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """One of them is refused, or comes after the other."""
    folder = tmp_path / "data"
    command = [SCRIPT, "history", "export", folder]
    env = {"COPILOT_USAGE_HISTORY": str(history)}
    with started(command, env=env) as first:
        second = finish(command, env=env)
        codes = {first.wait(), second.returncode}
    assert codes in ({0}, {0, 8})
    if 8 in codes and second.returncode:
        said = f"copilot-usage: error: {folder} is being written by another run\nhint: try again later\n"
        assert second.stderr.decode() == said
    assert contents(folder) == whole
