"""Brings the sdists of the corpus to this machine, once, and never trusts them before their hash.

The addresses come from whatever index the machine is configured with: uv resolves the exact pin and names the
sdist. What counts is the sha256 in `corpus.toml`, not what the index says about the file.

Run by hand to fill the cache before going offline: `python fetch.py [CACHE]`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus.toml")
ATTEMPTS = 3


class FetchError(Exception):
    """An sdist is not to be had, or is not the one that the corpus pins."""


@dataclass(frozen=True)
class Sdist:
    """One published file: the pin by which the index is asked, and the hash that decides."""

    name: str
    version: str
    sha256: str
    # The interpreter line the index is asked for: uv refuses a pin that excludes the one it resolves for.
    python: str = "3.11"
    # Where it is laid inside the project; "." unless a project is composed of several sdists.
    into: str = "."

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-{self.sha256[:12]}.tar.gz"


def default_cache() -> Path:
    """The corpus's folder in the user's cache, by the platform's convention."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "surefoot-corpus"


def ensure(sdist: Sdist, cache: Path) -> Path:
    """The verified file in the cache; asks the network only when it is not there yet."""
    target = cache / sdist.file_name
    if target.is_file() and _sha256(target.read_bytes()) == sdist.sha256:
        return target
    data = _download(_address(sdist))
    if (found := _sha256(data)) != sdist.sha256:
        raise FetchError(f"{sdist.name} {sdist.version}: the corpus pins sha256 {sdist.sha256}, the index has {found}")
    cache.mkdir(parents=True, exist_ok=True)
    _write_whole(target, data)
    return target


def unpack(archive: Path, target: Path) -> None:
    """Lays the archive's content into `target`, without its leading `name-version` folder.

    Safe against a hostile archive: the `data` filter refuses paths and links that leave the folder, and devices.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(scratch, filter="data")
        tops = list(Path(scratch).iterdir())
        if len(tops) != 1 or not tops[0].is_dir():
            raise FetchError(f"{archive.name}: not an sdist, it holds {len(tops)} entries at its top")
        for entry in tops[0].iterdir():
            entry.rename(target / entry.name)


def find_uv() -> str:
    """uv from this interpreter's environment, else from PATH."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise FetchError("uv is not on this machine: install it into this environment with `pip install uv`")
    return found


def _address(sdist: Sdist) -> str:
    """Where the machine's index keeps the sdist."""
    argv = [find_uv(), "pip", "compile", "-", "--no-deps", "--no-header", "--quiet", "--universal"]
    argv += ["--format", "pylock.toml", "--python-version", sdist.python]
    pin = f"{sdist.name}=={sdist.version}\n"
    done: subprocess.CompletedProcess[str]
    for attempt in range(ATTEMPTS):
        # A folder of its own, so that no project's uv.toml or pyproject.toml has a say.
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(argv, input=pin, capture_output=True, text=True, check=False, cwd=empty)
        if done.returncode == 0:
            break
        time.sleep(attempt)
    if done.returncode != 0:
        raise FetchError(f"{sdist.name} {sdist.version}: the index does not offer it\n{done.stderr.strip()}")
    for package in tomllib.loads(done.stdout).get("packages", ()):
        if "sdist" in package:
            return str(package["sdist"]["url"])
    raise FetchError(f"{sdist.name} {sdist.version}: the index names no sdist")


def _download(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise FetchError(f"not an address to download from: {url}")
    for attempt in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the scheme was looked at above
                data: bytes = answer.read()
                return data
        except OSError as error:
            problem = error
        time.sleep(attempt)
    raise FetchError(f"{url}: {problem}")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_whole(path: Path, data: bytes) -> None:
    """Beside and renamed in: two test processes may fetch the same file at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)


def sdists() -> list[Sdist]:
    """Every sdist that the corpus names, in its order."""
    with CORPUS.open("rb") as file:
        corpus = tomllib.load(file)
    return [Sdist(**entry) for project in corpus["project"] for entry in project["sdist"]]


def main(argv: list[str]) -> int:
    """Fills the cache and says what is in it."""
    cache = Path(argv[1]) if len(argv) > 1 else default_cache()
    wanted = sdists()
    for sdist in wanted:
        path = ensure(sdist, cache)
        sys.stdout.write(f"{sdist.name} {sdist.version}: {path.stat().st_size // 1024} KiB\n")
    sys.stdout.write(f"{len(wanted)} sdists in {cache}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
