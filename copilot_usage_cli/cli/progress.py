"""Show on stderr what is being waited for: only in a terminal, and only past half a second."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from copilot_usage_cli.text import shorten

if TYPE_CHECKING:
    from rich.progress import Progress

_DELAY = 0.5  # seconds
_STEPS_TO_ESTIMATE = 3
_WIDTH_OF_A_BAR = 70  # cells; a narrower terminal is left to the name and the numbers
_SPINNER, _BAR, _REMAINING = 4, 20 + 1, 8  # cells, with what separates them


class ProgressBar:
    """A spinner that names the work, with a bar where the number of steps is known. A context manager.

    A timer draws it once the work takes long, whatever it waits for: a lock, a token, one answer.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._lock = threading.RLock()
        self._name = "working"
        self._counts: dict[str, list[int]] = {}  # done and expected
        self._drawn: Progress | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        if self._shown:
            self._timer = threading.Timer(_DELAY, self._draw)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._shown = False
            if self._drawn is not None:
                self._drawn.stop()

    def name(self, work: str) -> None:
        """Say what is being done from now on."""
        with self._lock:
            self._name, self._counts = work, {}
            self._update()

    def expect(self, steps: int, what: str = "reports") -> None:
        """Add steps that are still to come; the bar is of what is expected first, other steps are counted beside."""
        with self._lock:
            self._counts.setdefault(what, [0, 0])[1] += steps
            self._update()

    def step(self, what: str = "reports") -> None:
        """Count a step as done."""
        with self._lock:
            self._counts.setdefault(what, [0, 0])[0] += 1
            self._update()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the bar off the screen while something else is written."""
        with self._lock:
            if self._drawn is not None:
                self._drawn.stop()
            try:
                yield
            finally:
                if self._drawn is not None and self._shown:
                    self._drawn.start()

    def _draw(self) -> None:
        drawn = _new_progress()
        with self._lock:
            if self._shown:
                self._drawn = drawn
                self._drawn.add_task("")
                self._update()
                self._drawn.start()

    def _update(self) -> None:
        if self._drawn is not None:
            counts = {what: each for what, each in self._counts.items() if each[1]}
            steps = [f"{done} of {total} {what}" for what, (done, total) in counts.items()]
            done, total = next(iter(counts.values()), (0, 0))
            task = self._drawn.tasks[0]
            task.total = total or None  # update() takes None for no change
            width = self._drawn.console.width
            while len(steps) > 1 and len(", ".join(steps)) > width // 3:
                steps.pop()
            shown = ", ".join(steps)
            room = width - _SPINNER - len(shown) - (_BAR + _REMAINING if total and width >= _WIDTH_OF_A_BAR else 0)
            self._drawn.update(task.id, description=shorten(self._name, max(room, 3)), completed=done, steps=shown)


def _new_progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Known(ProgressColumn):
        """Shows another column once so many steps are done; nothing where the number of steps isn't known."""

        def __init__(self, column: ProgressColumn, steps: int) -> None:
            super().__init__()
            self._column = column
            self._steps = steps

        def render(self, task: Task) -> Text:
            known = task.total is not None and task.completed >= self._steps
            return self._column(task) if known else Text("")  # type: ignore[return-value]

    console = Console(stderr=True)
    name = TextColumn("{task.description}", markup=False)
    steps = TextColumn("{task.fields[steps]}", markup=False)
    columns = [SpinnerColumn(), name, steps]
    if console.width >= _WIDTH_OF_A_BAR:
        remaining = Known(TimeRemainingColumn(compact=True), _STEPS_TO_ESTIMATE)
        columns = [SpinnerColumn(), name, Known(BarColumn(_BAR - 1), 0), steps, remaining]
    return Progress(*columns, console=console, transient=True)
