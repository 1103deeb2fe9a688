"""Decode JSON strictly and in little memory, and say what a text is that isn't JSON.

A few bytes of JSON can ask for a thousand times their size: what a text would take is estimated before it is decoded.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.body import BodyTooLarge, UndecodableBody

_LIGHT = 1 << 20  # characters: no text of this size takes much, whatever is in it
_HEAVIEST = 64 << 20  # bytes of memory; 40,000 breakdown rows of the classic API
_WEIGHTS = (("{", 128), ("[", 80), ('"', 45), (",", 48))  # bytes of memory that each may stand for, as measured
_BOM = "\ufeff"
_KEEP_JSON = "keep JSON: --json writes what --input reads"
_COLUMN = r"\"?[^\W\d][\w .()%/-]*\"?"  # what a header names one
_WEB_PAGE = "<"  # how one begins
_OTHER_TEXTS = (
    (r"HTTP/\d", "an answer with its headers, as curl -i writes it", "save the body alone: leave out -i"),
    (r"From: <Saved by |MIME-Version: ", "a saved web page, not JSON", "save the answer of the API itself"),
    (r"(org|enterprise|team):\S+ \| ", "this tool's table, which can't be read back", _KEEP_JSON),
    (rf"{_COLUMN}([,;\t]{_COLUMN})+\r?(\n|$)", "CSV, which can't be read back", _KEEP_JSON),
)
_ARCHIVES = {b"PK\x03\x04": "a zip archive or a workbook", b"%PDF": "a PDF", b"SQLite format 3": "a SQLite database"}
_START = 2000  # characters that tell what a text is


class WebPage(NotUnderstood):
    """HTML or XML came where JSON is due: whoever was asked, something else answered."""

    reason = "a web page came instead of an answer"
    cure = "a proxy or a login page may have answered instead"


class InvalidDocument(Exception):
    """What is wrong with a text; who knows what it is puts its name before the problem."""

    def __init__(self, problem: str, hint: str, error: type[NotUnderstood] = NotUnderstood) -> None:
        super().__init__(problem)
        self._problem = problem
        self._hint = hint
        self._error = error

    def located(self, label: str) -> NotUnderstood:
        """Return the error for people, in which `label` says what the text is."""
        return self._error(f"{label} {self._problem}", self._hint)


def decode(body: bytes, label: str, *, exact: bool = False) -> Any:
    """Decode one JSON document; raises NotUnderstood, in which `label` says what it is.

    If `exact`, fractions are Decimals, with the digits that stand in the text.
    """
    with named(label):
        text = to_text(body)
        try:
            return load(text, exact=exact)
        except (ValueError, RecursionError) as error:
            raise not_json(text, _position(error)) from None


def load(text: str, *, exact: bool = False) -> Any:
    """Decode a text that is one document; raises ValueError, RecursionError or BodyTooLarge."""
    weigh(text)
    return (_exact_decoder() if exact else _DECODER).decode(text)


def load_at(text: str, at: int, *, exact: bool = False) -> tuple[Any, int]:
    """Decode the document that stands at a place of a text that was weighed, and return where it ends."""
    return (_exact_decoder() if exact else _DECODER).raw_decode(text, at)


def weigh(text: str) -> None:
    """Raise BodyTooLarge for a text that would take too much memory as objects, if it is one document."""
    if len(text) > _LIGHT:
        weight = 2 * sys.getsizeof(text) + sum(text.count(character) * each for character, each in _WEIGHTS)
        if weight > _HEAVIEST:
            raise BodyTooLarge(f"as one document it would take more than {_HEAVIEST >> 20} MiB of memory")


def is_web_page(body: bytes) -> bool:
    """Return whether a body is HTML or XML: whatever the question was, it is not GitHub's answer."""
    return body[:_START].removeprefix(_BOM.encode()).lstrip().startswith(_WEB_PAGE.encode())


def to_text(body: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark; raises InvalidDocument."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_text(body) from None


def not_text(start: bytes) -> InvalidDocument:
    """Return an error that says what bytes are that are not UTF-8, by their start."""
    for signature, what in _ARCHIVES.items():
        if start.startswith(signature):
            return InvalidDocument(f"is {what}, not JSON", "give it the JSON of the API")
    return InvalidDocument("is not UTF-8 text, so not JSON", "save it as UTF-8: an older PowerShell's > does not")


def not_json(text: str, position: tuple[int, int] | None = None) -> InvalidDocument:
    """Return an error that says in what way a text is not JSON, and where (line and column, from 1)."""
    start = text[:_START].lstrip()
    if not start:
        return InvalidDocument("is empty, not JSON", "an answer with no days would be []")
    if start.startswith(_WEB_PAGE):
        return InvalidDocument("is a web page, not JSON", WebPage.cure, WebPage)
    for pattern, what, hint in _OTHER_TEXTS:
        if re.match(pattern, start):
            return InvalidDocument(f"is {what}", hint)
    where = f" (line {position[0]}, column {position[1]})" if position else ""
    return InvalidDocument(f"is not JSON, or was cut short{where}", "fetch it again, or look at it with jq")


def empty(label: str) -> NotUnderstood:
    """Return an error that something is empty where JSON is due."""
    return not_json("").located(label)


@contextmanager
def named(label: str) -> Iterator[None]:
    """Put a label before the problem of a text."""
    try:
        yield
    except InvalidDocument as error:
        raise error.located(label) from None
    except (BodyTooLarge, UndecodableBody) as error:
        raise NotUnderstood(f"{label} can't be read: {error}", "fetch it again") from None


def _position(error: Exception) -> tuple[int, int] | None:
    return (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else None


def _refuse_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python reads and JSON doesn't have."""
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


@lru_cache(maxsize=1)
def _exact_decoder() -> json.JSONDecoder:
    from decimal import Decimal, InvalidOperation  # which take long to load

    def read(text: str) -> Decimal:
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(f"{text:.40} has no place among numbers") from None

    return json.JSONDecoder(parse_constant=_refuse_constant, parse_float=read)
