"""The corpus as data, and one of its projects as a working tree: unpacked, cut to shape, under git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.corpus.fetch import CORPUS, Sdist, ensure, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Project:
    """What is taken from the index, how the tree is derived from it, and what must hold once it is installed."""

    name: str
    shapes: tuple[str, ...]
    sdists: tuple[Sdist, ...]
    # Modules that the finished environment must import, from anywhere.
    imports: tuple[str, ...]
    # Which interpreters the project accepts (a PEP 440 specifier over `3.11.7`-like versions).
    python: str = ">=3.8"
    # Only this folder of the sdist becomes the project.
    subfolder: str = "."
    # Distributions and the versions that the project's own lock decides.
    locked: Mapping[str, str] = field(default_factory=dict)


def load() -> tuple[Project, ...]:
    """All projects of `corpus.toml`; a key that is not known is an error."""
    with CORPUS.open("rb") as file:
        document = tomllib.load(file)
    return tuple(_project(entry) for entry in document["project"])


def _project(entry: dict[str, Any]) -> Project:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    fields["sdists"] = tuple(Sdist(**each) for each in fields.pop("sdist"))
    # For the reader of corpus.toml only.
    for words in ("note", "uv-sync", "naive"):
        fields.pop(words, None)
    return Project(**fields)


def prepare(project: Project, target: Path, cache: Path) -> Path:
    """The project's tree in `target` (which must not exist), committed: what a clone of it would be."""
    whole = target.with_name(f"{target.name}.sdist")
    for sdist in project.sdists:
        unpack(ensure(sdist, cache), whole / sdist.into)
    (whole / project.subfolder).rename(target)
    if whole.exists():
        shutil.rmtree(whole)
    _commit(target)
    return target


def _commit(root: Path) -> None:
    """One commit of all that the project's own .gitignore does not exclude; the rest stays, as in a used clone."""
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=as published")


def git(root: Path, *arguments: str) -> str:
    """git in `root`, independent of the settings of whoever runs the tests."""
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "corpus"), ("EMAIL", "corpus@localhost"), ("DATE", "2026-01-01T00:00:00Z"))
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    # Taken out, or a run from a git hook would have git look at the wrong repository.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", *arguments],
        cwd=root, env={**inherited, **identity, **quiet}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
