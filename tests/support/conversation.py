"""A client in this process, whose waiting takes no time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from copilot_usage_cli.github.address import Address, find_address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import RunLimits
from support.clock import NOW
from support.environment import TOKEN
from support.limits import MANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Conversation:
    """A client in this process, what it said and traced, and the seconds that it would have slept."""

    client: Client
    said: list[str]
    traced: list[str]
    slept: list[float]


@pytest.fixture
def converse() -> Iterator[Callable[..., Conversation]]:
    """Make clients whose waiting takes no time, and whose jitter is none unless it is given."""
    made: list[Client] = []

    def make(
        url: str,
        *,
        timeout: float = 10.0,
        max_wait: float = 120.0,
        value: str = TOKEN,
        address: Address | None = None,
        asleep: Callable[[float], None] = lambda _: None,
        jitter: float = 1.0,
        jobs: int = 4,
    ) -> Conversation:
        said: list[str] = []
        traced: list[str] = []
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            assert len(slept) < MANY, "the client never gives up"
            asleep(seconds)

        client = Client(
            address or find_address(url, None, {}),
            Token(value, "GH_TOKEN"),
            RunLimits(timeout, max_wait, jobs),
            say=said.append,
            trace=traced.append,
            now=lambda: NOW,
            clock=lambda: sum(slept),
            sleep=sleep,
            jitter=lambda: jitter,
        )
        made.append(client)
        return Conversation(client, said, traced, slept)

    yield make
    for client in made:
        client.close()
