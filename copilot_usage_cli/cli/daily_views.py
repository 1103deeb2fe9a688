"""Run a command that shows a view of daily records, as the reports do: from GitHub, the history, files or the demo."""

from collections.abc import Callable, Sequence

from copilot_usage_cli.cli.answers import Answers, open_answers
from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.option_rules import check_answerers
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.queries import days_query, moment_of
from copilot_usage_cli.cli.scoped_app import DailyViewOptions
from copilot_usage_cli.cli.views import answerer_of, finish, prepare
from copilot_usage_cli.errors import CopilotUsageError, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import ComparisonPeriod
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.report.daily_view import DayFound
from copilot_usage_cli.report.days import Days, select_days
from copilot_usage_cli.report.view import Circumstances, View

Result = DayFound | CopilotUsageError


def write_daily_view(
    scopes: Sequence[Scope],
    options: DailyViewOptions,
    now: Invocation,
    build: Callable[[Sequence[DayFound], Circumstances], View],
) -> None:
    """Write the view of the days of some scopes, with its notes; one that fails doesn't take the others with it."""
    prepare(scopes, options)
    check_answerers(options, {})
    moment = moment_of(options, now)
    queries = [days_query(scope, options, moment, REPORTS)._replace(complete=True) for scope in scopes]
    with (
        ProgressBar(shown=not (options.quiet or options.demo)) as bar,
        open_answers(options, now, moment, bar) as answers,
    ):
        found = _days_of(queries, answers)
        results: list[Result] = [each if isinstance(each, CopilotUsageError) else DayFound(each) for each in found]
        if options.compare is not None:
            results = _compared(results, options.compare, answers)
    circumstances = Circumstances(moment, "history" if options.offline else answerer_of(options))

    def build_days(there: Sequence[tuple[Scope, DayFound]], circumstances: Circumstances) -> View:
        return build([each for _, each in there], circumstances)

    finish(scopes, results, options, build_days, circumstances, now)


def _days_of(queries: Sequence[Query], answers: Answers) -> list[Days | CopilotUsageError]:
    """Ask for periods, unless no day of one is over."""
    found: dict[int, Days | CopilotUsageError] = {
        number: select_days(query, FetchResult([])) for number, query in enumerate(queries) if query.period.is_empty
    }
    places = [number for number in range(len(queries)) if number not in found]
    if len(queries) == 1 and places:
        return [select_days(queries[0], answers.fetch(queries[0]))]
    for place, result in answers.fetch_each([queries[number] for number in places]):
        number = places[place]
        found[number] = result if isinstance(result, CopilotUsageError) else select_days(queries[number], result)
    return [found[number] for number in range(len(queries))]


def _compared(results: Sequence[Result], compare: ComparisonPeriod, answers: Answers) -> list[Result]:
    """Set days beside those of another period, which can be told once they are there."""
    joined = list(results)
    befores: dict[int, Query] = {}
    for number, result in enumerate(results):
        if isinstance(result, DayFound):
            days = result.now
            current = days.query.period._replace(since=days.since, until=days.until)
            try:
                befores[number] = days.query._replace(period=compare.period(current, days.query.today))
            except UsageError as error:
                joined[number] = error
    for number, before in zip(befores, _days_of(list(befores.values()), answers), strict=True):
        result = results[number]
        if isinstance(before, CopilotUsageError):
            joined[number] = before
        elif isinstance(result, DayFound):
            joined[number] = result._replace(before=before)
    return joined
