"""What is quoted of others' texts, and what of it is left out."""

from __future__ import annotations

import json
import time

import pytest

from copilot_usage_cli.text import one_line, without_secrets

SECRET = "c2VudGluZWxPZkFTZWNyZXQ"
QUOTED = (
    *(f"x\nghp_{SECRET}", f"é ghs_{SECRET}", f"_gho_{SECRET}", f"%20github_pat_{SECRET}", f"x\nsig={SECRET}"),
    *(f"access_token={SECRET}", f"client_secret={SECRET}", f"X_Amz_Signature={SECRET}", f"api_key={SECRET}"),
    *(f"jwt={SECRET}", f"sig%3D{SECRET}", f"sig: {SECRET}", f'sig="{SECRET}', f"token:{SECRET}"),
    *(f"Authorization: Bearer {SECRET}", f"bearer {SECRET}", f"PASSWORD={SECRET}"),
    *(f"//h/p?code={SECRET}", f"h.example/p?code={SECRET}", f"https:\\/\\/h\\/p?code={SECRET}"),
    *(f"https://h/p?a={end}&code={SECRET}" for end in ("", '"', "'", "<", ">", " ", "\n")),
    *(
        f"user:{SECRET}@h:1",
        f"https://u:p/{SECRET}@h/",
        f"https://h/p#code={SECRET}",
        f"https://h/p?{SECRET}",
        f"https://u:{SECRET}@h/",
        f"https:/u:{SECRET}@h",
    ),
)


@pytest.mark.parametrize("text", QUOTED)
def test_no_secret_is_quoted(text: str) -> None:
    for written in (text, json.dumps(text), f"before {text} after", f"a{text}"):
        assert SECRET not in one_line(written)
        assert "***" in one_line(written)


@pytest.mark.parametrize(
    "text",
    [
        "set GH_TOKEN (or GITHUB_TOKEN), for example GH_TOKEN=$(cat FILE)",
        "did you mean `copilot-usage team acme/core`?",
        "see https://docs.github.com/rest/copilot",
        "'a?b' is not a slug",
        "--fail-if 'acceptance_rate<0.2' and C# at 10 %",
        "a token, a signature and a password",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize("part", ["a-", "a://", "?a", "&a", "sig", "token ", "gh_", ":/a", "=", "?", "#a=", "bearer "])
def test_the_time_grows_with_the_text_alone(part: str) -> None:
    text = part * (60_000 // len(part)) + "="
    begun = time.process_time()
    without_secrets(text)
    one_line(text)
    assert time.process_time() - begun < 2  # a minute, if each place were looked at from each other
