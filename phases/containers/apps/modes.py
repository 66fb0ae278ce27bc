"""Whether an app is a process or a container: flag > app > variable > `.env` > process."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from phases.containers.apps.manager import MODES, unknown_mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.containers.apps.section import App

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>\w+)\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|[^#\s]*)\s*(?:#.*)?")
_MOST = 1 << 20  # bytes of an `.env`


def of(app: App, manifest: Manifest, root: Path, *, flag: str = "", environ: Mapping[str, str] | None = None) -> str:
    """The mode of `app`. Raises `UsageError` for one that there is not, naming who asked for it.

    The variable is the one that says in which mode to install, too: a mode of that kind says nothing of apps.
    """
    environ = os.environ if environ is None else environ
    variable = f"{manifest.env_prefix}_RUN_MODE"
    asked = (
        ("--mode", flag),
        (str(manifest.source), app.mode),
        (variable, _unless_install(environ.get(variable, ""), manifest)),
        (".env", _unless_install(dotenv(root).get(variable, ""), manifest)),
    )
    source, mode = next(((source, mode) for source, mode in asked if mode), ("", "process"))
    if mode not in MODES:
        raise unknown_mode(mode, source)
    return mode


def dotenv(root: Path) -> dict[str, str]:
    """The variables in the project's `.env`; what is no assignment says nothing."""
    try:
        with open(root / ".env", encoding="utf-8", errors="replace") as stream:
            text = stream.read(_MOST)
    except OSError:
        return {}
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {each["name"]: each["value"].strip("'\"") for each in found if each}


def _unless_install(mode: str, manifest: Manifest) -> str:
    return "" if mode in manifest.modes and mode not in MODES else mode
