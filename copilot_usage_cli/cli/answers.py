"""What queries are asked of: files, the history, the demo or GitHub; opened once a run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.options import ReportOptions
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.errors import CopilotUsageError, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from copilot_usage_cli.sources.generations import Numbered


class Answers(NamedTuple):
    """How queries are answered.

    `fetch` asks for one, `fetch_each` for many, and yields the place of each with its result, or its error, as it
    comes. `held` returns what is there of a period without asking anybody.
    """

    fetch: Callable[[Query], FetchResult]
    fetch_each: Callable[[Sequence[Query]], Iterator["Numbered"]]
    held: Callable[[Query], Sequence[DailyRecord]]


@contextmanager
def open_answers(
    options: ReportOptions, now: Callable[[], datetime], moment: datetime, bar: ProgressBar
) -> Iterator[Answers]:
    """Open what the options name."""
    if options.input:
        bar.name("reading stdin" if options.input == [output.STDOUT] else f"reading {', '.join(options.input)}")
        fetch = _read_files_once(options.input)
        yield Answers(fetch, _one_by_one(fetch), lambda query: fetch(query).records)
    elif options.offline:
        bar.name("reading the history")
        from copilot_usage_cli.cli.local_history import open_backfill
        from copilot_usage_cli.cli.settings import find_api

        address = find_api(options.api_url, options.hostname)
        with open_backfill(address.hostname, moment, quiet=options.quiet) as backfill:
            if backfill is None:
                raise UsageError(
                    "--offline needs the history, which is off", "set COPILOT_USAGE_HISTORY to a file, or unset it"
                )
            yield Answers(backfill.offline, _one_by_one(backfill.offline), backfill.held)
    else:
        from copilot_usage_cli.cli.session import open_demo, open_session

        if not options.demo:
            bar.name("looking for a token")
        # A single page is a part of an answer that nobody wants to find in a history as the whole.
        history = not options.no_history and options.page is None
        opened = open_demo(options, bar) if options.demo else open_session(options, now, moment, bar, history=history)
        with opened as session:
            yield Answers(session.fetch, session.fetch_each, session.held)


def _one_by_one(fetch: Callable[[Query], FetchResult]) -> Callable[[Sequence[Query]], Iterator["Numbered"]]:
    def fetch_each(queries: Sequence[Query]) -> Iterator["Numbered"]:
        for number, query in enumerate(queries):
            try:
                yield number, fetch(query)
            except CopilotUsageError as error:
                yield number, error

    return fetch_each


def _read_files_once(names: list[str]) -> Callable[[Query], FetchResult]:
    from copilot_usage_cli.sources.saved_files import read_files

    results: dict[Scope, FetchResult] = {}

    def fetch(query: Query) -> FetchResult:
        if query.scope not in results:
            results[query.scope] = read_files(names, query.scope)
        return results[query.scope]

    return fetch
