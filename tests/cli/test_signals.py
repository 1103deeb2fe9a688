from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.limits import HANG
from support.marks import needs_proc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.faulty import Behaviours, Faulty

ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
EACH_SIGNAL = pytest.mark.parametrize("signum", ENDS, ids=lambda signum: signum.name)


@contextmanager
def started(script: Path, *args: str, ignoring: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program; whatever becomes of the test, it ends."""
    command = [str(script), *args]
    if ignoring is not None:
        ignore = f"signal.signal({int(ignoring)}, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
        command = [sys.executable, "-c", f"import os, signal, sys; {ignore}", *command]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "GH_TOKEN": "made-up"},
        start_new_session=True,  # a Ctrl-C of the person who runs the tests is not meant
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@EACH_SIGNAL
def test_a_signal_ends_a_hanging_request(
    signum: signal.Signals, script: Path, tmp_path: Path, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    target = tmp_path / "usage.csv"
    target.write_text("old")
    hang = behaviours.hang()
    server = faulty(hang)
    with started(script, "org", "acme", "--api-url", server.url, "-f", "csv", "-o", str(target)) as process:
        server.wait_for_requests()
        process.send_signal(signum)
        out, err = process.communicate(timeout=HANG)
    assert not hang.outlasted
    assert (process.returncode, out, err) == (ENDS[signum], b"", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["usage.csv"]
    assert target.read_text() == "old"


def test_a_signal_ends_a_wait(script: Path, faulty: Callable[..., Faulty], behaviours: type[Behaviours]) -> None:
    server = faulty(behaviours.reply(429, "{}", Retry_After="60"))
    with started(script, "org", "acme", "--api-url", server.url) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        assert said == f"copilot-usage: waiting 60 s for {server.netloc}: a secondary rate limit (429)\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_signal_ends_a_write_and_removes_the_temporary_file(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from copilot_usage_cli import __main__; from copilot_usage_cli.cli import output\n"
        "from copilot_usage_cli.errors import TerminatedBySignal\n"
        "__main__._end_on_signals()\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGTERM)\n"
        "try:\n"
        "    output.write_file(sys.argv[1], 'report')\n"
        "except TerminatedBySignal as ended:\n"
        "    sys.exit(ended.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "usage.csv"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, b"", b"")
    assert list(tmp_path.iterdir()) == []


@needs_proc
@EACH_SIGNAL
def test_a_signal_at_any_moment_of_the_start_shows_no_traceback(
    signum: signal.Signals, script: Path, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    server = faulty(behaviours.hang())
    chance = random.Random(int(signum))
    for n in range(5):
        with started(script, "org", "acme", "--api-url", server.url) as process:
            # When the handler is in place: the interpreter's own start, before, belongs to Python.
            _wait_for_handler(process.pid, signum)
            time.sleep(chance.random() * 0.3 if n else 0)
            process.send_signal(signum)
            out, err = process.communicate(timeout=HANG)
        assert (process.returncode, out, err) == (ENDS[signum], b"", b"")


def _wait_for_handler(pid: int, signum: int) -> None:
    """Wait until a process catches a signal, by what the system says of it."""
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - quicker, and this is a race
            caught = next(line for line in status if line.startswith("SigCgt:"))
        # SIGINT is caught by Python from its start on; the handler of SIGTERM is installed after that of SIGINT.
        wanted = 1 << ((signal.SIGTERM if signum == signal.SIGINT else signum) - 1)
        if int(caught.split()[1], 16) & wanted:
            return
        time.sleep(0.001)
    raise AssertionError("the program never caught the signal")


def test_ctrl_c_before_the_signals_are_set_shows_no_traceback() -> None:
    hold = (
        "import os, signal, sys, copilot_usage_cli.__main__ as program\n"
        "def hold(): os.kill(os.getpid(), signal.SIGINT)\n"
        "program.main = hold\n"
        "program.run_process()"
    )
    done = subprocess.run([sys.executable, "-c", hold], check=False, capture_output=True, timeout=HANG)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.parametrize("signum", [signal.SIGHUP, signal.SIGINT], ids=["nohup", "background"])
def test_a_signal_that_the_parent_ignores_stays_ignored(
    signum: signal.Signals, script: Path, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    server = faulty(behaviours.hang())
    with started(script, "org", "acme", "--api-url", server.url, ignoring=signum) as process:
        server.wait_for_requests()
        process.send_signal(signum)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=HANG)
    assert (process.returncode, out, err) == (143, b"", b"")
