"""The engine that the container benchmarks use, if there is one: that of DOCKER_HOST, or of this machine.

Everything made there carries a label of this process, and is removed in the end; nothing is fetched.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from benchmarks.room import ROOT
from benchmarks.timing import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_LATE = 10  # seconds that an event may take to come
_LABEL = "dev.surefoot.benchmark"
_MANAGE = (
    "import sys; sys.path[:0] = [sys.argv.pop(1)]; import installer.cli.main as it; sys.exit(it.manage(sys.argv[1:]))"
)


class Missing(Exception):
    """The benchmarks of containers cannot be run here; the text says why, for people."""


class Harbour:
    """One engine, and the images that are measured with."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 -- the SDK has no types for it
        self.client = client
        self.mark = f"{os.getpid()}-{time.time_ns()}"
        self.word = f"surefoot-benchmark-{os.getpid()}"
        self.tag = f"{self.word}:now"
        self.variables = {name: os.environ[name] for name in os.environ if name.startswith("DOCKER_")}

    @property
    def labels(self) -> dict[str, str]:
        """What tells our things from all others."""
        return {_LABEL: self.mark}

    def manage(self, *words: str) -> list[str]:
        """Our command; by this interpreter, which has the extra."""
        return [sys.executable, "-I", "-c", _MANAGE, str(ROOT), *words]

    def image(self, version: int) -> None:
        """The tag names this version from now on: a busybox that ends when it is told to."""
        text = f"FROM {self.word}:base\nLABEL {_LABEL}={self.mark} version={version}\nSTOPSIGNAL SIGKILL\n"
        text += 'CMD ["sleep", "100000"]\n'
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag=self.tag, rm=True, pull=False)

    def base(self) -> None:
        """Made of the static busybox of this machine."""
        program = shutil.which("busybox")
        if program is None:
            raise Missing("there is no busybox here to make an image of (Debian: busybox-static)")
        holder = io.BytesIO()
        with tarfile.open(fileobj=holder, mode="w") as tar:
            tar.add(program, "bin/busybox")
            for name in ("sh", "sleep", "rm", "cat"):
                link = tarfile.TarInfo(f"bin/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
        changes = ["ENV PATH=/bin", f"LABEL {_LABEL}={self.mark}"]
        self.client.api.import_image_from_data(holder.getvalue(), repository=self.word, tag="base", changes=changes)

    def run(self, command: Sequence[str], folder: Path) -> float:
        """Seconds that the command takes; it must succeed."""
        began = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env=environment(self.variables), capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - began
        if done.returncode:
            sys.exit(f"{' '.join(command)} exited {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return took

    def away(self, names: Sequence[str], during: Callable[[], object]) -> list[float]:
        """How long each was away `during` that, in seconds by the engine's own clock: from the signal to the start.

        The engine remembers 256 events, of everybody: they are listened to while they happen.
        """
        moments: dict[str, dict[str, int]] = {name: {} for name in names}
        told = self.client.events(decode=True, filters={"type": "container", "label": f"{_LABEL}={self.mark}"})

        def listen() -> None:
            for each in told:
                name = each["Actor"]["Attributes"].get("name", "").partition(".before-")[0]
                if name in moments and each["Action"] == "kill":
                    moments[name].setdefault("kill", each["timeNano"])
                elif name in moments and each["Action"] == "start":
                    moments[name]["start"] = each["timeNano"]

        listening = threading.Thread(target=listen)
        listening.start()
        try:
            during()
            end = time.monotonic() + _LATE
            while not all("start" in each for each in moments.values()) and time.monotonic() < end:
                time.sleep(0.05)
        finally:
            told.close()
            listening.join()
        return [(each["start"] - each["kill"]) / 1e9 for each in moments.values()]

    def clear(self) -> None:
        """Nothing of ours stays but the images."""
        listed = self.client.api.containers(all=True, filters={"label": [f"{_LABEL}={self.mark}"]})
        for each in listed:
            self.client.api.remove_container(each["Id"], force=True, v=True)
        for kind in (self.client.volumes, self.client.networks):
            for each in kind.list(filters={"label": f"{_LABEL}={self.mark}"}):
                each.remove()

    def clear_images(self) -> None:
        """Nor those."""
        import docker.errors

        for _ in range(5):  # one that others are made of goes after them
            for each in self.client.images.list(filters={"label": f"{_LABEL}={self.mark}"}):
                with suppress(docker.errors.APIError):
                    self.client.images.remove(each.id, force=True)


@contextmanager
def harbour() -> Iterator[Harbour]:
    """The engine. Raises `Missing` where there is none that could be used."""
    from installer import extras
    from installer.errors import InstallerError

    if not extras.usable("containers"):
        raise Missing(f"the extra `containers` is not installed: `{extras.remedy('containers')}`")
    from phases.containers.client import connected

    try:
        with connected() as client:
            client.ping()
    except InstallerError as error:
        raise Missing(str(error)) from error
    with connected() as client:
        made = Harbour(client)
        try:
            made.base()
            yield made
        finally:
            made.clear()
            made.clear_images()


def compose(folder: Path, services: dict[str, Any], volumes: Sequence[str]) -> list[str]:
    """Write the Compose file into `folder`; the command that brings it up. Raises `Missing` without that program."""
    program = shutil.which("docker-compose")
    if program is None:
        raise Missing("there is no `docker-compose` here to compare with")
    content = {"version": "3.7", "services": services, "volumes": {name: {"external": True} for name in volumes}}
    (folder / "docker-compose.yml").write_text(json.dumps(content))  # JSON is YAML
    return [program, "--project-name", "benchmark", "up", "-d"]
