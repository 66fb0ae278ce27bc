"""A manifest that cannot be used: the way out of it, and what stands in for it where the rest is looked at."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from installer import brand
from installer.cli.machine import Check
from installer.errors import InstallerError
from installer.i18n import tr
from installer.manifest import Manifest
from installer.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from installer.errors import UsageError


def with_a_way_out(error: UsageError, root: Path) -> None:
    """Have its hint name the script that takes the last run back without a manifest, where there is one."""
    try:
        names = brand.read(root)
        elsewhere = names.variable("CHECKPOINT_DIR")
        script = Store(root, names.state, root / elsewhere if elsewhere else None).script
    except InstallerError:
        return
    if script.is_file():
        shown = shlex.quote(os.path.relpath(script))
        way = tr("`sh {script}` takes the last run back without it", script=shown)
        error.hint = "; ".join(filter(None, (error.hint, way)))


def stand_in(root: Path) -> Manifest:
    """The default manifest, with the names of the project's that can be read all the same. Raises `Refused`."""
    names = brand.read(root)
    return Manifest(env_prefix=names.prefix, state_dir=names.state)


def check(error: UsageError) -> Check:
    """What `doctor` has to say of it."""
    said = ": ".join(filter(None, (error.message, "; ".join(error.details))))
    return Check(key="manifest", name=tr("manifest"), what=said, well=False, serious=True, remedy=error.hint)
