"""Is the environment in use the one that is asked for, and whole? Cheap: no subprocess, no third-party import."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.python.environments import contents, places, platforms, proven, stale, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Facts
    from phases.python.needs import Needs


def up_to_date(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    """Empty if the environment in use is whole and what `needs` ask for; else the first reason why not."""
    env = facts.root / manifest.environment
    if manifest.environment == places.ACTIVE:
        from phases.python.active import marker

        return marker.up_to_date(manifest, facts, needs)
    return next(reasons(env, manifest, facts, needs), "") or _unproven(env, facts) or _unbuilt(env, facts, needs)


def unusable(env: Path, sealed: contents.Contents, python: str = "") -> Iterator[str]:
    """Why nothing in `env` would work here, or with the interpreter that `--python` names."""
    yield from _other_python(python, sealed)
    yield from _interpreter(env, sealed)
    if sealed.platform and sealed.platform != (now := platforms.here()):
        yield tr("it was made for another kind of machine: {old}, not {new}", old=sealed.platform, new=now)


def _unproven(env: Path, facts: Facts) -> str:
    """What is wrong with the contents of an environment that was not made where it is; empty if nothing is."""
    if proven.holds(facts.root, facts.state, env):
        return ""
    from phases.python.environments import proving

    sealed = contents.read(env)
    if sealed is None:
        return ""
    return next(proving.unusable(env, sealed), "") or proving.of(env, sealed).sentence()


def _unbuilt(env: Path, facts: Facts, needs: Needs) -> str:
    """What must be built anew in an environment that was not made where it is; empty if nothing must."""
    sealed = None if proven.holds(facts.root, facts.state, env) else contents.read(env)
    return stale.reason(sealed, needs) if sealed else ""


def whole(env: Path, root: Path) -> list[str]:
    """What is wrong with an environment of the project in `root`: its place, its interpreter, its parts."""
    marker, sealed = places.read_marker(env), contents.read(env)
    if marker is None or sealed is None:
        return [tr("`{path}` was not made by this tool, or not to its end", path=env.name)]
    moved = [tr("the project was moved: it was at {path}", path=marker.root)] if marker.root != str(root) else []
    return [*moved, *_interpreter(env, sealed), *contents.drift(env, sealed)]


def broken(env: Path, facts: Facts) -> Iterator[str]:
    """Why an environment of ours would not run if it were switched in: cheap, whatever its size, if it was proven."""
    marker = places.read_marker(env)
    sealed = contents.read(env)
    if marker is None or sealed is None:
        yield tr("`{path}` was not made by this tool, or not to its end", path=env.name)
        return
    if marker.root != str(facts.root):
        yield tr("the project was moved: it was at {path}", path=marker.root)
    yield from _interpreter(env, sealed)
    if unproven := _unproven(env, facts):
        yield unproven


def reasons(env: Path, manifest: Manifest, facts: Facts, needs: Needs) -> Iterator[str]:
    """Why the environment in use is not the one that is asked for, at a glance, most telling first."""
    if not os.path.lexists(env):
        yield tr("there is no environment yet")
    marker = places.read_marker(env)
    sealed = contents.read(env)
    if marker is None or sealed is None:
        yield tr("`{path}` was not made by this tool, or not to its end", path=manifest.environment)
        return
    if marker.install_id == facts.install_id and _switched(facts):
        yield tr("this run is not finished")  # it was cut short after the switch: the same steps are planned again
    if marker.root != str(facts.root):
        yield tr("the project was moved: it was at {path}", path=marker.root)
    now = wanted.asked(manifest, facts, needs)
    if wanted.key(now) != marker.key:
        yield from wanted.differences(sealed.asked, now)
    yield from (tr("{name} could not be installed last time", name=name) for name in sealed.missing)
    yield from unusable(env, sealed, facts.options.python)
    yield from contents.drift(env, sealed)


def _switched(facts: Facts) -> bool:
    """Does the run know that it switched? Where the end of its journal was lost, the environment speaks for itself."""
    return any(step.endswith(".10.switch") for step in facts.results)


def _interpreter(env: Path, sealed: contents.Contents) -> Iterator[str]:
    if _is_configured_otherwise(env, sealed):
        yield tr("its `pyvenv.cfg` was changed by hand, or is gone")
    now = places.interpreter(env)
    if not os.access(now, os.X_OK) or not places.python(env).exists():
        yield tr("its interpreter is gone: {path}", path=sealed.interpreter)
    elif now != sealed.interpreter:
        yield tr("its interpreter changed: {old} → {new}", old=sealed.interpreter, new=now)


def _is_configured_otherwise(env: Path, sealed: contents.Contents) -> bool:
    """Is `pyvenv.cfg`, without which it is no environment, not what was sealed? An earlier seal does not say."""
    known = sealed.loose.get("pyvenv.cfg", "")
    return bool(known) and contents.digest(env / "pyvenv.cfg") != known


def _other_python(wish: str, sealed: contents.Contents) -> Iterator[str]:
    """Does `--python` name another interpreter than the environment has?"""
    if not wish:
        return
    if os.sep in wish:
        same = os.path.realpath(os.path.expanduser(wish)) == sealed.interpreter
    elif found := re.fullmatch(r"(?:python)?(\d+(?:\.\d+)*)", wish):
        same = f"{sealed.version}.".startswith(f"{found[1]}.")
    else:
        same = wish == sealed.wish
    if not same:
        yield tr("another Python is asked for: {wish}, not {version}", wish=wish, version=sealed.version)
