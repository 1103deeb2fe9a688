"""Datasets that were exported, as those who read them see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyarrow import parquet

MANIFEST = "_copilot_usage.json"


def contents(folder: Path) -> dict[str, bytes]:
    """Give the data of all files, temporary ones too, by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def touched(folder: Path) -> dict[str, tuple[int, int]]:
    """Say which file each is, and when it was written; folders, too."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (folder, *folder.rglob("*"))
    }


def months(folder: Path) -> set[str]:
    """Give the months of which there are files."""
    return {path.parent.name.removeprefix("month=") for path in folder.glob("*/*/*.parquet")}


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """Read all rows of a table, in the order of months; each is in the file of its own month."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"{table}/*/*.parquet")):
        of_month = parquet.ParquetFile(path).read().to_pylist()
        assert {f"month={str(row['day'])[:7]}" for row in of_month} <= {path.parent.name}
        found += of_month
    return found
