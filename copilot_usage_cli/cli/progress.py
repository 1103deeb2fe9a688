"""Show on stderr how far a long fetch is: only in a terminal, and only past half a second."""

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress

_DELAY = 0.5  # seconds


class ProgressBar:
    """A progress bar that is told of each step, and draws itself once the fetch takes long. A context manager."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._begun = time.monotonic()
        self._total = 0
        self._done = 0
        self._drawn: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def expect(self, steps: int) -> None:
        """Add steps that are still to come."""
        self._total += steps

    def step(self) -> None:
        """Count a step as done."""
        self._done += 1
        if not self._shown or time.monotonic() - self._begun < _DELAY:
            return
        if self._drawn is None:
            from rich.console import Console
            from rich.progress import Progress

            self._drawn = Progress(console=Console(stderr=True), transient=True)
            self._drawn.add_task("fetching")
            self._drawn.start()
        self._drawn.update(self._drawn.task_ids[0], completed=self._done, total=self._total)
