"""Fetch all pages of a list of GitHub's: side by side where its first page tells which is the last."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, urlsplit

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.client import Client

if TYPE_CHECKING:
    from copilot_usage_cli.github.response import HttpResponse
    from copilot_usage_cli.sources.parallel import Progress

Page = TypeVar("Page")

_A_PAGE = 100
_MOST_PAGES = 1000


def fetch_pages(
    client: Client, path: str, read: Callable[[bytes], Page], jobs: int, progress: "Progress | None" = None
) -> list[Page]:
    """Return what `read` makes of each page of a list, in their order; read in the thread that fetched it.

    What was added while they were fetched is on pages that follow the last. Raises as Client.get, and NotUnderstood
    for links that lead elsewhere, or in a circle.
    """
    url = client.url(path, {"per_page": _A_PAGE})
    response = client.get(url)
    pages = [] if response.status == 204 else [read(response.body)]
    asked = 1
    last = _number(client.linked(url, response, "last"))
    if last > 1:
        from copilot_usage_cli.sources.parallel import run_all

        if last > _MOST_PAGES:
            raise _too_many(client)
        urls = [client.url(path, {"per_page": _A_PAGE, "page": number}) for number in range(2, last + 1)]
        url = urls[-1]
        asked = last

        def fetch(url: str) -> "tuple[Page | None, HttpResponse]":
            answer = client.get(url)
            return None if answer.status == 204 else read(answer.body), answer._replace(body=b"")

        answers = run_all([partial(fetch, each) for each in urls], jobs, progress)
        pages += [page for page, _ in answers if page is not None]
        response = answers[-1][1]
    seen = {url}
    while url := client.linked(url, response, "next"):
        if url in seen:
            raise NotUnderstood(f"{client.address.netloc} sends the pages of its answer in a circle")
        if asked >= _MOST_PAGES:
            raise _too_many(client)
        seen.add(url)
        asked += 1
        response = client.get(url)
        if response.status != 204:
            pages.append(read(response.body))
    return pages


def _number(url: str) -> int:
    """Return the number of the page that a URL is of, 0 if it has none."""
    numbers = parse_qs(urlsplit(url).query).get("page", ["0"])
    return int(numbers[-1]) if numbers[-1].isascii() and numbers[-1].isdecimal() and len(numbers[-1]) < 10 else 0


def _too_many(client: Client) -> NotUnderstood:
    return NotUnderstood(f"{client.address.netloc} sends more than {_MOST_PAGES:,} pages", "see it with `gh api`")
