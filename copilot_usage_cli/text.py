"""Text for people: counts, and text from elsewhere without the control characters that a terminal would obey."""


def plural(number: int, noun: str) -> str:
    """Write a number of things: `1 day`, `2 days`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def visible(text: str) -> str:
    r"""Write what a terminal can't print (controls, direction marks, surrogates, …) as escapes, such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shorten(text: str, most: int = 60) -> str:
    """Cut a name that is too long for a table, with a mark."""
    return text if len(text) <= most else text[: most - 3] + "..."


def one_line(text: str, most: int = 300) -> str:
    """Make a foreign message one safe line of at most `most` characters."""
    return shorten(visible(" ".join(text.split())), most)
