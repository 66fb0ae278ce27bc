"""What we installed into an active environment, noted in the project's state folder; does it still hold?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import records
from phases.python.active import chosen, installed
from phases.python.environments import places, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest
    from installer.model import Context, Facts, Json, RelPath
    from phases.python.environments.places import Layout
    from phases.python.needs import Needs

NAME = "surefoot-active"
FILES = (places.MARKER, NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The content: what was asked for, where it went, and every package that the run wanted with its RECORD's hash."""

    layout: Layout
    asked: Json
    wish: str
    missing: tuple[str, ...]
    packages: Mapping[str, tuple[str, str]]


def write(folder: Path, args: Mapping[str, Any], context: Context) -> None:
    """Note it beside the layout, the marker that vouches for the rest last."""
    there = installed.held(places.site_packages(folder))
    packages = {name: [there[name][0].version, there[name][0].record] for name in args["wanted"] if name in there}
    told = {"asked": args["asked"], "wish": args["wish"], "missing": args["missing"], "packages": packages}
    key = wanted.key(args["asked"])
    current = places.Current(install_id=context.install_id, key=key, root=str(context.root))
    files.replace(folder / NAME, json.dumps(told, indent=1, sort_keys=True).encode() + b"\n")
    files.replace(folder / places.MARKER, places.marker_text(current))


def read(folder: Path) -> Noted | None:
    """What was noted; None where nothing readable was."""
    layout = places.layout(folder)
    try:
        told = json.loads((folder / NAME).read_bytes())
        packages = {name: (str(version), str(record)) for name, (version, record) in told["packages"].items()}
        missing, wish = tuple(told["missing"]), str(told["wish"])
        asked = dict(told["asked"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if layout is None:
        return None
    return Noted(layout=layout, asked=asked, wish=wish, missing=missing, packages=packages)


def up_to_date(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    """Empty if all that is asked for is in the active environment, whole; else the first reason why not.

    Raises `Precondition` where no environment is active.
    """
    active = chosen.choose(facts.root, facts.options.python)
    return next(_reasons(active, manifest, facts, needs), "")


def problems(root: Path, state: RelPath, active: Layout, *, deep: bool) -> list[str]:
    """What is wrong with what we installed into the environment that is active."""
    noted = read(root / places.folder(places.ACTIVE, state))
    if noted is None:
        return [_never(active)]
    return [*_other_place(noted, active), *_content(noted, deep=deep)]


def _reasons(active: Layout, manifest: Manifest, facts: Facts, needs: Needs) -> Iterator[str]:
    folder = facts.root / places.folder(places.ACTIVE, facts.state)
    current, noted = places.read_marker(folder), read(folder)
    if current is None or noted is None:
        yield _never(active)
        return
    if current.root != str(facts.root):
        yield tr("the project was moved: it was at {path}", path=current.root)
    yield from _other_place(noted, active)
    now = wanted.asked(manifest, facts, needs)
    if wanted.key(now) != current.key:
        yield from wanted.differences(noted.asked, now)
    yield from (tr("{name} could not be installed last time", name=name) for name in noted.missing)
    yield from _content(noted, deep=facts.options.deep)


def _never(active: Layout) -> str:
    return tr("this project was not installed into {path} yet", path=active.prefix)


def _other_place(noted: Noted, active: Layout) -> Iterator[str]:
    if os.path.realpath(noted.layout.prefix) != os.path.realpath(active.prefix):
        yield tr("another environment is active: {old} → {new}", old=noted.layout.prefix, new=active.prefix)
    elif (noted.layout.base, noted.layout.version) != (active.base, active.version):
        yield tr("its interpreter changed: {old} → {new}", old=noted.layout.base, new=active.base)


def _content(noted: Noted, *, deep: bool) -> Iterator[str]:
    there = installed.held(noted.layout.sites)
    for name, (version, record) in noted.packages.items():
        now = there.get(name)
        if now is None:
            yield tr("the package {name} was removed by hand", name=name)
        elif now[0].version != version:
            yield tr(
                "the package {name} was changed by hand: {old} → {new}", name=name, old=version, new=now[0].version
            )
        elif now[0].record != record:
            yield tr("the package {name} was installed anew by hand", name=name)
    ours = frozenset(name for name, (_, record) in noted.packages.items() if record)
    for site in noted.layout.sites:
        yield from map(str, records.check(Path(site), deep=deep, only=ours))
