"""What tests about containers work with: a project of their own, images made on the spot, commands as people run."""

from __future__ import annotations

import io
import itertools
import os
import signal
import socket
import subprocess
import sys
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import docker.errors

from tests.containers import lab
from tests.ended import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


def free_port() -> int:
    """A port that nobody has, and that neither the kernel nor an engine hands out to others by itself."""
    while True:
        port = 20_000 + uuid.uuid4().int % 10_000
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def command(*words: str, door: str = "manage") -> list[str]:
    """The argument list of `manage.py WORDS` without its launcher, which would make a tool of its own first."""
    code = f"import sys; from installer.cli.main import {door}; sys.exit({door}(sys.argv[1:]))"
    return [sys.executable, "-c", code, *words]


class Place:
    """A project in a folder of its own, an engine to talk to, and names that no other test has."""

    def __init__(self, folder: Path, where: lab.Lab) -> None:
        self.root = folder / "project"
        self.root.mkdir(parents=True)
        self.lab = where
        self.engine = where.engine  # a test may put a proxy before it
        self.word = f"t{uuid.uuid4().hex[:10]}"
        self.client = docker.DockerClient(base_url=where.engine, timeout=60)

    def manifest(self, text: str) -> None:
        """Write surefoot.toml."""
        (self.root / "surefoot.toml").write_text(text, encoding="utf-8")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a command: nothing of the tester's own Docker."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "SUREFOOT_"))}
        return kept | {"DOCKER_HOST": self.engine, "HOME": str(self.root.parent), "PYTHONPATH": str(ROOT), **more}

    def manage(self, *words: str, timeout: float = 120, **variables: str) -> Ended:
        """`manage.py WORDS`, in the project, by this interpreter: it has the extra."""
        return self.run(command(*words), timeout=timeout, **variables)

    def run(self, argv: list[str], *, timeout: float = 120, **variables: str) -> Ended:
        """The same, of any command."""
        ended = subprocess.run(
            argv,
            cwd=self.root,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def killed(self, at: int, kind: str, *words: str, **variables: str) -> int:
        """`manage.py WORDS`, killed at the boundary number `at` (see `killed.py`); its exit status, -9 for the kill."""
        argv = [sys.executable, str(Path(__file__).with_name("killed.py")), str(at), kind, *words]
        ended = subprocess.run(
            argv,
            cwd=self.root,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode in {0, -signal.SIGKILL}, ended.stdout + ended.stderr
        return ended.returncode

    def kills(self, some: Iterable[tuple[str, int]], *words: str, **variables: str) -> Iterator[tuple[str, int]]:
        """Kill `manage.py WORDS` at `some` boundaries, (kind of record, number); yields each, after the kill.

        With SUREFOOT_KILLS=all in the tester's environment it is every one.
        """
        if os.environ.get("SUREFOOT_KILLS") != "all":
            for kind, at in some:
                assert self.killed(at, kind, *words, **variables) == -signal.SIGKILL, (kind, at)
                yield kind, at
            return
        for kind in ("Intent", "Done"):
            for at in itertools.count(1):
                if self.killed(at, kind, *words, **variables) == 0:
                    assert self.manage("rollback", "-y").status == 0
                    break
                yield kind, at

    def image(self, tag: str = "1", *, lines: str = "", name: str = "") -> str:
        """Build an image on the lab's busybox, by a Dockerfile with `lines`; its reference in the lab's registry."""
        reference = f"{self.lab.registry}/{name or self.word}:{tag}"
        text = f"FROM {lab.BASE}\nLABEL number={next(_numbers)}-{self.word}\n{lines}\n"
        self.client.images.build(fileobj=io.BytesIO(text.encode()), tag=reference, rm=True, pull=False)
        return reference

    def pushed(self, tag: str = "1", *, lines: str = "", name: str = "", keep: bool = False) -> str:
        """The same, put into the registry; here it stays only with `keep`."""
        reference = self.image(tag, lines=lines, name=name)
        for line in self.client.images.push(reference, stream=True, decode=True):
            assert "error" not in line, line
        if not keep:
            self.client.images.remove(reference, noprune=True)
        return reference

    def inventory(self) -> dict[str, list[str]]:
        """Everything in the engine that has this test's word in its name, and what our labels say is this project's."""
        from phases.containers.labels import PROJECT, project_id

        own = f"{PROJECT}={project_id(self.root)}"

        def ours(name: str, labels: dict[str, str] | None) -> bool:
            return self.word in name or f"{PROJECT}={(labels or {}).get(PROJECT)}" == own

        containers = [
            each
            for each in self.client.containers.list(all=True, ignore_removed=True)
            if ours(each.name or "", each.labels)
        ]
        return {
            "containers": sorted(f"{each.name} {each.status} {each.attrs['Image']}" for each in containers),
            "volumes": sorted(
                str(each.name) for each in self.client.volumes.list() if ours(str(each.name), each.attrs.get("Labels"))
            ),
            "networks": sorted(
                str(each.name) for each in self.client.networks.list() if ours(str(each.name), each.attrs.get("Labels"))
            ),
            "images": sorted(f"{name} {image}" for name, image in self.images() if self.owns(name)),
        }

    def images(self) -> list[tuple[str, str]]:
        """Every name and digest, and the id of the image; in one request, as other tests remove theirs meanwhile."""
        listed = self.client.api.images()
        return [
            (name, each["Id"])
            for each in listed
            for name in [*(each.get("RepoTags") or ()), *(each.get("RepoDigests") or ())]
        ]

    def owns(self, name: str) -> bool:
        """Is the name of an image this test's, or that of one which the project kept?"""
        from phases.containers.labels import project_id

        return self.word in name or project_id(self.root) in name

    def clear(self) -> None:
        """Nothing of this test stays in the engine."""
        from phases.containers.labels import PROJECT, project_id

        own = {"label": f"{PROJECT}={project_id(self.root)}"}
        gone = suppress(docker.errors.APIError)
        for each in self.client.containers.list(all=True, ignore_removed=True):
            if self.word in (each.name or "") or each.labels.get(PROJECT) == own["label"].partition("=")[2]:
                with gone:
                    each.remove(force=True, v=True)
        for volume in [*self.client.volumes.list(filters=own), *self.client.volumes.list(filters={"name": self.word})]:
            with gone:
                volume.remove(force=True)
        for network in [*self.client.networks.list(filters=own), *self.client.networks.list(names=[self.word])]:
            with gone:
                network.remove()
        for name in [name for name, _ in self.images() if self.owns(name)]:
            with gone:
                self.client.images.remove(name, force=True)
        self.client.close()


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """A `Place` in `folder`, cleared at the end."""
    made = Place(folder, lab.ensure())
    try:
        yield made
    finally:
        made.clear()
