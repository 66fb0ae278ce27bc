"""Files written into a volume through the engine, by a container that has it and does not run yet."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient


def write(client: DockerClient, container: str, folder: str, files: Mapping[str, bytes]) -> None:
    """Have `files` in `folder` of the container. What came is read back: an answer "yes" alone proves nothing.

    Raises `StepFailed` for a file that is not what was written; a full disk is `Unavailable`, as the engine says it.
    """
    if not files:
        return
    client.api.put_archive(container, folder, _packed(files))
    for name, content in files.items():
        if read(client, container, f"{folder}/{name}") != content:
            raise StepFailed("server.configuration", tr("{path} is not what was written there", path=name))


def read(client: DockerClient, container: str, path: str) -> bytes:
    """The content of one file. Raises `Precondition` where it is not there."""
    stream, _ = client.api.get_archive(container, path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        found = tar.extractfile(tar.getmembers()[0])
        return found.read() if found is not None else b""


def _packed(files: Mapping[str, bytes]) -> bytes:
    holder = io.BytesIO()
    with tarfile.TarFile(fileobj=holder, mode="w") as tar:
        for folder in sorted({each for name in files for each in _above(name)}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return holder.getvalue()


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
