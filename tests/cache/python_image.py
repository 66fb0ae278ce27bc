"""A base image with a Python, as no registry that has one can be reached: this machine's own, and what it loads.

Like the slim images that people take: a shell, a Python with pip, no git, no compiler.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import docker

TAG = "surefoot-lab/python:1"
_NOT_NEEDED = re.compile(r"/(__pycache__|test|tests|idlelib|tkinter|_tkinter|config-3|site-packages/(?!pip\b|pip-))")
_APPLETS = ("cat", "env", "ls", "mkdir", "rm")
_OF_THE_INDEX = re.compile(r"(PIP|UV)_\w+|SSL_CERT_FILE|\w+_(proxy|PROXY)")  # how it is reached from here
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def ensure(client: docker.DockerClient) -> str:
    """The image's name; it is made if it is not there."""
    if not client.images.list(TAG):
        repository, _, tag = TAG.partition(":")
        variables = {name: value for name, value in os.environ.items() if _OF_THE_INDEX.fullmatch(name)}
        changes = [f'ENV {name}="{value}"' for name, value in {**variables, "PATH": "/usr/local/bin:/bin"}.items()]
        client.api.import_image_from_data(_archive(), repository=repository, tag=tag, changes=changes)
    return TAG


def _archive() -> bytes:
    holder = io.BytesIO()
    with tarfile.open(fileobj=holder, mode="w", dereference=True) as tar:
        for path in sorted(_files()):
            tar.add(path, recursive=False)
        tar.add(_program("dash"), "bin/sh")
        tar.add(_program("busybox"), "bin/busybox")
        links = {f"bin/{name}": "busybox" for name in _APPLETS}
        links |= {f"usr/local/bin/{name}": str(_python()) for name in ("python3", "python")}
        for name, target in links.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name in ("tmp", "root"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        told = b"root:x:0:0:root:/root:/bin/sh\n"
        users = tarfile.TarInfo("etc/passwd")
        users.size = len(told)
        tar.addfile(users, io.BytesIO(told))
    return holder.getvalue()


def _files() -> Iterator[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    modules = [path for path in library.rglob("*") if path.is_file() and not _NOT_NEEDED.search(str(path))]
    yield _python()
    yield from modules
    yield from (path for path in (_CERTIFICATES, Path("/etc/pip.conf")) if path.is_file())
    programs = (_python(), Path(uv.find_uv_bin()), Path(_program("dash")))
    yield from _loaded((*programs, *(path for path in modules if path.suffix == ".so")))


def _python() -> Path:
    """The interpreter itself, not that of an environment."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return (Path(sys.base_prefix) / "bin" / name).resolve()


def _loaded(programs: Iterable[Path]) -> set[Path]:
    """The shared libraries that these need, and what loads them."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    return {Path(found) for found in re.findall(r"(?:=> |^\t)(/\S+) \(", said, re.MULTILINE)}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found
