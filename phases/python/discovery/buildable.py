"""Is there a package to install? What the build backends would find when nothing tells them where to look."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.model import RelPath
    from phases.python.discovery.tree import Table, Tree

# Folders and modules that setuptools passes over in a flat layout (setuptools/discovery.py).
_NO_PACKAGES = (
    "ci bin debian doc docs documentation manpages news newsfragments changelog test tests unit_test unit_tests "
    "example examples scripts tools util utils python build dist venv env requirements tasks fabfile site_scons "
    "benchmark benchmarks exercise exercises htmlcov [._]* ez_setup *__pycache__"
).split()
_NO_MODULES = (
    "setup conftest test tests example examples build toxfile noxfile pavement dodo tasks fabfile [Ss][Cc]onstruct "
    "conanfile manage benchmark benchmarks exercise exercises [._]*"
).split()
_TELLING = ("packages", "py-modules", "package-dir", "ext-modules")  # with any of these, setuptools does not search


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Is a project to be installed, and why (not)?

    refused   its own build backend would not build it
    doubtful  nothing says that it is a package, but it looks like one
    """

    package: bool
    why: str = ""
    refused: bool = False
    doubtful: bool = False


def judge(tree: Tree, folder: RelPath, document: Table, name: str, backend: str) -> Verdict:
    """Whether the project of a `pyproject.toml` is a package: by what it says, else by what its backend would find."""
    tool = document.get("tool", {})
    if _managed(tool) is False:
        return Verdict(package=False, why=tr("its pyproject.toml says that it is no package"))
    if _managed(tool) is True or tree.is_file(folder / "setup.py"):
        return Verdict(package=True)
    is_named = "build-system" in document or "setuptools" in tool
    if not (is_named or has_module(tree, folder, name) or _has_src(tree, folder)):
        return Verdict(package=False, why=tr("it names no build backend, and there is no package of its name in it"))
    if refusal := _objection(tree, folder, name, backend, tool):
        return Verdict(package=False, why=refusal, refused=is_named)
    if is_named:
        return Verdict(package=True)
    return Verdict(package=True, why=tr("it names no build backend, but there is a package in it"), doubtful=True)


def _managed(tool: Table) -> object:
    """What it says itself of being a package; nothing where it does not."""
    if tool.get("poetry", {}).get("package-mode") is False:
        return False
    return tool.get("uv", {}).get("package", tool.get("pdm", {}).get("distribution"))


def judge_bare(tree: Tree, folder: RelPath, name: str) -> Verdict:
    """Whether the project of a `setup.cfg` without a `setup.py` is a package."""
    if not name:
        return Verdict(package=False, why=tr("its setup.cfg gives it no name"))
    refusal = _setuptools_objects(tree, folder, {})
    return Verdict(package=not refusal, why=refusal, refused=bool(refusal))


def has_module(tree: Tree, folder: RelPath, name: str, *, only_src: bool = False) -> bool:
    """Is there an importable package or module of the project's own name?"""
    wanted = _module(name)
    for place in (folder / "src",) if only_src else (folder, folder / "src"):
        for entry, is_folder in tree.names(place).items():
            if is_folder and entry.lower() == wanted and tree.has(place / entry / "__init__.py"):
                return True
            if not is_folder and entry.lower() in (f"{wanted}.py", f"{wanted}.pyx"):
                return True
    return bool("_" in wanted and _has_namespace(tree, folder, wanted))


def _has_src(tree: Tree, folder: RelPath) -> bool:
    """Is there a `src` folder with a package in it?"""
    src = folder / "src"
    return any(is_folder and tree.has(src / name / "__init__.py") for name, is_folder in tree.names(src).items())


def _objection(tree: Tree, folder: RelPath, name: str, backend: str, tool: Table) -> str:
    """Why `backend` would refuse to build the project in `folder`; empty where nothing speaks against it."""
    if backend.startswith("setuptools") or not backend:
        return _setuptools_objects(tree, folder, tool)
    if _is_configured(backend, tool) or not name or has_module(tree, folder, name, only_src=backend == "uv_build"):
        return ""
    if backend.startswith(("hatchling", "flit_core", "poetry.core", "poetry.masonry", "uv_build")):
        return tr("its build backend wants a package named {name}, and there is none", name=_module(name))
    return ""


def _has_namespace(tree: Tree, folder: RelPath, wanted: str) -> bool:
    """`foo_bar` may be `foo/bar/__init__.py`."""
    nested = wanted.replace("_", "/")
    return any(tree.has(place / nested / "__init__.py") for place in (folder, folder / "src"))


def _module(name: str) -> str:
    return name.replace("-", "_").replace(".", "_").lower()


def _is_configured(backend: str, tool: Table) -> bool:
    """Does the file tell the backend where the code is?"""
    if backend.startswith("hatchling"):
        return bool(tool.get("hatch", {}).get("build"))
    if backend.startswith("uv_build"):
        return bool(tool.get("uv", {}).get("build-backend"))
    if backend.startswith("flit"):
        return bool(tool.get("flit"))
    return bool(tool.get("poetry", {}).get("packages") or tool.get("poetry", {}).get("include"))


def takes_any_module(tree: Tree, folder: RelPath) -> bool:
    """Would one more module in `folder` change what setuptools builds there, or have it refuse?

    So where nothing tells it what belongs to the project, and it finds no package, and at most one module.
    """
    document, script = tree.toml(folder / "pyproject.toml") or {}, tree.text(folder / "setup.py")
    tool, backend = document.get("tool", {}), document.get("build-system", {}).get("build-backend", "")
    named = "build-system" in document or "setuptools" in tool or script is not None
    named = named or "[metadata]" in (tree.text(folder / "setup.cfg") or "")
    told = (
        _managed(tool) is False
        or _is_told(tree, folder, tool)
        or any(key.replace("-", "_") in (script or "") for key in _TELLING)
    )
    if told or not (named or "project" in document) or not (backend or "setuptools").startswith("setuptools"):
        return False
    packages, modules = _found(tree, folder)
    return not packages and (len(modules) == 1 or (named and not modules))  # not named and empty, nobody builds it


def _setuptools_objects(tree: Tree, folder: RelPath, tool: Table) -> str:
    if _is_told(tree, folder, tool) or tree.names(folder).get("setup.py") is False:
        return ""
    packages, modules = _found(tree, folder)
    # A folder without any Python in it is a package to setuptools all the same: the reason for most of its refusals.
    if len(packages) > 1:
        return tr("setuptools would not know which folder is the package: {names}", names=", ".join(packages))
    if not packages and len(modules) > 1:
        return tr("setuptools would not know which file is the module: {names}", names=", ".join(modules))
    return "" if packages or modules else tr("there is no package in it")


def _is_told(tree: Tree, folder: RelPath, tool: Table) -> bool:
    """Does the project, or its having a folder `src`, tell setuptools where to look?"""
    told = any(key in tool.get("setuptools", {}) for key in _TELLING)
    return told or _cfg_tells(tree, folder) or bool(tree.names(folder).get("src"))


def _found(tree: Tree, folder: RelPath) -> tuple[list[str], list[str]]:
    """The packages and the modules that setuptools finds by itself; with a package it takes no module."""
    entries = tree.names(folder)
    packages = [name for name, is_folder in entries.items() if is_folder and _counts(name, _NO_PACKAGES)]
    files = [name[:-3] for name, is_folder in entries.items() if not is_folder and name.endswith(".py")]
    return packages, [name for name in files if _counts(name, _NO_MODULES)]


def _counts(name: str, excluded: list[str]) -> bool:
    return name.isidentifier() and not any(fnmatchcase(name, pattern) for pattern in excluded)


def _cfg_tells(tree: Tree, folder: RelPath) -> bool:
    text = tree.text(folder / "setup.cfg") or ""
    return "[options]" in text and any(
        line.startswith(("packages", "py_modules", "package_dir")) for line in text.splitlines()
    )
