"""The history's file: made for its owner alone, opened, locked, upgraded. Each failure is one NotWritten."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeVar

from copilot_usage_cli.errors import NotWritten
from copilot_usage_cli.history.schema import APPLICATION_ID, MIGRATIONS

T = TypeVar("T")

VERSION = len(MIGRATIONS)
_OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables
_SLICE = 0.5  # seconds: SQLite waits for a lock without letting Python see a Ctrl-C
_ELSEWHERE = "name another file with COPILOT_USAGE_HISTORY=PATH, or do without: --no-history"
_FULL = "is the disk full? What was stored before is as it was"
_FORBIDDEN = f"are the file and its folder yours to write? If not, {_ELSEWHERE}"
_CURES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FULL,
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
}
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT})


class DamagedHistory(NotWritten):
    """The history's file holds what no history writes."""


class NoHistory(NotWritten):
    """There is no file, or another run has only just made it."""


class BusyHistory(NotWritten):
    """Another run has held the history's file for as long as this one would wait."""


class HistoryFile:
    """A connection to the file at `path`; makes the file if `create`, and never writes if `read_only`.

    `created` tells whether this made the file. A lock that another process holds is waited for up to `wait` seconds.
    Raises NotWritten, as all its methods, and leaves a file that it can't use as it is.
    """

    def __init__(self, path: Path, *, create: bool, read_only: bool, wait: float) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise NotWritten(
                f"the history needs SQLite 3.37 or newer; this Python has {sqlite3.sqlite_version}",
                "use a newer Python, or do without: --no-history",
            )
        self.path = path
        self.created = False
        self._wait = wait
        try:
            self._real = Path(os.path.realpath(path))
            self._find(create=create and not read_only)
        except OSError as error:
            where = f"{error.filename}: " if error.filename not in {None, str(path)} else ""
            raise NotWritten(f"the history {path} can't be opened: {where}{error.strerror}", _ELSEWHERE) from None
        with self._failures("opened"):
            self._identify_read_only()
            self.connection = self._connect("rw")
        try:
            with self._failures("opened"):
                self._prepare(read_only=read_only)
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        try:
            return self._real.stat().st_size
        except OSError as error:
            raise NotWritten(f"the history {self.path} can't be read: {error.strerror}", _ELSEWHERE) from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold a transaction in which all reads see the file as of one moment."""
        with self._failures("read"), self._transaction("BEGIN") as connection:
            self._retry_while_locked(lambda: self._identify(connection))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold a transaction in which no other process writes; it is committed at the end, or all of it is undone.

        One within another is a part of that.
        """
        if self.connection.in_transaction:
            yield self.connection
            return
        with self._failures("written"), self._transaction("BEGIN IMMEDIATE") as connection:
            self._identify(connection)
            yield connection

    def damaged(self, what: object) -> DamagedHistory:
        """Return an error that says how the file is damaged."""
        return DamagedHistory(
            f"the history {self.path} is damaged: {what}",
            "restore a backup of it, or move it away: the next report begins a new one",
        )

    def _find(self, *, create: bool) -> None:
        """Make sure that there is a regular file, not empty unless it may be filled."""
        if create and not self._real.exists():
            _make_folder(self._real.parent)
            with suppress(FileExistsError):
                descriptor = os.open(self._real, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                os.fchmod(descriptor, 0o600)  # whatever the umask took away
                os.close(descriptor)
                self.created = True
        try:
            found = self._real.stat()
        except FileNotFoundError:
            found = None
        if found is None or (not found.st_size and stat.S_ISREG(found.st_mode) and not create):
            raise NoHistory(
                f"there is no history at {self.path}", "a report from GitHub or copilot-usage history sync begins one"
            )
        if not stat.S_ISREG(found.st_mode):
            kind = "directory" if stat.S_ISDIR(found.st_mode) else "special file"
            raise NotWritten(f"the history {self.path} is a {kind}", _ELSEWHERE)
        if found.st_size == 1:  # SQLite takes such a file for an empty one, and would fill it
            raise self._other_kind()

    def _identify_read_only(self) -> None:
        """Identify the file over a connection that can't write: another program's may be changed by closing it."""
        with closing(self._connect("ro")) as connection:
            try:
                self._retry_while_locked(lambda: self._identify(connection))
            except sqlite3.OperationalError as error:
                # A writer was killed: only a connection that can write can undo what it had begun.
                if _code(error) != sqlite3.SQLITE_READONLY_ROLLBACK:
                    raise

    def _prepare(self, *, read_only: bool) -> None:
        self.connection.text_factory = _decode
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
            self._execute(f"PRAGMA {pragma}")
        while self._retry_while_locked(lambda: self._identify(self.connection)) < VERSION:
            self._upgrade()
        if read_only:
            self._execute("PRAGMA query_only = ON")
        elif self._execute("PRAGMA journal_mode").fetchone() != ("delete",):
            self._execute("PRAGMA journal_mode = DELETE")

    def _upgrade(self) -> None:
        """Apply the next migration, unless another process just did."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            version = self._identify(connection)
            if version < VERSION:
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")

    def _identify(self, connection: sqlite3.Connection) -> int:
        """Return the version of the file's tables, 0 for an empty database; refuses what isn't a history."""
        nested = connection.in_transaction
        if not nested:
            connection.execute("BEGIN")  # the three answers must be of one moment
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        finally:
            if not nested:
                _undo(connection)
        if application == APPLICATION_ID and version > VERSION:
            raise NotWritten(
                f"the history {self.path} was written by a newer copilot-usage",
                f"update copilot-usage, or {_ELSEWHERE}",
            )
        ours = application == APPLICATION_ID and version
        empty = application in {0, APPLICATION_ID} and not version and not tables
        if ours or empty:
            return int(version)
        raise NotWritten(f"{self.path} is not a history but another program's database", _ELSEWHERE)

    def _connect(self, mode: Literal["ro", "rw"]) -> sqlite3.Connection:
        uri = f"{self._real.as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=min(self._wait, _SLICE), isolation_level=None)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._execute(begin)
        try:
            yield self.connection
            self._execute("COMMIT")
        except BaseException:
            _undo(self.connection)
            raise

    def _execute(self, statement: str) -> sqlite3.Cursor:
        return self._retry_while_locked(lambda: self.connection.execute(statement))

    def _retry_while_locked(self, action: Callable[[], T]) -> T:
        """Repeat what a lock of another process stops, as long as `wait` allows."""
        end = time.monotonic() + self._wait
        while True:
            try:
                return action()
            except sqlite3.OperationalError as error:
                if _code(error) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        """Turn every failure of SQLite into one error for people."""
        try:
            yield
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise self._failure(error, what) from None

    def _other_kind(self) -> NotWritten:
        return NotWritten(f"{self.path} is not a history but another kind of file", _ELSEWHERE)

    def _failure(self, error: Exception, what: str) -> NotWritten:
        if isinstance(error, OverflowError):
            return NotWritten(f"the history {self.path} can't hold a count of 2^63 or more", "look at the records")
        code = _code(error) & 0xFF
        if code in _DAMAGE:
            return self.damaged(error)
        if code == sqlite3.SQLITE_BUSY:
            message = f"the history {self.path} is in use by another run: waited {self._wait:g} s"
            return BusyHistory(message, "try again later")
        if code == sqlite3.SQLITE_NOTADB:
            return self._other_kind()
        return NotWritten(f"the history {self.path} can't be {what}: {error}", _CURES.get(code, _ELSEWHERE))


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")  # JSON may hold half a character, and what is stored comes back


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)


def _undo(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):  # a failure may have undone it already
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that aren't there, for their owner alone, whatever the umask."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        try:
            each.mkdir(mode=0o700)
        except FileExistsError:
            if not each.is_dir():
                raise
        else:
            each.chmod(0o700)
