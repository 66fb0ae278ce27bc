"""A Docker Engine and a registry of the tests' own, real ones, shared by all tests that run on this machine.

`python tests/containers/lab.py start` (what a first test does, too), `… stop` ends both and removes all that they held.
As root, on Linux, with Debian's docker.io, docker-registry and busybox-static.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import docker
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(tempfile.gettempdir()).resolve() / "surefoot-lab"
PORT = 5099
BASE = "surefoot-lab/busybox:1"  # a whole busybox, its applets by name, nothing of it from a network
_PATIENCE = 60  # seconds
_daemons: list[subprocess.Popen[bytes]] = []  # they outlive us; a child that nobody holds and that runs is a warning


class Lab(NamedTuple):
    """Where the two listen: a URL as of DOCKER_HOST, and HOST:PORT."""

    engine: str
    registry: str


def ensure() -> Lab:
    """The lab, started if it does not run. Raises `RuntimeError` with the end of the log of what did not start."""
    FOLDER.parent.mkdir(exist_ok=True)
    lab = Lab(engine=f"unix://{FOLDER}/docker.sock", registry=f"127.0.0.1:{PORT}")
    with FileLock(f"{FOLDER}.lock"):
        FOLDER.mkdir(exist_ok=True)
        if not _alive("registry"):
            _start_registry()
        if not _alive("engine"):
            _start_engine()
        _until("engine", lambda: _listens(lab) and _pings(lab))
        _until("registry", lambda: _answers(f"http://{lab.registry}/v2/"))
        with closing(_client(lab)) as client:
            _base_image(client)
    return lab


def stop() -> None:
    """End both; nothing of them is left."""
    with FileLock(f"{FOLDER}.lock"):
        for name in ("engine", "registry"):
            if _alive(name):
                os.kill(_pid(name), signal.SIGTERM)
                _until(name, lambda name=name: not _alive(name))  # type: ignore[misc]  # a default binds it
        shutil.rmtree(FOLDER, ignore_errors=True)


def _start_engine() -> None:
    (FOLDER / "docker.sock").unlink(missing_ok=True)
    (FOLDER / "docker.pid").unlink(missing_ok=True)
    words = ["dockerd", "--data-root", FOLDER / "data", "--exec-root", FOLDER / "exec", "--group", "root"]
    words += ["--host", f"unix://{FOLDER}/docker.sock", "--pidfile", FOLDER / "docker.pid"]
    # away from the pools that a real engine of this machine would take
    words += ["--default-address-pool", "base=10.211.0.0/16,size=24", "--max-concurrent-downloads", "2"]
    _spawn("engine", list(map(str, words)))


def _start_registry() -> None:
    configuration = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(FOLDER / "registry")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{PORT}"},
    }
    (FOLDER / "registry.yml").write_text(json.dumps(configuration))  # JSON is YAML
    _spawn("registry", ["docker-registry", "serve", str(FOLDER / "registry.yml")])


def _spawn(name: str, words: list[str]) -> None:
    with (FOLDER / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
    _daemons.append(child)
    (FOLDER / f"{name}.pid").write_text(str(child.pid))


def _pid(name: str) -> int:
    try:
        return int((FOLDER / f"{name}.pid").read_text())
    except (OSError, ValueError):
        return 0


def _alive(name: str) -> bool:
    """Does it run, and is it what we started? A number may be another's by now."""
    program = {"engine": b"dockerd", "registry": b"docker-registry"}[name]
    try:
        words = Path(f"/proc/{_pid(name)}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(program)  # a zombie has none


def _until(name: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            if holds():
                return
            problem = "not yet"
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is tried again, and told at the end
            problem = str(error)
        if time.monotonic() > end:
            log = FOLDER / f"{name}.log"
            told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"the {name} of the lab: {problem}\n{told}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- http, on this machine
        return bool(answer.status == 200)


def _client(lab: Lab) -> docker.DockerClient:
    return docker.DockerClient(base_url=lab.engine, timeout=30)


def _listens(lab: Lab) -> bool:
    """Asked without the SDK, which forgets to close the socket of a connection that was refused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        return tried.connect_ex(lab.engine.removeprefix("unix://")) == 0


def _pings(lab: Lab) -> bool:
    with closing(_client(lab)) as client:
        return bool(client.ping())


def _base_image(client: docker.DockerClient) -> None:
    """Made here from the static busybox of this machine, whose applets are links to it."""
    if client.images.list(BASE):
        return
    program = shutil.which("busybox")
    if program is None:
        raise RuntimeError("busybox (Debian: busybox-static) is not installed")
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    holder = io.BytesIO()
    with tarfile.open(fileobj=holder, mode="w") as tar:
        tar.add(program, "bin/busybox")
        for applet in set(listed.stdout.split()) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name in ("tmp", "etc", "proc", "sys", "dev"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
    repository, _, tag = BASE.partition(":")
    client.api.import_image_from_data(holder.getvalue(), repository=repository, tag=tag, changes=["ENV PATH=/bin"])


if __name__ == "__main__":
    {"start": ensure, "stop": stop}[sys.argv[1]]()
