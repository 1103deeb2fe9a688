"""This machine's history, as the environment names it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.paths import history_file
from copilot_usage_cli.errors import UsageError

if TYPE_CHECKING:
    from copilot_usage_cli.history.backfill import HistoryBackfill


def history_path() -> Path:
    """Return the history's file, which needn't be there; raises UsageError if histories are off."""
    path = history_file(os.environ)
    if path is None:
        raise history_off()
    return path


def history_off() -> UsageError:
    """Return an error for what can't be done without a history."""
    return UsageError("the history is off", "unset COPILOT_USAGE_HISTORY, or let it name a file")


@contextmanager
def open_backfill(host: str, moment: datetime, *, quiet: bool) -> "Iterator[HistoryBackfill | None]":
    """Open the history of a host, as of the run's `moment`; None if histories are off."""
    path = history_file(os.environ)
    if path is None:
        yield None
        return
    from copilot_usage_cli.history.backfill import HistoryBackfill

    with HistoryBackfill(path, host, moment, output.say_if(not quiet)) as backfill:
        yield backfill
