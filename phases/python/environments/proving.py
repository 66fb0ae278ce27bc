"""Is a sealed environment, byte by byte, what was sealed? Asked of one that was not made where it is: a restored one.

A RECORD vouches for what an installer put there, the seal for the RECORD and for the rest. Of compiled files
only that Python can read them: it makes them, and believes them by its own rules. Against somebody who can write both,
files and RECORDs, this proves nothing.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from installer import files
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import records
from phases.python.environments import compiled, contents, places, proven, vouching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from phases.python.environments.contents import Contents

_NAMED = 5  # packages, or paths, that a sentence names
_last: dict[str, tuple[object, Proof]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What of an environment holds.

    sound    package -> version of those whose files are all what their RECORD says
    broken   package -> how many of its files are missing or others; 0: all of it is gone
    strange  the paths of what nobody listed, or what is not as it was sealed
    """

    sound: Mapping[str, str]
    broken: Mapping[str, int]
    strange: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Is everything as it was sealed?"""
        return not self.broken and not self.strange

    def sentence(self) -> str:
        """What is wrong; empty if nothing is."""
        if self.broken:
            names = [_package(name, count) for name, count in sorted(self.broken.items())]
            return tr("packages are not what was installed: {names}", names=_some(names))
        return (
            tr("files came or changed after it was sealed: {names}", names=_some(self.strange)) if self.strange else ""
        )


def unusable(env: Path, sealed: Contents) -> Iterator[str]:
    """Why nothing in `env` would work here. Starts its interpreter: another one may bear the same name."""
    if not sealed.platform:
        yield tr("it was made by another version of this tool")
        return
    from phases.python.interpreters import probe

    found = probe(str(places.python(env)))
    if found is None:
        yield tr("its interpreter does not start: {path}", path=sealed.interpreter)
    elif (version := ".".join(map(str, found.version))) != sealed.version:
        yield tr("its interpreter changed: {old} → {new}", old=sealed.version, new=version)


def of(env: Path, sealed: Contents) -> Proof:
    """Read all of `env`. Asked again in this process, the answer is the same as long as the tree is (see `proven`)."""
    key = (proven.identify(env), tuple(_times(env)))
    known = _last.get(str(env))
    if known is not None and known[0] == key:
        return known[1]
    made = _prove(env, sealed)
    _last[str(env)] = (key, made)
    return made


def _times(env: Path) -> Iterator[int]:
    """When something last came to, or went from, the folders of an environment."""
    for folder in (env, places.scripts(env), *places.site_packages(env)):
        if folder.is_dir():
            yield folder.stat().st_ctime_ns


def _prove(env: Path, sealed: Contents) -> Proof:
    sites = places.site_packages(env)
    broken: dict[str, int] = {}
    for problem in (each for site in sites for each in records.check(site, deep=True)):
        broken[problem.distribution] = broken.get(problem.distribution, 0) + 1
    disabled = dict(vouching.disabled(env, sealed.commands))
    for name in (*vouching.otherwise(env, sealed.records), *filter(None, disabled.values())):
        broken.setdefault(name, 1)
    there = {name: version for site in sites for name, version in records.installed(site).items()}
    added = there.keys() - sealed.packages.keys()
    broken |= {name: 0 for name, version in sealed.packages.items() if there.get(name) != version}
    kept = {name: version for name, version in there.items() if name not in broken and name not in added}
    strange = {f"{name} {there[name]}" for name in added} | set(_unvouched(env, sealed))
    strange.update(compiled.torn(env), (path for path, name in disabled.items() if not name))
    return Proof(sound=kept, broken={n: c for n, c in broken.items() if n not in added}, strange=tuple(sorted(strange)))


def _unvouched(env: Path, sealed: Contents) -> Iterator[str]:
    """What no RECORD vouches for, and is gone, another one, or came after the seal.

    The time of what is as it was sealed says nothing: what unpacks a cache need not give links the times they had.
    """
    listed, now = _listed(env), contents.loose(env)
    same = {name for name, digest in now.items() if sealed.loose.get(name) == digest}
    yield from (name for name in (now.keys() | sealed.loose.keys()) - same if str(env / name) not in listed)
    sealed_at = (env / contents.CONTENTS).stat().st_mtime_ns
    for relative, entry in files.walk(env):
        status = entry.stat(follow_symlinks=False)
        if status.st_mtime_ns <= sealed_at or stat.S_ISDIR(status.st_mode) or relative in same:
            continue
        if not contents.is_nobodys(relative) and os.path.normpath(entry.path) not in listed:
            yield relative


def _listed(env: Path) -> frozenset[str]:
    return frozenset(path for site in places.site_packages(env) for path in records.listed(site))


def _package(name: str, count: int) -> str:
    return tr("{name} (files: {count})", name=name, count=count) if count else tr("{name} (all of it)", name=name)


def _some(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (tr(" and {count} more", count=more) if more > 0 else "")
