"""Registries besides that of the lab: one that asks for a password; and an image index put into any."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from hashlib import sha256
from socket import create_server
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "tester", "secret"
_HASH = "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"  # of PASSWORD, by crypt(3)
_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@contextmanager
def locked(folder: Path) -> Iterator[str]:
    """A registry that only USER may use; yields HOST:PORT."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "htpasswd").write_text(f"{USER}:{_HASH}\n")
    configuration = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}},
    }
    (folder / "registry.yml").write_text(json.dumps(configuration))
    words = ["docker-registry", "serve", str(folder / "registry.yml")]
    with (folder / "registry.log").open("wb") as log:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _until_it_asks(f"http://127.0.0.1:{port}/v2/")
        yield f"127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(30)


def _until_it_asks(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=2)  # noqa: S310 -- http, on this machine
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 401:
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise TimeoutError(url)
        time.sleep(0.05)


def put_index(registry: str, repository: str, tag: str, platforms: dict[str, str]) -> str:
    """Let `tag` name an index of the manifests (digest: platform, as "linux/amd64"); returns its digest."""
    entries = []
    for digest, platform in platforms.items():
        system, _, architecture = platform.partition("/")
        size = len(manifest(registry, repository, digest)[0])
        where = {"os": system, "architecture": architecture}
        entries.append({"mediaType": _MANIFEST, "digest": digest, "size": size, "platform": where})
    body = json.dumps({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}).encode()
    url = f"http://{registry}/v2/{repository}/manifests/{tag}"
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": _INDEX})
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 -- http, on this machine
        return "sha256:" + sha256(body).hexdigest()


def manifest(registry: str, repository: str, reference: str) -> tuple[bytes, dict[str, Any]]:
    """A manifest as it is there, and read."""
    url = f"http://{registry}/v2/{repository}/manifests/{reference}"
    request = urllib.request.Request(url, headers={"Accept": _MANIFEST})
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- http, on this machine
        body = answer.read()
    return body, json.loads(body)
