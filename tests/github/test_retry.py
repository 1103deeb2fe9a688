from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.errors import Unavailable
from copilot_usage_cli.github.client import StatusError
from copilot_usage_cli.github.rate_limit import RetryDelay, back_off, delay_after
from copilot_usage_cli.github.response import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.conversation import Conversation
    from support.faulty import Behaviours, Faulty
    from support.program import Run

NOW = 1_800_000_000.0
LONG = "٣" * 3  # digits, but none of ASCII
HOSTILE = ["abc", "-5", "1e9", "", "٣", "²", "0x10", "1.5", "nan", "inf", "Tue, 99 Foo 2026 99:99:99 GMT", "1 2", "+5"]


def full(_: float = 0) -> float:
    return 1.0


def wait(
    status: int, headers: dict[str, str] | None = None, message: str = "", attempt: int = 0, now: float = NOW
) -> RetryDelay | None:
    return delay_after(
        HttpResponse(status, headers or {}, json.dumps({"message": message}).encode()), attempt, now, full
    )


def seconds(status: int, headers: dict[str, str] | None = None, message: str = "", attempt: int = 0) -> float:
    asked = wait(status, headers, message, attempt)
    assert asked is not None
    return asked.seconds


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_passing_faults_are_waited_for_ever_longer(status: int) -> None:
    assert wait(status) == RetryDelay(1.0, f"a temporary failure ({status})")
    assert [seconds(status, attempt=n) for n in range(5)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(
    "status",
    [200, 204, 301, 304, 400, 401, 402, 403, 404, 405, 406, 409, 410, 415, 418, 422, 451, 501, 505, 511, 520],
)
def test_what_lasts_is_not_waited_for(status: int) -> None:
    assert wait(status, message="Must have admin rights") is None


def test_chance_takes_up_to_a_half() -> None:
    assert [back_off(2, lambda: chance) for chance in (0.0, 0.5, 1.0)] == [2.0, 3.0, 4.0]  # noqa: B023
    assert back_off(10**6, full) == 2.0**30


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_is_obeyed_to_the_second(status: int) -> None:
    assert wait(status, {"retry-after": "7"}) == RetryDelay(
        7.0, f"a secondary rate limit ({status})", rate_limited=True
    )
    date = formatdate(NOW + 90, usegmt=True)
    assert seconds(status, {"retry-after": date}) == 90
    for skew in (-3600, 3600):  # only GitHub's clock counts
        skewed = {
            "date": formatdate(NOW + skew, usegmt=True),
            "retry-after": formatdate(NOW + skew + 90, usegmt=True),
        }
        assert seconds(status, skewed) == 90
    assert seconds(status, {"retry-after": formatdate(NOW - 90, usegmt=True)}) == 0
    assert seconds(503, {"retry-after": "7"}) == 7


def test_retry_after_0_is_taken_at_its_word_once() -> None:
    assert [seconds(429, {"retry-after": "0"}, attempt=n) for n in range(4)] == [0, 2, 4, 8]
    assert [seconds(429, {"retry-after": "1"}, attempt=n) for n in range(4)] == [1, 1, 1, 1]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_http_dates_are_gmt_in_every_form_and_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for form in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"):
            assert seconds(429, {"retry-after": time.strftime(form, time.gmtime(NOW + 90))}) == 90
        assert seconds(429, {"retry-after": formatdate(NOW + 90).replace("-0000", "+0000")}) == 90
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("skew", [-3600, 0, 3600])
def test_a_rate_limit_ends_by_githubs_clock(status: int, skew: int) -> None:
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(NOW) + skew + 30),
        "date": formatdate(NOW + skew, usegmt=True),
    }
    assert wait(status, headers) == RetryDelay(31.0, f"the rate limit ({status})", rate_limited=True)
    del headers["date"]
    assert seconds(status, headers) == max(0, 30 + skew) + 1
    assert seconds(status, {**headers, "retry-after": "5"}) == 5


def test_a_limit_that_is_not_over_is_none() -> None:
    assert wait(403, {"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(int(NOW) + 30)}, "Forbidden") is None


def test_a_secondary_limit_without_a_header_takes_a_minute_or_more() -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    assert wait(403, message=message) == RetryDelay(60.0, "a secondary rate limit (403)", rate_limited=True)
    assert [seconds(429, attempt=n) for n in (0, 5, 6, 7)] == [60, 60, 64, 128]


@pytest.mark.parametrize("value", HOSTILE)
def test_unreadable_limits_mean_a_minute(value: str) -> None:
    assert seconds(429, {"retry-after": value}) == 60
    assert seconds(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": value}) == 60
    assert seconds(429, {"retry-after": "5", "date": value}) == 5


@pytest.mark.parametrize("value", ["86400", str(10**12), str(10**13), "9" * 400, "9" * 5000])
def test_long_limits_are_long(value: str) -> None:
    assert seconds(429, {"retry-after": value}) >= 86400
    assert seconds(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{value}99999"}) >= 86400


WORDS = st.text(max_size=40) | st.from_regex(r"[A-Za-z]{3},? \d+ [A-Za-z]{3} -?\d+ [\d:]+ [-+A-Z\d]*", fullmatch=True)


@given(
    st.sampled_from([403, 408, 429, 500, 503]),
    st.dictionaries(
        st.sampled_from(["retry-after", "date", "x-ratelimit-reset", "x-ratelimit-remaining"]),
        WORDS | st.integers().map(str) | st.just("0"),
    ),
    st.binary(max_size=30),
    st.integers(0, 10**9),
)
def test_no_answer_breaks_it(status: int, headers: dict[str, str], body: bytes, attempt: int) -> None:
    asked = delay_after(HttpResponse(status, headers, body), attempt, NOW, full)
    assert asked is None or 0 <= asked.seconds < float("inf")


@pytest.mark.parametrize("message", ["[" * 100_000, '{"message": 5}', '{"message": null}', '"words"', "\xff", ""])
def test_an_answer_without_words_has_no_message(message: str) -> None:
    assert HttpResponse(500, {}, message.encode("latin-1")).message == ""


# With a client and a server


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_each_passing_status_is_recovered_from(
    status: int, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.reply(status), behaviours.reply(body="[1]"))
    talk = converse(server.url)
    assert list(talk.client.pages("/orgs/acme/copilot/usage", {})) == [b"[1]"]
    due, reason = (60.0, "a secondary rate limit") if status == 429 else (1.0, "a temporary failure")
    assert talk.slept == [due]
    assert talk.said == [f"waiting {due:.0f} s for {server.netloc}: {reason} ({status})"]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "headers", "message", "due"),
    [
        (403, {"Retry_After": "3"}, "", 3.0),
        (429, {"Retry_After": "1"}, "", 1.0),
        (403, {"Retry_After": "0"}, "", 0.0),
        (403, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 9)}, "", 10.0),
        (429, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 9)}, "", 10.0),
        (403, {}, "You have exceeded a secondary rate limit", 60.0),
        (403, {"Retry_After": formatdate(NOW + 20, usegmt=True)}, "", 20.0),
    ],
)
def test_each_limit_is_waited_for_once(
    status: int,
    headers: dict[str, str],
    message: str,
    due: float,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    body = json.dumps({"message": message})
    limit = behaviours.reply(status, body, Date=formatdate(NOW, usegmt=True), **headers)
    server = faulty(limit, behaviours.reply(body="[1]"))
    talk = converse(server.url)
    assert list(talk.client.pages("/orgs/acme", {})) == [b"[1]"]
    assert talk.slept == [due]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 451])
def test_what_lasts_is_asked_once(
    status: int, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.reply(status, '{"message": "No \\u001b[31m"}'))
    talk = converse(server.url)
    with pytest.raises(StatusError) as refused:
        list(talk.client.pages("/orgs/acme", {}))
    assert (refused.value.status, refused.value.github_message) == (status, "No \\x1b[31m")
    assert (talk.slept, len(server.requests)) == ([], 1)


@pytest.mark.parametrize("name", ["Retry_After", "x_ratelimit_reset"])
@pytest.mark.parametrize("value", [*HOSTILE, "1000000000", str(10**12), "9" * 400, "0"])
def test_hostile_limits_end_within_patience(
    name: str,
    value: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    limit = behaviours.reply(429, "{}", x_ratelimit_remaining="0", **{name: value or " "})
    server = faulty(limit)
    talk = converse(server.url, max_wait=5.0)
    with pytest.raises(Unavailable) as ended:
        list(talk.client.pages("/orgs/acme", {}))
    assert ended.value.message.startswith(f"{server.netloc} answered 429: ")
    assert sum(talk.slept) <= 5
    assert len(server.requests) <= 7


def test_the_retry_budget_is_the_runs_not_the_answers(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    first, second = (behaviours.reply(body="[1]", Link=f'</{n}>; rel="next"') for n in (2, 3))
    server = faulty(behaviours.reply(500), first, behaviours.reply(500), second, behaviours.reply(500))
    talk = converse(server.url, max_wait=2.5)
    with pytest.raises(Unavailable, match=r"^127\.0\.0\.1:\d+ answered 500$"):
        list(talk.client.pages("/orgs/acme", {}))
    assert talk.slept == [1.0, 1.0]
    assert len(server.requests) == 5


def test_what_is_waited_for_is_said(run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]) -> None:
    for quiet in ((), ("-q",)):
        server = faulty(behaviours.reply(429, "{}", Retry_After="1"), behaviours.reply())
        begun = time.monotonic()
        done = run("org", "acme", "--json", "--api-url", server.url, "--since", "2024-06-03", "--until", "2024-06-03",
                   *quiet, env={"GH_TOKEN": "made-up"})  # fmt: skip
        took = time.monotonic() - begun
        assert (done.code, done.out) == (0, "[]\n")
        said = f"copilot-usage: waiting 1 s for {server.netloc}: a secondary rate limit (429)\n"
        assert done.err.startswith(said) is not bool(quiet)
        assert (done.err == "") is bool(quiet)
        assert took >= 1
