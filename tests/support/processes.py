"""Processes, threads and terminals that end with the test, whatever becomes of it."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from support.limits import HANG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


@contextmanager
def started(
    command: Sequence[object], *, env: Mapping[str, str] | None = None, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process with pipes for stdout and stderr; at the end it is killed, and what it has started with it.

    `env` is added to the tests' own. The process has a session of its own: a Ctrl-C of the person who runs the tests is
    not meant.
    """
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    process = subprocess.Popen(
        [os.fspath(each) if isinstance(each, os.PathLike) else str(each) for each in command],
        env={**os.environ, **(env or {})},
        start_new_session=True,
        **given,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what nobody has read from stdin
                    pipe.close()


def finish(
    command: Sequence[object],
    *,
    stdin: bytes | str = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    limit: float = HANG,
    **options: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run a process to its end."""
    with started(command, env=env, cwd=cwd, stdin=subprocess.PIPE, **options) as process:
        out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, timeout=limit)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def terminal(columns: int = 80) -> Iterator[tuple[int, int]]:
    """Open a terminal; give our side and that of the program, of which the latter may be closed before the end."""
    ours, theirs = os.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        yield ours, theirs
    finally:
        os.close(ours)
        with suppress(OSError):
            os.close(theirs)


def shown_in_terminal(
    columns: int, command: Sequence[object], *, env: Mapping[str, str] | None = None, **options: Any
) -> tuple[int, str]:
    """Run a process to its end in a terminal of its own; give its exit code and all that the terminal was sent."""
    with terminal(columns) as (ours, theirs):
        given = {"stdin": theirs, "stdout": theirs, "stderr": theirs, **options}
        with started(command, env=env, **given) as process:
            os.close(theirs)
            too_long = threading.Timer(HANG, process.kill)
            too_long.start()
            sent = b""
            try:
                with suppress(OSError):  # EIO: the other side is closed
                    while data := os.read(ours, 65536):
                        sent += data
                code = process.wait()
            finally:
                too_long.cancel()
                too_long.join()
    return code, sent.decode().replace("\r\n", "\n")


@contextmanager
def at_the_same_time(*works: Callable[[], object]) -> Iterator[None]:
    """Do each work in a thread of its own; at the end all must be over, and none may have failed."""
    failed: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the test
            failed.append(error)

    # Daemons, so that one that hangs fails the test and not the end of the whole run.
    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(HANG)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if failed:
        raise failed[0]
