"""What the seal vouches for, as no RECORD does: the RECORDs themselves, and which commands may be executed.

A RECORD that lost a line knows nothing of a lost file; of modes it never knew.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from installer.hashing import sha256
from phases.python import records as packages
from phases.python.environments import places
from phases.python.timeless import timeless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


def records(env: Path) -> dict[str, str]:
    """The RECORD of each package (its name) -> a digest of what it says, less what a layer of an image leaves out."""
    return dict(_records(env))


def otherwise(env: Path, sealed: Mapping[str, str]) -> Iterator[str]:
    """The packages whose RECORD is not the one that was sealed; none where the seal, an earlier one, has no digests."""
    now = records(env) if sealed else {}
    yield from (name for name, digest in now.items() if name in sealed and sealed[name] != digest)


def commands(env: Path) -> tuple[str, ...]:
    """The commands of the environment (paths in it) that are files of its own, and may be executed."""
    found = []
    try:
        with os.scandir(places.scripts(env)) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISREG(mode) and mode & stat.S_IXUSR:
                    found.append(os.fsencode(entry.path[len(str(env)) + 1 :]).decode("utf-8", "backslashreplace"))
    except OSError:
        return ()
    return tuple(sorted(found))


def disabled(env: Path, sealed: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The commands that may be executed no more, each with the package whose it is; empty for what is no package's."""
    lost = {path for path in set(sealed).difference(commands(env)) if os.path.lexists(env / path)}
    if lost:
        owners = dict(_owners(env))
        yield from ((path, owners.get(os.path.normpath(env / path), "")) for path in sorted(lost))


def _owners(env: Path) -> Iterator[tuple[str, str]]:
    for site in places.site_packages(env):
        for folder, name, _ in packages.distributions(site):
            for path, _, _ in packages.lines(site / folder / "RECORD"):
                yield os.path.normpath(site / path), name


def _records(env: Path) -> Iterator[tuple[str, str]]:
    for site in places.site_packages(env):
        for folder, name, _ in packages.distributions(site):
            try:
                data = (site / folder / "RECORD").read_bytes()
            except OSError:
                continue
            yield name, sha256(timeless(f"{folder}/RECORD", data)).hexdigest()[:32]
