"""A run's one connection to a GitHub, and to what is kept of it on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.options import NetworkOptions
from copilot_usage_cli.cli.paths import generation_cache_file, history_file
from copilot_usage_cli.cli.progress import ProgressBar
from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.github.auth import find_token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import RetryLimits
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.sources.fetch import Fetcher
from copilot_usage_cli.sources.generation_cache import GenerationCache

if TYPE_CHECKING:
    from copilot_usage_cli.history.backfill import HistoryBackfill


class Session(NamedTuple):
    """A fetcher for one address, and the history of its host, unless there is to be none."""

    fetcher: Fetcher
    backfill: "HistoryBackfill | None"

    def fetch(self, query: Query) -> FetchResult:
        """Fetch a period, store it, and add what only the history has."""
        result = self.fetcher.fetch(query, self.backfill)
        return result if self.backfill is None else self.backfill.complete(query, result)


@contextmanager
def open_session(
    options: NetworkOptions, now: Callable[[], datetime], moment: datetime, *, history: bool
) -> Iterator[Session]:
    """Connect to the GitHub that the options and the environment name, as of the run's `moment`."""
    address = find_address(options.api_url, options.hostname, os.environ)
    limits = RetryLimits(options.timeout, options.max_wait)
    cache = GenerationCache(generation_cache_file(), moment.date())
    with (
        open_backfill(options, address.hostname, moment) if history else nullcontext() as backfill,
        Client(
            address, find_token(address, os.environ), limits, say=_say(options), trace=_trace(options), now=now
        ) as client,
        ProgressBar(shown=not options.quiet) as bar,
    ):
        yield Session(Fetcher(client, cache, bar, options.jobs), backfill)


@contextmanager
def open_demo(options: NetworkOptions) -> Iterator[Session]:
    """Connect to the made-up GitHub, which leaves no trace on this machine."""
    from copilot_usage_cli.demo import transport as demo

    limits = RetryLimits(options.timeout, options.max_wait)
    with (
        Client(
            demo.ADDRESS,
            demo.TOKEN,
            limits,
            say=_say(options),
            trace=_trace(options),
            transport=demo.new_transport(),
        ) as client,
        ProgressBar(shown=not options.quiet) as bar,
    ):
        yield Session(Fetcher(client, progress=bar, jobs=options.jobs), None)


@contextmanager
def open_backfill(options: NetworkOptions, host: str, moment: datetime) -> "Iterator[HistoryBackfill | None]":
    """Open the history of a host; None if the environment switches histories off."""
    path = history_file(os.environ)
    if path is None:
        yield None
        return
    from copilot_usage_cli.history.backfill import HistoryBackfill

    with HistoryBackfill(path, host, moment, _say(options)) as backfill:
        yield backfill


def _say(options: NetworkOptions) -> output.Say:
    return _silent if options.quiet else output.say


def _trace(options: NetworkOptions) -> output.Say:
    return output.say if options.verbose else _silent


def _silent(_line: str) -> None:
    pass
