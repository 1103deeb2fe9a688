"""`history export s3://…`, with a server on loopback that keeps objects as S3 does, and fails in the middle."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from support.expected import TESTS
from support.limits import HANG
from support.processes import started
from support.program import SCRIPT

pytest.importorskip("pyarrow")
if find_spec("moto") is None:
    pytest.skip("moto is not installed: it is in the extra engines", allow_module_level=True)

from support.dataset import MANIFEST, contents

from copilot_usage_cli.history.store import History
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.program import Run

ORG = Scope("org", "acme")
FETCHED = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "very-secret-access-key"


class Bucket:
    """A bucket of the server, and what tells it to fail."""

    def __init__(self, port: int, name: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.name = name
        self._put(f"/{name}")

    def writes(self, left: int) -> None:
        """Let so many requests that write succeed from now on."""
        self._put(f"/_writes/{left}")

    def objects(self) -> dict[str, bytes]:
        """Give all objects that a reader sees; names that end in a slash are those of folders."""
        from pyarrow import fs

        store = fs.S3FileSystem(endpoint_override=self.url, scheme="http", region="us-east-1")
        found = store.get_file_info(fs.FileSelector(self.name, recursive=True))
        objects = {}
        for each in found:
            if each.type == fs.FileType.File:
                with store.open_input_stream(each.path) as stream:
                    objects[each.path.removeprefix(f"{self.name}/")] = stream.read()
        return objects

    def folders(self) -> set[str]:
        """Give the months that there are folders of, if only empty ones."""
        from pyarrow import fs

        store = fs.S3FileSystem(endpoint_override=self.url, scheme="http", region="us-east-1")
        found = store.get_file_info(fs.FileSelector(self.name, recursive=True))
        return {each.base_name for each in found if each.base_name.startswith("month=")}

    def _put(self, path: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", method="PUT"))


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    command = [sys.executable, TESTS / "support" / "object_store.py"]
    with started(command, stderr=None) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@pytest.fixture
def bucket(server: int, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{server}/_writes/{10**9}", method="PUT"))
    return Bucket(server, request.node.name.replace("_", "-")[:60].lower())


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(path))
    with History(path) as held:
        held.store("github.com", days(range(70)), FETCHED)
        yield held


def days(numbers: range, suggestions: int = 5) -> list[DailyRecord]:
    cells = (BreakdownRow("python", "vim", 1, 1, 1, 1, 1),)
    first = date(2026, 9, 10)
    return [DailyRecord(ORG, "usage", first + timedelta(n), suggestions, breakdown=cells) for n in numbers]


@pytest.fixture
def local(tmp_path: Path, call: Run) -> Callable[[], dict[str, bytes]]:
    """Give the files of the same dataset in a new folder."""

    def export() -> dict[str, bytes]:
        folder = tmp_path / f"anew{len(list(tmp_path.iterdir()))}"
        assert call("history", "export", str(folder)).code == 0
        return contents(folder)

    return export


def test_the_objects_are_the_files(
    bucket: Bucket, history: History, call: Run, local: Callable[[], dict[str, bytes]]
) -> None:
    address = f"s3://{bucket.name}/some/data"
    done = call("history", "export", address)
    assert (done.code, done.out, done.err) == (0, f"{address}: wrote 3 of 3 months\n", "")
    first = {f"some/data/{name}": data for name, data in local().items()}
    assert bucket.objects() == first
    bucket.writes(0)  # where nothing changed, nothing is written
    assert call("history", "export", address).out == f"{address}: wrote 0 of 3 months\n"
    bucket.writes(10**9)
    history.store("github.com", days(range(30, 31), 99), FETCHED + timedelta(1))
    history.remove(None, ORG, None, date(2026, 9, 30))
    done = call("history", "export", address)
    assert (done.code, done.out) == (0, f"{address}: wrote 1 of 2 months, removed 1\n")
    assert bucket.folders() == {"month=2026-10", "month=2026-11"}
    assert bucket.objects() == {f"some/data/{name}": data for name, data in local().items()}


def test_a_fault_in_the_middle_leaves_whole_objects(
    bucket: Bucket, history: History, call: Run, local: Callable[[], dict[str, bytes]]
) -> None:
    address = f"s3://{bucket.name}"
    whole = local()
    for left in (0, 1, 9, 20, 30):
        bucket.writes(left)
        done = call("history", "export", address)
        assert (done.code, done.out) == (8, "")
        said, hint = done.err.splitlines()
        assert said.startswith(f"copilot-usage: error: {address}: When ")
        assert "AWS Error ACCESS_DENIED" in said
        assert hint.startswith(
            "hint: are the address, its region and your keys right? If so, the next export completes"
        )
        assert SECRET not in done.err
        found = bucket.objects()
        assert all(whole[name] == data for name, data in found.items() if name != MANIFEST)
        months = json.loads(found[MANIFEST])["months"] if MANIFEST in found else {}
        finished = [month for month, (seal, _) in months.items() if seal]
        assert all(name in found for name in whole if any(month in name for month in finished))
    bucket.writes(10**9)
    assert call("history", "export", address).code == 0
    assert bucket.objects() == whole


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_never_answers_leaves_time_for_a_signal(
    history: History, tmp_path: Path, signum: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.getsockname()[1]}"}
        env |= {"AWS_ACCESS_KEY_ID": "an-id", "AWS_SECRET_ACCESS_KEY": SECRET}
        with started([SCRIPT, "history", "export", "s3://bucket/data"], env=env) as process:
            connection, _ = server.accept()
            process.send_signal(signum)
            out, err = process.communicate(timeout=HANG / 4)
        connection.close()
    assert (process.returncode, out, err) == (128 + signum, b"", b"")


def test_a_bucket_of_others_is_left_alone(bucket: Bucket, history: History, call: Run) -> None:
    assert call("history", "export", f"s3://{bucket.name}/theirs").code == 0
    before = bucket.objects()
    done = call("history", "export", f"s3://{bucket.name}")
    assert done.code == 8
    assert f"error: s3://{bucket.name} has files and is not a dataset of copilot-usage\n" in done.err
    assert bucket.objects() == before


def test_a_bucket_that_there_is_not(bucket: Bucket, history: History, call: Run) -> None:
    done = call("history", "export", "s3://no-such-bucket/data")
    assert (done.code, len(done.err.splitlines())) == (8, 2)
    assert "NO_SUCH_BUCKET" in done.err
    assert "specified bucket does not exist" in done.err


def test_an_address_may_hold_keys_and_options(
    bucket: Bucket, history: History, call: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("HOME", str(tmp_path))
    where = bucket.url.removeprefix("http://")
    address = f"s3://an-id:{SECRET}@{bucket.name}/data?scheme=http&endpoint_override={where}"
    done = call("history", "export", address)
    assert done.code == 0, done.err
    assert SECRET not in done.out
    assert done.out.endswith("/data: wrote 3 of 3 months\n")
    bucket.writes(0)
    history.store("github.com", days(range(30, 31), 99), FETCHED + timedelta(1))
    done = call("history", "export", address)
    assert done.code == 8
    assert SECRET not in done.err
