from __future__ import annotations

import errno
import fcntl
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.limits import HANG, MANY
from support.marks import needs_dev_full
from support.processes import shown_in_terminal, started

from copilot_usage_cli.cli import output
from copilot_usage_cli.errors import NotWritten, TerminatedBySignal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.program import Run

FORMATS = ["table", "csv", "tsv", "json", "ndjson"]
DEMO = ("org", "acme", "--demo")
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def shell(script: Path, line: str, **env: str) -> tuple[int, bytes, bytes]:
    """Run a line of sh, in which $USAGE is the program."""
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={**os.environ, "USAGE": str(script), **env},
        capture_output=True,
        timeout=HANG,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


# Files


def test_a_file_holds_what_stdout_would(run: Run, tmp_path: Path) -> None:
    printed = run(*DEMO, "-f", "json", "-q")
    for name in ("usage.json", "again.json", "again.json"):
        written = run(*DEMO, "-f", "json", "-q", "-o", str(tmp_path / name))
        assert (written.code, written.out, written.err) == (0, "", "")
        assert (tmp_path / name).read_text("utf-8") == printed.out
    assert left(tmp_path) == ["again.json", "usage.json"]


def test_output_dash_is_stdout(run: Run, tmp_path: Path) -> None:
    assert run(*DEMO, "--json", "-q", "-o", "-", cwd=tmp_path) == run(*DEMO, "--json", "-q")
    assert left(tmp_path) == []


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "usage.csv"
    target.write_text("old")
    target.chmod(0o640)
    output.write_file(str(target), ["new\n"])
    assert target.read_text() == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        output.write_file(str(tmp_path / "usage.csv"), ["new\n"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "usage.csv").stat().st_mode) == 0o640


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "latest.csv"
    link.symlink_to("there/usage.csv")
    for text in ("first\n", "second\n"):
        output.write_file(str(link), [text])
        assert link.is_symlink()
        assert (tmp_path / "there" / "usage.csv").read_text() == text
    assert left(tmp_path / "there") == ["usage.csv"]


def test_a_fifo_is_written_through(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()
    output.write_file(str(fifo), ["report\n" * 100_000])
    reader.join(30)
    assert read == ["report\n" * 100_000]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_that_loses_its_reader_ends_quietly(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def read_a_little() -> None:
        with fifo.open("rb", buffering=0) as opened:
            opened.read(1)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    with pytest.raises(TerminatedBySignal) as ended:
        output.write_file(str(fifo), ["report\n" * 100_000])
    reader.join(30)
    assert ended.value.exit_code == 141


def test_dev_stdout_is_written_through(run: Run, script: Path, tmp_path: Path) -> None:
    report = run(*DEMO, "-f", "csv", "-q").out.encode()
    for name in ("/dev/stdout", "/dev/fd/1"):
        assert shell(script, f'"$USAGE" org acme --demo -f csv -q -o {name} | cat') == (0, report, b"")
    # What else goes to the file stays, before and after.
    line = '{ echo a; "$USAGE" org acme --demo -f csv -q -o /dev/stdout; echo b; } > out'
    assert shell(script, f"cd {tmp_path}; {line}") == (0, b"", b"")
    assert (tmp_path / "out").read_bytes() == b"a\n" + report + b"b\n"
    # Another descriptor, as of bash's >(…).
    assert shell(script, '"$USAGE" org acme --demo -f csv -q -o /dev/fd/5 5>&1 | cat') == (0, report, b"")
    assert run(*DEMO, "-q", "-o", "/dev/null").code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "it is a directory\nhint: name a file in it\n"),
        ("nowhere/usage.csv", "there is no directory {tmp_path}/nowhere\nhint: make it first\n"),
        ("file/usage.csv", "there is no directory {tmp_path}/file\nhint: make it first\n"),
        ("x" * 300, "File name too long\n"),
    ],
    ids=["directory", "no parent", "parent is a file", "too long"],
)
def test_what_can_not_be_a_file_is_said_before_any_work(run: Run, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    target = str(tmp_path / name)
    # No server is there: asking it would be exit 6.
    refused = run("org", "acme", "--api-url", "http://127.0.0.1:1", "-o", target, env={"GH_TOKEN": "made-up"})
    assert (refused.code, refused.out) == (8, "")
    assert refused.err == f"copilot-usage: error: --output {target}: {said.format(tmp_path=tmp_path)}"
    assert left(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "usage.csv"
    target.write_text("old")
    # A limit on the size of files stands in for a disk's end.
    program = (
        "import resource, sys\n"
        "from copilot_usage_cli.cli import output\n"
        "from copilot_usage_cli.errors import NotWritten\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try:\n"
        "    output.write_file(sys.argv[1], ['x' * 1_000_000])\n"
        "except NotWritten as error:\n"
        "    print(error.message, error.hint, sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, target], capture_output=True, text=True, check=True)
    assert done.stdout == f"--output {target}: File too large\nthe file that was there is as it was\n"
    assert target.read_text() == "old"
    assert left(tmp_path) == ["usage.csv"]


def test_a_failed_run_leaves_the_old_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text("old")
    failed = run("org", "missing", "--demo", "-o", str(tmp_path / "usage.csv"))
    assert failed.code == 5
    assert (tmp_path / "usage.csv").read_text() == "old"
    assert left(tmp_path) == ["usage.csv"]


WRITER = """
import sys
from copilot_usage_cli.cli.output import write_file
texts = ["a" * 300_000 + "\\n", "b" * 400_000 + "\\n"]
print("ready", flush=True)
while True:
    for text in texts:
        write_file(sys.argv[1], [text])
"""


@pytest.mark.slow  # in short it is F11 of the figures
def test_a_killed_writer_leaves_no_half_report(tmp_path: Path) -> None:
    target = tmp_path / "usage.csv"
    whole = {"a" * 300_000 + "\n", "b" * 400_000 + "\n"}
    leftovers = 0
    chance = random.Random(11)
    rounds = 0
    while rounds < 50 or not leftovers:  # what is killed at harmless moments shows nothing
        rounds += 1
        assert rounds < MANY
        with started([sys.executable, "-S", "-c", WRITER, target], env=_path()) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.random() * 0.02)
            process.kill()
            process.wait()
        assert not target.exists() or target.read_text() in whole
        leftovers += len(left(tmp_path)) - target.exists()
    output.write_file(str(target), ["last\n"])
    assert left(tmp_path) == ["usage.csv"]


def _path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(output.__file__).parents[2])}


def test_a_reader_never_sees_half_a_report(tmp_path: Path) -> None:
    target = tmp_path / "usage.csv"
    texts = ["a" * 3_000_000, "b" * 4_000_000]
    output.write_file(str(target), [texts[0]])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for text in texts:
                output.write_file(str(target), [text])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {target.read_text() for _ in range(100)}
    finally:
        stop.set()
        writer.join()
    assert seen <= set(texts)


HELD = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_leftovers_of_runs_that_live_stay(tmp_path: Path) -> None:
    """Whatever their process ids are: two containers may have the same."""
    living = tmp_path / ".usage.csv.1234.copilot-usage.tmp"
    with subprocess.Popen(
        [sys.executable, "-c", HELD, living], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        for name in (".usage.csv.1.copilot-usage.tmp", ".other.csv.1.copilot-usage.tmp", ".usage.csv.tmp"):
            (tmp_path / name).write_text("half")
        output.write_file(str(tmp_path / "usage.csv"), ["whole"])
        assert left(tmp_path) == sorted([living.name, ".other.csv.1.copilot-usage.tmp", ".usage.csv.tmp", "usage.csv"])
        process.communicate("")
    output.write_file(str(tmp_path / "usage.csv"), ["whole"])
    assert living.name not in left(tmp_path)


def test_without_locks_leftovers_go_by_their_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    now = time.time()
    for name, age in (("young", 3500), ("old", 3700)):
        path = tmp_path / f".usage.csv.{name}.copilot-usage.tmp"
        path.write_text("half")
        os.utime(path, (now - age, now - age))
    output.write_file(str(tmp_path / "usage.csv"), ["whole"])
    assert left(tmp_path) == [".usage.csv.young.copilot-usage.tmp", "usage.csv"]


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_terminal_is_styled_by_whatever_name_stdout_has(name: str, script: Path) -> None:
    plain = shown_in_terminal(80, [script, *DEMO])
    assert "\x1b[" in plain[1]
    assert shown_in_terminal(80, [script, *DEMO, "-o", name]) == plain


def test_two_runs_that_write_one_file_leave_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One begins and ends while the other writes, as from two containers whose processes have the same id."""
    monkeypatch.setattr("os.getpid", lambda: 1)
    target = tmp_path / "usage.csv"

    def slow() -> Iterator[str]:
        yield "slow " * 100_000
        output.write_file(str(target), ["quick"])
        assert target.read_text() == "quick"
        yield "end"

    output.write_file(str(target), slow())
    assert target.read_text() == "slow " * 100_000 + "end"
    assert left(tmp_path) == ["usage.csv"]


@pytest.mark.parametrize("name", ["u" * 250, "u" * 251 + ".csv", "ü" * 125])
def test_a_name_may_be_as_long_as_the_file_system_takes(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    for text in ("one", "two"):
        output.write_file(str(target), [text])
        assert target.read_text() == text
    assert left(tmp_path) == [name]


def test_a_planted_temporary_file_is_not_written_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    planted = tmp_path / f".usage.csv.{os.getpid()}.copilot-usage.tmp"
    planted.symlink_to(victim)
    output.write_file(str(tmp_path / "usage.csv"), ["report"])
    planted.hardlink_to(victim)
    output.write_file(str(tmp_path / "usage.csv"), ["report"])
    assert victim.read_text() == "precious"
    assert not (tmp_path / "usage.csv").is_symlink()


def test_a_temporary_file_is_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", bytes)  # as if chance gave a name that is taken
    taken = tmp_path / f".usage.csv.{bytes(8).hex()}.copilot-usage.tmp"
    taken.write_text("another run's")
    with taken.open() as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        with pytest.raises(NotWritten):
            output.write_file(str(tmp_path / "usage.csv"), ["report"])
    assert taken.read_text() == "another run's"


def test_a_named_pipe_among_the_leftovers_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".usage.csv.0123.copilot-usage.tmp")
    output.write_file(str(tmp_path / "usage.csv"), ["report"])
    assert (tmp_path / "usage.csv").read_text() == "report"


def test_whatever_is_said_is_cut_and_safe(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("error: \x1b[31m https://h.example/p?sig=c2VudGluZWw and more", "hint: ghp_c2VudGluZWw", "x" * 99_999)
    said = capsys.readouterr().err
    assert said.startswith("copilot-usage: error: \\x1b[31m https://h.example/p?*** and more\nhint: ***\nxxx")
    assert len(said) < 21_000


def test_a_broken_link_is_no_reason_to_fail(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(NotWritten, match=r"^--output .*loop: "):
        output.check_target(str(loop))
    (tmp_path / "dangling").symlink_to(tmp_path / "new.csv")
    output.check_target(str(tmp_path / "dangling"))
    output.write_file(str(tmp_path / "dangling"), ["report"])
    assert (tmp_path / "new.csv").read_text() == "report"


# stdout and stderr that are full, closed or left


@pytest.mark.slow  # in short it is F15 of the figures
@needs_dev_full
@UNBUFFERED
@pytest.mark.parametrize("form", FORMATS)
def test_a_full_stdout_is_an_error(script: Path, form: str, unbuffered: str) -> None:
    code, _, err = shell(script, f'"$USAGE" org acme --demo -q -f {form} >/dev/full', PYTHONUNBUFFERED=unbuffered)
    assert code == 8
    assert err == b"copilot-usage: error: stdout could not be written: No space left on device\n"


@UNBUFFERED
@pytest.mark.parametrize("form", FORMATS)
def test_a_closed_stdout_is_an_error(script: Path, form: str, unbuffered: str) -> None:
    code, _, err = shell(script, f'"$USAGE" org acme --demo -q -f {form} >&-', PYTHONUNBUFFERED=unbuffered)
    assert code == 8
    assert err == (
        b"copilot-usage: error: stdout is closed, so the report went nowhere\n"
        b"hint: write it to a file with --output FILE\n"
    )


@needs_dev_full
@pytest.mark.parametrize("asked", ["--help", "org --help", "history -h", "--version", "", "completion bash"])
def test_a_closed_stdout_gets_no_help(script: Path, asked: str) -> None:
    code, _, err = shell(script, f'"$USAGE" {asked} >&-', COPILOT_USAGE_SCOPE="")
    assert code == 8
    assert err.startswith(b"copilot-usage: error: stdout ")


@UNBUFFERED
@pytest.mark.parametrize("asked", ["--help", "org --help", "--version", "", "completion bash"])
def test_help_and_version_that_get_nowhere_are_errors(script: Path, asked: str, unbuffered: str) -> None:
    code, _, err = shell(script, f'"$USAGE" {asked} >/dev/full', PYTHONUNBUFFERED=unbuffered)
    assert (code, err) == (8, b"copilot-usage: error: stdout could not be written: No space left on device\n")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("org acme --demo -v", 0),
        ("org missing --demo", 5),
        ("org a/b --demo", 2),
        ("org acme --demo --json --fail-on-missing", 3),
        ("org acme --api-url http://127.0.0.1:1 --max-wait 0", 6),
        ("nonsense", 2),
        ("--help", 0),
    ],
)
def test_a_closed_stderr_changes_no_exit_code(script: Path, asked: str, code: int) -> None:
    with_it = shell(script, f'"$USAGE" {asked}', GH_TOKEN="made-up")
    without = shell(script, f'"$USAGE" {asked} 2>&-', GH_TOKEN="made-up")
    assert with_it[0] == without[0] == code
    assert with_it[1] == without[1]


@needs_dev_full
@pytest.mark.parametrize(("asked", "code"), [("org acme --demo --json", 0), ("org missing --demo", 5)])
def test_a_full_or_forsaken_stderr_changes_no_exit_code(script: Path, tmp_path: Path, asked: str, code: int) -> None:
    assert shell(script, f'"$USAGE" {asked} 2>/dev/full')[0] == code
    line = f'{{ sleep 0.05; "$USAGE" {asked} >out; echo $? >code; }} 2>&1 | true; cat code'
    assert shell(script, f"cd {tmp_path}; {line}") == (0, b"%d\n" % code, b"")


@UNBUFFERED
@pytest.mark.parametrize("asked", ["org acme --demo -q -f json", "org acme --demo -q", "--help", "team --help"])
def test_a_reader_that_has_seen_enough_is_no_error(script: Path, asked: str, unbuffered: str, tmp_path: Path) -> None:
    # The reader is gone before anything is written.
    line = f'{{ sleep 0.05; "$USAGE" {asked}; echo $? >code; }} | true; cat code'
    code, out, err = shell(script, f"cd {tmp_path}; {line}", PYTHONUNBUFFERED=unbuffered)
    assert (code, out, err) == (0, b"141\n", b"")


def test_head_gets_its_line(script: Path, tmp_path: Path) -> None:
    line = '{ "$USAGE" org acme --demo -q -f csv --by day,language,editor; echo $? >code; } | head -n 1; cat code'
    code, out, err = shell(script, f"cd {tmp_path}; {line}")
    first, exit_code = out.splitlines()
    assert first.startswith(b"scope,source,day,language,editor,")
    assert exit_code in {b"0", b"141"}  # a pipe may hold it all
    assert (code, err) == (0, b"")


def test_a_slow_reader_gets_all(script: Path) -> None:
    line = '"$USAGE" org acme --demo -q --json | { sleep 0.5; wc -c; }'
    assert int(shell(script, line)[1]) > 200_000


def test_a_pipe_that_does_not_block_gets_all() -> None:
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    program = "from copilot_usage_cli.cli.output import write_stdout; write_stdout('x' * 1_000_000)"
    with started([sys.executable, "-c", program], stdout=theirs) as process, os.fdopen(ours, "rb") as pipe:
        os.close(theirs)
        time.sleep(0.3)
        assert len(pipe.read()) == 1_000_000
        assert process.wait(HANG) == 0


# Encodings


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=["C", "POSIX", "ascii", "latin-1"],
)
@pytest.mark.slow  # in short it is F16 of the figures
def test_no_encoding_makes_it_crash(script: Path, tmp_path: Path, env: dict[str, str]) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text('[{"day": "2024-06-03", "breakdown": [{"language": "日本 \\ud83d\\ude00", "editor": "é"}]}]')
    for form in ("table", "csv", "json"):
        asked = f'"$USAGE" org acme --input {saved} --by language,editor -f {form}'
        plain, odd = shell(script, asked), shell(script, asked, **env)
        assert odd[0] == plain[0] == 0
        assert odd[1] == plain[1]
        assert "日本" in odd[1].decode() or "\\u65e5" in odd[1].decode()
    code, _, err = shell(script, '"$USAGE" org é', **env)
    assert code == 2
    assert b"Traceback" not in err
    assert shell(script, '"$USAGE" org --help', **env)[0] == 0


# What a terminal is given


def test_control_characters_become_visible() -> None:
    assert output.for_terminal("a\tb\r\n\x1b[31m\x9b\x7f\n") == "a\tb\\r\n\\x1b[31m\\x9b\\x7f\n"


def test_a_width_comes_from_the_terminal_or_else_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, width in {"": 80, "0": 80, "abc": 80, "-5": 80, "132": 132, "9" * 5000: 80}.items():
        monkeypatch.setenv("COLUMNS", columns)
        assert output.terminal_width() == width


def test_sigpipe_is_how_a_closed_pipe_is_told() -> None:
    with pytest.raises(TerminatedBySignal) as ended:
        output.raise_not_written(BrokenPipeError())
    assert ended.value.exit_code == 128 + signal.SIGPIPE
