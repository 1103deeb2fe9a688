"""A run's connection to one GitHub, with what it remembers of it on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.options import NetworkOptions
from copilot_usage_cli.cli.paths import history_file, memory_file
from copilot_usage_cli.cli.progress import Bar
from copilot_usage_cli.github.address import Address, find_address
from copilot_usage_cli.github.auth import find_token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import Patience
from copilot_usage_cli.model.fetch_result import Fetched
from copilot_usage_cli.sources.fetch import Fetcher, Question
from copilot_usage_cli.sources.generation_cache import Memory

if TYPE_CHECKING:
    from copilot_usage_cli.history.backfill import Archive


class Session(NamedTuple):
    """A fetcher for one address, and the archive of its host, unless there is to be none."""

    fetcher: Fetcher
    archive: "Archive | None"

    def get(self, question: Question) -> Fetched:
        """Fetch a period, keep it, and add what only the history has."""
        if self.archive is None:
            return self.fetcher.fetch(question)
        return self.archive.complete(question.scope, question.period, question.source, self.fetch_missing(question))

    def fetch_missing(self, question: Question) -> Fetched:
        """Fetch what GitHub has of a period and the history doesn't; nothing is kept yet."""
        scope, archive = question.scope, self.archive
        if archive is None:
            return self.fetcher.fetch(question)
        return self.fetcher.fetch(replace(question, narrowed=True, known=lambda source: archive.known(scope, source)))


@contextmanager
def open_session(
    options: NetworkOptions, today: date, now: Callable[[], datetime], *, history: bool
) -> Iterator[Session]:
    """Connect to the GitHub that the options and the environment name."""
    address = find_address(options.api_url, options.hostname, os.environ)
    tell, trace = _voices(options)
    patience = Patience(options.timeout, options.max_wait)
    memory = Memory(memory_file(), today)
    archive = find_archive(address, now, options) if history else None
    with (
        Client(address, find_token(address, os.environ), patience, say=tell, trace=trace, now=now) as client,
        Bar(shown=not options.quiet) as bar,
    ):
        yield Session(Fetcher(client, memory, bar), archive)


@contextmanager
def open_demo(options: NetworkOptions) -> Iterator[Session]:
    """Connect to the made-up GitHub, which leaves no trace on this machine."""
    from copilot_usage_cli.demo import classic

    tell, trace = _voices(options)
    patience = Patience(options.timeout, options.max_wait)
    client = Client(classic.ADDRESS, classic.TOKEN, patience, say=tell, trace=trace, transport=classic.transport())
    with client, Bar(shown=not options.quiet) as bar:
        yield Session(Fetcher(client, bar=bar), None)


def find_archive(address: Address, now: Callable[[], datetime], options: NetworkOptions) -> "Archive | None":
    """Give the archive of a host; None if the environment switches histories off."""
    path = history_file(os.environ)
    if path is None:
        return None
    from copilot_usage_cli.history.backfill import Archive

    return Archive(path, address.hostname, now(), _silent if options.quiet else output.say)


def _voices(options: NetworkOptions) -> tuple[output.Voice, output.Voice]:
    """Give what tells the person about waiting, and what tells about each request."""
    return _silent if options.quiet else output.say, output.say if options.verbose else _silent


def _silent(_line: str) -> None:
    pass
