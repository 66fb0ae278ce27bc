"""Apps as processes: each looked after by a shim of its own, which is found again by its lock, pid and start time."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, cast

from installer import files, process
from installer.errors import Conflict, InstallerError, StepFailed
from installer.frozen import replace
from installer.i18n import tr
from phases.containers import taking_back
from phases.containers.apps import places
from phases.containers.apps.manager import AppConfig, AppInfo, AppStatus, State, Use, Wellness
from phases.containers.apps.process import packed, reading, specs, usage
from phases.containers.apps.shim import identity, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from installer.model import Finished, RelPath

_UP = frozenset(("starting", "running", "waiting", "stopping"))


class ProcessManager:
    """The apps of the project at `root` that run as processes. `run`: the process door; else the plain one."""

    mode = "process"

    def __init__(self, root: Path, state: RelPath, *, run: Callable[[Sequence[str]], Finished] | None = None) -> None:
        self._root = root
        self._state = state
        self._run = run or (lambda argv: process.run(argv, cwd=root, check=False))

    def start_app(self, instance_id: str, config: AppConfig) -> None:
        """Have it run; returns when its command was started. See `AppManager`."""
        home = self.home(instance_id)
        config = config if config.deed else replace(config, deed=uuid.uuid4().hex)
        self._have_shim()
        name = specs.write(config, self._root / home.run, self._root / home.log)
        self._ask(instance_id, "start", home.run, name)

    def start_again(self, instance_id: str, before: str, deed: str) -> None:
        """Have it run as the start called `before` had it. Raises `StepFailed` where nobody knows that any more."""
        self._have_shim()
        home = self.home(instance_id)
        name = specs.again(self._root / home.run, before, deed)
        self._ask(instance_id, "start", home.run, name)

    def stop_app(self, instance_id: str) -> None:
        """Have it ended: TERM to its group, KILL after its `stop-timeout`."""
        if self.get_status(instance_id).is_up:
            self._have_shim()
            self._ask(instance_id, "stop", self.home(instance_id).run, "-")

    def get_status(self, instance_id: str) -> AppStatus:
        """How it is. Reads a file, asks for a lock; starts nothing."""
        folder = os.fspath(self._root / self.home(instance_id).run)
        found = record.read(os.path.join(folder, record.STATUS))
        if not found or found.get("place") != record.here(folder):
            return AppStatus(name=instance_id, mode=self.mode, state="absent")
        state, why = str(found.get("state", "")), str(found.get("why", ""))
        if state in _UP and not record.is_held(folder):
            found = record.read(os.path.join(folder, record.STATUS))  # it may have ended between the two looks
            state = str(found.get("state", ""))
            if state in _UP:
                alive = identity.is_alive(int(str(found.get("pid", 0))), str(found.get("since", "")))
                state = "unwatched" if alive else "lost"
        return _status(instance_id, state, why, found)

    def list_apps(self) -> tuple[AppInfo, ...]:
        """Those that have a folder and were started once."""
        found = (self.get_status(name) for name in places.names(self._root, self._state))
        return tuple(
            AppInfo(name=each.name, mode=each.mode, state=each.state, health=each.health, version=each.version)
            for each in found
            if each.state != "absent"
        )

    def usage(self, instance_id: str) -> Use:
        """Of all processes of its group."""
        status = self.get_status(instance_id)
        return usage.of_group(status.pid) if status.pid and status.is_up else Use()

    def logs(self, instance_id: str, *, tail: int, follow: bool = False) -> Iterator[str]:
        """From its files, also those that were put aside."""
        return reading.lines(self._root / self.home(instance_id).log, tail, follow=follow)

    def home(self, name: str) -> places.Home:
        """Where the app lies."""
        return places.Home(state=self._state, name=name)

    def _have_shim(self) -> None:
        path = self._root / packed.place(self._state)
        if not path.exists():
            files.make_folder(path.parent)
            files.replace(path, packed.content())

    def _ask(self, name: str, verb: str, run: RelPath, what: str) -> None:
        shim = packed.place(self._state)
        ended = self._run((taking_back.interpreter(), "-I", "-B", shim, verb, run, what))
        if ended.status != 0:
            raise _failure(name, verb, ended)


def _failure(name: str, verb: str, ended: Finished) -> InstallerError:
    said = ended.stderr.strip() or ended.stdout.strip()
    if ended.status == Conflict.exit_code:
        return Conflict("app.running", tr("`{app}` runs already, by another start", app=name), details=(said,))
    if verb == "stop":
        return StepFailed("app.stop", tr("`{app}` could not be stopped: {reason}", app=name, reason=said))
    return StepFailed("app.start", tr("`{app}` could not be started: {reason}", app=name, reason=said))


def _status(name: str, state: str, why: str, found: dict[str, object]) -> AppStatus:
    code = found.get("exit_code")
    return AppStatus(
        name=name,
        mode="process",
        state=cast("State", state),
        health=cast("Wellness", found.get("health", "")) if state == "running" else "",
        pid=int(str(found.get("pid") or 0)),
        started=float(str(found.get("started") or 0.0)),
        ended=float(str(found.get("ended") or 0.0)),
        exit_code=int(code) if isinstance(code, int) else None,
        restarts=int(str(found.get("restarts", 0))),
        version=str(found.get("version", "")),
        digest=str(found.get("digest", "")),
        deed=str(found.get("deed", "")),
        why=why,
    )
