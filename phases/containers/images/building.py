"""`images build`: an image from a folder of the project. The tag names it only when it is whole."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, cast

from installer import files
from installer.errors import Precondition, Refused, StepFailed
from installer.extras import need
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from phases.containers import client as engines
from phases.containers import labels, taking_back
from phases.containers.images import door, local, moving, required
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned

PHASE = "images"
ACTION = "images.build"
_STEP = f"{PHASE}.01.build"
_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE | re.MULTILINE)
_STEP_OF = re.compile(r"Step (\d+)/(\d+) :")


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Build `args["tag"]` from `args["context"]`. Raises what can be known before: no file, a base that is not here."""
    del manifest
    engine, reference = engines.address(), parse(args["tag"])
    moving.must_have_tag(reference)
    folder = _folder(facts.root, RelPath(args["context"]))
    file = folder / args["file"]
    if not file.is_file():
        raise Precondition("build.file", tr("there is no file {path}", path=file))
    lacking = [each for each in args["variables"] if each not in os.environ]
    if lacking:
        raise Precondition("build.variable", tr("the variable {name} is not set", name=", ".join(lacking)))
    with engines.connected(engine) as client:
        done = facts.results.get(_STEP)
        if done is None and (missing := required.missing(client, bases(file))):
            raise required.absent(missing)
        old = done["old"] if done else local.identity(local.inspect(client, local.tag_of(reference)))
    tag = moving.keeping(facts, reference, old)
    label = taking_back.of_this_deed(facts, _STEP)
    back = [*moving.deeds(reference, old=old, new="=".join(label), tag=tag), ("remove-images", *label)]
    step = Step(
        id=_STEP,
        phase=PHASE,
        title=tr("Build {image} from {path}", image=str(reference), path=args["context"]),
        action=ACTION,
        args={**args, "image": str(reference), "old": old, "kept": tag, "engine": moving.where(engine)},
        effect=Effect(inverse=taking_back.inverse(facts, engine, *back)),
    )
    yield from moving.with_script(PHASE, facts, [step])


def bases(file: Path) -> list[str]:
    """The images that a Dockerfile starts from, as far as they are named in it: none of them is fetched."""
    found, own = [], {"scratch"}
    for base, name in _FROM.findall(file.read_text(encoding="utf-8", errors="replace")):
        if base.lower() not in own and "$" not in base:
            found.append(base)
        own.add(name.lower())
    return found


def build(args: Mapping[str, Any], context: Context) -> Json:
    """Build without a name, keep what the tag names, let it name the new one."""
    reference = parse(args["image"])
    own = labels.of(context.root, context.install_id, _STEP)
    with engines.connected(engines.Address(**args["engine"])) as client:
        with _archive(context, args) as archive:
            asked = {
                "dockerfile": args["file"],
                "rm": "1",
                "forcerm": "1",
                "labels": json.dumps(own),
                "buildargs": json.dumps({name: os.environ[name] for name in args["variables"]}),
            }
            answer = door.stream(
                client, "POST", "/build", params=asked, data=archive, headers={"Content-Type": "application/x-tar"}
            )
            for message in door.messages(answer):
                _tell(str(message.get("stream", "")), context)
        new = _made(client, own[labels.STEP])
        if args["kept"]:
            moving.point(client, args["kept"], args["old"])
        moving.point(client, local.tag_of(reference), new)
    return {"image": args["image"], "old": args["old"], "new": new}


def _tell(said: str, context: Context) -> None:
    if found := _STEP_OF.match(said):
        context.report(int(found[1]), int(found[2]))
        context.note(said.strip())


def _made(client: DockerClient, deed: str) -> str:
    found = client.api.images(filters={"label": f"{labels.STEP}={deed}"})
    if not found:
        raise StepFailed("build.nothing", tr("the engine built nothing, and did not say why"))
    return str(found[0]["Id"])


def _archive(context: Context, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- an open file
    """The folder as a tar: without what `.dockerignore` names, and never with our own state."""
    tar = cast("Any", need(engines.EXTRA, "docker.utils.build")).tar
    folder = _folder(context.root, RelPath(args["context"]))
    left_out = [*_ignored(folder)]
    state = context.root / context.state
    if state.is_relative_to(folder):
        left_out.append(state.relative_to(folder).as_posix())
    return tar(str(folder), exclude=left_out, dockerfile=(args["file"], None))


def _ignored(folder: Path) -> Iterator[str]:
    try:
        lines = files.content(folder / ".dockerignore").decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _folder(root: Path, path: RelPath) -> Path:
    """The folder, which is in the project, also when links are followed."""
    folder = (root / path).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise Refused("build.outside", tr("{path} leads out of the project", path=path))
    if not folder.is_dir():
        raise Precondition("build.folder", tr("there is no folder `{folder}`", folder=path))
    return folder


ACTIONS: Mapping[str, Action] = {ACTION: build}
