"""Whole outputs, one a file in tests/expected.

After a change that is meant to alter them, run the tests once with UPDATE_EXPECTED=1 and read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DATA = TESTS / "data"
EXPECTED = TESTS / "expected"
SGR = re.compile(r"\x1b\[[\d;]*m")


def check(name: str, text: str) -> None:
    """Compare a text with the file that holds it, or write the file if UPDATE_EXPECTED=1."""
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def layout(shown: str) -> str:
    """Reduce what a terminal shows to what can be seen without colours: no escapes, no blanks at the ends of lines."""
    return re.sub(r" +$", "", SGR.sub("", shown), flags=re.MULTILINE)
