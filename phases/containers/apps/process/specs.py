"""What the shim is told of an app: one JSON file a start, 0600, for the values of secrets are in it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from installer import files
from installer.environment import child_environment
from installer.errors import StepFailed
from installer.i18n import tr
from phases.containers.apps.shim import record

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json
    from phases.containers.apps.manager import AppConfig
    from phases.containers.apps.section import Health

_BASE = frozenset("PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR".split())
_BEFORE = "log_before"
_MOST = 20  # specs kept: each start of a run that may be taken back needs the one before


def write(config: AppConfig, run: Path, log: Path) -> str:
    """Write the spec into the app's folder `run`; returns its name from there."""
    name = record.spec_name(config.deed)
    files.make_folder(run / record.SPECS, durable=False)
    files.make_folder(log.parent, durable=False)
    before = record.read(os.fspath(run / name)).get(_BEFORE) or _here(log)  # a start that is repeated is still the same
    spec = {**_spec(config, run, log), _BEFORE: before}
    files.replace(run / name, json.dumps(spec).encode(), lasting="bytes")
    kept = sorted((run / record.SPECS).glob("*.json"), key=lambda each: each.lstat().st_mtime_ns)
    for old in kept[:-_MOST]:
        files.remove(old, durable=False)
    return name


def again(run: Path, before: str, deed: str) -> str:
    """Write what the start called `before` was told, for another deed; returns its name. Raises `StepFailed`."""
    found = record.read(os.fspath(run / record.spec_name(before)))
    if not found:
        raise StepFailed(
            "app.spec",
            tr("nobody knows any more how it was started"),
            hint=tr("`manage.py apps recreate` starts it anew"),
        )
    name = record.spec_name(deed)
    log, same = found.get("log"), record.read(os.fspath(run / name)).get(_BEFORE)
    log_was = same or (_here(run / str(log["path"])) if isinstance(log, dict) else [0, 0])
    files.replace(run / name, json.dumps({**found, "deed": deed, _BEFORE: log_was}).encode(), lasting="bytes")
    return name


def log_before(run: Path, deed: str) -> tuple[int, int]:
    """The inode and the size of the log when the start called `deed` began; zeros for none, or where nobody knows."""
    match record.read(os.fspath(run / record.spec_name(deed))).get(_BEFORE):
        case [int(inode), int(size)]:
            return inode, size
    return 0, 0


def environment(config: AppConfig) -> dict[str, str]:
    """All that the app finds in its environment: a few of ours, and its own."""
    base = {name: value for name, value in child_environment().items() if name in _BASE or name.startswith("LC_")}
    own = {"SUREFOOT_APP": config.name, "SUREFOOT_APP_VERSION": config.version}
    return {**base, **own, **config.variables}


def _here(log: Path) -> list[int]:
    try:
        found = log.lstat()
    except OSError:
        return [0, 0]
    return [found.st_ino, found.st_size]


def _spec(config: AppConfig, run: Path, log: Path) -> Json:
    """Its paths go from the shim's folder, so that a project which is renamed keeps its apps."""
    wish = config.wish
    return {
        "name": config.name,
        "deed": config.deed,
        "digest": config.digest,
        "version": config.version,
        "command": list(wish.command),
        "folder": os.path.relpath(config.folder, run),
        "variables": environment(config),
        "restart": wish.restart,
        "back_off": wish.back_off.seconds,
        "stop_timeout": wish.stop_timeout.seconds,
        "log": {"path": os.path.relpath(log, run), "max_size": wish.log.max_size.size, "files": wish.log.files},
        "health": _health(wish.health) if wish.health else None,
    }


def _health(wish: Health) -> Json:
    return {
        "command": list(wish.command),
        "http": wish.http,
        "tcp": wish.tcp,
        "interval": wish.interval.seconds,
        "timeout": wish.timeout.seconds,
        "retries": wish.retries,
        "start_period": wish.start_period.seconds,
    }
