"""From what the manifest says of an app to the shape of its container."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from phases.containers.apps import config as configs
from phases.containers.apps.container import asking, looks, mounts
from phases.containers.apps.container.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.model import Json
    from phases.containers.apps.container.names import Names
    from phases.containers.apps.section import App


def shape(  # noqa: PLR0913 -- one for each thing that it depends on
    root: Path,
    names: Names,
    app: str,
    wish: App,
    *,
    image: str,
    version: str,
    marks: Mapping[str, str],
    variables: Mapping[str, str] | None = None,
    carried: Mapping[str, str] = MappingProxyType({}),
) -> Shape:
    """All of it. Raises what `mounts.of` and `config.variables` raise. `carried`: see `mounts.carried`."""
    named = mounts.of(app, wish, root, version)
    found = (*named, *(mounts.Mounted(target=target, name=volume) for target, volume in sorted(carried.items())))
    own = {looks.DIGEST: configs.digest(wish), looks.VERSION: version}
    question = asking.Question.of(wish.health) if wish.health else None
    return Shape(
        app=app,
        name=names.container(app),
        wish=wish,
        image=image,
        network=names.network(app, wish),
        mounts=found,
        volumes={each.name: names.volume(each.name) for each in named if each.name}
        | {volume: volume for volume in carried.values()},
        variables=environment(app, version, configs.variables(app, wish) if variables is None else variables),
        labels={**marks, **own, **({looks.HEALTH: question.label} if question else {})},
    )


def environment(app: str, version: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What it finds in its environment besides the image's own."""
    return {"SUREFOOT_APP": app, "SUREFOOT_APP_VERSION": version, **variables}


def is_as_wished(found: Json, wanted: Shape, root: Path) -> bool:
    """Is it what would be made now? By what the manifest says, the image's name, the release, the variables.

    And by the folders of the project that it has, which may have been moved.
    """
    marks = looks.label_of(found)
    there = set(found["Config"].get("Env") or [])
    return (
        all(marks.get(key) == wanted.labels[key] for key in (looks.DIGEST, looks.VERSION))
        and found["Config"]["Image"] == wanted.image
        and {f"{key}={value}" for key, value in wanted.variables.items()} <= there
        and _folders(wanted, root) <= {each.get("Source") for each in found.get("Mounts") or []}
    )


def _folders(wanted: Shape, root: Path) -> set[str]:
    return {os.path.realpath(root / each.folder) for each in wanted.mounts if each.folder is not None}
