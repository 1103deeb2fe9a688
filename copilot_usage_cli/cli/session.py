"""A run's one connection to a GitHub, and to what is kept of it on this machine."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.local_history import history_off, open_backfill
from copilot_usage_cli.cli.options import ConnectionOptions, NetworkOptions
from copilot_usage_cli.cli.paths import generation_cache_file
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.cli.selection import Selection
from copilot_usage_cli.cli.settings import find_api
from copilot_usage_cli.errors import CopilotUsageError, TerminatedBySignal, UsageError
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token, find_token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import RunLimits
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord, stated_on
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.fetch import Fetcher
from copilot_usage_cli.sources.generation_cache import GenerationCache
from copilot_usage_cli.sources.generations import Numbered
from copilot_usage_cli.text import plural

if TYPE_CHECKING:
    from copilot_usage_cli.history.backfill import HistoryBackfill

_BATCH = 25  # scopes a transaction of the history
_GARBAGE = 5_000  # objects made before cycles are looked for: each answer leaves some, and there may be thousands


class Session(NamedTuple):
    """A fetcher for one address, the history of its host, unless there is to be none, and what shows the waiting."""

    fetcher: Fetcher
    backfill: "HistoryBackfill | None"
    bar: ProgressBar
    host: str

    def sync_each(self, queries: Sequence[Query]) -> Iterator[tuple[int, int | CopilotUsageError]]:
        """Fetch periods and store them; yield the place of each, and how many days are new or changed, or its error.

        There must be a history.
        """
        if self.backfill is None:
            raise history_off()
        for batch in self._batches(queries):
            answers = _answers(queries, batch)
            stored = dict(zip(answers, self.backfill.store(list(answers.values())) if answers else (), strict=True))
            for number, result in batch:
                yield number, stored[number] if isinstance(result, FetchResult) else result

    def held(self, query: Query) -> Sequence[DailyRecord]:
        """Return what the history has of a period, without asking anybody."""
        return [] if self.backfill is None else self.backfill.held(query)

    def fetch(self, query: Query) -> FetchResult:
        """Fetch a period, store it, and add what only the history has."""
        self._name([query])
        try:
            result = self.fetcher.fetch(query, self.backfill)
        except CopilotUsageError as error:
            if self.backfill is not None and error.so_far is not None:
                self.backfill.complete([(query, error.so_far)])
            raise
        if self.backfill is not None:
            (result,) = self.backfill.complete([(query, result)])
        return _stated(query, result)

    def fetch_each(self, queries: Sequence[Query]) -> Iterator[Numbered]:
        """Fetch periods of many scopes, store them, and yield the place of each with its result, or its error."""
        for batch in self._batches(queries):
            answers = _answers(queries, batch)
            results: dict[int, FetchResult] = {}
            if self.backfill is not None and answers:
                results = dict(zip(answers, self.backfill.complete(list(answers.values())), strict=True))
            for number, result in batch:
                if isinstance(result, FetchResult):
                    yield number, _stated(queries[number], results.get(number, result))
                else:
                    yield number, result

    def list_scopes(self, selection: Selection, query: Query | None) -> Sequence[Scope]:
        """List all teams or organizations of an owner; `query` is one of it."""
        if query is None:
            raise UsageError("no scope is named", "name one, or give --scopes FILE")
        self.bar.name(f"listing the {selection.what} of {query.scope}")
        return self.fetcher.list_scopes(query, selection.what)

    def _batches(self, queries: Sequence[Query]) -> Iterator[list[Numbered]]:
        """Yield what is fetched, as many at a time as go into one transaction; those at hand if the run is ended."""
        self._name(queries)
        if len(queries) > 1:
            gc.set_threshold(_GARBAGE)
        batch: list[Numbered] = []
        ended: TerminatedBySignal | None = None
        try:
            for numbered in self.fetcher.fetch_each(queries, self.backfill):
                batch.append(numbered)
                self.bar.step("scopes")
                if self.backfill is None or len(batch) == _BATCH:
                    yield batch
                    batch = []
        except TerminatedBySignal as signal:
            ended = signal
        if batch:
            yield batch
        if ended is not None:
            if self.backfill is not None and (answers := _answers(queries, self.fetcher.so_far())):
                stored = [
                    each for each in self.backfill.store(list(answers.values())) if isinstance(each, int) and each
                ]
                if stored:
                    with self.bar.away():
                        which = f"{plural(sum(stored), 'day')} of {plural(len(stored), 'scope')}"
                        output.say(f"stored {which}, of which others are still to be fetched")
            raise ended

    def _name(self, queries: Sequence[Query]) -> None:
        """Say what is being fetched; of several scopes, how many."""
        what = str(queries[0].scope) if len(queries) == 1 else plural(len(queries), "scope")
        self.bar.name(f"fetching {what} from {self.host}")
        if len(queries) > 1:
            self.bar.expect(len(queries), "scopes")


def _answers(queries: Sequence[Query], batch: Sequence[Numbered]) -> dict[int, tuple[Query, FetchResult]]:
    """Return what a history is to keep of a batch, by its place: also what came before an error."""
    found = {number: result if isinstance(result, FetchResult) else result.so_far for number, result in batch}
    return {number: (queries[number], result) for number, result in found.items() if result is not None}


def _stated(query: Query, result: FetchResult) -> FetchResult:
    return result._replace(records=[stated_on(record, query.today) for record in result.records])


@contextmanager
def open_client(options: NetworkOptions, now: Callable[[], datetime] | None) -> Iterator[Client]:
    """Return a client of the GitHub that the options and the environment name, or without a clock of the demo's."""
    if now is None:
        from copilot_usage_cli.demo import responder

        address, token = responder.ADDRESS, responder.TOKEN
        replaced: dict[str, Any] = {"now": lambda: responder.NOW, "responder": responder.respond}
    else:
        address = find_api(options.api_url, options.hostname)
        token, replaced = find_token(address, os.environ), {"now": now}
    with new_client(options, address, token, **replaced) as client:
        yield client


@contextmanager
def open_session(
    options: NetworkOptions, now: Callable[[], datetime], moment: datetime, bar: ProgressBar, *, history: bool
) -> Iterator[Session]:
    """Connect to the GitHub that the options and the environment name, as of the run's `moment`."""
    address = find_api(options.api_url, options.hostname)
    cache = GenerationCache(generation_cache_file(), moment.date())
    with (
        open_backfill(address.hostname, moment, quiet=options.quiet) if history else nullcontext() as backfill,
        open_client(options, now) as client,
    ):
        yield Session(Fetcher(client, cache, bar, options.jobs), backfill, bar, address.netloc)


@contextmanager
def open_demo(options: NetworkOptions, bar: ProgressBar) -> Iterator[Session]:
    """Connect to the made-up GitHub, which leaves no trace on this machine."""
    with open_client(options, None) as client:
        yield Session(Fetcher(client, progress=bar, jobs=options.jobs), None, bar, "the demo")


def new_client(options: ConnectionOptions, address: Address, token: Token, **replaced: Any) -> Client:
    """Return a client that speaks as the options ask it to."""
    say, trace = output.say_if(not options.quiet), output.say_if(options.verbose)
    jobs = options.jobs if isinstance(options, NetworkOptions) else 1
    limits = RunLimits(options.timeout, options.max_wait, jobs)
    return Client(address, token, limits, say=say, trace=trace, **replaced)
