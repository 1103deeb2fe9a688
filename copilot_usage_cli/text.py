"""Text for people: counts, and text from elsewhere without the control characters that a terminal would obey."""

import re
from collections.abc import Iterable, Sequence

_LONGEST = 4_000  # characters of which a few are quoted
_NAMES = "sig|signature|token|credential|secret|password|passwd|passphrase|pwd|api[-_]?key|access[-_]?key|jwt"
# Each begins with a literal and goes back over a few characters at most: what they look through may be anybody's.
_SECRETS = (
    r"()(?:gh[a-z]_|github_pat_)\w+",
    r"([\w.%+-]{1,64}:|:/{1,2})[^\s@]{1,300}(?=@)",  # a password, or a user's name that may be one
    r"(\w://[^\s?#]{0,300}[?#])[^\s>]+",
    r"([?#&][^\s?#&=]{0,80}(?:=|%3[Dd]))[^\s>]+",
    rf"((?i:{_NAMES})=(?!\$\()[\\\"']{{0,3}})[^\s'\"<>&]+",
)
_SECRETS_OF_OTHERS = (  # where a colon may mean the same
    rf"((?i:{_NAMES})[\\\"']{{0,2}}\s?(?:=|:|%3[Dd])\s?[\\\"']{{0,3}})[^\s'\"<>&]+",
    r"((?i:authorization|bearer)[\\\"']{0,2}\s?:?\s?[\\\"']{0,2}(?:(?i:bearer|basic|token)\s)?)[^\s'\"<>&]+",
)
_SIGNS_OF_SECRETS = ("gh", "github_pat_", "?", "=", "@", "#", "&")  # quicker to look for, and most texts have none
_NEAR = 0.6  # of difflib's ratio


def plural(number: int, noun: str) -> str:
    """Write a number of things: `1 day`, `2 days`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def listed(texts: Sequence[str], most: int = 3) -> str:
    """List the first few of many texts, and count the others."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


class Mistyped(ValueError):
    """What a person wrote can't be read; `meant` is what may have been meant, or nothing."""

    def __init__(self, message: str, meant: str | None) -> None:
        super().__init__(message)
        self.meant = meant


def nearest(word: str, among: Iterable[str], cutoff: float = _NEAR) -> str | None:
    """Return what a mistyped word was most likely to be, None if nothing is near; case makes no difference.

    The only one that a word begins is it, however short the word; `cutoff` is of difflib's ratio.
    """
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in among}
    begun = [each for each in by_lower if len(word) > 1 and each.startswith(word.lower())]
    found = begun if len(begun) == 1 else get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def by_nearness(word: str, names: Iterable[str]) -> list[str]:
    """Sort names, the one that is most like a word first."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=word.casefold())

    def unlike(name: str) -> float:
        matcher.set_seq1(name.casefold())
        return -matcher.ratio()

    return sorted(names, key=unlike)


def visible(text: str) -> str:
    r"""Write what a terminal can't print (controls, direction marks, surrogates, …) as escapes, such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def without_secrets(text: str) -> str:
    """Take tokens, passwords, the query strings of URLs, and what signs them out of a text."""
    if any(sign in text for sign in _SIGNS_OF_SECRETS):
        for pattern in _SECRETS:
            text = re.sub(pattern, r"\1***", text)
    return text


def shorten(text: str, most: int = 60) -> str:
    """Cut a name that is too long for a table, with a mark."""
    return text if len(text) <= most else text[: most - 3] + "..."


def one_line(text: str, most: int = 300) -> str:
    """Quote a foreign text: as one line of at most `most` characters, without what a terminal obeys, or a secret."""
    text = without_secrets(" ".join(text[:_LONGEST].split()))
    for pattern in _SECRETS_OF_OTHERS:
        text = re.sub(pattern, r"\1***", text)
    return shorten(visible(text), most)
