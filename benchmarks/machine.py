"""The versions and the machine that figures belong to."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from typing import TYPE_CHECKING

from installer import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


def setting(uv: str, pairs: int) -> dict[str, str]:
    """What stands beside every figure. No name of the machine or of its user is in it."""
    return {
        "surefoot": __version__,
        "uv": _version([uv, "--version"]),
        "git": _version(["git", "--version"]),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        "cores": str(os.cpu_count() or 1),
        "pairs": str(pairs),
        "load": load(),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def told(of: Mapping[str, str]) -> str:
    """Versions and machine in a line for people."""
    versions = f"Surefoot {of['surefoot']}, uv {of['uv']}, git {of['git']}, {of['python']}"
    return f"{versions} on {of['system']}, {of['cores']} cores, {of['pairs']} pairs"


def load() -> str:
    """How busy the machine is, over the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _version(command: list[str]) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "not there"
    found = re.search(r"\d+(?:\.\d+)+", said)
    return found.group() if found else said.strip()
