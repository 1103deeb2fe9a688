"""Measure what faults do to the program, and print a line for each figure; exit with 1 if one doesn't hold.

    python tests/faults/figures [F4 F10 ...] [--long] [--seed N]

The figures are those of SECURITY.md. The short form is what `scripts/check` runs, in half a minute; the long one is for
a release, and takes minutes for most figures. What is drawn by chance is the same for the same seed.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from faults.figures import FIGURES
from faults.figures.ground import Ground, UnmeasuredFigure
from support.environment import OURS, pytest_configure


def main() -> int:
    """Measure the figures that are asked for, or all."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("figures", nargs="*", metavar="FIGURE", help=f"{', '.join(FIGURES)} [default: all]")
    options.add_argument("--long", action="store_true", help="measure as for a release")
    options.add_argument("--seed", type=int, default=1, help="what chance begins with [default: 1]")
    asked = options.parse_args()
    if unknown := [name for name in asked.figures if name not in FIGURES]:
        options.error(f"there is no figure {', '.join(unknown)}")
    for name in [name for name in os.environ if OURS.fullmatch(name)]:
        del os.environ[name]
    os.environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COPILOT_USAGE_HISTORY": "off"}
    pytest_configure()
    all_hold = True
    for name in asked.figures or FIGURES:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            os.environ["HOME"] = folder
            try:
                figure = FIGURES[name](Ground(Path(folder), asked.seed, long=asked.long))
            except UnmeasuredFigure as error:
                print(f"{name}: not measured: {error}", flush=True)
                continue
        print(f"{figure.line} ({time.monotonic() - begun:.0f} s)", flush=True)
        all_hold = all_hold and figure.holds
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
