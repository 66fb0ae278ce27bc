"""A manifest that cannot be used: the way out of it, and what stands in for it where the rest is looked at."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from installer import brand
from installer.cli.machine import Check
from installer.cli.output import emit
from installer.cli.session import open_session
from installer.errors import InstallerError
from installer.frozen import replace
from installer.i18n import tr
from installer.manifest import Manifest
from installer.store import Store, check_names

if TYPE_CHECKING:
    from pathlib import Path

    from installer.cli.asked import Asked
    from installer.cli.session import Session
    from installer.errors import UsageError


def with_a_way_out(error: UsageError, root: Path) -> None:
    """Have its hint say that the last run can be taken back without a manifest, where there is one."""
    if not brand.is_certain(root):
        return
    try:
        names = brand.read(root)
        elsewhere = names.variable("CHECKPOINT_DIR")
        script = Store(root, names.state, root / elsewhere if elsewhere else None).script
    except InstallerError:
        return
    if script.is_file():
        way = tr("`manage.py rollback` takes the last run back without it")
        error.hint = "; ".join(filter(None, (error.hint, way)))


def stand_in(root: Path) -> Manifest:
    """The default manifest, with the names of the project's that can be read all the same. Raises `Refused`."""
    names = brand.read(root)
    return Manifest(env_prefix=names.prefix, state_dir=names.state)


def without(asked: Asked, error: UsageError) -> Session:
    """The session of a way back, and a word about what it does without. The environment is the last run's.

    Raises `error` where nobody can say where the state is: an older one of another name would be taken back.
    """
    session = open_session(asked, without_manifest=True)
    if not brand.is_certain(session.root):
        raise error
    if asked.as_json:
        emit("note", level="warning", text=error.message)
    elif asked.volume != "quiet":
        sys.stderr.write(tr("{message}: taken back as the journal has it", message=error.message) + "\n")
    environment = str(session.store.current().facts.get("environment", ""))
    if not environment:
        return session
    check_names(environment)
    return replace(session, manifest=replace(session.manifest, environment=environment))


def check(error: UsageError) -> Check:
    """What `doctor` has to say of it."""
    said = ": ".join(filter(None, (error.message, "; ".join(error.details))))
    return Check(key="manifest", name=tr("manifest"), what=said, well=False, serious=True, remedy=error.hint)
