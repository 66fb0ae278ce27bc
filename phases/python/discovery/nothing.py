"""A repository in which nothing says what to install: the error that says what was looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import InstallerError, Precondition, UsageError
from installer.i18n import tr
from installer.model import RelPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phases.python.discovery.tree import Tree

ROOT = RelPath(".")
_CONDA = (
    "environment.yml",
    "environment.yaml",
    "conda.yml",
    "conda.yaml",
    "conda-lock.yml",
    "meta.yaml",
    "conda.recipe/meta.yaml",
    "recipe/meta.yaml",
)
_PIXI = ("pixi.toml", "pixi.lock")
LOOKED_FOR = (
    "pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile",
    "requirements*.txt, requirements*.in, *-requirements.txt, requirements/*.txt",
    "pyproject.toml with a project, setup.py, setup.cfg, here or in the folders below",
)


def found(tree: Tree) -> InstallerError:
    """What to tell: that another tool is needed where the repository wants one, else what was looked for."""
    for name in (*_PIXI, *_CONDA, *_other_conda(tree)):
        if tree.is_file(RelPath(name)):
            return _foreign(name, "pixi install" if name in _PIXI else _command(name))
    return UsageError(
        "project.unrecognised",
        tr("nothing in {root} says which Python packages it needs", root=tree.root),
        details=tuple(tr("looked for {names}", names=names) for names in LOOKED_FOR),
        hint=tr("add one of these, or a surefoot.toml that names them; or run it in the project's folder with -C DIR"),
    )


def _other_conda(tree: Tree) -> Iterator[str]:
    """`environment-dev.yml`, `conda-env.yml`: whatever else conda's files are called."""
    for name, is_folder in tree.names(ROOT).items():
        if (
            not is_folder
            and name.endswith((".yml", ".yaml"))
            and name.lower().startswith(("environment", "env", "conda"))
        ):
            yield name


def _command(name: str) -> str:
    return f"mamba env create -f {name}" if "env" in name or "conda" in name else "conda build ."


def _foreign(name: str, command: str) -> Precondition:
    program = command.partition(" ")[0]
    known = tr("conda or mamba") if program != "pixi" else program
    return Precondition(
        "project.conda",
        tr(
            "{path} asks for {program}, which installs more than Python packages; nothing else says what is needed",
            path=name,
            program=known,
        ),
        details=tuple(tr("looked for {names}", names=names) for names in LOOKED_FOR),
        hint=tr("run `{command}`, or add a requirements.txt", command=command),
        path=name,
    )
