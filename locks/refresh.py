"""Refresh the locks beside this file from pyproject.toml: `python3 locks/refresh.py [--upgrade]`. Needs `uv` on PATH.

tool.txt is what the launcher installs (the project's dependencies); dev.txt adds the group `dev`. Both hold for every
platform and every supported Python, with the hashes of every file, and name no index: whose index is asked is
the business of whoever installs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = "# Made by `python3 locks/refresh.py` from pyproject.toml; do not edit.\n"
COMPILE = (
    "uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --no-annotate"
    " --no-emit-index-url --no-build --no-config --quiet"
).split()
LOCKS = {"tool.txt": (), "dev.txt": ("--group", "dev", "--constraints", "locks/tool.txt")}


def main(arguments: list[str]) -> int:
    """Write both locks, or leave the old one where uv fails; return uv's exit code."""
    for name, selection in LOCKS.items():
        lock = HERE / name
        fresh = lock.with_suffix(".new")
        if lock.exists() and "--upgrade" not in arguments:
            fresh.write_bytes(lock.read_bytes())  # uv keeps the versions it finds there
        command = [*COMPILE, *selection, *arguments, "--output-file", str(fresh)]
        code = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, check=False).returncode
        if code:
            fresh.unlink(missing_ok=True)
            return code
        fresh.write_text(HEADER + fresh.read_text().removeprefix(HEADER))
        fresh.replace(lock)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
