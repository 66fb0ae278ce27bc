"""An image that the user named to empty volumes with is tried before it is relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import labels, taking_back, undoing
from phases.containers.volumes import archives, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context, Facts
    from phases.containers.client import Address


def step(phase: str, facts: Facts, at: Address, image: str, program: str) -> Step:
    """A step that runs `program`, the `rm` of the image, where there is nothing to remove."""
    name = f"{phase}.h00.try_helper"
    deed = ("remove-container", *taking_back.of_this_deed(facts, name))
    return Step(
        id=name,
        phase=phase,
        title=tr("Try the `rm` that volumes would be emptied with"),
        action="updates.try_helper",
        args={"engine": plain.as_args(at), "step": name, "image": image, "program": program},
        effect=Effect(inverse=taking_back.inverse(facts, at, deed), repeatable=True),
    )


def try_it(args: Mapping[str, Any], context: Context) -> None:
    """Run it. Raises `Precondition` where it does not run."""
    marks = labels.of(context.root, context.install_id, args["step"])
    body = {
        "Image": args["image"],
        "Entrypoint": [args["program"]],
        "Cmd": ["-rf", archives.PLACE],
        "User": "0:0",
        "Labels": {archives.HELPER: "-", **marks},
        "HostConfig": {"NetworkMode": "none", "CapDrop": ["ALL"]},
    }
    with plain.asked(args["engine"]) as engine:
        undoing.remove_container(engine, labels.STEP, marks[labels.STEP])  # of a try that was cut short
        made = engine.must("POST", "/containers/create", body=body)["Id"]
        try:
            status, _ = engine.ask("POST", "/containers/" + made + "/start")
            ended = engine.must("POST", "/containers/" + made + "/wait") if status < 400 else None  # noqa: PLR2004
        finally:
            engine.ask("DELETE", "/containers/" + made, query={"force": "1", "v": "1"})
    if ended is None or ended["StatusCode"]:
        raise Precondition(
            "update.helper",
            tr("the image given with --helper has no `rm` that runs"),
            hint=tr("name an image that has `rm` with --helper IMAGE"),
        )


ACTIONS: Mapping[str, Action] = {"updates.try_helper": try_it}
