"""A wish for a build: what of it the journal and the note hold, its key, and the same in the provider's words."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from installer import hashing
from installer.frozen import replace
from phases.builds import targets
from phases.builds.model import Strategy, Wish
from phases.builds.section import BuildSection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Json
    from phases.builds.memory import Note
    from phases.builds.remotes import Remote

_THE_BUILD = ("provider", "remote", "strategy", "workflow", "inputs", "event")  # of the section, besides ref and commit


def section_with(manifest: Manifest, args: Json) -> BuildSection:
    """The manifest's section, with what the command line says otherwise; `anew` is none of its keys."""
    return replace(manifest.section(BuildSection), **{name: value for name, value in args.items() if name != "anew"})


def as_json(section: BuildSection) -> Json:
    """The section as the journal has it; `section_of` reads it."""
    return {name: _plain(value) for name, value in asdict(section).items()}


def section_of(told: Mapping[str, Any]) -> BuildSection:
    """The section as a step's arguments have it."""
    made: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return BuildSection(**made)


def of(note: Note, section: BuildSection, remote: Remote) -> Wish:
    """The wish in the provider's words; `project_slug` and `tag` are always on offer."""
    ref, commit = note.ref or str(note.args.get("ref", "")), note.commit or str(note.args.get("commit", ""))
    return _wish(section, remote, ref=ref, commit=commit, key=note.key, since=note.since)


def now(root: Path, section: BuildSection, remote: Remote, default: Callable[[], str]) -> Wish:
    """What would be wished for now, without a key: to look for what is there."""
    ref = targets.ref(root, section)
    wish = _wish(section, remote, ref=ref, commit=targets.commit(root, section, ref), key="", since="")
    return resolved(wish, root, section, default)


def resolved(wish: Wish, root: Path, section: BuildSection, default: Callable[[], str]) -> Wish:
    """The same with a ref, the `default` where it has none, and what the clone knows of that."""
    if not wish.ref:
        ref = default()
        wish = replace(wish, ref=ref, commit=targets.commit(root, section, ref))
    return replace(wish, age=targets.age(root, section, wish.ref))


def digest(args: Json) -> str:
    """What two wishes for the same build have in common; the note's own args may have lost a secret's text.

    Not what only says how it is asked for or followed: with another token or `minutes` it is the same build.
    """
    same = {name: args["section"][name] for name in _THE_BUILD} | {"ref": args["ref"], "commit": args["commit"]}
    if same["strategy"] == Strategy.EMPTY_COMMIT:
        del same["commit"]  # the push that was not answered may have moved the branch itself
    return hashing.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def key(root: Path, install_id: str) -> str:
    """The key of the wish that a run has: the same whenever that run is gone on with, and no other project's."""
    return f"sf-{hashing.sha256(os.fsencode(root.resolve()) + install_id.encode()).hexdigest()[:16]}"


def since(install_id: str) -> str:
    """When the run began, by its name in local time; never later than now."""
    try:
        begun = time.mktime(time.strptime(install_id[:15], "%Y%m%d_%H%M%S"))
    except ValueError:
        begun = time.time()
    return datetime.fromtimestamp(min(begun, time.time()), UTC).isoformat(timespec="seconds")


def _wish(section: BuildSection, remote: Remote, *, ref: str, commit: str, key: str, since: str) -> Wish:
    inputs = {"project_slug": remote.slug, "tag": "latest", **section.inputs}
    return Wish(
        ref=ref,
        commit=commit,
        workflow=section.workflow,
        inputs=MappingProxyType(inputs),
        event=section.event,
        key=key,
        since=since,
    )


def _plain(value: object) -> object:
    """As JSON gives it back: what the journal holds is compared with it."""
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, MappingProxyType) else str(value) if isinstance(value, str) else value
