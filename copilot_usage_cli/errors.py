"""The errors that people meet, and the exit codes they end in.

CopilotUsageError    1  a fault in the tool
├── UsageError       2  options, slugs, input files that aren't there, 400 and 422
├── NotAllowed       4  no token, 401, 403
├── NotFound         5  404, 410
├── Unavailable      6  GitHub or the network failed, or a rate limit outlasted --max-wait
├── NotUnderstood    7  an answer or an input file that is not a usage report, or that leads elsewhere
└── NotWritten       8  the output could not be written

TerminatedBySignal (a BaseException) carries a signal to the exit code 128 + its number.
"""

from typing import Any

EXIT_MISSING_DAYS = 3
EXIT_CONDITION = 9


class CopilotUsageError(Exception):
    """What happened, and the cure: each line of `hint` names one.

    `so_far` is what was fetched before, a FetchResult that a history may keep.
    """

    exit_code = 1
    so_far: Any = None

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CopilotUsageError):
    """The command line or an input file's name is wrong."""

    exit_code = 2


class NotAllowed(CopilotUsageError):
    """There is no token, or GitHub refused the one there is."""

    exit_code = 4


class NotFound(CopilotUsageError):
    """GitHub knows nothing under this name, or doesn't say so to this token."""

    exit_code = 5


class Unavailable(CopilotUsageError):
    """GitHub or the network failed; the same command may work later."""

    exit_code = 6


class NotUnderstood(CopilotUsageError):
    """An answer or an input file is not a usage report, or was refused for safety."""

    exit_code = 7


class NotWritten(CopilotUsageError):
    """The report could not be written where it was asked for."""

    exit_code = 8


class TerminatedBySignal(BaseException):
    """A signal asks the process to end; unwinds the stack so that nothing half-done stays behind."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum
