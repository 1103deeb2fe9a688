from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Switch the history on; give its file, which is in a folder of its own, and neither is there yet."""
    path = tmp_path / "kept" / "history.sqlite3"
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", str(path))
    return path
