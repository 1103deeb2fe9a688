"""The completion scripts: up to date, printed as they are, and answering real TABs without starting a process."""

import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import pexpect  # type: ignore[import-untyped]
import pytest
import typer
from support.limits import HANG

from copilot_usage_cli.cli.completion import FILES
from copilot_usage_cli.model.vocabulary import DIMENSIONS, TIMES

NAMES = DIMENSIONS[len(TIMES) :]
ROOT = Path(__file__).parents[2]
COMPLETIONS = ROOT / "completions"
SHELLS = ("bash", "zsh", "fish")
# Keys that mean nothing to a terminal that the shell hasn't made raw yet, as ^D and ^U do.
DUMP, EMPTY = "\x18\x07", "\x01\x0b"
RC_FILES = (".bashrc", ".bash_profile", ".profile", ".zshenv", ".zshrc", ".zprofile", ".config/fish/config.fish")


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("completions_generate", COMPLETIONS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


generate = _generator()


def need(shell: str) -> str:
    """Give the path of a shell; without it, skip where only Python is asked for, and fail in CI."""
    path = shutil.which(shell)
    if path and shell == "bash" and _said([path, "-c", "echo $((BASH_VERSINFO[0] >= 4))"]) != "1\n":
        path = None  # macOS has bash 3.2, which completes less
    return path or _without(f"{shell} is not installed, or too old")


def _without(missing: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{missing}: CI must have it")
    pytest.skip(missing)


def _said(command: list[str], given: str = "", **environment: str) -> str:
    return subprocess.run(
        command,
        input=given,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=HANG,
    ).stdout


class Terminal:
    """An interactive shell in a pty, with the scripts of a folder, no rc files, and nothing to run in PATH."""

    def __init__(self, shell: str, scripts: Path, home: Path, *first: str) -> None:
        program = need(shell)
        script = scripts / FILES[shell]
        flags, setup = {
            "bash": (
                ["--norc", "--noprofile", "-i"],
                [
                    "set -u",
                    *(first or [f"source '{script}'"]),
                    r"""bind -x '"\C-x\C-g": printf "<%s>\n" "$READLINE_LINE"'""",
                    "PATH=",
                ],
            ),
            "zsh": (
                ["-f", "-i"],
                [
                    f"fpath=('{scripts}' $fpath)",
                    "autoload -Uz compinit && compinit -D -u",
                    'dump() { print -r -- "<$BUFFER>" }',
                    "zle -N dump && bindkey '^X^G' dump",
                    "PATH=",
                ],
            ),
            "fish": (
                ["--no-config", "-i"],
                [
                    f"source '{script}'",
                    r"bind \cx\cg 'echo \<(commandline)\>'",
                    "set PATH",
                ],
            ),
        }[shell]
        _furnish(home)
        (home / "setup").write_text("\n".join(setup) + "\n", "utf-8")
        with warnings.catch_warnings():
            # Python 3.12 and newer warn of any fork beside threads, and pytest-xdist has threads.
            warnings.filterwarnings("ignore", ".*multi-threaded.*", DeprecationWarning)
            self.child = pexpect.spawn(
                program,
                flags,
                cwd=home,
                env={
                    "HOME": str(home),
                    "INPUTRC": os.devnull,
                    "LANG": "C.UTF-8",
                    "PATH": os.environ["PATH"],
                    "TERM": "xterm",
                },
                dimensions=(50, 300),
                encoding="utf-8",
                timeout=HANG,
            )
        self.child.delaybeforesend = None
        self.seen = self.run(f"source '{home / 'setup'}'")

    def run(self, line: str) -> str:
        """Run a line, and give all that the terminal showed until it was done."""
        self.child.send(f"{line}; echo do''ne\r")
        self.child.expect("done\r")
        return str(self.child.before)

    def tab(self, *typed: str) -> str:
        """Type, with a TAB after each part, and give what the line has become behind the command's name."""
        keys = "".join(f"{part}\t" for part in typed)
        self.child.send(f"copilot-usage {keys}{DUMP}")
        self.child.expect("<copilot-usage ([^<>]*)>")
        self.child.send(EMPTY)
        return str(self.child.match[1])

    def close(self) -> None:
        self.child.close(force=True)


def _furnish(home: Path) -> None:
    for name in RC_FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("echo an rc file was read\nexit 3\n", "utf-8")
    (home / ".inputrc").write_text("set disable-completion on\n", "utf-8")
    for name in ("usage.json", "two words.csv"):
        (home / name).touch()


@pytest.fixture(scope="module", params=SHELLS)
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    opened = Terminal(request.param, COMPLETIONS, tmp_path_factory.mktemp("home"))
    yield opened
    opened.close()


def history_app() -> typer.Typer:
    """Give an app with what ours has not: a group in a group, its own options, and odd words in the help."""
    app = typer.Typer(name="copilot-usage", add_completion=False, rich_markup_mode=None)
    history = typer.Typer()
    app.add_typer(history, name="history", help='Keep it: what\'s `$(past)`, \\ and [all] "that".')

    @app.callback()
    def root() -> None:
        pass

    @history.callback()
    def group(db: Annotated[str, typer.Option(metavar="FILE", help="Where: it's [here].")] = "") -> None:
        pass

    @history.command()
    def sync(
        scopes: Annotated[list[str], typer.Argument(metavar="SHELL")],
        mode: Annotated[str, typer.Option(metavar="slow|fast")] = "fast",
    ) -> None:
        pass

    @history.command("list")
    def list_(*, colour: bool = True, file: Annotated[str, typer.Option("--file", "-F", metavar="FILE")] = "") -> None:
        pass

    @history.command(hidden=True)
    def secret() -> None:
        pass

    return app


def test_the_scripts_are_what_the_generator_makes() -> None:
    for name, text in generate.scripts(generate.app).items():
        assert (COMPLETIONS / name).read_text("utf-8") == text, "run completions/generate.py"
        assert "generated by completions/generate.py" in "".join(text.splitlines(keepends=True)[:2])


def test_the_generator_checks_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(COMPLETIONS / "templates", tmp_path / "templates")
    monkeypatch.setattr(generate, "HERE", tmp_path)
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out.count("is stale") == len(FILES)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / FILES["zsh"]).write_text("", "utf-8")
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == "_copilot-usage is stale: run completions/generate.py\n"
    assert generate.main(["--chekc"]) == 2


@pytest.mark.parametrize("shell", FILES)
def test_the_command_prints_the_file(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "copilot_usage_cli", "completion", shell],
        capture_output=True,
        check=False,
        timeout=HANG,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (COMPLETIONS / FILES[shell]).read_bytes()


@pytest.mark.parametrize("shell", ["tcsh", "powershell"])
def test_a_shell_without_completion(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "copilot_usage_cli", "completion", shell],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"copilot-usage: error: there is no completion for '{shell}'\nhint: there is one for bash, zsh, fish\n"
    )


def test_the_wheel_brings_the_scripts_and_not_the_generator() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {
        f"completions/{name}": f"copilot_usage_cli/completions/{name}" for name in FILES.values()
    }
    assert wheel["shared-data"] == {
        "completions/copilot-usage.bash": "share/bash-completion/completions/copilot-usage",
        "completions/_copilot-usage": "share/zsh/site-functions/_copilot-usage",
        "completions/copilot-usage.fish": "share/fish/vendor_completions.d/copilot-usage.fish",
        "docs/copilot-usage.1": "share/man/man1/copilot-usage.1",
    }


TABS = {
    "te": "team ",
    "--vers": "--version ",
    "org acme --form": "org acme --format ",
    "org --by-": "org --by-",
    "org acme --format nd": "org acme --format ndjson ",
    "org acme --format=nd": "org acme --format=ndjson ",
    "org acme -q -f nd": "org acme -q -f ndjson ",
    "org acme --by day,l": "org acme --by day,language",
    "org acme --by=day,l": "org acme --by=day,language",
    "team ent:core --enterprise megacorp --by editor,mon": "team ent:core --enterprise megacorp --by editor,month",
    "org acme -o us": "org acme -o usage.json ",
    "org acme -o tw": "org acme -o two\\ words.csv ",
    "org acme --output us": "org acme --output usage.json ",
    "org acme --output=us": "org acme --output=usage.json ",
    "org --input usage.json --input us": "org --input usage.json --input usage.json ",
    "org acme --since yes": "org acme --since yesterday ",
    "org --editor team --qui": "org --editor team --quiet ",
    "completion f": "completion fish ",
    "org us": "org us",
    "org --qui": "org --quiet ",
    "org acme --language us": "org acme --language us",
    "org acme --language=us": "org acme --language=us",
    "team core --org us": "team core --org us",
    "org acme -- --qui": "org acme -- --qui",
}


@pytest.mark.parametrize("typed", TABS)
def test_tab(terminal: Terminal, typed: str) -> None:
    line = terminal.tab(typed)
    # zsh ends an option that takes a value with "=", which a blank takes back.
    assert re.sub(r"(?<=--format)=$", " ", line) == TABS[typed]


def test_tab_after_a_completed_option(terminal: Terminal) -> None:
    assert terminal.tab("org acme --form", " nd").replace("  ", " ") == "org acme --format ndjson "


def test_tab_goes_on_with_the_next_part(terminal: Terminal) -> None:
    assert terminal.tab("org acme --by w", ",l", ",e").rstrip() == "org acme --by week,language,editor"


def test_no_process_is_started(terminal: Terminal) -> None:
    assert "[]" in terminal.run('echo "[$PATH]"')
    for typed, line in {"t": "team ", "org x --by d": "org x --by day", "org x -o us": "org x -o usage.json "}.items():
        assert terminal.tab(typed) == line


def test_bash_forks_no_subshell() -> None:
    assert not re.findall(r"\$\((?!\()|`|[<>]\(|\|(?=\s*(?:while|read|grep|sed|awk)\b)", _script("bash"))


def test_the_shells_read_no_rc_file(terminal: Terminal) -> None:
    assert "rc file" not in terminal.seen
    assert terminal.child.isalive()


def test_tab_with_the_bash_completion_package(tmp_path: Path) -> None:
    need("bash")
    package = Path("/usr/share/bash-completion/bash_completion")
    if not package.exists():
        _without(f"there is no {package}")
    folder = tmp_path / ".local/share/bash-completion/completions"
    folder.mkdir(parents=True)
    shutil.copy(COMPLETIONS / FILES["bash"], folder / "copilot-usage")
    opened = Terminal("bash", COMPLETIONS, tmp_path, "set +u", f"source {package}")
    try:
        for typed, line in TABS.items():
            assert opened.tab(typed) == line
    finally:
        opened.close()


@pytest.mark.parametrize("breaks", ["${COMP_WORDBREAKS//=}", "${COMP_WORDBREAKS//:}", "${COMP_WORDBREAKS//[=:]}"])
def test_tab_in_bash_with_other_word_breaks(tmp_path: Path, breaks: str) -> None:
    opened = Terminal("bash", COMPLETIONS, tmp_path, f"source '{_path('bash')}'", f"COMP_WORDBREAKS={breaks}")
    try:
        for typed, line in TABS.items():
            assert opened.tab(typed) == line
    finally:
        opened.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_new_group_flows_in(tmp_path: Path, shell: str) -> None:
    need(shell)
    for name, text in generate.scripts(history_app()).items():
        (tmp_path / name).write_text(text, "utf-8")
    home = tmp_path / "home"
    opened = Terminal(shell, tmp_path, home)
    try:
        for typed, line in {
            "hi": "history ",
            "history s": "history sync ",
            "history --db us": "history --db usage.json ",
            "history --db usage.json l": "history --db usage.json list ",
            "history --db list s": "history --db list sync ",
            "history list --no": "history list --no-colour ",
            "history list -F us": "history list -F usage.json ",
            "history sync bash z": "history sync bash zsh ",
            "history sync --mode s": "history sync --mode slow ",
            "history list --he": "history list --help ",
            "history sec": "history sec",
            "list --no": "list --no",
        }.items():
            assert opened.tab(typed) == line
    finally:
        opened.close()


def lists_of_parts() -> Iterator[tuple[str, str, list[str]]]:
    """Give each list that may come before a part, a start of that part, and the names that are left for it."""
    for length in range(4):  # no more go together
        for names in itertools.permutations((*TIMES, *NAMES), length):
            timed = [name for name in names if name in TIMES]
            if len(timed) > 1:
                continue
            left = [name for name in (*TIMES, *NAMES) if name not in names and not (timed and name in TIMES)]
            for start in ("", "x", *sorted({name[0] for name in (*TIMES, *NAMES)})):
                yield "".join(f"{name}," for name in names), start, left


def test_each_part_of_by_in_bash() -> None:
    cases = list(lists_of_parts())
    driver = f"""
        set -eu
        source '{_path("bash")}'
        while IFS= read -r value; do
          for words in '--by' '--by ='; do
            COMP_WORDS=(copilot-usage org acme $words "$value")
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _copilot_usage
            echo "${{COMPREPLY[*]-}}"
          done
        done
    """
    given = "".join(f"{head}{start}\n" for head, start, _ in cases)
    said = _said([need("bash"), "--norc", "-c", driver], given, PATH="").split("\n")
    for (head, start, left), *answers in zip(cases, said[::2], said[1::2], strict=False):
        expected = " ".join(head + name for name in left if name.startswith(start))
        assert answers == [expected, expected], (head, start)
    assert len(said) == 2 * len(cases) + 1


def test_each_part_of_by_in_zsh() -> None:
    # Outside of a terminal there is no completion: what zsh itself would do with the names that are left is a stub.
    cases = list(lists_of_parts())
    driver = f"""
        compdef() {{ }}
        compset() {{ }}
        _wanted() {{ print -r -- "$rest" }}
        source '{_path("zsh")}'
        while IFS= read -r PREFIX; do
          _copilot-usage_parts '{" ".join((*TIMES, *NAMES))}' '{" ".join(TIMES)}'
        done
    """
    given = "".join(f"{head}{start}\n" for head, start, _ in cases)
    said = _said([need("zsh"), "-f", "-c", driver], given, PATH="").splitlines()
    assert said == [" ".join(left) for _, _, left in cases]


def test_bash_is_given_whole_names_of_options() -> None:
    text = (COMPLETIONS / FILES["bash"]).read_text("utf-8")
    words = [word for found in re.findall(r"options='([^']*)'", text) for word in found.split()]
    assert "--fail-on-missing" in words
    assert all(re.fullmatch(r"--?[a-z]([\w-]*\w)?|-V", word) for word in words)


def _offered_by_fish(typed: str, home: Path) -> list[list[str]]:
    """Give what fish offers, each with its help if it has one."""
    driver = f"source '{_path('fish')}'; complete -C 'copilot-usage {typed}'"
    said = _said([need("fish"), "--no-config", "-c", driver], HOME=str(home), PATH="").splitlines()
    return [line.split("\t") for line in said]


def test_fish_shows_the_help_of_each_option_once(tmp_path: Path) -> None:
    for command in generate.read(typer.main.get_command(generate.app)).walk():
        expected = [
            [name, option.help] if name == option.names[0] else [name]
            for option in command.options
            for name in option.names
        ]
        assert sorted(_offered_by_fish(" ".join((*command.path[1:], "-")), tmp_path)) == sorted(expected)


def test_fish_shows_no_help_beside_values(tmp_path: Path) -> None:
    for typed, first in {
        "--since ": "today",
        "--by ": "day",
        "--by=week,": "--by=week,language",
        "-f ": "table",
    }.items():
        offered = _offered_by_fish(f"org acme {typed}", tmp_path)
        assert [each for each in offered if len(each) > 1] == []
        assert offered[0] == [first]


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_each_part_of_by_in_fish(step: int, tmp_path: Path) -> None:
    cases = list(lists_of_parts())[::step]
    driver = f"""
        source '{_path("fish")}'
        while read -l value
            for option in '--by ' --by=
                set -l offered (complete -C "copilot-usage org acme $option$value" | string replace -r '\\t.*' '')
                echo "$offered"
            end
        end
    """
    given = "".join(f"{head}{start}\n" for head, start, _ in cases)
    said = _said([need("fish"), "--no-config", "-c", driver], given, HOME=str(tmp_path), PATH="").split("\n")
    assert len(said) == 2 * len(cases) + 1
    for (head, start, left), *answers in zip(cases, said[::2], said[1::2], strict=False):
        found = [name for name in left if name.startswith(start)]
        values = [head + name for name in found]
        after = {name for name in left if not (found and found[0] in TIMES and name in TIMES)} - set(found)
        if len(found) == 1 and after:  # two answers, so that fish puts no blank after it
            values.append(f"{values[0]},")
        assert [answer.split() for answer in answers] == [values, [f"--by={value}" for value in values]], (head, start)


def _path(shell: str) -> Path:
    return COMPLETIONS / FILES[shell]


def _script(shell: str) -> str:
    return _path(shell).read_text("utf-8")
