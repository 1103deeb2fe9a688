"""The entry point: signals first, then the command line; every error comes out in one form, with its exit code."""

import gc
import os
import sys

TYPE_CHECKING = False  # typing costs 3 ms at each start
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from types import FrameType

_GARBAGE = 200_000  # objects made before cycles are looked for: start-up alone makes tens of thousands, all to stay


def run_process() -> None:
    """Run the command line of this process, and end it.

    Python would spend a fifth of a short run on taking its modules apart; all that must be closed is closed by then.
    """
    import _signal  # type: ignore[import-not-found] # what the module signal wraps, which takes longer to load

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # until main() has its own: no traceback for Ctrl-C
    gc.set_threshold(_GARBAGE)
    code = main()
    _flush(1)
    os._exit(code)


def main(arguments: "Sequence[str] | None" = None, now: "Callable[[], datetime] | None" = None) -> int:
    """Run a command line and return its exit code.

    `arguments` are those of this process unless they are given; `now` is the run's one clock, in UTC.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given in (["--version"], ["-V"]) and _wrote_version():
        return 0
    from copilot_usage_cli.errors import CopilotUsageError, TerminatedBySignal

    try:
        _end_on_signals()
        from copilot_usage_cli.cli import app

        return app.run(given, now or app.utc_now)
    except TerminatedBySignal as ended:
        _flush(1)
        return ended.exit_code
    except CopilotUsageError as error:
        _flush(1)
        from copilot_usage_cli.cli.output import say_error

        say_error(error)
        return error.exit_code
    except Exception:  # noqa: BLE001 - whatever it is, it is our fault
        _say_fault()
        return CopilotUsageError.exit_code
    finally:
        _flush(2)


def _wrote_version() -> bool:
    """Print the version without loading anything else: scripts ask often. Where that fails, the app says why."""
    from copilot_usage_cli import PROGRAM, __version__

    try:
        os.write(1, f"{PROGRAM} {__version__}\n".encode())
    except OSError:
        return False
    return True


def _end_on_signals() -> None:
    """Unwind the stack on SIGINT, SIGTERM and SIGHUP, unless the parent had them ignored (nohup)."""
    import signal

    from copilot_usage_cli.errors import TerminatedBySignal

    def end(signum: int, frame: "FrameType | None") -> None:
        # Python swallows what is raised in the callbacks of an import, and an import leaves nothing to clean up.
        while frame is not None:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                os._exit(128 + signum)
            if frame.f_code.co_name == "__del__":  # where Python swallows it, too, but there is something to clean up
                _come_again(signum)
                return
            frame = frame.f_back
        raise TerminatedBySignal(signum)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signum = getattr(signal, name, None)  # Windows has no SIGHUP
        if signum is not None and signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, end)


def _come_again(signum: int) -> None:
    """Let a signal come once more, a moment later."""
    import threading

    again = threading.Timer(0.01, os.kill, (os.getpid(), signum))
    again.daemon = True
    again.start()


def _flush(descriptor: int) -> None:
    """Flush a stream, and drop what can't be written: the interpreter would end with 120 for it."""
    stream = sys.stdout if descriptor == 1 else sys.stderr
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _say_fault() -> None:
    """Show where a fault of the tool is, without any token or signed URL."""
    import traceback

    from copilot_usage_cli.cli.output import say
    from copilot_usage_cli.github.auth import redact

    if sys.stderr is not None:
        sys.stderr.write(redact(traceback.format_exc()))
    say("error: this is a fault in the tool", "hint: please report it with the lines above; they hold no token")


if __name__ == "__main__":
    run_process()
