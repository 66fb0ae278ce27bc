"""What uv said of a lock file before: the same files, the same uv, the same settings, so it need not be asked again."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from installer.environment import child_environment
from installer.hashing import sha256
from phases.python import indexes, memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

KIND = "exports"
_FORMAT = 1  # raise it when what an earlier version remembered must not be believed
_LARGEST = 64 << 20  # bytes of a file that is read
_OF_UV = ("UV_", "PIP_", "XDG_CONFIG", "HOME", "APPDATA")


def key(
    words: Sequence[str],
    *,
    program: str,
    python: str,
    folder: Path,
    members: Iterable[str],
    variables: Mapping[str, str],
) -> str:
    """The name of what `program` answers to `words` in `folder`; "" where that depends on more than files.

    members    the folders of the projects that the lock knows, relative to `folder`
    variables  those that uv is given beside the usual ones
    """
    digest = sha256(b"surefoot exports %d\0" % _FORMAT)
    told = child_environment(variables)
    try:
        for part in (
            json.dumps(list(words)).encode(),
            memory.stamp(os.path.realpath(program)),
            memory.stamp(os.path.realpath(python)),
            json.dumps(sorted(pair for pair in told.items() if pair[0].startswith(_OF_UV))).encode(),
            *_files(folder, members),
        ):
            digest.update(sha256(part).digest())
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return ""
    return digest.hexdigest()


def _files(folder: Path, members: Iterable[str]) -> Iterator[bytes]:
    """All that uv reads of the project, its workspace and its settings."""
    yield _content(folder / "uv.lock") or _unknown()
    for above in (folder, *folder.parents):  # one of them may be the root of the workspace
        yield _content(above / "pyproject.toml")
        yield _content(above / "uv.toml")
    chosen = os.environ.get("UV_CONFIG_FILE")
    for path in (*indexes.uv_files(folder, os.environ), *([Path(chosen)] if chosen else [])):
        yield _content(path)
    if os.environ.get("XDG_CONFIG_DIRS"):
        raise ValueError  # any number of places
    for member in members:
        yield member.encode()
        text = _content(folder / member / "pyproject.toml")
        _must_be_static(text)
        yield text
    yield from _workspace(folder)


def _workspace(folder: Path) -> Iterator[bytes]:
    """Every project that the workspace would take in, those included that came after it was locked."""
    document = tomllib.loads(_content(folder / "pyproject.toml").decode())
    workspace = document.get("tool", {}).get("uv", {}).get("workspace", {})
    for pattern in workspace.get("members", ()):
        for path in sorted(folder.glob(f"{pattern}/pyproject.toml")):
            yield os.fsencode(path.relative_to(folder)) + b"\0" + _content(path)


def is_static(pyproject: Path) -> bool:
    """Does the file itself say all that its project depends on?"""
    try:
        project = tomllib.loads(_content(pyproject).decode())["project"]
        return not {"dependencies", "optional-dependencies"}.intersection(project.get("dynamic", ()))
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return False


def _must_be_static(text: bytes) -> None:
    """Raise `ValueError` for a project whose dependencies only its build backend knows."""
    document = tomllib.loads(text.decode())
    if "project" in document:
        dynamic = document["project"].get("dynamic", ())
        if "dependencies" in dynamic or "optional-dependencies" in dynamic:
            raise ValueError
    elif "build-system" in document or not text:
        raise ValueError


def _content(path: Path) -> bytes:
    """All of a file; empty where there is none. Raises `ValueError` for one that is no ordinary file."""
    if not path.is_file():
        return b""
    if path.stat().st_size > _LARGEST:
        raise ValueError
    return path.read_bytes()


def _unknown() -> bytes:
    raise ValueError
