"""`history export DIR` and `history sync --export DIR`, as people and cron run them."""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import ago
from support.processes import finish, shown_in_terminal
from support.program import command
from werkzeug import Response

pytest.importorskip("pyarrow")

from support.dataset import contents, months, rows

from copilot_usage_cli.cli import exports
from copilot_usage_cli.history.dataset.export import export
from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.github import GitHub
    from support.program import Finished, Run

ORG = Scope("org", "acme")
FETCHED = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = date(2026, 10, 30)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of four days in two months, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "history.sqlite3")
    with History(tmp_path / "history.sqlite3") as history:
        history.store("github.com", [DailyRecord(ORG, "usage", FIRST + timedelta(n), 3 * n) for n in range(4)], FETCHED)
    return tmp_path


def test_a_dataset_is_written_and_brought_up_to_date(held: Path, call: Run) -> None:
    first = call("history", "export", "data")
    assert (first.code, first.out, first.err) == (0, "data: wrote 2 of 2 months\n", "")
    assert [row["total_suggestions_count"] for row in rows(held / "data", "days")] == [0, 3, 6, 9]
    again = call("history", "export", "data", "--format", "parquet")
    assert (again.code, again.out, again.err) == (0, "data: wrote 0 of 2 months\n", "")
    assert call("history", "remove", "org:acme", "--before", "2026-11-01", "--yes").code == 0
    last = call("history", "export", "data/")
    assert (last.code, last.out, last.err) == (0, "data/: wrote 0 of 1 month, removed 1\n", "")
    assert months(held / "data") == {"2026-11"}


def test_a_suffix_says_what_is_written(held: Path, call: Run) -> None:
    assert call("history", "export", "x.prom").code == 0
    assert (held / "x.prom").read_text("utf-8").startswith("# HELP copilot_usage_day_")
    assert call("history", "export", "y.prom", "-f", "parquet").code == 0
    assert months(held / "y.prom") == {"2026-10", "2026-11"}


def test_what_cannot_be_a_target(held: Path, call: Run) -> None:
    (held / "file").touch()
    (held / "full").mkdir()
    (held / "full" / "file").touch()
    addresses = "hint: name a folder, or an address that begins with s3://, gs://, abfs://, abfss://\n"
    for name, code, said in (
        ("-", 2, "a dataset is a folder, and can't go to stdout\nhint: name one, or add --format prometheus\n"),
        ("file", 8, "file: it is not a directory\nhint: name a new or an empty one\n"),
        ("full", 8, "full has files and is not a dataset of copilot-usage\nhint: name a new or an empty folder\n"),
        ("none/data", 8, f"none/data: there is no directory {held / 'none'}\nhint: make it first\n"),
        ("hdfs://x/y", 2, f"hdfs://x/y: hdfs:// is not a kind of address that an export can write to\n{addresses}"),
        ("s3://", 2, "s3:// is not a valid address\nhint: write s3://BUCKET/FOLDER\n"),
        ("s3:a/b", 2, "s3://a/b is not a valid address\nhint: write s3://BUCKET/FOLDER\n"),
        ("S3://a/b#c", 2, "S3://a/b#*** is not a valid address\nhint: write s3://BUCKET/FOLDER\n"),
        ("gs://", 2, "gs:// is not a valid address\nhint: write gs://BUCKET/FOLDER\n"),
        (
            "abfs:x",
            2,
            "abfs://x is not a valid address\nhint: write abfs://ACCOUNT.dfs.core.windows.net/CONTAINER/FOLDER\n",
        ),
        ("", 2, "a dataset needs a folder, and its name is empty\nhint: name one, such as copilot-data\n"),
        (" ", 2, "a dataset needs a folder, and its name is empty\nhint: name one, such as copilot-data\n"),
    ):
        for done in (call("history", "export", name), call("history", "sync", "org:acme", "--export", name)):
            assert (done.code, done.out, done.err) == (code, "", f"copilot-usage: error: {said}"), name


def test_metrics_do_not_go_to_an_address(held: Path, call: Run) -> None:
    done = call("history", "export", "s3://b/x.prom", "-f", "prometheus")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("copilot-usage: error: metrics go to a file of this machine, or to stdout\n")
    assert "is not a valid address" in call("history", "export", "s3:///x.prom").err


SECRETS = ["SECRET/../", "SEC RETSECRET", "SEC@RETSECRET", "SE?CRETSECRET", "SECRET" * 100, "SEC%2ERET#SECRET"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("scheme", ["s3", "gs", "abfs", "hdfs", "S3"])
def test_no_key_of_an_address_is_shown(held: Path, call: Run, scheme: str, secret: str) -> None:
    done = call("history", "export", f"{scheme}://KEY:{secret}@a b/c?session_token=hidden")
    assert done.code == 2
    assert "RET" not in done.err
    assert "hidden" not in done.err
    assert list(held.iterdir()) == [held / "history.sqlite3"]


def test_azure_without_keys_is_an_error_and_not_the_end(held: Path, run: Run) -> None:
    options = "blob_storage_authority=127.0.0.1:9&dfs_storage_authority=127.0.0.1:9&enable_tls=false"
    done = run("history", "export", f"abfs://account.blob.core.windows.net/box/data?{options}")
    assert (done.code, done.out) == (8, "")
    assert done.err.splitlines()[-2].startswith("copilot-usage: error: abfs://account.blob.core.windows.net/box/data: ")
    assert "Check for Hierarchical Namespace support" in done.err


@pytest.mark.parametrize("text", ["raise ImportError('libarrow.so.2600: cannot open shared object file')", ""])
@pytest.mark.parametrize("name", ["data", "s3://b/x"])
def test_a_pyarrow_that_does_not_load_is_said_in_a_line(held: Path, tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "broken" / "pyarrow").mkdir(parents=True)
    (tmp_path / "broken" / "pyarrow" / "__init__.py").write_text(text)
    env = {"PYTHONPATH": str(tmp_path / "broken")}
    done = finish([sys.executable, "-m", "copilot_usage_cli", "history", "export", name], env=env)
    assert (done.returncode, done.stdout) == (2, b"")
    said, hint = done.stderr.decode().splitlines()
    assert said.startswith("copilot-usage: error: pyarrow can't be loaded: ")
    assert hint == "hint: install it anew: the extra parquet has it"


def test_no_secret_of_an_address_is_shown(held: Path, call: Run) -> None:
    done = call("history", "export", "s3://KEY:very-secret@a b/c?endpoint_override=x&session_token=hidden")
    assert done.code == 2
    assert "very-secret" not in done.err
    assert "hidden" not in done.err
    done = call(
        "history", "export", "s3://KEY:very-secret@b/c?endpoint_override=127.0.0.1:9&scheme=http&nothing=hidden"
    )
    assert done.code == 2
    assert "very-secret" not in done.err + done.out
    assert "hidden" not in done.err + done.out


def test_without_the_extra_a_line_names_it(held: Path, call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for done in (call("history", "export", "data"), call("history", "sync", "org:acme", "--export", "data")):
        said = "copilot-usage: error: a dataset needs the extra parquet: pip install 'copilot-usage-cli[parquet]'\n"
        assert (done.code, done.out, done.err) == (2, "", said)
    assert not (held / "data").exists()


def test_without_a_history(tmp_path: Path, call: Run) -> None:
    done = call("history", "export", str(tmp_path / "data"), env={"COPILOT_USAGE_HISTORY": str(tmp_path / "none")})
    assert done.code == 8
    assert "there is no history at " in done.err
    assert not (tmp_path / "data").exists()
    assert call("history", "export", "data", env={"COPILOT_USAGE_HISTORY": "off"}).code == 2


def test_a_terminal_shows_how_far_it_is(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_in_terminal(80, command("history", "export", "data"))
    assert (shown[0], shown[1].splitlines()[-1]) == (0, "data: wrote 2 of 2 months")


# sync


@pytest.fixture
def sync(
    call: Run, github: GitHub, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Finished]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "history.sqlite3")

    def finish(*args: str) -> Finished:
        return call("history", "sync", *args, "--api-url", github.url, "--max-wait", "0", "-q", env={"GH_TOKEN": token})

    return finish


def test_a_sync_exports_what_it_has_stored(
    sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], tmp_path: Path
) -> None:
    github.serve([record(ago(n)) for n in (3, 2)])
    done = sync("org:acme", "--export", "data")
    assert (done.code, done.out, done.err) == (0, "org:acme: stored 2 days\ndata: wrote 1 of 1 month\n", "")
    assert [row["day"] for row in rows(tmp_path / "data", "days")] == [ago(3), ago(2)]
    done = sync("org:acme", "--export", "data")
    assert done.out == "org:acme: stored 0 days\ndata: wrote 0 of 1 month\n"


def test_a_sync_that_fails_for_one_exports_the_others(
    sync: Callable[..., Finished], github: GitHub, record: Callable[..., Any], tmp_path: Path
) -> None:
    gone = Response('{"message": "no"}', 404, mimetype="application/json")
    github.server.expect_request(re.compile("/orgs/gone/.*")).respond_with_response(gone)
    github.serve([record(ago(2))])
    done = sync("org:gone", "org:acme", "--export", "data")
    assert (done.code, done.out) == (5, "org:acme: stored 1 day\ndata: wrote 1 of 1 month\n")
    assert len(rows(tmp_path / "data", "days")) == 1


def test_a_sync_looks_at_its_target_before_any_request(
    sync: Callable[..., Finished], github: GitHub, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "theirs").touch()
    done = sync("org:acme", "--export", "data")
    assert (done.code, done.out) == (8, "")
    assert github.arrivals == []
    assert list(contents(tmp_path / "data")) == ["theirs"]


def test_an_export_that_fails_after_a_sync(
    sync: Callable[..., Finished],
    github: GitHub,
    record: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The days are stored all the same, and the first failure's code counts."""

    def spoil(*args: Any) -> Any:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "theirs").touch()
        return export(*args)

    monkeypatch.setattr(exports, "export", spoil)
    gone = Response('{"message": "no"}', 404, mimetype="application/json")
    github.server.expect_request(re.compile("/orgs/gone/.*")).respond_with_response(gone)
    github.serve([record(ago(2))])
    done = sync("org:acme", "--export", "data")
    assert (done.code, done.out) == (8, "org:acme: stored 1 day\n")
    assert done.err.startswith("copilot-usage: error: data has files and is not a dataset of copilot-usage\n")
    (tmp_path / "data" / "theirs").unlink()
    done = sync("org:gone", "--export", "data")
    assert done.code == 5
    assert "error: data has files" in done.err
