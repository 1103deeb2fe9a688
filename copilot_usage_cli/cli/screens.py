"""What tables are drawn for: this terminal, a pipe, or a file."""

import os

from copilot_usage_cli.cli import output
from copilot_usage_cli.cli.table_options import OutputOptions
from copilot_usage_cli.render.screen import Screen


def screen_of(options: OutputOptions, *, quiet: bool) -> Screen:
    """Return what a table is drawn for."""
    to_file = not output.is_stdout(options.output)
    forced = any(os.environ.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    if to_file or not output.is_terminal():
        return Screen(options.width, styled=forced and not to_file, notes=not quiet)
    width = options.width or output.terminal_width()
    return Screen(width, styled=True, blocks=output.has_blocks(), notes=not quiet)
