"""Projects from before `pyproject.toml`: a `setup.py`, read without running it, and a `setup.cfg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.python.discovery import buildable, setup_script
from phases.python.discovery.metadata import Metadata, Requirements, normalised
from phases.python.discovery.setup_script import Arguments

if TYPE_CHECKING:
    from installer.model import RelPath
    from phases.python.discovery.tree import Tree


def read(tree: Tree, folder: RelPath) -> Metadata | None:
    """The project of a `setup.py` or `setup.cfg` in `folder`; nothing where there is none."""
    has_script, has_settings = tree.is_file(folder / "setup.py"), tree.is_file(folder / "setup.cfg")
    settings = _settings(tree.text(folder / "setup.cfg") or "") if has_settings else Arguments()
    if not has_script and not (settings.values or settings.unknown):
        return None
    script = setup_script.read(tree.text(folder / "setup.py") or "") if has_script else Arguments()
    return _metadata(tree, folder, script.joined(settings), folder / ("setup.py" if has_script else "setup.cfg"))


def _settings(text: str) -> Arguments:
    from phases.python.discovery import setup_cfg  # for its parser, only where there is such a file

    return setup_cfg.read(text)


def _metadata(tree: Tree, folder: RelPath, said: Arguments, source: RelPath) -> Metadata:
    reads = tuple(
        folder / file for file in said.files if not file.startswith(("/", "..")) and tree.is_file(folder / file)
    )
    # A script that reads a requirement file says nothing of its own.
    known = "install_requires" not in said.unknown
    name = normalised(_text(said.values.get("name")))
    alone = source == folder / "setup.cfg"
    verdict = buildable.judge_bare(tree, folder, name) if alone else buildable.Verdict(package=True)
    return Metadata(
        path=folder,
        source=source,
        name=name,
        builds=_requirements(said.values.get("setup_requires")),
        known=known,
        requires_python=_text(said.values.get("python_requires")).replace(" ", ""),
        classifiers=tuple(_lines(said.values.get("classifiers"))),
        dependencies=_requirements(said.values.get("install_requires")),
        extras=_extras(said.values.get("extras_require")),
        reads=reads if not (known and verdict.package) else (),
        package=verdict.package,
        why=verdict.why,
        refused=verdict.refused,
    )


def _extras(value: object) -> dict[str, Requirements]:
    """By name; what stands under `name:marker` belongs to `name`, what under `:marker` to none."""
    extras: dict[str, Requirements] = {}
    for key, lines in value.items() if isinstance(value, dict) else ():
        name, _, marker = str(key).partition(":")
        wanted = tuple(f"{line} ; {marker}" if marker else line for line in _requirements(lines))
        if name:
            extras[normalised(name)] = (*extras.get(normalised(name), ()), *wanted)
    return extras


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _lines(value: object) -> list[str]:
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return [line for line in value if isinstance(line, str)] if isinstance(value, list | tuple) else []


def _requirements(value: object) -> Requirements:
    lines = _lines(value)
    return tuple(
        line for line in (line.partition(" #")[0].strip() for line in lines) if line and not line.startswith("#")
    )
