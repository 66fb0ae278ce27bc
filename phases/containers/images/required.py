"""Are the images here that have to be? Checked only: nothing is fetched but on command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Effect, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Json

_ACTION = "images.validate"


def missing(client: DockerClient, names: Iterable[str]) -> list[str]:
    """Those of `names` that the engine does not have. Raises `UsageError` for what is no name."""
    from phases.containers.images.local import inspect, name_of
    from phases.containers.references import parse

    wanted = {name: name_of(parse(name)) for name in dict.fromkeys(names)}
    return [name for name, known in wanted.items() if inspect(client, known) is None]


def validate(names: Iterable[str]) -> list[str]:
    """The same, of the engine that is meant. Without names no engine is asked. Raises as `client.connected`."""
    from phases.containers.client import connected

    wanted = tuple(names)
    if not wanted:
        return []
    with connected() as client:
        return missing(client, wanted)


def require(names: Iterable[str]) -> None:
    """Raise `Precondition`, with the list, if one of them is missing: for whoever is about to start something."""
    if lacking := validate(names):
        raise absent(lacking)


def absent(names: list[str]) -> Precondition:
    """The error for images that are not here."""
    return Precondition(
        "image.missing",
        tr("image missing, download it manually"),
        details=tuple(names),
        hint=tr("`manage.py images pull {names}`", names=" ".join(names)),
        missing=names,
    )


def check_steps(phase: str, manifest: Manifest) -> tuple[Step, ...]:
    """The step with which `phase` makes sure of what the manifest requires; none where it requires nothing."""
    from phases.containers.images.section import ImagesSection

    names = manifest.section(ImagesSection).required
    if not names:
        return ()
    return (
        Step(
            id=f"{phase}.00.images",
            phase=phase,
            title=tr("Check that the images are here: {names}", names=", ".join(names)),
            action=_ACTION,
            args={"names": list(names)},
            effect=Effect(repeatable=True),
        ),
    )


def _check(args: Mapping[str, Any], context: Context) -> Json:  # noqa: ARG001 -- an action's signature
    require(args["names"])
    return {}


ACTIONS: Mapping[str, Action] = {_ACTION: _check}
