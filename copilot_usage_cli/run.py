"""One run: read or fetch the records, build the report, write the text, say what must be known besides."""

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from copilot_usage_cli import output
from copilot_usage_cli.asked import Asked
from copilot_usage_cli.errors import EXIT_MISSING_DAYS, WrongUsage
from copilot_usage_cli.fetched import Fetched
from copilot_usage_cli.options import ReportOptions
from copilot_usage_cli.period import Period
from copilot_usage_cli.render import Screen, render
from copilot_usage_cli.report import Report, build
from copilot_usage_cli.rows import Filter
from copilot_usage_cli.scopes import Scope
from copilot_usage_cli.words import NAMES, Format

if TYPE_CHECKING:
    from copilot_usage_cli.client import Client

_MOST_NOTES = 3


def report(scope: Scope, options: ReportOptions) -> int:
    """Write the report that was asked for, with its notes, and return the exit code."""
    form = _format(options)
    _check(options)
    to_file = options.output is not None and options.output != output.STDOUT
    if options.output is not None and to_file:
        output.check_target(options.output)
    today, asked = _ask(scope, options)
    fetched = _get(asked, today, options)
    built = build(asked, fetched.records, today, fetched.facts)
    _check_editors(built)
    text = render(built, form, _screen(to_file=to_file))
    if options.output is not None and to_file:
        output.write_file(options.output, text)
    else:
        output.write_stdout(output.for_terminal(text) if form != "table" and output.is_terminal() else text)
    if form != "table" and not options.quiet:
        _say_notes(built)
    return EXIT_MISSING_DAYS if options.fail_on_missing and built.missing else 0


def _ask(scope: Scope, options: ReportOptions) -> tuple[date, Asked]:
    """Say what is asked, by the run's one clock."""
    from_files = bool(options.input)
    if options.demo:
        from copilot_usage_cli import demo

        today = demo.TODAY
        origin = f"demo, as of {today}"
    else:
        today = datetime.now(UTC).date()
        origin = ", ".join("stdin" if name == "-" else name for name in options.input)
    return today, Asked(
        scope=scope,
        period=Period.asked(options.since, options.until, today, open_until=from_files),
        by=options.by,
        top=options.top,
        filter=Filter(tuple(options.language), tuple(options.editor)),
        source=options.source,
        origin=origin,
        from_files=from_files,
        judge_missing=options.page is None,
        made_up=options.demo,
    )


def _get(asked: Asked, today: date, options: ReportOptions) -> Fetched:
    if asked.from_files:
        from copilot_usage_cli import files

        return files.read(options.input, asked.scope)
    from copilot_usage_cli.fetch import Fetcher, Question
    from copilot_usage_cli.memory import Memory, default_path
    from copilot_usage_cli.progress import Bar

    memory = Memory(None if options.demo else default_path(), today)
    question = Question(asked.scope, asked.period, today, asked.source, options.page, options.per_page, options.jobs)
    with _client(options) as client, Bar(shown=not options.quiet) as bar:
        return Fetcher(client, memory, bar).fetch(question)


def _client(options: ReportOptions) -> "Client":
    from copilot_usage_cli.address import find_address
    from copilot_usage_cli.auth import find_token
    from copilot_usage_cli.client import Client
    from copilot_usage_cli.waiting import Patience

    patience = Patience(options.timeout, options.max_wait)
    tell, trace = _silent if options.quiet else output.say, output.say if options.verbose else _silent
    if options.demo:
        from copilot_usage_cli import demo

        return Client(demo.ADDRESS, demo.TOKEN, patience, say=tell, trace=trace, transport=demo.transport())
    address = find_address(options.api_url, options.hostname, os.environ)
    return Client(address, find_token(address, os.environ), patience, say=tell, trace=trace)


def _silent(_line: str) -> None:
    pass


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
        "--source": options.source != "auto",
    }
    given = [name for name, is_given in online.items() if is_given]
    if options.source in {"reports", "user-reports"} and {"--page", "--per-page"} & set(given):
        raise WrongUsage(f"--source {options.source} has no pages", "--page and --per-page are of the classic API")
    if options.input and given:
        raise WrongUsage(f"--input and {given[0]} exclude each other", "--input reads files and asks nobody")
    if options.demo and (hosts := [name for name in given if name in {"--api-url", "--hostname"}]):
        raise WrongUsage(f"--demo and {hosts[-1]} exclude each other", "the demo is inside this process")


def _check_editors(report: Report) -> None:
    """Refuse to answer by editor what GitHub's aggregated reports don't know by editor."""
    asked = report.asked
    only_reports = {record.source for record in report.records} == {"reports"}
    if only_reports and ("editor" in (asked.by or ()) or asked.filter.editors):
        raise WrongUsage(
            f"{asked.scope}: GitHub's aggregated reports have no completions by editor",
            "--by ide shows the activity of all features by IDE; --source user-reports adds completions up by editor",
        )


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
        output.say(f"note: {note}")
