"""The phases in their order, and the two plain tables that the engine is given.

A new phase is one file (its manifest section, its facts, its `plan`, its `ACTIONS`) and one line here. The phases
themselves are imported when a table is asked for: taking a run back, or showing one, needs none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from installer.manifest import Manifest, SectionType
    from installer.model import Action, Facts, Planned

    PHASES: Mapping[str, ModuleType]
    SECTIONS: tuple[type[SectionType], ...]
    ACTIONS: Mapping[str, Action]

ORDER = ("environment_setup", "submodule_sync", "python_deps", "packages", "verification", "cleanup")
_LATE = frozenset(("PHASES", "SECTIONS", "ACTIONS"))


def plan(phase: str, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `phase`, the manifest's own ones at its start and end."""
    from phases import custom

    yield from custom.before(phase, manifest, facts)
    yield from importlib.import_module(f"phases.{phase}").plan(manifest, facts)
    yield from custom.after(phase, manifest, facts)


def __getattr__(name: str) -> object:
    """Make the tables, once."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals().update(_tables())
    return globals()[name]


def _tables() -> Mapping[str, object]:
    from installer import actions
    from phases import custom, restore
    from phases.python.sections import DependenciesSection, PackagesSection, PythonSection

    named = {name: importlib.import_module(f"phases.{name}") for name in ORDER}
    tables = (actions, *named.values(), custom, restore)
    sections = (named[name].Section for name in ORDER if hasattr(named[name], "Section"))
    return {
        "PHASES": named,
        "SECTIONS": (PythonSection, DependenciesSection, PackagesSection, *sections),
        "ACTIONS": {name: action for table in tables for name, action in table.ACTIONS.items()},
    }
