"""The phases in their order, and the two plain tables that the engine is given.

A new phase is one file (its manifest section, its facts, its `plan`, its `ACTIONS`) and one line here. The phases
themselves are imported when they are asked for: taking a run back, or showing one, needs none of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.manifest import Manifest, SectionType
    from installer.model import Action, Facts, Planned

    SECTIONS: tuple[type[SectionType], ...]

ORDER = ("environment_setup", "submodule_sync", "python_deps", "packages", "verification", "cleanup")


def plan(phase: str, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `phase`, the manifest's own ones at its start and end."""
    from phases import custom

    yield from custom.before(phase, manifest, facts)
    yield from importlib.import_module(f"phases.{phase}").plan(manifest, facts)
    yield from custom.after(phase, manifest, facts)


def __getattr__(name: str) -> object:
    """Make the table, once."""
    if name != "SECTIONS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = _sections()
    return globals()[name]


def ahead() -> None:
    """Import what the phases to come will need: to be done while another program works, as that costs nothing then."""
    with suppress(ImportError):  # to be told of where it is needed
        for name in ("concurrent.futures.thread", "phases.watched", *(f"phases.{name}" for name in ORDER)):
            importlib.import_module(name)


class _Actions(Mapping[str, "Action"]):
    """The actions of all phases; one is imported when an action is asked for that no phase before it has."""

    def __getitem__(self, name: str) -> Action:
        for table in self._tables():
            if name in table:
                return table[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for table in self._tables() for name in table))

    def __len__(self) -> int:
        return len(set(self))

    def _tables(self) -> Iterator[Mapping[str, Action]]:
        own = (*ORDER, "custom", "restore", "builds.planning", "builds.notices")
        names = ("installer.actions", *(f"phases.{name}" for name in own))
        return (importlib.import_module(name).ACTIONS for name in names)


ACTIONS: Mapping[str, Action] = _Actions()


def _sections() -> tuple[type[SectionType], ...]:
    from phases.builds.section import BuildSection
    from phases.containers.apps.section import AppsSection
    from phases.containers.images.section import ImagesSection
    from phases.python.sections import DependenciesSection, PackagesSection, PythonSection

    named = [importlib.import_module(f"phases.{name}") for name in ORDER]
    own = (each.Section for each in named if hasattr(each, "Section"))
    return (PythonSection, DependenciesSection, PackagesSection, *own, ImagesSection, AppsSection, BuildSection)
