"""How the program was called, and when."""

from collections.abc import Callable, Sequence
from datetime import datetime


class Invocation:
    """The arguments that the program was called with, and the run's one clock, which calling this reads."""

    def __init__(self, arguments: Sequence[str], clock: Callable[[], datetime]) -> None:
        self.arguments = tuple(arguments)
        self._clock = clock

    def __call__(self) -> datetime:
        """Read the clock."""
        return self._clock()
