"""All that the import of an environment's modules can depend on, in one word: bytes, interpreter, machine, variables.

Equal words, equal outcome, as far as a program can tell; "" where that cannot be said (a part of the environment lies
somewhere else, or is too large to be read again). Reads only; standard library.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer import identity
from installer.environment import child_environment
from phases.python import memory, records
from phases.python.environments import imports, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FORMAT = 1  # raise it when an earlier version's proofs must not be believed
_MOST_FILES = 5_000  # of the project's own that are read
_MOST_BYTES = 256 << 20  # that are read, linked files of the environment left out
_CHUNK = 1 << 20
_FROM_CPUINFO = 16 << 10  # one core's lines
_PASSED_OVER = frozenset(("__pycache__", "node_modules"))
_OF_OTHERS = frozenset(("bin", "Scripts"))  # commands: no import reads them, and some name the place
_CONFIGURED = ("home", "implementation", "version", "version_info", "include-system-site-packages")
_EACH_TIME = frozenset(  # differ from one terminal to the next
    "PATH VIRTUAL_ENV TERM SSH_AUTH_SOCK SSH_AGENT_PID XDG_SESSION_ID XDG_RUNTIME_DIR XDG_VTNR XDG_SEAT".split()
)


class _Unknown(Exception):
    """What the import depends on is not all known."""


def key(env: Path, trees: Iterable[Path] = ()) -> str:
    """The word for `env` as it is now, the project's packages in `trees` included; "" where there is none.

    A file of the environment with one name only, or of what was built here, is read. Another one (linked from an
    installer's cache) is known by inode, size and time of change, as git knows its own, and by its hash in the RECORD.
    """
    if places.layout(env) is not None:
        return ""
    digest = hashlib.sha256(b"surefoot imports %d\0" % _FORMAT)
    try:
        for part in (_probe(), *_machine(), *_variables(), *_interpreter(env), *_bytes(env, tuple(trees))):
            digest.update(hashlib.sha256(part).digest())
    except (OSError, ValueError, _Unknown):
        return ""
    return digest.hexdigest()


def _probe() -> bytes:
    return imports.PROBE.read_bytes()


def _machine() -> Iterator[bytes]:
    """What lies outside of the environment: the system, its libraries, the processor, and who asks."""
    system = os.uname() if hasattr(os, "uname") else None
    yield identity.machine().encode()
    yield _start() or _none()  # a power cut may have torn what an installer's cache holds
    yield repr((system.sysname, system.release, system.version, system.machine) if system else os.name).encode()
    yield repr(os.geteuid() if hasattr(os, "geteuid") else "").encode()
    for path in ("/etc/os-release", "/System/Library/CoreServices/SystemVersion.plist"):
        yield _read(path)
    for path in ("/etc/ld.so.cache", "/etc/ld.so.preload"):  # rewritten whenever a system library comes or goes
        yield memory.stamp(path)
    features = re.findall(rb"(?m)^(?:flags|Features|model name)\s*:.*", _read("/proc/cpuinfo", _FROM_CPUINFO))
    yield b"\n".join(sorted(set(features)))


def _start() -> bytes:
    """What changes when the machine starts anew; empty where the system does not tell."""
    if sys.platform != "darwin":
        return _read("/proc/sys/kernel/random/boot_id")
    answer, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", answer, ctypes.byref(size), None, 0)
    return b"" if failed else answer.value


def _variables() -> Iterator[bytes]:
    """What the probe is told by its environment."""
    told = child_environment()
    yield json.dumps(sorted((name, value) for name, value in told.items() if name not in _EACH_TIME)).encode()
    yield os.fsencode(os.environ.get("PATH", ""))


def _interpreter(env: Path) -> Iterator[bytes]:
    told = places.configuration(env)
    if told.get("include-system-site-packages", "false").lower() != "false":
        raise _Unknown
    yield repr([told.get(name) for name in _CONFIGURED]).encode()
    base = places.interpreter(env)
    library = Path(base).parent.parent / "lib" / f"python{'.'.join(places.version(env).split('.')[:2])}"
    yield memory.stamp(base) or _none()
    for path in (library, library / "lib-dynload", library / "os.py", library / "encodings"):
        yield memory.stamp(path)


def _bytes(env: Path, trees: tuple[Path, ...]) -> Iterator[bytes]:
    """Every file of the environment but its commands, and every file of the project's packages."""
    read: list[tuple[str, str]] = []
    linked: list[tuple[str, int, int, int, int]] = []
    built = frozenset(path for site in places.site_packages(env) for path in _built(site, trees))
    for name in sorted(os.listdir(env)):
        if name not in _OF_OTHERS and (env / name).is_dir() and not (env / name).is_symlink():
            _survey(str(env / name), len(str(env)), built, linked, read)
    linked.sort()
    yield repr(linked).encode("utf-8", "surrogateescape")
    for number, tree in enumerate(trees):
        read += [(f"{number}:{name}", path) for name, path in _sources(tree)]
    yield from _contents(sorted(read))


def _survey(
    top: str,
    begin: int,
    built: frozenset[str],
    linked: list[tuple[str, int, int, int, int]],
    read: list[tuple[str, str]],
) -> None:
    """Sort the files below `top`, bytecode left out: those known by their inode, and those that are to be read."""
    folders = [top]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                kind = stat.S_IFMT(status.st_mode)
                if kind == stat.S_IFDIR:
                    if entry.name not in _PASSED_OVER:
                        folders.append(entry.path)
                    continue
                if kind != stat.S_IFREG:
                    raise _Unknown
                path = entry.path
                if status.st_nlink > 1 and entry.name != "RECORD" and path not in built:
                    inode = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
                    linked.append((path[begin:], *inode))
                else:
                    read.append((path[begin:], path))


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
            yield from (os.path.normpath(site / path) for path, _, _ in records.lines(site / name / "RECORD"))
            origin = json.loads(told)
            if origin.get("dir_info", {}).get("editable"):
                from urllib.parse import unquote, urlsplit

                _must_be_below(Path(unquote(urlsplit(origin["url"]).path)), trees)
        elif name.endswith((".egg-link", ".egg-info")):
            raise _Unknown  # of an old installer: nothing says what it leads to


def _must_be_below(path: Path, folders: tuple[Path, ...]) -> None:
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in folders):
        raise _Unknown


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
                if entry.name not in _PASSED_OVER and not entry.name.startswith("."):
                    folders.append(entry.path)
            elif entry.is_dir():  # a link to a folder: what is in it is not looked at
                raise _Unknown
            elif entry.is_file():
                count += 1
                yield entry.path[len(str(tree)) :], entry.path
        if count > _MOST_FILES:
            raise _Unknown


def _contents(files: list[tuple[str, str]]) -> Iterator[bytes]:
    """Name and hash of each."""
    left = _MOST_BYTES
    for name, path in files:
        digest = hashlib.sha256()
        with open(path, "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                left -= len(chunk)
                if left < 0:
                    raise _Unknown
        yield name.encode("utf-8", "surrogateescape") + b"\0" + digest.digest()


def _read(path: str, most: int = _CHUNK) -> bytes:
    """The beginning of a file; empty where there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read(most)
    except OSError:
        return b""


def _none() -> bytes:
    raise _Unknown
