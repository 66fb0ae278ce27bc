"""What a selftest starts, and kills: one command of the tool, counted. Not for people.

`python -I victim.py {"door": …, "root": …, "notes": …, "target": …} WORDS`: without `notes` nothing is counted.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run the command; returns its exit code."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    words = sys.argv[2:]
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    _die_with(asked["parent"])
    if asked.get("notes"):
        from installer.selftest.counter import Counter, Target

        notes = os.open(asked["notes"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        counter = Counter(asked["root"], notes, Target(**asked.get("target", {})))
        counter.install()
        counter.wrap_tool()
    sys.argv = [asked["program"], *words]
    from installer.cli import main as doors

    code: int = getattr(doors, asked["door"])(words)
    return code


def _die_with(parent: int) -> None:
    """A selftest that is killed leaves nobody behind; elsewhere than on Linux its children end by themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(137)


if __name__ == "__main__":
    sys.exit(main())
