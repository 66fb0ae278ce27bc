"""All that the import of an environment's modules can depend on, in one word: bytes and surroundings.

Equal words, equal outcome, as far as a program can tell. There is none where a part of the environment lies somewhere
else, or is too large to be read again. Reads only; standard library.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.hashing import of_stream, sha256
from phases.python import looks, records
from phases.python.environments import import_surroundings, places
from phases.python.environments.import_surroundings import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FORMAT = 1  # raise it when an earlier version's proofs must not be believed
_MOST_FILES = 5_000  # of the project's own that are read
_MOST_BYTES = 256 << 20  # that are read, linked files of the environment left out
_MOST_LINKED = 1 << 30  # bytes of linked files that are read to be compared with their RECORDs
_CHUNK = 1 << 20
Linked = tuple[str, int, int, int, int]  # path below the environment, device, inode, size, time of change


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the imports in `env` depend on.

    A file of it with one name only, or of what was built here, is `read`. Another one is `linked` from an installer's
    cache. `surroundings` are those outside of it, `start` tells since when the machine runs.
    """

    env: Path
    surroundings: tuple[bytes, ...]
    start: bytes
    linked: tuple[Linked, ...]
    read: tuple[bytes, ...]

    def by_inodes(self) -> str:
        """A word that is quick to say: linked files are known by inode, size and time of change, as git knows its own.

        It is another one after each start of the machine: a power cut may tear what an installer's cache holds. Empty
        where the start is not known.
        """
        if not self.start:
            return ""
        linked = repr(self.linked).encode("utf-8", "surrogateescape")
        return _word(b"inodes", self.start, *self.surroundings, linked, *self.read)

    def by_contents(self) -> str:
        """A word that only the bytes decide: linked files are what RECORDs say, if `holds`. Empty where they do not.

        Empty, too, where that would be too much to be read.
        """
        if sum(size for _, _, _, size, _ in self.linked) > _MOST_LINKED:
            return ""
        claims = self._claims()
        if any(not recorded.startswith("sha256=") for _, recorded in claims):
            return ""
        said = repr([(path, recorded) for (path, *_), (_, recorded) in zip(self.linked, claims, strict=True)])
        return _word(b"contents", *self.surroundings, said.encode("utf-8", "surrogateescape"), *self.read)

    def holds(self) -> bool:
        """Is every linked file what its RECORD says? All are read, if `by_contents` says a word."""
        from concurrent.futures import ThreadPoolExecutor

        if not self.by_contents():
            return False
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:  # hashing needs no lock
            return all(pool.map(lambda claim: records.matches(*claim), self._claims(), chunksize=64))

    def _claims(self) -> list[tuple[str, str]]:
        """(path, "sha256=…") of every linked file."""
        said: dict[str, tuple[str, str]] = {}
        for site in places.site_packages(self.env):
            said |= records.listed(site)
        paths = (f"{self.env}{path}" for path, *_ in self.linked)
        return [(path, said.get(path, ("", ""))[0]) for path in paths]


def of(env: Path, trees: Iterable[Path] = (), look: looks.Look | None = None) -> Inputs | None:
    """The inputs of `env`, the project's packages in `trees` included; None where not all are known.

    As they are now, or as they were found in `look`.
    """
    if places.layout(env) is not None:
        return None
    try:
        linked, read = _bytes(env, tuple(trees), look or looks.walk(env))
        return Inputs(
            env=env,
            surroundings=import_surroundings.surroundings(env),
            start=import_surroundings.start(),
            linked=linked,
            read=read,
        )
    except (OSError, ValueError, Unknown):
        return None


def _word(*parts: bytes) -> str:
    digest = sha256(b"surefoot imports %d\0" % _FORMAT)
    for part in parts:
        digest.update(sha256(part).digest())
    return digest.hexdigest()


def _bytes(env: Path, trees: tuple[Path, ...], look: looks.Look) -> tuple[tuple[Linked, ...], tuple[bytes, ...]]:
    """Every file of the environment but its commands, and every file of the project's packages."""
    read: list[tuple[str, str]] = []
    linked: list[Linked] = []
    built = frozenset(path for site in places.site_packages(env) for path in _built(site, trees))
    if look.strange:
        raise Unknown
    begin = len(str(env))
    for path, status in look.files.items():
        if status.st_nlink > 1 and path not in built and os.path.basename(path) != "RECORD":
            linked.append((path[begin:], status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
        else:
            read.append((path[begin:], path))
    for number, tree in enumerate(trees):
        read += [(f"{number}:{name}", path) for name, path in _sources(tree)]
    return tuple(sorted(linked)), tuple(_contents(sorted(read)))


def _built(site: Path, trees: tuple[Path, ...]) -> Iterator[str]:
    """The files of what was built on this machine: another build of the same is another inode.

    What a `.pth` file or an editable installation leads to must be among `trees`.
    """
    for name in sorted(os.listdir(site)):
        if name.endswith(".pth"):
            for line in (site / name).read_text(encoding="utf-8", errors="surrogateescape").splitlines():
                if line and not line.startswith(("#", "import ", "import\t")):
                    _must_be_below(site / line.strip(), (site, *trees))
        elif name.endswith(".dist-info") and (told := _read(f"{site}/{name}/direct_url.json")):
            origin = json.loads(told)
            if "dir_info" in origin:
                yield from (os.path.normpath(site / path) for path, _, _ in records.lines(site / name / "RECORD"))
            if origin.get("dir_info", {}).get("editable"):
                from urllib.parse import unquote, urlsplit

                _must_be_below(Path(unquote(urlsplit(origin["url"]).path)), trees)
        elif name.endswith((".egg-link", ".egg-info")):
            raise Unknown  # of an old installer: nothing says what it leads to


def _must_be_below(path: Path, folders: tuple[Path, ...]) -> None:
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in folders):
        raise Unknown


def _sources(tree: Path) -> Iterator[tuple[str, str]]:
    """(name, path) of every file of a project's package, hidden folders and environments left out."""
    folders, count = [str(tree)], 0
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        if any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in looks.PASSED_OVER and not entry.name.startswith("."):
                    folders.append(entry.path)
            elif entry.is_dir():  # a link to a folder: what is in it is not looked at
                raise Unknown
            elif entry.is_file():
                count += 1
                yield entry.path[len(str(tree)) :], entry.path
        if count > _MOST_FILES:
            raise Unknown


def _contents(files: list[tuple[str, str]]) -> Iterator[bytes]:
    """Name and hash of each."""
    left = _MOST_BYTES
    for name, path in files:
        with open(path, "rb") as stream:
            left -= os.fstat(stream.fileno()).st_size
            if left < 0:
                raise Unknown
            yield name.encode("utf-8", "surrogateescape") + b"\0" + of_stream(stream).encode()


def _read(path: str, most: int = _CHUNK) -> bytes:
    """The beginning of a file; empty where there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read(most)
    except OSError:
        return b""
