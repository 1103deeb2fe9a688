"""What must not harm a history: killed, crowded and racing processes, full disks, and files that are none.

Run as a program, it is one of those processes.
"""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from support.disks import ordinary_user
from support.expected import TESTS
from support.limits import HANG
from support.processes import finish, started

from copilot_usage_cli.errors import CopilotUsageError, NotWritten
from copilot_usage_cli.history import file
from copilot_usage_cli.history.schema import APPLICATION_ID, MIGRATIONS
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope

PATHS = {"PYTHONPATH": str(TESTS)}  # for the processes that this file is
HOST = "github.com"
ORG = Scope("org", "acme")
FIRST = date(2026, 1, 1)
AT = datetime(2026, 11, 20, tzinfo=UTC)
ELSEWHERE = "name another file with COPILOT_USAGE_HISTORY=PATH, or do without: --no-history"
DAMAGED = "restore a backup of it, or move it away: the next report begins a new one"
READ_ONLY = f"are the file and its folder yours to write? If not, {ELSEWHERE}"
FULL = "is the disk full? What was stored before is as it was"
NONE_YET = "a report from GitHub or copilot-usage history sync begins one"


def made_up(n: int, scope: Scope = ORG, rows: int = 80) -> DailyRecord:
    """A day that only its number decides, large enough to fill some pages."""
    cells = tuple(BreakdownRow(f"language {row}", "vim", n, row, n * row, None, 0) for row in range(rows))
    return DailyRecord(scope, "usage", FIRST + timedelta(days=n), n, breakdown=cells)


def loaded(history: History, scope: Scope = ORG) -> list[DailyRecord]:
    return history.load(HOST, scope, ["usage"], None, None)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def five(path: Path) -> Path:
    """A history of five days."""
    with History(path) as history:
        history.store(HOST, [made_up(n) for n in range(5)], AT)
    return path


def attempt(path: Path, *, create: bool, read_only: bool, wait: float) -> None:
    """Store a lot, or load where nothing may be written."""
    with History(path, create=create, read_only=read_only, wait=wait) as history:
        if read_only:
            loaded(history)
        else:
            history.store(HOST, [made_up(n, rows=200) for n in range(50, 60)], AT)


def refused(path: Path, *, create: bool = True, read_only: bool = False) -> tuple[str, str]:
    """Fail to store or to load; give the message and the hint."""
    with pytest.raises(NotWritten) as caught:
        attempt(path, create=create, read_only=read_only, wait=0.1)
    assert caught.value.exit_code == 8
    return caught.value.message, caught.value.hint


def refused_untouched(path: Path, *, create: bool = True, read_only: bool = False) -> tuple[str, str]:
    before = digest(path)
    said = refused(path, create=create, read_only=read_only)
    assert digest(path) == before
    return said


def program(*args: object) -> list[str]:
    return [sys.executable, "-W", "error", __file__, *map(str, args)]


# Processes that are killed


def kill_rounds(folder: Path, enough: int, seed: int) -> dict[str, int]:
    """Kill writers at random moments, until so many of them had stored something.

    After each, all that was acknowledged must be there, and nothing halved.
    """
    chance = Random(seed)
    counts = {"rounds": 0, "after a day": 0, "rolled back": 0}
    path = folder / "h0"
    start = 0
    while counts["after a day"] < enough:
        if counts["rounds"] > 100 * enough:
            raise AssertionError("the kills come too early to prove anything")
        if counts["rounds"] % 10 == 0:  # now and then the file is still being made
            path, start = folder / f"h{counts['rounds']}", 0
        acknowledged = _kill_a_writer(path, start, chance.random() * 0.06)
        counts["rounds"] += 1
        counts["after a day"] += bool(acknowledged)
        counts["rolled back"] += path.with_name(f"{path.name}-journal").exists()
        start = _verify(path, max(acknowledged, default=start - 1))
    return counts


def _kill_a_writer(path: Path, start: int, after: float) -> list[int]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        keep_storing(path, start, theirs)
    os.close(theirs)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(ours, encoding="ascii") as said:
        return [int(line.removeprefix("stored ")) for line in said.read().splitlines()]


def keep_storing(path: Path, start: int, to: int) -> None:
    """Store two scopes' days in each transaction, and acknowledge it once it is stored."""
    with History(path) as history:
        for n in range(start, 300):
            history.store(HOST, [made_up(n), made_up(n, Scope("org", "acme", "core"))], AT)
            os.write(to, f"stored {n}\n".encode())
    os._exit(0)


def _verify(path: Path, acknowledged: int) -> int:
    """Check the file that a killed writer left; give the number of the next day to store."""
    with History(path) as history:
        days = loaded(history)
        others = loaded(history, Scope("org", "acme", "core"))
        problems = history.check()
    if problems:
        raise AssertionError(problems)
    numbers = [(day.day - FIRST).days for day in days]
    if [day.day for day in others] != [day.day for day in days]:
        raise AssertionError("half a transaction")
    if numbers != list(range(len(numbers))) or len(numbers) <= acknowledged:
        raise AssertionError(f"{acknowledged} was acknowledged; there are {numbers}")
    for number, day, other in zip(numbers, days, others, strict=True):
        if day.total_suggestions_count != number or len(day.breakdown or ()) != 80 or day.breakdown != other.breakdown:
            raise AssertionError(f"half of day {number}")
    return len(numbers)


@pytest.mark.slow  # in short it is F10 of the figures
@pytest.mark.parametrize("kills", [500])
def test_killed_writers_lose_no_acknowledged_day(tmp_path: Path, kills: int) -> None:
    done = finish(program("kill", tmp_path, kills, 1), env=PATHS, limit=HANG * kills)
    assert (done.stderr, done.returncode) == (b"", 0)
    assert json.loads(done.stdout)["after a day"] == kills


# Processes at once


def race(path: Path, processes: int) -> list[int]:
    """Open a new file in processes that start together; give how each ended: 10 made the file, 0 found it."""
    ours, theirs = os.pipe()
    pids = []
    for _ in range(processes):
        pid = os.fork()
        if not pid:
            os.close(theirs)
            os.read(ours, 1)  # until the other end is closed
            with History(path, wait=HANG) as history:
                history.store(HOST, [made_up(os.getpid() % 300)], AT)
                os._exit(10 if history.created else 0)
        pids.append(pid)
    os.close(ours)
    os.close(theirs)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


@pytest.mark.slow  # in short it is F13 of the figures
@pytest.mark.parametrize("files", [50])
def test_racing_processes_make_the_file_once(tmp_path: Path, files: int) -> None:
    for n in range(files):
        path = tmp_path / f"folder {n}" / "h"
        done = finish(program("race", path, 16), env=PATHS)
        assert (done.stderr, done.returncode) == (b"", 0)
        assert sorted(json.loads(done.stdout)) == [0] * 15 + [10]
        with History(path, read_only=True) as history:
            assert history.check() == []
            assert loaded(history)


@pytest.mark.slow
def test_twenty_processes_store_at_once(path: Path) -> None:
    with ExitStack() as all_of_them:
        processes = [
            all_of_them.enter_context(started(program("store", path, 10 * n, 10), env=PATHS)) for n in range(20)
        ]
        said = [(*process.communicate(timeout=HANG), process.returncode) for process in processes]
    assert said == [(b"stored 10\n", b"", 0)] * 20
    with History(path) as history:
        assert [(record.day - FIRST).days for record in loaded(history)] == list(range(200))
        assert history.check() == []


# Locks


@contextmanager
def held_by_another(path: Path, begin: str = "BEGIN EXCLUSIVE") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute(begin)
        yield other


def test_a_lock_that_lasts_is_one_clear_error(five: Path) -> None:
    said = (f"the history {five} is in use by another run: waited 0.1 s", "try again later")
    with held_by_another(five):
        assert refused_untouched(five) == said
        assert refused_untouched(five, read_only=True) == said
    with held_by_another(five, "BEGIN IMMEDIATE"):
        with History(five, read_only=True, wait=0.1) as history:
            assert len(loaded(history)) == 5
        assert refused_untouched(five) == said


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_lock_that_goes_is_waited_for(five: Path, begin: str) -> None:
    with held_by_another(five, begin) as other:
        release = threading.Timer(0.8, lambda: other.execute("ROLLBACK"))  # longer than one wait inside SQLite
        release.start()
        with History(five, wait=HANG) as history:
            assert history.store(HOST, [made_up(9)], AT).changed == 1
        release.join()


def test_a_reader_only_delays_a_commit(five: Path) -> None:
    with held_by_another(five, "BEGIN") as other:
        other.execute("SELECT * FROM day").fetchone()
        with pytest.raises(NotWritten, match="in use by another run"), History(five, wait=0.1) as history:
            history.store(HOST, [made_up(9)], AT)
        release = threading.Timer(0.8, lambda: other.execute("ROLLBACK"))
        release.start()
        with History(five, wait=HANG) as history:
            assert history.store(HOST, [made_up(9)], AT).changed == 1
        release.join()


def test_no_step_gives_up_at_the_first_lock(five: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_SLICE", 0)  # SQLite itself waits for nothing
    ended = threading.Event()

    def lock_now_and_then() -> None:
        with closing(sqlite3.connect(five, isolation_level=None)) as other:
            while not ended.is_set():
                with suppress(sqlite3.OperationalError):
                    other.execute("BEGIN EXCLUSIVE")
                    time.sleep(0.001)
                    other.execute("ROLLBACK")

    thread = threading.Thread(target=lock_now_and_then)
    thread.start()
    try:
        for n in range(50):
            with History(five, read_only=n % 2 == 0, wait=HANG) as history:
                assert len(loaded(history)) >= 5
                if n % 2:
                    assert history.store(HOST, [made_up(n + 10)], AT).changed == 1
    finally:
        ended.set()
        thread.join()


def test_a_signal_ends_the_waiting(five: Path) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with held_by_another(five):
            start = time.monotonic()

            def store() -> None:
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                with History(five, wait=HANG) as history:
                    history.store(HOST, [made_up(9)], AT)

            with pytest.raises(Interrupted):
                store()
            assert time.monotonic() - start < HANG / 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Files that are no history, or no longer one


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_newer_history_is_left_alone(five: Path) -> None:
    alter(five, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    said = (f"the history {five} was written by a newer copilot-usage", f"update copilot-usage, or {ELSEWHERE}")
    assert refused_untouched(five) == said
    assert refused_untouched(five, read_only=True) == said


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE notes (text)"],
        ["PRAGMA application_id = 7", "CREATE TABLE day (text)"],
        ["PRAGMA application_id = 7"],
        ["PRAGMA user_version = 1"],
        [f"PRAGMA application_id = {APPLICATION_ID}", "CREATE TABLE notes (text)"],
        ["PRAGMA journal_mode = WAL", "CREATE TABLE notes (text)"],
    ],
)
def test_another_programs_database_is_left_alone(path: Path, statements: list[str]) -> None:
    alter(path, *statements)
    said = (f"{path} is not a history but another program's database", ELSEWHERE)
    assert refused_untouched(path) == said
    assert refused_untouched(path, read_only=True) == said


def test_another_programs_log_is_not_played_back(path: Path, tmp_path: Path) -> None:
    source = tmp_path / "theirs"
    with closing(sqlite3.connect(source, isolation_level=None)) as theirs:
        theirs.execute("PRAGMA journal_mode = WAL")
        theirs.execute("CREATE TABLE notes (text)")
        for end in ("", "-wal"):
            shutil.copy(f"{source}{end}", f"{path}{end}")
    log = Path(f"{path}-wal")
    before = digest(log)
    assert refused_untouched(path)[0] == f"{path} is not a history but another program's database"
    assert digest(log) == before


@pytest.mark.parametrize(
    "data", [b"x", b"ab", b"a text\n", b"SQLite format 2\0" * 99, random.Random(1).randbytes(9000)]
)
def test_other_files_are_left_alone(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    said = (f"{path} is not a history but another kind of file", ELSEWHERE)
    assert refused_untouched(path) == said
    assert refused_untouched(path, read_only=True) == said


def test_an_empty_file_is_filled_only_where_one_may_be_made(path: Path) -> None:
    path.touch()
    said = (f"there is no history at {path}", NONE_YET)
    assert refused_untouched(path, create=False) == said
    assert refused_untouched(path, read_only=True) == said
    with History(path) as history:
        assert not history.created
        assert history.store(HOST, [made_up(1)], AT).changed == 1


def test_an_empty_database_is_filled(path: Path) -> None:
    alter(path, "CREATE TABLE t (a)", "DROP TABLE t")
    assert path.stat().st_size
    with History(path) as history:
        assert history.store(HOST, [made_up(1)], AT).changed == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_no_file_is_made_unless_asked_to(path: Path) -> None:
    said = (f"there is no history at {path}", NONE_YET)
    assert refused(path, create=False) == said
    assert refused(path, read_only=True) == said
    assert not path.exists()


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path) == (f"the history {tmp_path} is a directory", ELSEWHERE)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert refused(fifo) == (f"the history {fifo} is a special file", ELSEWHERE)
    assert refused(Path("/dev/null")) == ("the history /dev/null is a special file", ELSEWHERE)
    file = tmp_path / "file"
    file.touch()
    below = file / "below"
    assert refused(below) == (f"the history {below} can't be opened: {file}: File exists", ELSEWHERE)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert refused(loop)[0].startswith(f"the history {loop} can't be opened: ")
    assert refused(tmp_path / ("x" * 300))[0].endswith("File name too long")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_history_that_was_cut_short_is_damaged(five: Path, read_only: bool) -> None:
    os.truncate(five, five.stat().st_size // 2)
    said = (f"the history {five} is damaged: database disk image is malformed", DAMAGED)
    assert refused_untouched(five, read_only=read_only) == said


def test_a_history_without_its_tables_is_damaged(five: Path) -> None:
    alter(five, "DROP TABLE cell")
    assert refused_untouched(five, read_only=True) == (f"the history {five} is damaged: no such table: cell", DAMAGED)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cell SET acceptances_count = acceptances_count + 1 WHERE day = 20456 AND language = 7",
        "UPDATE cell SET lines_accepted = 0 WHERE day = 20456 AND language = 7",
        "DELETE FROM cell WHERE day = 20456 AND language = 7",
        "INSERT INTO cell VALUES (1, 20456, 0, 0, 1, 1, 1, 1, 1)",
        "INSERT INTO ide VALUES (1, 20456, 0, 0, 1, 1, 1, 1, 1, 1, 1)",
        "UPDATE cell SET editor = 999 WHERE day = 20456 AND language = 7",
        "UPDATE day SET total_suggestions_count = NULL WHERE day = 20456",
        "UPDATE day SET cells = NULL WHERE day = 20456",
        "UPDATE day SET fetched_at = 0 WHERE day = 20456",
        "UPDATE day SET imported = 1 WHERE day = 20456",
        "UPDATE day SET checksum = x'00' WHERE day = 20456",
    ],
)
def test_a_day_that_was_changed_from_outside_is_never_shown(five: Path, statement: str) -> None:
    alter(five, statement)
    what = "org:acme on 2026-01-03 (usage, github.com) is not what was stored"
    assert refused_untouched(five, read_only=True) == (f"the history {five} is damaged: {what}", DAMAGED)
    with History(five, read_only=True) as history:
        assert what in history.check()
        others = history.load(HOST, ORG, ["usage"], None, date(2026, 1, 2))
        assert len(others) == 2


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE series SET scope = 'nonsense'", "'nonsense' is not a valid scope"),
        ("UPDATE day SET day = 99999999 WHERE day = 20456", "org:acme on 99999999 (usage, github.com) is not"),
        ("DELETE FROM day WHERE day = 20456", "a row of cell belongs to no row of day"),
        ("DELETE FROM name WHERE id = 7", "a row of cell belongs to no row of name"),
        ("UPDATE name SET text = 'pythom' WHERE id = 7", "org:acme on 2026-01-01 (usage, github.com) is not"),
        ("UPDATE name SET text = CAST(x'ff' AS TEXT) WHERE id = 7", "'utf-8' codec can't decode"),
    ],
)
def test_a_check_finds_what_was_changed_from_outside(five: Path, statement: str, line: str) -> None:
    alter(five, "PRAGMA foreign_keys = OFF", statement)
    before = digest(five)
    with History(five) as history:
        problems = history.check()
        for ask in (history.coverage, lambda: loaded(history), lambda: history.settled_days(HOST, ORG, "usage", 3)):
            with suppress(NotWritten):
                ask()
    assert any(line in problem for problem in problems)
    assert len(problems) <= 100
    assert digest(five) == before


def damage(whole: bytes, chance: Random) -> bytes:
    """Change some bytes of a file, and sometimes wipe a page."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 8, 500))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.2:
        at = chance.randrange(0, len(data), 4096)
        data[at : at + 4096] = bytes(4096)
    return bytes(data)


@pytest.mark.parametrize("files", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_damage_shows_a_wrong_number(five: Path, tmp_path: Path, files: int) -> None:
    """A day may be lost, but then a check tells."""
    whole = five.read_bytes()
    with History(five) as history:
        right = loaded(history)
    outcomes = {"refused": 0, "lost": 0, "right": 0}
    for seed in range(files):
        damaged = tmp_path / f"damaged {seed}"
        damaged.write_bytes(damage(whole, Random(seed)))
        before = digest(damaged)
        try:
            with History(damaged, read_only=True) as history:
                found = loaded(history)
                assert [record for record in right if record in found] == found
                outcomes["right" if found == right else "lost"] += 1
                assert found == right or history.check()
                history.coverage()
        except NotWritten:
            outcomes["refused"] += 1
        assert digest(damaged) == before
        with suppress(NotWritten), History(damaged) as history:
            history.check()
            history.store(HOST, [made_up(n) for n in (3, 7)], AT)
            history.remove(None, ORG, FIRST + timedelta(days=2))
        damaged.unlink()
    assert min(outcomes["refused"], outcomes["right"]) > 5


# Disks that are full, and files that may not be written


def fill_up(path: Path) -> tuple[str, str]:
    """Store until nothing more fits, and see that nothing else was lost; give what was said."""
    with History(path) as history:
        before = loaded(history)
        said = None
        for n in range(20, 300):
            held = digest(path)
            try:
                history.store(HOST, [made_up(n)], AT)
            except NotWritten as error:
                said = error.message, error.hint
                assert digest(path) == held
                break
            before.append(made_up(n))
        assert [record.day for record in loaded(history)] == [record.day for record in before]
    assert said
    return said


def test_a_limit_to_the_files_size(five: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (five.stat().st_size + 20_000, before[1]))
    try:
        assert fill_up(five) == (f"the history {five} can't be written: disk I/O error", FULL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with History(five) as history:
        assert history.store(HOST, [made_up(n) for n in range(200, 240)], AT).changed == 40
        assert history.check() == []


def test_a_full_disk(small_disk: Path) -> None:
    path = small_disk / "h"
    with History(path) as history:
        history.store(HOST, [made_up(n) for n in range(5)], AT)
    assert fill_up(path) == (f"the history {path} can't be written: database or disk is full", FULL)
    with History(path) as history:
        assert history.check() == []


def test_a_disk_with_no_room_for_a_history(small_disk: Path) -> None:
    path = small_disk / "h"
    ballast = small_disk / "ballast"
    with suppress(OSError):
        ballast.write_bytes(bytes(1 << 18))
    assert refused(path)[1] == FULL
    ballast.unlink()
    with History(path) as history:
        assert history.store(HOST, [made_up(1)], AT).changed == 1


def test_a_disk_on_which_nothing_may_be_written(small_disk: Path) -> None:
    path = small_disk / "h"
    with History(path) as history:
        history.store(HOST, [made_up(1)], AT)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with History(path) as history:
        assert loaded(history) == [made_up(1)]
    said = (f"the history {path} can't be written: attempt to write a readonly database", READ_ONLY)
    assert refused_untouched(path) == said
    other = small_disk / "other"
    assert refused(other) == (f"the history {other} can't be opened: Read-only file system", ELSEWHERE)


def test_files_and_folders_that_are_read_only(open_folder: Path) -> None:
    path = open_folder / "h"
    with History(path) as history:
        history.store(HOST, [made_up(n) for n in range(5)], AT)
    path.chmod(0o444)
    said = (f"the history {path} can't be written: attempt to write a readonly database", READ_ONLY)
    with ordinary_user():
        assert refused_untouched(path) == said
    open_folder.chmod(0o555)
    new = open_folder / "new"
    with ordinary_user():
        assert refused_untouched(path) == said
        assert refused(new) == (f"the history {new} can't be opened: Permission denied", ELSEWHERE)
        for read_only in (False, True):
            with History(path, read_only=read_only) as history:
                assert len(loaded(history)) == 5
                assert history.check() == []
    path.chmod(0o666)  # the file may be written, but no journal beside it
    with ordinary_user():
        assert refused_untouched(path) == said
    path.chmod(0)
    with ordinary_user():
        assert refused(path) == (f"the history {path} can't be opened: unable to open database file", READ_ONLY)


@pytest.fixture
def interrupted(five: Path, open_folder: Path) -> Path:
    """What a writer leaves that is killed after some of its pages reached the file."""
    path = open_folder / "h"
    with History(five) as history, suppress(InterruptedError):
        history._file.connection.execute("PRAGMA cache_size = 1")
        with history._file.writing() as connection:
            for table in ("cell", "day"):
                connection.execute(f"DELETE FROM {table}")
            for end in ("", "-journal"):
                shutil.copy(f"{five}{end}", f"{path}{end}")
                Path(f"{path}{end}").chmod(0o644)
            raise InterruptedError
    assert digest(path) != digest(five)
    return path


@pytest.mark.parametrize("read_only", [False, True])
def test_what_a_killed_writer_began_is_undone_by_the_next_run(interrupted: Path, five: Path, read_only: bool) -> None:
    with History(interrupted, read_only=read_only) as history:
        assert loaded(history) == [made_up(n) for n in range(5)]
    assert digest(interrupted) == digest(five)


def test_what_a_killed_writer_began_is_not_shown_where_it_cant_be_undone(interrupted: Path) -> None:
    interrupted.parent.chmod(0o555)
    with ordinary_user():
        said = refused_untouched(interrupted, read_only=True)
    assert said == (f"the history {interrupted} can't be opened: attempt to write a readonly database", READ_ONLY)


# Who may read it


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize("mask", [0, 0o022, 0o277, 0o777])
def test_only_its_owner_may_read_a_history(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "a" / "b" / "h"
    with umask(mask), History(path) as history, history._file.writing() as connection:
        connection.execute("INSERT INTO series (host, scope, source) VALUES ('h', 'org:o', 's')")
        assert mode(Path(f"{path}-journal")) == "0o600"
    assert [mode(entry) for entry in (path, path.parent, path.parent.parent)] == ["0o600", "0o700", "0o700"]


def test_modes_that_somebody_chose_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    path = tmp_path / "h"
    with History(path):
        pass
    path.chmod(0o640)
    with History(path) as history:
        history.store(HOST, [made_up(1)], AT)
    assert (mode(path), mode(tmp_path)) == ("0o640", "0o750")


def test_a_link_to_nowhere_makes_the_file_that_it_names(tmp_path: Path) -> None:
    target = tmp_path / "real" / "h"
    link = tmp_path / "link"
    link.symlink_to(target)
    with umask(0), History(link) as history:
        assert history.created
    assert mode(target) == "0o600"
    assert link.is_symlink()


# Migrations


SECOND = ("CREATE TABLE extra (a INTEGER) STRICT", "INSERT INTO extra VALUES (1)")


@pytest.fixture
def migrate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the program know more migrations."""

    def add(*migrations: tuple[str, ...]) -> None:
        monkeypatch.setattr(file, "MIGRATIONS", (*MIGRATIONS, *migrations))
        monkeypatch.setattr(file, "VERSION", len(MIGRATIONS) + len(migrations))

    return add


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


@pytest.mark.parametrize("read_only", [False, True])
def test_an_older_history_is_upgraded_with_all_its_days(
    five: Path, migrate: Callable[..., None], read_only: bool
) -> None:
    migrate(SECOND, ("INSERT INTO extra VALUES (2)",))
    for _ in range(2):
        with History(five, read_only=read_only) as history:
            assert loaded(history) == [made_up(n) for n in range(5)]
            assert history._file.connection.execute("SELECT a FROM extra").fetchall() == [(1,), (2,)]
    assert version(five) == len(MIGRATIONS) + 2


@pytest.mark.parametrize("read_only", [False, True])
def test_a_history_of_the_version_before_activity_keeps_every_day(five: Path, read_only: bool) -> None:
    alter(five, "ALTER TABLE day DROP COLUMN activity", f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    with History(five, read_only=read_only) as history:
        assert loaded(history) == [made_up(n) for n in range(5)]
        assert history.check() == []
        assert history.settled_days(HOST, ORG, "usage", 3, complete=True) == frozenset()
        assert len(history.settled_days(HOST, ORG, "usage", 3)) == 5
    assert version(five) == len(MIGRATIONS)


def test_a_migration_that_fails_changes_nothing(five: Path, migrate: Callable[..., None]) -> None:
    migrate((*SECOND, "INSERT INTO nowhere VALUES (1)"))
    assert refused_untouched(five) == (f"the history {five} is damaged: no such table: nowhere", DAMAGED)
    assert version(five) == len(MIGRATIONS)
    migrate(SECOND)
    with History(five) as history:
        assert len(loaded(history)) == 5


def test_a_new_history_goes_through_all_migrations(path: Path, migrate: Callable[..., None]) -> None:
    migrate(SECOND)
    with History(path) as history:
        assert history.store(HOST, [made_up(1)], AT).changed == 1
    assert version(path) == len(MIGRATIONS) + 1


def test_an_older_python_is_told_what_it_lacks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    said = ("the history needs SQLite 3.37 or newer; this Python has 3.34.1",)
    assert refused(path) == (*said, "use a newer Python, or do without: --no-history")
    assert not path.exists()


def main(what: str, path: Path, *numbers: int) -> None:
    if what == "kill":
        sys.stdout.write(json.dumps(kill_rounds(path, *numbers)))
    elif what == "race":
        sys.stdout.write(json.dumps(race(path, *numbers)))
    else:
        start, count = numbers
        stored = 0
        for n in range(start, start + count):
            with History(path, wait=HANG) as history:
                stored += history.store(HOST, [made_up(n)], AT).changed
        sys.stdout.write(f"stored {stored}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
    except CopilotUsageError as failed:
        sys.exit(f"{failed.message}; {failed.hint}")
