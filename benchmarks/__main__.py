"""Started by `manage.py bench`, with an interpreter that has the tool's own packages."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
