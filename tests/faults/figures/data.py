"""F8 and F16: what names may hold, and which encodings a terminal or a pipe may have."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

from faults.figures.ground import COMMANDS, FORMATS, Figure, classic_days, each, run
from support.expected import SGR
from support.processes import shown_in_terminal
from support.program import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from faults.figures.ground import Ground

_OBEYED = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_IN_A_NAME = 4  # more would be cut in a table, and not all be shown
_IN_A_FILE = 24_000
_WIDE = 500  # columns
_NAMES = ("Größe", "日本語", "naïve 😀", "tab\there", "e\u0301", "\ud800", "\u202eabc", "\x1b[31m", "C#", "=1+1")
_ENCODINGS = {
    "C": {"LC_ALL": "C"},
    "POSIX without UTF-8": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
}


def code_points(ground: Ground) -> Figure:
    """Show each code point in a terminal, as a part of a language's name."""
    obeyed = [n for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) in _OBEYED]
    every = range(sys.maxunicode + 1)
    tasks: list[tuple[Sequence[int], str]]
    if ground.long:
        shown = [every[at : at + _IN_A_FILE] for at in range(0, len(every), _IN_A_FILE)]
        tasks = [(points, form) for points in shown for form in ("table", "csv")]
        tasks += [(obeyed, form) for form in FORMATS]
    else:
        chance = ground.chance("F8")
        others = [n for n in obeyed if n >> 11 != 0xD800 >> 11]  # there are 2,048 surrogates, all alike
        sample = others + chance.sample(every, 2000) + chance.sample(range(0xD800, 0xE000), 20)
        tasks = [(sample, "table"), (sample, "csv")]
    found = [_reaching(ground.folder / "names.json", *task) for task in tasks]
    reaching = set().union(*(points for _, points, _ in found))
    seen = set().union(*(seen for seen, _, _ in found))
    failed = [code for _, _, code in found if code]
    words = f"{len(seen):,} code points in names: {len(reaching)} that a terminal obeys reach it"
    words += f", in {len(found)} screens"
    words += "".join(f" U+{point:04X}" for point in sorted(reaching)[:5]) + "".join(f", exit {code}" for code in failed)
    enough = len(seen) >= 0.99 * len(set().union(*(points for points, _ in tasks)))
    return Figure("F8", words, not reaching and not failed and enough)


def _reaching(path: Path, points: Sequence[int], form: str) -> tuple[set[int], set[int], int]:
    """Show code points in a terminal; return those that were seen, if only as escapes, those obeyed, and the code."""
    # Two surrogates side by side might be read as one code point.
    names = ["x".join(map(chr, points[at : at + _IN_A_NAME])) for at in range(0, len(points), _IN_A_NAME)]
    (record,) = classic_days(1, 0)
    row = {"editor": "vim", "suggestions_count": 1}
    rows = [row | {"language": f"_{name}_"} for name in names]
    with path.open("w", encoding="ascii") as file:
        for day in range(0, len(rows), 2000):
            record |= {"day": f"2026-03-{1 + day // 2000:02}", "breakdown": rows[day : day + 2000]}
            file.write(f"{json.dumps(record)}\n")
    command = (SCRIPT, "org", "acme", "--input", path, "--by", "language", "-f", form)
    code, text = shown_in_terminal(_WIDE, command)
    text = SGR.sub("", text)
    obeyed = {ord(c) for c in set(text) - {"\n", "\t"} if unicodedata.category(c) in _OBEYED}
    if form in {"table", "json", "ndjson"}:
        obeyed |= {9} & set(map(ord, text))
    escaped = re.findall(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|(\\[tnr])", text)
    seen = {ord(c) for c in set(text)} | {int(a or b or c, 16) for a, b, c, short in escaped if not short}
    seen |= {ord({"t": "\t", "n": "\n", "r": "\r"}[short[1]]) for *_, short in escaped if short}
    return seen & set(points), obeyed, code


def locales(ground: Ground) -> Figure:
    """Write each format where the encoding has no room for most names."""
    path = ground.folder / "names.json"
    days = classic_days(3, 0)
    for day in days:
        day["breakdown"] = [{"language": name, "editor": "vim", "suggestions_count": 1} for name in _NAMES]
    path.write_text(json.dumps(days), "ascii")
    base = ("org", "acme", "--input", path, "--by", "language")

    def write(case: tuple[str, str]) -> bool:
        encoding, form = case
        ended = run(*base, "-f", form, env=_ENCODINGS[encoding])
        target = ground.folder / f"{encoding} {form}"
        wrote = run(*base, "-f", form, "-o", target, env=_ENCODINGS[encoding])
        whole = form == "table" or target.read_text("utf-8") == ended.out
        return (ended.code, wrote.code) == (0, 0) and bool(ended.out) and whole and not ended.has_traceback

    def show(encoding: str) -> bool:
        code, text = shown_in_terminal(80, (SCRIPT, *base, "-f", "table"), env=_ENCODINGS[encoding])
        return code == 0 and "C#" in text

    history = {"COPILOT_USAGE_HISTORY": str(ground.folder / "held.sqlite3")}
    run("history", "import", path, "--scope", "org:acme", env=history)

    def say(case: tuple[str, tuple[str, ...]]) -> bool:
        encoding, command = case
        ended = run(*command, env=_ENCODINGS[encoding] | history)
        return ended.code == 0 and bool(ended.out) and not ended.has_traceback

    cases = [(encoding, form) for encoding in _ENCODINGS for form in FORMATS]
    commands = [(encoding, command) for encoding in ground.pick(["C"], list(_ENCODINGS)) for command in COMMANDS]
    done = each(write, cases) + each(say, commands)
    shown = [show(encoding) for encoding in ground.pick([], [name for name in _ENCODINGS if name != "latin-1"])]
    words = f"{sum(done)} of {len(done)} encodings with each format and command are written whole" + (
        f", {sum(shown)} of {len(shown)} shown in a terminal" if shown else ""
    )
    return Figure("F16", words, all(done) and all(shown))
