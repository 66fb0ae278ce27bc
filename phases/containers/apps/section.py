"""`[apps.NAME]`: what the project runs, and how."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 -- pydantic reads the types of the fields
from typing import ClassVar, Literal

from installer.frozen import dataclass, field
from installer.model import RelPath  # noqa: TC001 -- as above
from phases.containers.apps.amounts import Cpus, Duration, Memory, Port, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The name of a variable of whoever starts the app; its value is written nowhere but where the app runs."""

    env: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A zip or tar with the app, by `path` (below the project) or `url`. `strip`: leading folders that are left out.

    `version` names its release; without one its hash does. A url needs its `sha256`.
    """

    path: str = ""
    url: str = ""
    sha256: str = ""
    version: str = ""
    strip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How to ask whether the app is well: one of `command` (ends with 0), `http` (a url), `tcp` (`[HOST:]PORT`).

    Asked every `interval`, given `timeout` to answer; after `retries` refusals in a row it is unhealthy. Refusals in
    its first `start-period` do not count.
    """

    command: tuple[str, ...] = ()
    http: str = ""
    tcp: str = ""
    interval: Duration = Duration("10s")
    timeout: Duration = Duration("5s")
    retries: int = 3
    start_period: Duration = Duration("0s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log is put aside when it is `max-size` large; `files` is how many there are at most."""

    max_size: Size = Size("10m")
    files: int = 5
    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app. Without `artifact` and `source` its command runs in the project's folder.

    command   argument list; in a container, empty: the image's own
    source    a folder below the project, of which a release is a copy
    restart   when it is started again after its end; the wait before that begins with `back-off`, and doubles
    mode      "process" or "docker"; empty: as the command line, the variable, `.env` or the default has it
    memory, cpus, network, volumes, image, read_only, user hold in docker mode
    """

    artifact: Artifact | None = None
    source: RelPath | None = None
    command: tuple[str, ...] = ()
    env: Mapping[str, str | Secret] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    memory: Memory = Memory("")
    cpus: Cpus = Cpus("")
    network: str = ""
    volumes: tuple[str, ...] = ()
    health: Health | None = None
    log: Log = Log()
    restart: Literal["no", "on-failure", "always"] = "no"
    back_off: Duration = Duration("1s")
    stop_timeout: Duration = Duration("10s")
    mode: str = ""
    image: str = ""
    read_only: bool = False
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppsSection:
    """All of them, by name."""

    TABLE: ClassVar[str] = "apps"
    EACH: ClassVar[str] = "named"

    named: Mapping[str, App] = field(default_factory=dict)
