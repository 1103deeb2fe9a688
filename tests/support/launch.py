"""Run the program at a given moment: `launch.py MOMENT ARGUMENT...`."""

import sys
from datetime import datetime

from copilot_usage_cli.__main__ import main

if __name__ == "__main__":
    moment = datetime.fromisoformat(sys.argv[1])
    sys.exit(main(sys.argv[2:], lambda: moment))
