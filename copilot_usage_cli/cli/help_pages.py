"""Help pages: what a command takes, in groups, then examples, the environment, exit codes, and where to read more.

Typer groups options only with Rich's markup, which eats brackets; this writes the same groups with its plain formatter.
The manual page is made from the same parts, by scripts/manpage.py.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import typer.core

from copilot_usage_cli import PROGRAM

SCOPES, PERIOD, ROWS, OUTPUT = "Scopes", "Period", "Rows", "Output"
SOURCE, NETWORK, OTHER = "Source", "Network", "Options"
_GROUPS = (SCOPES, PERIOD, ROWS, OUTPUT, SOURCE, NETWORK, OTHER)

ENVIRONMENT = (
    ("GH_TOKEN, GITHUB_TOKEN", "The token for github.com and ghe.com; without one, gh is asked for its own."),
    ("GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN", "The token for other hosts."),
    ("GH_HOST, GITHUB_API_URL", "GitHub's host, or its API's address."),
    ("COPILOT_USAGE_SCOPE", "The scope of a report without a command, such as org:acme."),
    ("COPILOT_USAGE_HISTORY", "The file of the history; off for none."),
    ("HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR", "The way to GitHub, and whom to trust on it."),
    ("NO_COLOR, FORCE_COLOR, COLUMNS", "No colours; colours in a pipe, too; a terminal's width if it doesn't tell."),
)
FILES = (
    ("config.toml", 'Settings, scope = "org:acme" and hostname = "octo.ghe.com"; in ~/.config/copilot-usage on Linux.'),
    ("history.sqlite3", "The history; `copilot-usage history path` says where it is."),
)
EXIT_CODES = (
    ("0", "A report was written, even an empty one."),
    ("1", "A fault in the tool."),
    ("2", "Wrong usage: options, names, files that aren't there."),
    ("3", "--fail-on-missing: days are missing; the report was written."),
    ("4", "Not allowed: no token, or GitHub refused it."),
    ("5", "Not found."),
    ("6", "GitHub or the network failed: try again later."),
    ("7", "An answer or a file that is not a usage report."),
    ("8", "The report, the history or an export could not be written."),
    ("9", "--fail-if: a condition holds, or is unknown; the report was written."),
    ("128+N", "Ended by signal N."),
)
_HYPHEN = "\u2011"  # at which Typer's formatter breaks no line
READ_MORE = f"`man {PROGRAM}` has all commands on one page. `{PROGRAM} doctor` says what is in the way of a report."


class Page(NamedTuple):
    """The parts of a command's help: its description, its examples, and its options by group, each with its help."""

    description: str
    examples: tuple[str, ...]
    options: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def page_of(command: Any, context: Any) -> Page:
    """Read a command's help from its docstring and its parameters."""
    text, _, examples = (command.help or "").replace("\b\n", "").partition("Examples:")
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        if record := parameter.get_help_record(context):
            is_argument = parameter.param_type_name == "argument"
            group = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or OTHER
            groups.setdefault(group, []).append(record)
    order = ("Arguments", *_GROUPS)
    options = tuple((name, tuple(groups[name])) for name in sorted(groups, key=order.index))
    lines = tuple(line.strip() for line in examples.strip().splitlines())
    return Page(text.strip(), lines, options)


def _write(command: Any, context: Any, formatter: Any, commands: Iterable[tuple[str, str]] = ()) -> None:
    page = page_of(command, context)
    command.format_usage(context, formatter)
    for paragraph in page.description.split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_unbroken(" ".join(paragraph.split())))
    for title, rows in _sections(page, list(commands)):
        _write_rows(title, rows, formatter)
    if page.examples:
        with formatter.section("Examples"):
            for example in page.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
    for title, rows in (("Environment", ENVIRONMENT), ("Files", FILES), ("Exit codes", EXIT_CODES)):
        _write_rows(title, rows, formatter)
    with formatter.section("Read more"):
        formatter.write_text(_unbroken(READ_MORE))
    formatter.buffer = [text.replace(_HYPHEN, "-") for text in formatter.buffer]


def _write_rows(title: str, rows: Iterable[tuple[str, str]], formatter: Any) -> None:
    with formatter.section(title):
        formatter.write_dl([(term, _unbroken(meaning)) for term, meaning in rows])


def _unbroken(text: str) -> str:
    return text.replace("-", _HYPHEN)


def _sections(page: Page, commands: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    if commands:
        yield "Commands", commands
    yield from page.options


class HelpCommand(typer.core.TyperCommand):
    """A command whose help is such a page."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Write arguments as other tools do: ORG, where Typer writes {ORG}."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        _write(self, ctx, formatter)


class HelpGroup(typer.core.TyperGroup):
    """A group of commands whose help is such a page."""

    def command_lines(self) -> Iterable[tuple[str, str]]:
        """List the commands, each with a line of help."""
        return ()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        _write(self, ctx, formatter, self.command_lines())
