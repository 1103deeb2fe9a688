"""Write the README's picture, the demo's report as a terminal shows it; --check tells whether it is up to date."""

import os
import re
import subprocess
import sys
from html import unescape
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from copilot_usage_cli import PROGRAM

TARGET = Path(__file__).parent.parent / "docs" / "report.svg"
ARGUMENTS = ("org", "acme", "--demo", "--source", "user-reports", "--since", "2w")
_COLUMNS = 100


def picture() -> str:
    """Return the picture as SVG, by Rich's own export."""
    console = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble("$ ", (f"{PROGRAM} {' '.join(ARGUMENTS)}", "bold")))
    console.print(Text.from_ansi(_report()))
    svg = console.export_svg(title=PROGRAM, unique_id=PROGRAM)
    # The fonts that Rich links to would be asked of a foreign host; the viewer's own monospace does.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _report() -> str:
    """Return what a terminal is sent, by the program itself."""
    command = [sys.executable, "-m", "copilot_usage_cli", *ARGUMENTS, "--width", str(_COLUMNS)]
    environment = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color", "COPILOT_USAGE_HISTORY": "off"}
    environment.pop("NO_COLOR", None)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def texts(svg: str) -> list[str]:
    """List what a picture says, without how this version of Rich draws it."""
    return [unescape(text).replace("\xa0", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def main(arguments: list[str]) -> int:
    """Write the picture if it says something else, or only tell."""
    if arguments not in ([], ["--check"]):
        print("usage: picture.py [--check]", file=sys.stderr)
        return 2
    svg = picture()
    if TARGET.is_file() and texts(TARGET.read_text("utf-8")) == texts(svg):
        return 0
    if arguments:
        print(f"{TARGET.name} is stale: run scripts/picture.py")
        return 1
    TARGET.write_text(svg, "utf-8", newline="\n")
    print(f"{TARGET.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
