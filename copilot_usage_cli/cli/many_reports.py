"""Reports of many scopes in one run: each is built as it comes, and only what is shown of it stays."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.answers import Answers, open_answers
from copilot_usage_cli.cli.building import build_comparison, build_report, query_before
from copilot_usage_cli.cli.failures import say_failures
from copilot_usage_cli.cli.gathering import Gathering
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.option_rules import no_teams
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.queries import query_of
from copilot_usage_cli.cli.rendering import about_if_told
from copilot_usage_cli.cli.report_options import ReportOptions
from copilot_usage_cli.cli.screens import screen_of
from copilot_usage_cli.cli.selection import Selection
from copilot_usage_cli.cli.spool import Spool
from copilot_usage_cli.cli.verdicts import Verdict
from copilot_usage_cli.errors import CopilotUsageError, TerminatedBySignal, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import ComparisonPeriod
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MACHINES, NAMES, REPORTS, Format
from copilot_usage_cli.report.build import Report

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison

    Shown = Report | Comparison


_PART = 100  # scopes

Found = TypeVar("Found")
Built = TypeVar("Built")


def write_many(selection: Selection, options: ReportOptions, form: Format, moment: datetime, now: Invocation) -> int:
    """Write one report of many scopes, then what failed; return the exit code.

    One that fails doesn't take the others with it: the first failure's code counts, in the order given.
    """
    teams_alone = selection.what == "teams" if selection.owner else all(scope.team for scope in selection.scopes)
    if options.source == REPORTS and teams_alone and not options.input:
        raise no_teams("--source reports")
    with Spool() as spool:
        gathering = Gathering(options, form, screen_of(options, quiet=options.quiet), spool)
        with (
            ProgressBar(shown=not (options.quiet or options.demo)) as bar,
            open_answers(options, now, moment, bar) as answers,
        ):
            queries = _queries(selection, options, moment, answers)
            try:
                for number, shown in _shown_each(queries, answers, options, for_people=form not in MACHINES):
                    gathering.add(number, queries[number], shown)
            except TerminatedBySignal:
                with bar.away():
                    output.say_left([query.scope for query in queries], gathering.ended)
                raise
        failed = gathering.failures()
        to_file = not output.is_stdout(options.output)
        if gathering.has_reports and (not failed or options.partial or not to_file):
            text = gathering.text(queries, about_if_told(form, now, moment))
            output.write(text, options.output, for_machines=form != "table")
            if form in MACHINES and not options.quiet:
                output.say_notes(gathering.notes_of(queries))
        say_failures([query.scope for query in queries], dict(failed))
        if failed and to_file and not options.partial:
            output.say(f"{options.output} was not written; --partial writes it with the scopes that didn't fail")
        return failed[0][1].exit_code if failed else _say_verdicts(queries, gathering.verdicts)


def _queries(selection: Selection, options: ReportOptions, moment: datetime, answers: Answers) -> list[Query]:
    owner = selection.owner
    scopes: Sequence[Scope] = selection.scopes
    if not scopes:
        scopes = answers.list_scopes(selection, None if owner is None else query_of(owner, options, moment))
    if not scopes:
        raise UsageError("no record of the input says whose it is", "name the scope that it belongs to")
    one = query_of(scopes[0], options, moment)
    if one.by is None or not set(NAMES) & set(one.by):
        one = one._replace(top=None)  # it counts scopes
    return [one._replace(scope=scope) for scope in scopes]


def _say_verdicts(queries: Sequence[Query], found: Mapping[int, Sequence[Verdict]]) -> int:
    """Say why the run fails although all reports were written; return the first exit code, in the order given."""
    codes = []
    for number in sorted(found):
        for verdict in found[number]:
            output.say(f"failed: {queries[number].scope}: {verdict.words}")
        codes += [verdict.exit_code for verdict in found[number][-1:]]
    return codes[0] if codes else 0


def _shown_each(
    queries: Sequence[Query], answers: Answers, options: ReportOptions, *, for_people: bool
) -> Iterator[tuple[int, "Shown | CopilotUsageError"]]:
    """Build what is shown of each scope as it comes."""
    compare = options.compare
    if compare is not None:
        for numbers in _together(queries):
            yield from _compared(queries, numbers, answers, compare)
        return
    held = answers.held if for_people and options.by is None else None
    for number, result in _ask_each(queries, answers):
        yield number, _or_error(result, partial(build_report, queries[number], held=held))


def _compared(
    queries: Sequence[Query], numbers: Sequence[int], answers: Answers, compare: ComparisonPeriod
) -> Iterator[tuple[int, "Comparison | CopilotUsageError"]]:
    """Compare scopes with what was before, which can be asked for once the reports are there."""
    reports: dict[int, Report] = {}
    befores: dict[int, Query] = {}
    for place, result in _ask_each([queries[number] for number in numbers], answers):
        number = numbers[place]
        report = _or_error(result, partial(build_report, queries[number]))
        before = _or_error(report, partial(query_before, compare=compare))
        if isinstance(report, CopilotUsageError):
            yield number, report
        elif isinstance(before, CopilotUsageError):
            yield number, before
        else:
            reports[number], befores[number] = report, before
    left = list(befores)
    for place, result in _ask_each([befores[number] for number in left], answers):
        number = left[place]
        yield number, _or_error(result, partial(build_comparison, reports.pop(number), befores[number]))


def _together(queries: Sequence[Query]) -> Iterator[list[int]]:
    """Split many scopes into parts whose reports are held at a time; teams of one owner share requests, so a part."""
    owners: dict[object, list[int]] = {}
    for number, query in enumerate(queries):
        scope = query.scope
        owners.setdefault(number if scope.team is None else (scope.kind, scope.owner.lower()), []).append(number)
    part: list[int] = []
    for numbers in owners.values():
        part += numbers
        if len(part) >= _PART:
            yield part
            part = []
    if part:
        yield part


def _or_error(found: Found | CopilotUsageError, build: Callable[[Found], Built]) -> Built | CopilotUsageError:
    """Build something of what was found, unless that is an error, or building it is one."""
    if isinstance(found, CopilotUsageError):
        return found
    try:
        return build(found)
    except CopilotUsageError as error:
        return error


def _ask_each(queries: Sequence[Query], answers: Answers) -> Iterator[tuple[int, FetchResult | CopilotUsageError]]:
    """Ask for periods, unless no day of one is over."""
    places = [number for number, query in enumerate(queries) if not query.period.is_empty]
    yield from ((number, FetchResult([])) for number, query in enumerate(queries) if query.period.is_empty)
    for place, result in answers.fetch_each([queries[number] for number in places]):
        yield places[place], result
