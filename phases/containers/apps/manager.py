"""The one interface to apps, whatever they run in, and the factory for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, Protocol

from installer.errors import Precondition, UsageError
from installer.frozen import dataclass, field
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import RelPath
    from phases.containers.apps.section import App

MODES = ("process", "docker")
State = Literal[
    "absent", "starting", "running", "waiting", "stopping", "stopped", "exited", "failed", "lost", "unwatched"
]
Wellness = Literal["", "starting", "healthy", "unhealthy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """What an app is started with. `variables` are its whole own environment, secrets included: never shown or noted.

    folder   the folder it works in, absolute
    digest   stands for all that the manifest says of it; another one: it is to be made anew
    version  the release that it is, empty without one
    deed     who started it: chosen before it is started, so that it is found again after a cut
    """

    name: str
    wish: App
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    version: str = ""
    deed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStatus:
    """How an app is.

    state      absent: never started; waiting: it ended, and is started again after a while; exited: ended with 0;
               failed: with another status, or it could not be started; lost: it is gone and nobody knows how;
               unwatched: it runs, but what looks after it is gone
    why        a sentence on the state, where there is more to say
    moved      in docker mode: its image's name means another image here by now; `update` makes it anew on that
    exit_code  of its last end; negative: the signal
    """

    name: str
    mode: str
    state: State
    health: Wellness = ""
    pid: int = 0
    started: float = 0.0  # seconds since 1970
    ended: float = 0.0
    exit_code: int | None = None
    restarts: int = 0
    version: str = ""
    digest: str = ""
    deed: str = ""
    container: str = ""  # its id, in docker mode
    why: str = ""
    moved: bool = False

    @property
    def is_up(self) -> bool:
        """Is there something that a stop would end?"""
        return self.state in {"starting", "running", "waiting", "stopping", "unwatched"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """One line of a list of apps."""

    name: str
    mode: str
    state: State
    health: Wellness = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What an app uses now. `memory` in bytes, `seconds` of processor time since its start."""

    memory: int = 0
    seconds: float = 0.0
    processes: int = 0


class AppManager(Protocol):
    """Apps of one project in one mode. Every method raises `InstallerError` where it cannot do what it says."""

    mode: str

    def start_app(self, instance_id: str, config: AppConfig) -> None:
        """Have it run. One that runs by the same deed is left alone; `Conflict` for one that runs otherwise."""

    def stop_app(self, instance_id: str) -> None:
        """Have it ended; one that does not run is no error."""

    def get_status(self, instance_id: str) -> AppStatus:
        """How it is; "absent" for one that was never started."""

    def list_apps(self) -> tuple[AppInfo, ...]:
        """All that were ever started here and not removed, by name."""

    def usage(self, instance_id: str) -> Use:
        """What it uses now; nothing for one that does not run."""

    def logs(self, instance_id: str, *, tail: int, follow: bool = False) -> Iterator[str]:
        """Its last `tail` lines; with `follow`, what it says from then on, until the caller stops asking."""


def new_app_manager(mode: str, root: Path, state: RelPath) -> AppManager:
    """The manager of `mode` for the project at `root`, whose state folder is `state`.

    "" and "process": processes; "docker": containers, which asks for the engine when it is first used. Raises
    `UsageError` ("apps.mode") for anything else: no mode is ever chosen by accident.
    """
    if mode in {"", "process"}:
        from phases.containers.apps.process.manager import ProcessManager

        refuse_system()
        return ProcessManager(root, state)
    if mode == "docker":
        return _docker(root, state)
    raise unknown_mode(mode)


def unknown_mode(mode: str, source: str = "") -> UsageError:
    """The error for a mode that there is not; `source` is who asked for it."""
    text = tr("unknown mode: {mode}", mode=mode)
    return UsageError(
        "apps.mode",
        f"{source}: {text}" if source else text,
        hint=tr("there are: {names}", names=", ".join(MODES)),
        mode=mode,
    )


def refuse_system() -> None:
    """Raise `Precondition` where apps cannot run as processes."""
    if os.name != "posix":
        raise Precondition(
            "apps.system",
            tr("apps as processes run on Linux and macOS, not on Windows"),
            hint=tr("run them with --mode docker"),
        )


def _docker(root: Path, state: RelPath) -> AppManager:
    from phases.containers.apps.container.manager import ContainerManager

    return ContainerManager(root, state)
