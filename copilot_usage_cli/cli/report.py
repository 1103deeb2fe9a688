"""One report: from options to a query, from records to text, and what must be said besides."""

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.answers import Answers, open_answers
from copilot_usage_cli.cli.option_rules import check_conflicts, format_of, no_editors, no_ides
from copilot_usage_cli.cli.options import ReportOptions
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.errors import EXIT_CONDITION, EXIT_MISSING_DAYS, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period, format_ranges
from copilot_usage_cli.model.query import Answerer, Filter, Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import IDE, REPORTS, USER_REPORTS
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.before import as_many_days_before, with_before
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.text import plural

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison


_MOST_NOTES = 3


def write_report(scope: Scope, options: ReportOptions, now: Callable[[], datetime]) -> int:
    """Write the report that was asked for, with its notes, and return the exit code; `now` is the run's clock."""
    form = format_of(options)
    check_conflicts(options, form)
    target = None if options.output == output.STDOUT else options.output
    if target is not None:
        output.check_target(target)
    moment = _moment(options, now)
    query = _query(scope, options, moment)
    with ProgressBar(shown=not options.quiet) as bar, open_answers(options, now, moment, bar) as answers:
        shown = _build(query, answers, options, for_people=form == "table")
    text = render(shown, form, _screen(options, to_file=target is not None))
    if target is not None:
        output.write_file(target, text)
    else:
        output.write_stdout(output.for_terminal(text) if form != "table" and output.is_terminal() else text)
    if form != "table" and not options.quiet:
        _say_notes(shown.notes)
    return _exit_code(shown if isinstance(shown, Report) else shown.current, options)


def _exit_code(report: Report, options: ReportOptions) -> int:
    """Say why the run fails although the report was written, also to the quiet: cron mails output, not exit codes."""
    code = 0
    whole = (report.whole() or {"days": 0}) if options.fail_if else {}
    for condition in options.fail_if:
        value = whole.get(condition.column)
        if not isinstance(value, int | float):
            why = f"{condition.column} is unknown, which counts as failed"
            output.say(f"failed: {condition} can't be judged: {why}")
            code = EXIT_CONDITION
        elif condition.holds(value):
            output.say(f"failed: {condition}: it is {value:.6g}")
            code = EXIT_CONDITION
    if options.fail_on_missing and report.missing:
        # Where an end of the period is open and nothing came, only the day at the other end is known to be missing.
        which = plural(len(report.missing), "day") if report.days else "no day has data; at least this one is"
        output.say(f"failed: {which} missing: {format_ranges(report.missing)}")
        code = EXIT_MISSING_DAYS
    return code


def _moment(options: ReportOptions, now: Callable[[], datetime]) -> datetime:
    """Read the clock, once a run; the demo's stands still."""
    if not options.demo:
        return now()
    from copilot_usage_cli.demo import responder as demo

    return demo.NOW


def _query(scope: Scope, options: ReportOptions, moment: datetime) -> Query:
    answerers: dict[Answerer, bool] = {
        "demo": options.demo,
        "history": options.offline,
        "files": bool(options.input),
        "github": True,
    }
    today = moment.date()
    return Query(
        scope,
        _period(options, today),
        today,
        source=options.source,
        by=options.by,
        top=options.top,
        filter=Filter(tuple(options.language), tuple(options.editor)),
        page=options.page,
        per_page=options.per_page,
        full=options.full,
        answerer=next(answerer for answerer, given in answerers.items() if given),
        refresh=options.refresh,
        dates_given=tuple(f"--{name}" for name in ("since", "until", "period") if getattr(options, name) is not None),
        files=tuple("stdin" if name == output.STDOUT else name for name in options.input),
    )


def _period(options: ReportOptions, today: date) -> Period:
    if options.period is None:
        return Period.between(options.since, options.until, today, open_until=bool(options.input))
    if options.since is not None or options.until is not None:
        other = "--since" if options.since is not None else "--until"
        raise UsageError(f"--period and {other} exclude each other", "--period names both ends")
    return Period.of(options.period, today)


def _build(query: Query, answers: Answers, options: ReportOptions, *, for_people: bool) -> "Report | Comparison":
    result = _ask(query, answers)
    report = _checked(build(query, result))
    if options.compare is None:
        earlier = as_many_days_before(report) if for_people and query.by is None else None
        if earlier is None:
            return report
        return with_before(report, [*answers.held(query._replace(period=earlier)), *result.records])
    from copilot_usage_cli.report.comparison import Comparison

    current = query.period._replace(since=report.since, until=report.until)
    before = query._replace(period=options.compare.period(current, query.today))
    return Comparison(report, _checked(build(before, _ask(before, answers))))


def _ask(query: Query, answers: Answers) -> FetchResult:
    """Ask for a period, unless no day of it is over."""
    return FetchResult([]) if query.period.is_empty else answers.fetch(query)


def _checked(report: Report) -> Report:
    """Refuse to answer by editor or IDE what the records' sources don't know by it."""
    query = report.query
    sources = {record.source for record in report.records}
    if IDE in (query.by or ()) and sources and not sources & {REPORTS, USER_REPORTS}:
        raise no_ides(f"{query.scope} (source: {report.source})", of_team=query.scope.team is not None)
    if sources == {REPORTS} and ("editor" in (query.by or ()) or query.filter.editors):
        raise no_editors(str(query.scope))
    return report


def _screen(options: ReportOptions, *, to_file: bool) -> Screen:
    forced = any(os.environ.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    if to_file or not output.is_terminal():
        return Screen(options.width, styled=forced and not to_file, notes=not options.quiet)
    width = options.width or output.terminal_width()
    return Screen(width, styled=True, blocks=output.has_blocks(), notes=not options.quiet)


def _say_notes(found: tuple[str, ...]) -> None:
    notes = list(found)
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES + 1
        notes[_MOST_NOTES - 1 :] = [f"{more} more notes: see them with --format table"]
    for note in notes:
        output.say(f"note: {note}")
