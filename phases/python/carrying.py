"""Packages of a restored environment are taken over into the one that is being made, each proven once more by itself.

Taken over is only what the new lock says the very same of as the old one did, for the same interpreter: then an
installer would fetch the same files. What is left out, it fetches.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.i18n import tr
from phases.python import pylock, records, uv
from phases.python.environments import contents, places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Context
    from phases.python.backends import Installer


def take_over(args: Mapping[str, Any], context: Context, staging: Path) -> None:
    """Have the sound packages of a restored environment in staging, so that only the others are fetched."""
    restored = args.get("restored", {})
    if restored.get("sound"):
        lock = context.root / context.state / "runs" / context.install_id / "pylock.toml"
        taken = carry(context.root / restored["environment"], staging, restored["sound"], lock.read_text("utf-8"))
        context.note(tr("taken over from the restored environment: {count}", count=len(taken)))


def heal(args: Mapping[str, Any], context: Context, installer: Installer, staging: Path) -> bool:
    """Have uv forget, and remove, what its cache has other bytes of than the RECORD: it may have come with the rest.

    Says whether there is something to be installed anew.
    """
    if "restored" not in args or installer.name != "uv":
        return False
    sites = places.site_packages(staging)
    ill = sorted({each.distribution for site in sites for each in records.check(site, deep=True)})
    if ill:
        names = ", ".join(ill)
        context.warn(tr("the cache of uv holds other files than were published; fetched anew: {names}", names=names))
        uv.forget(context, ill)
        installer.uninstall(context, str(places.python(staging)), tuple(ill))
    return bool(ill)


def carry(old: Path, staging: Path, sound: Mapping[str, str], lock: str) -> list[str]:
    """Copy of `sound` (package -> version) what `lock` asks for from `old`; returns the names. Nothing there: none."""
    sealed = contents.read(old)
    if sealed is None or places.interpreter(staging) != places.interpreter(old):
        return []
    wanted = pylock.origins(lock)
    names = {name for name in sound if name in wanted and sealed.origins.get(name) == wanted[name]}
    pairs = [(site, staging / site.relative_to(old)) for site in places.site_packages(old)]
    taken = [name for source, target in pairs if target.is_dir() for name in _from_site(source, target, names)]
    return sorted(taken)


def _from_site(source: Path, target: Path, names: set[str]) -> list[str]:
    folders = {name: folder for folder, name, _ in records.distributions(source) if name in names}
    there = {name: _copy(source, target, folder) for name, folder in folders.items()}
    bad = {each.distribution for each in records.check(target, deep=True, only=frozenset(there))}
    for name in bad:
        for path in there[name]:
            files.remove(path, durable=False)
    return [name for name in there if name not in bad]


def _copy(source: Path, target: Path, folder: str) -> list[Path]:
    """Every ordinary file that the RECORD lists, within the environment; RECORD itself last. Compiled ones are not."""
    made: list[Path] = []
    inside = str(_root(target)) + os.sep
    for path, _, _ in sorted(records.lines(source / folder / "RECORD"), key=lambda line: line[0].endswith("/RECORD")):
        place = Path(os.path.normpath(target / path))
        origin = Path(os.path.normpath(source / path))
        if path.endswith(".pyc") or not str(place).startswith(inside) or not _is_ordinary(origin):
            continue  # a file that is missing fails the check that comes after this
        files.make_folder_unsynced(place.parent)
        files.copy(origin, place, mode=stat.S_IMODE(origin.stat().st_mode), durable=False)
        made.append(place)
    return made


def _root(site: Path) -> Path:
    """The environment of a site-packages."""
    return next(folder for folder in site.parents if (folder / "pyvenv.cfg").is_file())


def _is_ordinary(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # a NUL byte is in no path
        return False
