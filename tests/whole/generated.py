"""A repository as bad as they come: nested submodules, a private one, four packages of which one compiles."""

from __future__ import annotations

import os
import subprocess
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGES = ("base", "fast", "middle", "top")
SETUPTOOLS = ("setuptools>=61", "setuptools.build_meta")
TEXTS = {
    "base": '"""One."""\n\ndef base():\n    import idna\n    return len(idna.encode(\'x\'))\n',
    "middle": '"""Two."""\nfrom fast import double\n\ndef middle(x):\n    return double(x)\n',
    "top": '"""Three."""\nfrom middle import middle\n\ndef answer():\n    return middle(21)\n',
}


def git(folder: Path, *words: str) -> str:
    """Run git as nobody in particular."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def commit(folder: Path, message: str) -> None:
    """Commit all there is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make(place: Path, contents: Mapping[str, str] | None = None) -> Path:
    """A clone of the repository (of `files()`) below `place`: submodules not fetched, nothing installed."""
    leaf = _repository(place / "leaf", {"data.txt": "leaf\n"})
    nested = _repository(place / "nested", {"nested.txt": "nested\n"})
    git(nested, "submodule", "--quiet", "add", "../leaf", "vendor/leaf")
    commit(nested, "with a submodule of its own")
    origin = _repository(place / "origin", files() if contents is None else contents)
    git(origin, "submodule", "--quiet", "add", "../nested", "vendor/nested")
    _add_private(origin)
    commit(origin, "with submodules")
    del leaf
    git(place, "clone", "--quiet", "origin", "clone")
    return place / "clone"


def _add_private(origin: Path) -> None:
    """A submodule that nobody can reach: recorded at some commit, its URL leads nowhere."""
    with (origin / ".gitmodules").open("a") as stream:
        stream.write('[submodule "vendor/private"]\n\tpath = vendor/private\n\turl = ../no-such-repository\n')
    head = git(origin, "rev-parse", "HEAD").strip()
    git(origin, "update-index", "--add", "--cacheinfo", f"160000,{head},vendor/private")
    (origin / "vendor" / "private").mkdir()


def _repository(folder: Path, contents: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit(folder, "first")
    return folder


def files() -> dict[str, str]:
    """All that is committed, by path."""
    return {
        ".gitignore": "/.venv\n/well.txt\n*.so\nbuild/\n*.egg-info/\n",
        "surefoot.toml": dedent(
            """\
            [submodules]
            optional = ["vendor/private"]
            retries = 0

            [verification]
            commands = [["python", "-c", "import top; assert top.answer() == 42"]]

            [[steps]]
            phase = "cleanup"
            title = "Say that all is well"
            run = ["python", "-c", "open('well.txt', 'w').write('all is well')"]
            outputs = ["well.txt"]
            """
        ),
        "pyproject.toml": '[tool.uv]\npackage = false\n\n[tool.uv.workspace]\nmembers = ["packages/*"]\n',
        **pure("base", ["idna>=3"], TEXTS["base"]),
        **_compiled(),
        **pure("middle", ["base", "fast"], TEXTS["middle"]),
        **pure("top", ["middle", "base"], TEXTS["top"], script="top:answer"),
    }


def pure(
    name: str, needs: list[str], text: str, *, script: str = "", backend: tuple[str, str] = SETUPTOOLS
) -> dict[str, str]:
    """The files of a package without a compiler; `backend`: what it requires, and its name."""
    scripts = f'\n[project.scripts]\n{name}-run = "{script}"\n' if script else ""
    siblings = [need for need in needs if need in PACKAGES]
    sources = "".join(f"{each} = {{ workspace = true }}\n" for each in siblings)
    head = (
        f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.9"\n'
        f'description = "one of four"\ndependencies = {needs!r}\n{scripts}\n'
        f'[build-system]\nrequires = ["{backend[0]}"]\nbuild-backend = "{backend[1]}"\n'
        f"\n[tool.uv.sources]\n{sources}"
    )
    return {f"packages/{name}/pyproject.toml": head, f"packages/{name}/src/{name}/__init__.py": text}


def _compiled() -> dict[str, str]:
    return {
        **pure("fast", [], "from fast._double import double\n"),
        "packages/fast/setup.py": dedent(
            """\
            from setuptools import Extension, setup
            setup(ext_modules=[Extension("fast._double", ["src/fast/_double.c"])])
            """
        ),
        "packages/fast/src/fast/_double.c": dedent(
            """\
            #include <Python.h>
            static PyObject *twice(PyObject *self, PyObject *x) { return PyNumber_Add(x, x); }
            static PyMethodDef methods[] = {{"double", twice, METH_O, "Twice."}, {0, 0, 0, 0}};
            static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_double", 0, -1, methods};
            PyMODINIT_FUNC PyInit__double(void) { return PyModule_Create(&module); }
            """
        ),
    }
