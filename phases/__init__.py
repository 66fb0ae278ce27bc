"""The phases in their order, and the two plain tables that the engine is given.

A new phase is one file (its manifest section, its facts, its `plan`, its `ACTIONS`) and one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import actions
from phases import (
    cleanup,
    custom,
    environment_setup,
    packages,
    python_deps,
    restore,
    submodule_sync,
    verification,
)
from phases.python.sections import DependenciesSection, PackagesSection, PythonSection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Planned

PHASES: Mapping[str, ModuleType] = {
    "environment_setup": environment_setup,
    "submodule_sync": submodule_sync,
    "python_deps": python_deps,
    "packages": packages,
    "verification": verification,
    "cleanup": cleanup,
}
ORDER = tuple(PHASES)
SECTIONS = (
    PythonSection,
    DependenciesSection,
    PackagesSection,
    environment_setup.Section,
    submodule_sync.Section,
    verification.Section,
    cleanup.Section,
)
ACTIONS: Mapping[str, Action] = {
    name: action for table in (actions, *PHASES.values(), custom, restore) for name, action in table.ACTIONS.items()
}


def plan(phase: str, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `phase`, the manifest's own ones at its start and end."""
    yield from custom.before(phase, manifest, facts)
    yield from PHASES[phase].plan(manifest, facts)
    yield from custom.after(phase, manifest, facts)
