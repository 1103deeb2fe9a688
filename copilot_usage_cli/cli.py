"""The command line: one command per scope; parses, delegates, writes the text. The only module that prints."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from copilot_usage_cli import __version__, output
from copilot_usage_cli.asked import Asked
from copilot_usage_cli.errors import EXIT_MISSING_DAYS, WrongUsage
from copilot_usage_cli.options import ReportOptions, with_report_options
from copilot_usage_cli.period import Period
from copilot_usage_cli.records import DailyRecord
from copilot_usage_cli.render import Format, Screen, render
from copilot_usage_cli.report import Report, build
from copilot_usage_cli.rows import NAMES, Filter
from copilot_usage_cli.scopes import Scope
from copilot_usage_cli.text import visible

PROGRAM = "copilot-usage"
_MOST_NOTES = 3

app = typer.Typer(
    name=PROGRAM,
    add_completion=False,  # ours are static files: they start no process, and nothing edits a person's shell files
    rich_markup_mode=None,  # Typer's rich help eats brackets and costs a tenth of a second
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; raises the errors of errors.py."""
    usage_error: type[Exception] = typer.BadParameter.__mro__[1]  # Typer's own Click keeps it private
    try:
        return app(args=list(arguments), prog_name=PROGRAM, standalone_mode=False) or 0
    except usage_error as error:
        message: str = error.format_message()  # type: ignore[attr-defined]
        command = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
        raise WrongUsage(message[:1].lower() + message[1:].rstrip("."), f"see `{command} --help`") from None
    except SystemExit as ended:  # Typer's answer to a closed pipe, while it prints help
        if isinstance(ended.__context__, OSError):
            raise output.not_written(ended.__context__) from None
        raise
    except OSError as error:
        raise output.not_written(error) from None


def say(line: str) -> None:
    """Tell the person a line, on stderr, if there is one."""
    if sys.stderr is not None:
        print(f"{PROGRAM}: {visible(line)}", file=sys.stderr, flush=True)  # noqa: T201


def _version(*, asked: bool) -> None:
    if asked:
        output.write_stdout(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=lambda asked: _version(asked=asked), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Report how GitHub Copilot is used in an enterprise, an organization or a team.

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage team core --org acme --by week,language --top 5
      copilot-usage enterprise megacorp --json | jq '.[].total_active_users'
      copilot-usage org acme --demo

    \b
    Exit codes: 0 a report was written, 1 a fault in the tool, 2 wrong usage,
    3 --fail-on-missing and days are missing, 4 not allowed, 5 not found,
    6 GitHub or the network failed, 7 an answer or file was not understood,
    8 could not write, 128+N ended by signal N.
    """  # noqa: D301 - \b keeps Typer from joining the lines
    if context.invoked_subcommand is None:
        output.write_stdout(f"{context.get_help()}\n")
        raise typer.Exit(WrongUsage.exit_code)


@app.command()
@with_report_options
def enterprise(
    enterprise: Annotated[str, typer.Argument(metavar="ENTERPRISE", help="The enterprise's slug.", show_default=False)],
    options: ReportOptions,
) -> None:
    """Report the usage of an enterprise.

    \b
    Examples:
      copilot-usage enterprise megacorp
      copilot-usage enterprise megacorp --since 4w --by week,editor
      copilot-usage enterprise megacorp -f csv -o usage.csv
    """  # noqa: D301
    _report(Scope("enterprise", enterprise), options)


@app.command()
@with_report_options
def org(
    org: Annotated[str, typer.Argument(metavar="ORG", help="The organization's slug.", show_default=False)],
    options: ReportOptions,
) -> None:
    """Report the usage of an organization.

    \b
    Examples:
      copilot-usage org acme --since 7d
      copilot-usage org acme --by language --top 10
      copilot-usage org acme --since 2024-06-01 --until 2024-06-14 --json
      gh api /orgs/acme/copilot/usage | copilot-usage org acme --input -
    """  # noqa: D301
    _report(Scope("org", org), options)


@app.command()
@with_report_options
def team(
    team: Annotated[
        str,
        typer.Argument(metavar="TEAM", help="The team's slug; an enterprise team's is ent:NAME.", show_default=False),
    ],
    options: ReportOptions,
    org: Annotated[str | None, typer.Option(metavar="ORG", help="The organization that the team is in.")] = None,
    enterprise: Annotated[
        str | None, typer.Option(metavar="ENTERPRISE", help="The enterprise that the team is in.")
    ] = None,
) -> None:
    """Report the usage of a team, of an organization or of an enterprise.

    \b
    Examples:
      copilot-usage team core --org acme
      copilot-usage team ent:core --enterprise megacorp --since 14d
    """  # noqa: D301
    if (org is None) == (enterprise is None):
        raise WrongUsage("a team needs exactly one of --org and --enterprise", "say whose team it is")
    _report(Scope("org", org, team) if org is not None else Scope("enterprise", enterprise or "", team), options)


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.", show_default=False)],
) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      copilot-usage completion bash > ~/.local/share/bash-completion/completions/copilot-usage
      copilot-usage completion zsh > ~/.zfunc/_copilot-usage
      copilot-usage completion fish > ~/.config/fish/completions/copilot-usage.fish
      copilot-usage completion powershell >> $PROFILE
    """  # noqa: D301
    from copilot_usage_cli.completion import script

    output.write_stdout(script(shell))


def _report(scope: Scope, options: ReportOptions) -> None:
    form = _format(options)
    _check(options)
    to_file = options.output is not None and options.output != output.STDOUT
    if options.output is not None and to_file:
        output.check_target(options.output)
    today, records, asked = _read(scope, options)
    report = build(asked, records, today)
    text = render(report, form, _screen(to_file=to_file))
    if options.output is not None and to_file:
        output.write_file(options.output, text)
    else:
        output.write_stdout(output.for_terminal(text) if form != "table" and output.is_terminal() else text)
    if form != "table" and not options.quiet:
        _say_notes(report)
    if options.fail_on_missing and report.missing:
        raise typer.Exit(EXIT_MISSING_DAYS)


def _read(scope: Scope, options: ReportOptions) -> tuple[date, list[DailyRecord], Asked]:
    from_files = bool(options.input)
    if options.demo:
        from copilot_usage_cli import demo

        today = demo.TODAY
        origin = f"demo, as of {today}"
    else:
        today = datetime.now(UTC).date()
        origin = ", ".join("stdin" if name == "-" else name for name in options.input)
    asked = Asked(
        scope=scope,
        period=Period.asked(options.since, options.until, today, open_until=from_files),
        by=options.by,
        top=options.top,
        filter=Filter(tuple(options.language), tuple(options.editor)),
        origin=origin,
        from_files=from_files,
        judge_missing=options.page is None,
        made_up=options.demo,
    )
    return today, _records(asked, options), asked


def _records(asked: Asked, options: ReportOptions) -> list[DailyRecord]:
    if asked.from_files:
        from copilot_usage_cli import files

        return files.read(options.input, asked.scope)
    from copilot_usage_cli.address import find_address
    from copilot_usage_cli.auth import find_token
    from copilot_usage_cli.client import Client, Patience
    from copilot_usage_cli.fetch import fetch

    patience = Patience(options.timeout, options.max_wait)
    silent: Callable[[str], None] = lambda _: None  # noqa: E731
    tell, trace = silent if options.quiet else say, say if options.verbose else silent
    if options.demo:
        from copilot_usage_cli import demo

        client = Client(demo.ADDRESS, demo.TOKEN, patience, say=tell, trace=trace, transport=demo.transport())
    else:
        address = find_address(options.api_url, options.hostname, os.environ)
        client = Client(address, find_token(address, os.environ), patience, say=tell, trace=trace)
    with client:
        return fetch(client, asked.scope, asked.period, page=options.page, per_page=options.per_page)


def _format(options: ReportOptions) -> Format:
    if options.json and options.format not in {None, "json"}:
        raise WrongUsage(f"--json and --format {options.format} exclude each other", "give one of them")
    form: Format = "json" if options.json else options.format or "table"  # type: ignore[assignment]
    return form


def _check(options: ReportOptions) -> None:
    if options.top is not None and not set(NAMES) & set(options.by or ()):
        raise WrongUsage("--top needs names to count", "add --by language or --by editor")
    online = {
        "--demo": options.demo,
        "--page": options.page is not None,
        "--per-page": options.per_page is not None,
        "--api-url": options.api_url is not None,
        "--hostname": options.hostname is not None,
    }
    given = [name for name, is_given in online.items() if is_given]
    if options.input and given:
        raise WrongUsage(f"--input and {given[0]} exclude each other", "--input reads files and asks nobody")
    if options.demo and {"--api-url", "--hostname"} & set(given):
        raise WrongUsage(f"--demo and {given[-1]} exclude each other", "the demo is inside this process")


def _screen(*, to_file: bool) -> Screen:
    forced = any(os.environ.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    if to_file or not output.is_terminal():
        return Screen(styled=forced and not to_file)
    return Screen(output.terminal_width(), styled=True)


def _say_notes(report: Report) -> None:
    notes = list(report.notes)
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES + 1
        notes[_MOST_NOTES - 1 :] = [f"{more} more notes: see them with --format table"]
    for note in notes:
        say(f"note: {note}")
