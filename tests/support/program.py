"""The program: installed, in a terminal, or in this process."""

from __future__ import annotations

import signal
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from copilot_usage_cli.__main__ import main
from support.clock import NOW
from support.processes import finish, shown_in_terminal

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

SCRIPT = Path(sysconfig.get_path("scripts")) / "copilot-usage"
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Finished:
    """A program's exit code and output; `out` holds all that a terminal showed."""

    code: int
    out: str
    err: str = ""


class Run(Protocol):
    """Run the program to its end, at the moment `now`.

    Without it the installed program has the real clock, on which no test may depend, and the program in this process
    has `support.clock.NOW`.
    """

    def __call__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        stdin: str | bytes = "",
        cwd: Path | None = None,
        now: datetime | None = None,
    ) -> Finished: ...


class RunInTerminal(Protocol):
    """Run the program to its end in a terminal so many columns wide; `now` as for Run."""

    def __call__(
        self, columns: int, *args: str, env: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Finished: ...


def command(*args: object, now: datetime | None = None) -> list[object]:
    """Give the command line of the installed program, or of one whose clock stands still."""
    if now is None:
        return [SCRIPT, *args]
    return [sys.executable, "-P", LAUNCH, now.isoformat(), *args]


@pytest.fixture
def script() -> Path:
    """The installed program."""
    return SCRIPT


@pytest.fixture
def run() -> Run:
    """Run the program as a person or a cron job does: a process of its own, pipes all around."""

    def run(
        *args: str,
        env: Mapping[str, str] | None = None,
        stdin: str | bytes = "",
        cwd: Path | None = None,
        now: datetime | None = None,
    ) -> Finished:
        done = finish(command(*args, now=now), stdin=stdin, env=env, cwd=cwd)
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def run_in_terminal() -> RunInTerminal:
    """Run the program with stdin, stdout and stderr on a terminal of its own."""

    def run(columns: int, *args: str, env: Mapping[str, str] | None = None, now: datetime | None = None) -> Finished:
        return Finished(*shown_in_terminal(columns, command(*args, now=now), env=env))

    return run


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program's main function in this process: quicker than a process, and without a terminal, too."""

    def run(
        *args: str,
        env: Mapping[str, str] | None = None,
        stdin: str | bytes = "",
        cwd: Path | None = None,
        now: datetime | None = None,
    ) -> Finished:
        assert not stdin
        assert cwd is None
        with monkeypatch.context() as patch, _signals_kept():
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capfd.readouterr()
            code = main(args, lambda: now or NOW)
            sys.stdout.flush()
            out, err = capfd.readouterr()
        return Finished(code, out, err)

    return run


@contextmanager
def _signals_kept() -> Generator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
