"""What was imported without trouble on this machine is believed of the very same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass
from phases.python import memory
from phases.python.environments import import_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from phases.python.environments.import_inputs import Inputs
    from phases.python.environments.verdicts import Wanted
    from phases.python.looks import Look

KIND = "imports"


@dataclass(frozen=True, slots=True)
class Proof:
    """That of an environment, with the project's packages in `trees`, as it was found; None: nothing can be said."""

    inputs: Inputs | None
    trees: tuple[Path, ...]

    def covers(self, wanted: Wanted) -> bool:
        """Was all that is `wanted` imported and found from these very bytes before?

        Where the files are others than those that were seen last (the installer's cache was emptied, the machine was
        started anew), they are read.
        """
        if self.inputs is None:
            return False
        quick = self.inputs.by_inodes()
        if _says(quick, wanted):
            return True
        if not _says(self.inputs.by_contents(), wanted) or not self.inputs.holds():
            return False
        _note(quick, wanted)
        return True

    def holds(self) -> bool:
        """Are the files what their RECORDs say? May take a second."""
        return self.inputs is not None and self.inputs.holds()

    def keep(self, wanted: Wanted, *, holds: bool) -> None:
        """Note that all that is `wanted` could be imported, if nothing has changed meanwhile."""
        if self.inputs is None or import_inputs.of(self.inputs.env, self.trees) != self.inputs:
            return
        _note(self.inputs.by_inodes(), wanted)
        if holds:
            _note(self.inputs.by_contents(), wanted)


def of(env: Path, trees: tuple[Path, ...], look: Look | None = None) -> Proof:
    """The proof of `env` as it is now, or was found in `look`, there or not."""
    return Proof(import_inputs.of(env, trees, look), trees)


def _says(key: str, wanted: Wanted) -> bool:
    return bool(key) and _named(wanted) <= set(memory.recall(KIND, key).decode().splitlines())


def _note(key: str, wanted: Wanted) -> None:
    if key:
        memory.remember(KIND, key, "\n".join(sorted(_named(wanted))).encode())


def _named(wanted: Wanted) -> frozenset[str]:
    return frozenset([f"import {name}" for name in wanted.imports] + [f"find {name}" for name in wanted.finds])
