"""The short form of each figure of what faults may do; `python tests/faults/figures --long` is the long one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.figures import FIGURES
from faults.figures.ground import Ground, UnmeasuredFigure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_holds(name: str, tmp_path: Path) -> None:
    try:
        figure = FIGURES[name](Ground(tmp_path))
    except UnmeasuredFigure as error:
        pytest.skip(str(error))
    assert figure.id == name
    assert figure.holds, figure.line
