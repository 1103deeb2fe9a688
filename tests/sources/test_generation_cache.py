from __future__ import annotations

import json
import os
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from copilot_usage_cli.cli.paths import generation_cache_file
from copilot_usage_cli.sources.generation_cache import GenerationCache

if TYPE_CHECKING:
    from collections.abc import Callable

TODAY = date(2026, 11, 16)
HOST, OWNER = "github.com", "org:acme"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "copilot-usage" / "sources.json"


def recalled(path: Path, days: int = 0) -> str | None:
    return GenerationCache(path, TODAY + timedelta(days=days)).get(HOST, OWNER)


def remember(path: Path, host: str = HOST, owner: str = OWNER, source: str = "reports", days: int = 0) -> None:
    cache = GenerationCache(path, TODAY + timedelta(days=days))
    cache.put(host, owner, source)
    assert cache.get(host, owner) == source
    cache.save()


def test_what_worked_is_remembered_for_a_week(path: Path) -> None:
    assert recalled(path) is None
    remember(path)
    assert [days for days in range(-3, 20) if recalled(path, days) == "reports"] == list(range(8))


def test_it_is_remembered_by_host_and_owner_without_case(path: Path) -> None:
    remember(path, "GitHub.com", "org:Acme", "reports")
    known = GenerationCache(path, TODAY)
    assert known.get(HOST, "org:ACME") == "reports"
    for host, owner in ((HOST, "org:other"), (HOST, "enterprise:acme"), ("octo.ghe.com", OWNER), (OWNER, HOST)):
        assert known.get(host, owner) is None


def test_the_last_that_worked_counts(path: Path) -> None:
    remember(path)
    remember(path, HOST, "org:other", "usage")
    remember(path, HOST, OWNER, "usage")
    assert recalled(path) == "usage"
    assert GenerationCache(path, TODAY).get(HOST, "org:other") == "usage"


def test_a_week_is_counted_from_the_first_time_so_that_it_ends(path: Path) -> None:
    for days in range(7):
        remember(path, days=days)
    assert recalled(path, 8) is None
    remember(path, days=8)
    assert recalled(path, 15) == "reports"


def test_only_names_and_a_day_are_stored_and_only_for_oneself(path: Path) -> None:
    remember(path)
    assert json.loads(path.read_text("utf-8")) == {"github.com org:acme": ["reports", "2026-11-16"]}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["sources.json"]


CORRUPT = [
    b"",
    b"{",
    b"[]",
    b"5",
    b"null",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"github.com org:acme": 5}',
    b'{"github.com org:acme": []}',
    b'{"github.com org:acme": ["reports"]}',
    b'{"github.com org:acme": ["reports", 5]}',
    b'{"github.com org:acme": ["reports", "soon"]}',
    b'{"github.com org:acme": ["reports", "2026-11-16", 1]}',
    b'{"github.com org:acme": "reports"}',
]


@pytest.mark.parametrize("content", CORRUPT, ids=range(len(CORRUPT)))
def test_what_cannot_be_read_is_forgotten_and_replaced(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert recalled(path) is None
    remember(path)
    assert recalled(path) == "reports"


def _a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)


def _a_file_for_a_folder(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("")


def _a_link_to_itself(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.symlink_to(path.parent)


@pytest.mark.parametrize("prepare", [_a_folder_in_its_place, _a_file_for_a_folder, _a_link_to_itself])
def test_what_cannot_be_written_is_no_error(prepare: Callable[[Path], None], path: Path) -> None:
    prepare(path)
    remember(path)
    assert recalled(path) is None
    leftovers = [
        name for folder, _, names in os.walk(path.parent.parent) for name in names if folder and "json" in name
    ]
    assert leftovers == []


def test_a_full_disk_is_no_error_and_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(path, HOST, "org:other", "usage")

    def full(file: Path, *_: object) -> None:
        file.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    remember(path)
    assert [file.name for file in path.parent.iterdir()] == ["sources.json"]
    assert GenerationCache(path, TODAY).get(HOST, "org:other") == "usage"


def test_what_is_remembered_already_is_not_written_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(path)
    monkeypatch.setattr(
        "copilot_usage_cli.sources.generation_cache.json.dumps", lambda *_: pytest.fail("it was written again")
    )
    remember(path)


def test_it_is_in_the_platforms_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert generation_cache_file() == tmp_path / "copilot-usage" / "sources.json"


def test_what_two_runs_learn_is_kept(path: Path) -> None:
    first, second = GenerationCache(path, TODAY), GenerationCache(path, TODAY)
    assert first.get(HOST, OWNER) is second.get(HOST, OWNER) is None
    first.put(HOST, OWNER, "reports")
    second.put(HOST, "org:other", "usage")
    first.save()
    second.save()
    assert recalled(path) == "reports"
    assert GenerationCache(path, TODAY).get(HOST, "org:other") == "usage"


def test_a_run_writes_once_however_many_owners_it_learns_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = Path.write_text

    def count(file: Path, text: str, encoding: str) -> int:
        written.append(text)
        return write(file, text, encoding)

    monkeypatch.setattr(Path, "write_text", count)
    cache = GenerationCache(path, TODAY)
    for n in range(100):
        cache.put(HOST, f"org:org-{n}", "reports")
    cache.save()
    cache.save()
    assert len(written) == 1
    assert len(json.loads(path.read_text("utf-8"))) == 100
