"""What action.yml asks before it installs: which folder a cache would hold, and from which keys to restore it.

Says so to GitHub ($GITHUB_OUTPUT), as `path`, `key` and `restore-keys`. An empty key where there is nothing to
restore, or no cache to be had: the installation itself will say what is wrong, if anything is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # before a library of that name

from installer import ci  # noqa: E402 -- it is there from the line above on


def main() -> int:
    """Ask and say; always 0."""
    project = os.environ.get("INPUT_PROJECT") or "."
    given = {name: os.environ.get(f"INPUT_{name.upper()}", "") for name in ("mode", "python", "backend")}
    wishes = [f"--{name}={value}" for name, value in given.items() if value]
    about, keys = _ask(project, "config", *wishes), _ask(project, "cache-key", "--restore", *wishes)
    environment = str(about.get("project", {}).get("environment", ""))
    cached = bool(keys.get("key")) and environment not in {"", "active"}
    ci.give(
        "github",
        {
            "path": str(Path(str(about.get("root", "")), environment)) if cached else "",
            "key": str(keys["key"]) if cached else "",
            "restore-keys": "\n".join(map(str, keys.get("restore", ()))) if cached else "",
        },
    )
    return 0


def _ask(project: str, *words: str) -> dict[str, Any]:
    """The one object that a verb of manage.py prints; empty where it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), "-C", project, *words, "--json"]
    quiet = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}  # no word of it in the log
    done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return found if done.returncode == 0 and isinstance(found, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
