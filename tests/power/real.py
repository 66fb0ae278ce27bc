"""The command line itself, in this process, on a disk whose power is cut before its N-th change.

Run by the tool's own interpreter: real.py TOP AT LOSS WORD…; prints the number of changes if the power holds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run `quickstart.py WORD…`."""
    sys.path.insert(0, str(ROOT))
    from tests.power.surge import Loss, Surge

    top, at, loss, *words = sys.argv[1:]
    from installer.cli.main import quickstart

    surge = Surge(Path(top), at=int(at), loss=cast("Loss", loss))
    surge.arm()
    code = quickstart(words)
    sys.stdout.write(f"changes {surge.count}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
