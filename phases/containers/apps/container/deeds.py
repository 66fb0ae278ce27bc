"""What is done in the engine for an app, one thing at a time; each may be cut short and repeated.

What carries the label of the deed is taken, not made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Conflict, Precondition
from installer.i18n import tr
from phases.containers import labels
from phases.containers.apps.container import looks
from phases.containers.apps.container.shape import Shape, create
from phases.containers.images import required

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from docker import DockerClient

    from installer.model import Json


def need_image(client: DockerClient, name: str) -> str:
    """The id of the image. Raises `Precondition` where it is not here: it is never fetched unasked."""
    import docker.errors

    try:
        return str(client.images.get(name).id)
    except docker.errors.ImageNotFound:
        raise required.absent([name]) from None


def network(client: DockerClient, name: str, project: str) -> Json | None:
    """The project's network of that name; None: there is none. Raises `Conflict` for somebody else's."""
    found: list[Json] = [each for each in client.api.networks(names=[name]) if each["Name"] == name]
    if found and (found[0].get("Labels") or {}).get(labels.PROJECT) != project:
        raise _foreign(tr("a network called `{name}` is there, and is not ours; it stays as it is", name=name))
    return found[0] if found else None


def volume(client: DockerClient, name: str, project: str) -> Json | None:
    """The project's volume of that name; None: there is none. Raises `Conflict` for somebody else's."""
    import docker.errors

    try:
        found: Json = client.api.inspect_volume(name)
    except docker.errors.NotFound:
        return None
    if (found.get("Labels") or {}).get(labels.PROJECT) != project:
        raise _foreign(tr("a volume called `{name}` is there, and is not ours; it stays as it is", name=name))
    return found


def make_network(client: DockerClient, name: str, marks: Mapping[str, str]) -> None:
    """Have it there. Raises `Conflict` for somebody else's."""
    if network(client, name, marks[labels.PROJECT]) is None:
        client.api.create_network(name, driver="bridge", labels=dict(marks), check_duplicate=True)


def make_volume(client: DockerClient, name: str, marks: Mapping[str, str]) -> None:
    """Have it there. Raises `Conflict` for somebody else's, also one that came just now."""
    if volume(client, name, marks[labels.PROJECT]) is None:
        client.api.create_volume(name, labels=dict(marks))
        volume(client, name, marks[labels.PROJECT])


def make_container(client: DockerClient, shape: Shape, root: Path) -> str:
    """Have it there, not started; returns its id. Raises `Conflict` where the name is taken by another one."""
    found = looks.own(client, shape.name, root, shape.app)
    if found is not None and looks.label_of(found).get(labels.STEP) == shape.labels[labels.STEP]:
        return str(found["Id"])
    if found is not None:
        raise Conflict(
            "app.running",
            tr("`{app}` is there already, by another start", app=shape.app),
            container=found["Id"],
        )
    return create(client, shape, root)


def call(client: DockerClient, container: str, name: str) -> None:
    """Give the container of that id another name."""
    client.api.rename(container, name)


def of_deed(client: DockerClient, deed: str) -> str:
    """The id of the container that the deed made. Raises `Precondition` where there is none."""
    found = client.api.containers(all=True, filters={"label": [f"{labels.STEP}={deed}"]})
    if not found:
        raise Precondition("container.gone", tr("the container of this run is gone"), deed=deed)
    return str(found[0]["Id"])


def _foreign(text: str) -> Conflict:
    return Conflict("engine.foreign", text, hint=tr("rename it, or choose another name"))
