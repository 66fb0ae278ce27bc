"""What was imported without trouble on this machine is believed of the very same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phases.python import memory
from phases.python.environments import import_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from phases.python.environments.verdicts import Wanted

KIND = "imports"


@dataclass(frozen=True, slots=True)
class Proof:
    """That of the environment `env`, with the project's packages in `trees`, as they were at `key`."""

    env: Path
    trees: tuple[Path, ...]
    key: str

    def covers(self, wanted: Wanted) -> bool:
        """Was all that is `wanted` imported and found from these very bytes before?"""
        return bool(self.key) and _named(wanted) <= set(memory.recall(KIND, self.key).decode().splitlines())

    def keep(self, wanted: Wanted) -> None:
        """Note that all that is `wanted` could be imported, if nothing has changed meanwhile."""
        if self.key and import_inputs.key(self.env, self.trees) == self.key:
            memory.remember(KIND, self.key, "\n".join(sorted(_named(wanted))).encode())


def of(env: Path, trees: tuple[Path, ...]) -> Proof:
    """The proof of `env` as it is now, there or not."""
    return Proof(env, trees, import_inputs.key(env, trees))


def _named(wanted: Wanted) -> frozenset[str]:
    return frozenset([f"import {name}" for name in wanted.imports] + [f"find {name}" for name in wanted.finds])
