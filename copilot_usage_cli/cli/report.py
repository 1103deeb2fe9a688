"""One run: read or fetch the records, build the report, write the text, say what must be known besides."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.options import ReportOptions
from copilot_usage_cli.errors import EXIT_MISSING_DAYS, WrongUsage
from copilot_usage_cli.model.fetch_result import Fetched
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Asked, Filter
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import IDE, NAMES, Format
from copilot_usage_cli.render import Screen, render
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.notes import HISTORY

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison

_MOST_NOTES = 3


def report(scope: Scope, options: ReportOptions, now: Callable[[], datetime]) -> int:
    """Write the report that was asked for, with its notes, and return the exit code."""
    form = _format(options)
    _check(options)
    to_file = options.output is not None and options.output != output.STDOUT
    if options.output is not None and to_file:
        output.check_target(options.output)
    today, asked = _ask(scope, options, now)
    shown = _show(asked, today, options, now)
    text = render(shown, form, _screen(to_file=to_file))
    if options.output is not None and to_file:
        output.write_file(options.output, text)
    else:
        output.write_stdout(output.for_terminal(text) if form != "table" and output.is_terminal() else text)
    if form != "table" and not options.quiet:
        _say_notes(shown.notes)
    missing = shown.missing if isinstance(shown, Report) else shown.current.missing
    return EXIT_MISSING_DAYS if options.fail_on_missing and missing else 0


def _show(asked: Asked, today: date, options: ReportOptions, now: Callable[[], datetime]) -> "Report | Comparison":
    with _source(options, today, now) as get:
        report = _build(asked, get(asked), today)
        if options.compare is None:
            return report
        from copilot_usage_cli.report.comparison import Comparison, compared

        before = compared(asked, options.compare.period(report.since, report.until, today))
        return Comparison(report, _build(before, get(before), today))


def _build(asked: Asked, fetched: Fetched, today: date) -> Report:
    report = build(asked, fetched.records, today, fetched.facts)
    _check_editors(report)
    return report


def _ask(scope: Scope, options: ReportOptions, now: Callable[[], datetime]) -> tuple[date, Asked]:
    """Say what is asked, by the run's one clock."""
    from_files = bool(options.input)
    if options.demo:
        from copilot_usage_cli.demo import classic

        today = classic.TODAY
        origin = f"demo, as of {today}"
    else:
        today = now().date()
        origin = HISTORY if options.offline else ", ".join("stdin" if name == "-" else name for name in options.input)
    return today, Asked(
        scope=scope,
        period=Period.asked(options.since, options.until, today, open_until=from_files),
        by=options.by,
        top=options.top,
        filter=Filter(tuple(options.language), tuple(options.editor)),
        source=options.source,
        origin=origin,
        from_files=from_files or options.offline,
        judge_missing=options.page is None,
        made_up=options.demo,
    )


@contextmanager
def _source(options: ReportOptions, today: date, now: Callable[[], datetime]) -> Iterator[Callable[[Asked], Fetched]]:
    """Give what gets records: from files, from the history, or from GitHub."""
    if options.input:
        from copilot_usage_cli.sources import saved_files

        read: dict[Scope, Fetched] = {}
        yield (
            lambda asked: (
                read.get(asked.scope) or read.setdefault(asked.scope, saved_files.read(options.input, asked.scope))
            )
        )
    elif options.offline:
        yield lambda asked: _from_history(asked, options, now)
    else:
        from copilot_usage_cli.cli.session import open_demo, open_session
        from copilot_usage_cli.sources.fetch import Question

        # A single page is a part of an answer that nobody wants to find in a history as the whole.
        history = not options.no_history and options.page is None
        with open_demo(options) if options.demo else open_session(options, today, now, history=history) as session:
            yield lambda asked: session.get(
                Question(asked.scope, asked.period, today, asked.source, options.page, options.per_page, options.jobs)
            )


def _from_history(asked: Asked, options: ReportOptions, now: Callable[[], datetime]) -> Fetched:
    from copilot_usage_cli.cli.session import find_archive
    from copilot_usage_cli.github.address import find_address
    from copilot_usage_cli.history.backfill import offline

    address = find_address(options.api_url, options.hostname, os.environ)
    archive = find_archive(address, now, options)
    if archive is None:
        raise WrongUsage(
            "--offline needs the history, which is off", "set COPILOT_USAGE_HISTORY to a file, or unset it"
        )
    return offline(archive, asked.scope, asked.period, asked.source)


def _format(options: ReportOptions) -> Format:
    if options.json and options.format not in {None, "json"}:
        raise WrongUsage(f"--json and --format {options.format} exclude each other", "give one of them")
    form: Format = "json" if options.json else options.format or "table"  # type: ignore[assignment]
    return form


def _check(options: ReportOptions) -> None:
    if options.top is not None and not set(NAMES) & set(options.by or ()):
        raise WrongUsage("--top needs names to count", "add --by language or --by editor")
    if IDE in (options.by or ()) and (options.editor or options.language):
        raise WrongUsage(
            "--by ide counts all features together, so it can't be filtered", "leave --editor, --language away"
        )
    online = {
        "--demo": options.demo,
        "--page": options.page is not None,
        "--per-page": options.per_page is not None,
        "--api-url": options.api_url is not None,
        "--hostname": options.hostname is not None,
        "--source": options.source != "auto",
        "--offline": options.offline,
    }
    given = [name for name, is_given in online.items() if is_given]
    if options.compare and "--page" in given:
        raise WrongUsage("--compare and --page exclude each other", "a page is no period")
    if options.source in {"reports", "user-reports"} and {"--page", "--per-page"} & set(given):
        raise WrongUsage(f"--source {options.source} has no pages", "--page and --per-page are of the classic API")
    if options.source == "reports" and ("editor" in (options.by or ()) or options.editor):
        raise _no_editors("--source reports")
    if options.input and given:
        raise WrongUsage(f"--input and {given[0]} exclude each other", "--input reads files and asks nobody")
    if options.offline and (options.no_history or options.page or options.per_page or options.demo):
        raise WrongUsage(
            "--offline excludes --no-history, --demo, --page and --per-page", "it reports from the history"
        )
    if options.demo and (hosts := [name for name in given if name in {"--api-url", "--hostname"}]):
        raise WrongUsage(f"--demo and {hosts[-1]} exclude each other", "the demo is inside this process")


def _check_editors(report: Report) -> None:
    """Refuse to answer by editor what GitHub's aggregated reports don't know by editor."""
    asked = report.asked
    only_reports = {record.source for record in report.records} == {"reports"}
    if only_reports and ("editor" in (asked.by or ()) or asked.filter.editors):
        raise _no_editors(str(asked.scope))


def _no_editors(whose: str) -> WrongUsage:
    return WrongUsage(
        f"{whose}: GitHub's aggregated reports have no completions by editor",
        "--by ide shows the activity of all features by IDE; --source user-reports adds completions up by editor",
    )


def _screen(*, to_file: bool) -> Screen:
    forced = any(os.environ.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    if to_file or not output.is_terminal():
        return Screen(styled=forced and not to_file)
    return Screen(output.terminal_width(), styled=True, blocks=output.has_blocks())


def _say_notes(found: tuple[str, ...]) -> None:
    notes = list(found)
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES + 1
        notes[_MOST_NOTES - 1 :] = [f"{more} more notes: see them with --format table"]
    for note in notes:
        output.say(f"note: {note}")
