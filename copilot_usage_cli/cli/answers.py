"""What queries are asked of: files, the history, the demo or GitHub; opened once a run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.selection import Selection
from copilot_usage_cli.cli.table_options import DaysOptions
from copilot_usage_cli.errors import CopilotUsageError, NotFound, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from copilot_usage_cli.history.backfill import HistoryBackfill
    from copilot_usage_cli.sources.generations import Numbered


class Answers(NamedTuple):
    """How queries are answered.

    `fetch` asks for one, `fetch_each` for many, and yields the place of each with its result, or its error, as it
    comes. `held` returns what is there of a period without asking anybody. `list_scopes` lists all that an owner has.
    """

    fetch: Callable[[Query], FetchResult]
    fetch_each: Callable[[Sequence[Query]], Iterator["Numbered"]]
    held: Callable[[Query], Sequence[DailyRecord]]
    list_scopes: Callable[[Selection, Query | None], Sequence[Scope]]


@contextmanager
def open_answers(
    options: DaysOptions, now: Callable[[], datetime], moment: datetime, bar: ProgressBar, *, whole: bool = True
) -> Iterator[Answers]:
    """Open what the options name; an answer that isn't the `whole` one never goes into the history."""
    if options.input:
        bar.name("reading stdin" if options.input == [output.STDOUT] else f"reading {', '.join(options.input)}")
        files = _Files(options.input)
        yield Answers(files.fetch, files.fetch_each, lambda _query: (), files.list_scopes)  # results have all days
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
            yield Answers(backfill.offline, _one_by_one(backfill.offline), backfill.held, _held_scopes(backfill))
    else:
        from copilot_usage_cli.cli.session import open_demo, open_session

        if not options.demo:
            bar.name("looking for a token")
        history = not options.no_history and whole
        opened = open_demo(options, bar) if options.demo else open_session(options, now, moment, bar, history=history)
        with opened as session:
            yield Answers(session.fetch, session.fetch_each, session.held, session.list_scopes)


def _held_scopes(backfill: "HistoryBackfill") -> Callable[[Selection, Query | None], Sequence[Scope]]:
    """Return what lists the teams of an owner that the history has."""

    def list_scopes(selection: Selection, _query: Query | None) -> Sequence[Scope]:
        owner = selection.owner
        if selection.what == "organizations":
            raise UsageError("the history doesn't know whose an organization is", "name them, or use --scopes FILE")
        found = [
            scope for scope in backfill.scopes() if scope.team is not None and Scope(scope.kind, scope.owner) == owner
        ]
        if not found:
            raise NotFound(f"the history has no team of {owner}", "fetch them first, without --offline")
        return found

    return list_scopes


def _one_by_one(fetch: Callable[[Query], FetchResult]) -> Callable[[Sequence[Query]], Iterator["Numbered"]]:
    def fetch_each(queries: Sequence[Query]) -> Iterator["Numbered"]:
        for number, query in enumerate(queries):
            try:
                yield number, fetch(query)
            except CopilotUsageError as error:
                yield number, error

    return fetch_each


class _Files:
    """Saved responses, each read once: of one scope, or of many that they name."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._results: dict[Scope, FetchResult] = {}

    def fetch(self, query: Query) -> FetchResult:
        if query.scope not in self._results:
            from copilot_usage_cli.sources.saved_files import read_files

            self._results[query.scope] = read_files(self._names, query.scope)
        return self._results[query.scope]

    def fetch_each(self, queries: Sequence[Query]) -> "Iterator[Numbered]":
        if len(queries) > 1:
            self._read([query.scope for query in queries])
        yield from ((number, self.fetch(query)) for number, query in enumerate(queries))

    def list_scopes(self, selection: Selection, _query: Query | None) -> Sequence[Scope]:
        if selection.owner is not None:
            raise UsageError("--all and --input exclude each other", "name the scopes that the files are of")
        self._read(())
        return list(self._results)

    def _read(self, scopes: Sequence[Scope]) -> None:
        from copilot_usage_cli.sources.saved_files import read_files_of_many

        self._results = self._results or read_files_of_many(self._names, scopes)
