"""One report: from options to a query, from records to text, and what must be said besides."""

from typing import TYPE_CHECKING

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.answers import Answers, open_answers
from copilot_usage_cli.cli.building import build_comparison, build_report, query_before
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.option_rules import check_conflicts, format_of
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.queries import moment_of, query_of
from copilot_usage_cli.cli.rendering import rendered
from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.selection import Selection
from copilot_usage_cli.cli.verdicts import verdicts
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.vocabulary import MACHINES
from copilot_usage_cli.report.build import Report

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison


def write_report(selection: Selection, options: ReportOptions, now: Invocation) -> int:
    """Write the report that was asked for, with its notes, and return the exit code; `now` is the run's clock."""
    form = format_of(options)
    check_conflicts(options, form, is_many=selection.is_many)
    if options.output is not None and not output.is_stdout(options.output):
        output.check_target(options.output)
    moment = moment_of(options, now)
    if selection.is_many:
        from copilot_usage_cli.cli.many_reports import write_many

        return write_many(selection, options, form, moment, now)
    query = query_of(selection.scopes[0], options, moment)
    whole = options.page is None
    with (
        ProgressBar(shown=not (options.quiet or options.demo)) as bar,
        open_answers(options, now, moment, bar, whole=whole) as answers,
    ):
        shown = _build(query, answers, options, for_people=form not in MACHINES)
    text = rendered(shown, form, options, quiet=options.quiet, invocation=now, moment=moment)
    output.write([text], options.output, for_machines=form != "table")
    if form in MACHINES and not options.quiet:
        output.say_notes(shown.notes)
    code = 0
    for verdict in verdicts(shown if isinstance(shown, Report) else shown.current, options):
        output.say(f"failed: {verdict.words}")
        code = verdict.exit_code
    return code


def _build(query: Query, answers: Answers, options: ReportOptions, *, for_people: bool) -> "Report | Comparison":
    has_change = options.compare is None and for_people and query.by is None
    report = build_report(query, _ask(query, answers), answers.held if has_change else None)
    if options.compare is None:
        return report
    before = query_before(report, options.compare)
    return build_comparison(report, before, _ask(before, answers))


def _ask(query: Query, answers: Answers) -> FetchResult:
    """Ask for a period, unless no day of it is over."""
    return FetchResult([]) if query.period.is_empty else answers.fetch(query)
