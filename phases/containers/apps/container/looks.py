"""How a container is, in the words of apps; and whether it is ours."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, cast

from installer.errors import Conflict
from installer.i18n import tr
from phases.containers import labels, projects
from phases.containers.apps.container import asking
from phases.containers.apps.manager import AppInfo, AppStatus, State, Wellness

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

    from installer.model import Json

MODE = "docker"
DIGEST, VERSION, HEALTH = "dev.surefoot.digest", "dev.surefoot.version", "dev.surefoot.health"
_STOPPED = (143, 137)  # by a signal, as a stop sends it
_NEVER = "0001-01-01"
_STATES: dict[str, State] = {
    "created": "stopped",
    "running": "running",
    "paused": "running",
    "restarting": "waiting",
    "removing": "stopping",
    "dead": "lost",
}


def find(client: DockerClient, name: str) -> Json | None:
    """What the engine knows of the container of that name; None: there is none."""
    import docker.errors

    try:
        return cast("Json", client.api.inspect_container(name))
    except docker.errors.NotFound:
        return None


def is_ours(found: Json, root: Path, app: str) -> bool:
    """Does it carry the labels of this app of this project?"""
    marks = label_of(found)
    return marks.get(labels.PROJECT) == labels.project_id(root) and marks.get(labels.APP) == app


def own(client: DockerClient, name: str, root: Path, app: str) -> Json | None:
    """The app's container; None: there is none. Raises `Conflict` where the name is somebody else's."""
    found = find(client, name)
    if found is not None and not is_ours(found, root, app):
        raise Conflict(
            "container.foreign",
            tr("a container called `{name}` is there, and is not ours; it stays as it is", name=name),
            hint=_hint(found, root),
            container=found["Id"],
        )
    return found


def _hint(found: Json, root: Path) -> str:
    """What to do about a container that is not ours; of a project that was moved here by copying, to say so."""
    other = projects.stranger(root)
    if other is None or label_of(found).get(labels.PROJECT) != other["id"]:
        return tr("rename it or the app")
    return tr(
        "if all of this project was moved here from {path}: `manage.py checkpoint repair --adopt`",
        path=str(other["folder"].get("path")),
    )


def is_moved(found: Json, now: str) -> bool:
    """Was it made of another image than `now`, the id that its name means by now? "": that means none."""
    return bool(now) and now != found["Image"]


def image_id(client: DockerClient, name: str) -> str:
    """What the name means here; "" for nothing."""
    import docker.errors

    try:
        return str(client.images.get(name).id)
    except docker.errors.NotFound:
        return ""


def label_of(found: Json) -> dict[str, str]:
    """Its labels."""
    return dict(found["Config"].get("Labels") or {})


def is_running(found: Json) -> bool:
    """Would a stop end something?"""
    return bool(found["State"]["Running"] or found["State"]["Restarting"])


def status(app: str, found: Json) -> AppStatus:
    """How it is. One that is asked from outside whether it is well is asked now."""
    state, marks = found["State"], label_of(found)
    code = int(state["ExitCode"])
    is_up = is_running(found)
    return AppStatus(
        name=app,
        mode=MODE,
        state=_state(state, code),
        health=_health(found, marks) if state["Running"] else "",
        pid=int(state.get("Pid") or 0),
        started=_time(state["StartedAt"]),
        ended=0.0 if is_up else _time(state["FinishedAt"]),
        exit_code=None if is_up or state["Status"] == "created" else code,
        restarts=int(found.get("RestartCount") or 0),
        version=marks.get(VERSION, ""),
        digest=marks.get(DIGEST, ""),
        deed=marks.get(labels.STEP, ""),
        container=found["Id"],
        why=_why(state),
    )


def info(listed: Json) -> tuple[str, AppInfo]:
    """The container's name, and what a list of the engine says of it. `listed` is shorter than what `find` returns."""
    marks = listed.get("Labels") or {}
    ended = re.match(r"Exited \((\d+)\)", listed["Status"])
    health = re.search(r"\((?:health: )?(starting|healthy|unhealthy)\)$", listed["Status"])
    state: Json = {"Status": listed["State"], "OOMKilled": False}
    return listed["Names"][0].lstrip("/"), AppInfo(
        name=marks.get(labels.APP, ""),
        mode=MODE,
        state=_state(state, int(ended[1]) if ended else 0),
        health=cast("Wellness", health[1]) if health else "",
        version=marks.get(VERSION, ""),
    )


def _state(state: Json, code: int) -> State:
    if state["Status"] != "exited":
        return _STATES.get(state["Status"], "lost")
    if code == 0:
        return "exited"
    return "stopped" if code in _STOPPED and not state["OOMKilled"] else "failed"


def _why(state: Json) -> str:
    if state["OOMKilled"] and not state["Running"]:
        return tr("it had not enough memory")
    if state.get("Paused"):
        return tr("it is paused")
    return str(state.get("Error") or "")


def _health(found: Json, marks: dict[str, str]) -> Wellness:
    known = (found["State"].get("Health") or {}).get("Status", "none")
    if known != "none":
        return cast("Wellness", known)
    if HEALTH not in marks:
        return ""
    question = asking.Question.read(marks[HEALTH])
    if question.is_well():
        return "healthy"
    since = dt.datetime.now(dt.UTC).timestamp() - _time(found["State"]["StartedAt"])
    return "starting" if since < question.patience else "unhealthy"


def _time(text: str) -> float:
    """Seconds since 1970; 0 for never."""
    if not text or text.startswith(_NEVER):
        return 0.0
    whole, _, rest = text.rstrip("Z").partition(".")
    moment = dt.datetime.fromisoformat(whole).replace(tzinfo=dt.UTC)
    return moment.timestamp() + float("0." + "".join(filter(str.isdigit, rest[:6])) if rest else 0)
