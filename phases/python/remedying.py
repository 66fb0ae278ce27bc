"""Building with remedies: what failed for a recognised reason is tried once more, said aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from installer.frozen import dataclass, field
from phases.python import remedies
from phases.python.backends import Build
from phases.python.failures import BuildFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from installer.model import Context
    from phases.python.remedies import Remedy

Result = TypeVar("Result")

_MOST = 4  # a build that fails in more ways than this is not to be saved


@dataclass(slots=True)
class Remedied:
    """The remedies that were needed so far.

    locals       the names that a nameless failing build may have
    constraints  what builds are held to anyhow
    """

    context: Context
    locals: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    used: list[tuple[Remedy, str]] = field(default_factory=list)

    def attempt(self, action: Callable[[Build], Result]) -> Result:
        """Run `action`, again with each remedy that its failure calls for. Raises its last failure."""
        while True:
            try:
                return action(self.build)
            except BuildFailed as error:
                remedy = remedies.find(error.output, tuple(used for used, _ in self.used))
                if remedy is None or len(self.used) >= _MOST:
                    raise
                self.used.append((remedy, error.name))
                self.context.warn(f"{error.name}: {remedy.said}" if error.name else remedy.said)

    @property
    def build(self) -> Build:
        """How to build with all that was learnt."""
        needs: dict[str, tuple[str, ...]] = {}
        for remedy, name in self.used:
            for each in (name.split("==")[0],) if name else self.locals:
                needs[each] = (*needs.get(each, ()), *remedy.needs)
        return Build(
            constraints=(*self.constraints, *(remedy.constraint for remedy, _ in self.used if remedy.constraint)),
            needs={name: wanted for name, wanted in needs.items() if wanted},
        )

    def learn(self, recorded: Iterable[tuple[str, str]]) -> None:
        """Begin with the remedies that an earlier step recorded."""
        known = {remedy.name: remedy for remedy in remedies.REMEDIES}
        for name, project in recorded:
            if name in known:
                self.used.append((known[name], project))
            elif name.startswith(remedies.NEEDS):
                self.used.append((remedies.needing(name.removeprefix(remedies.NEEDS)), project))

    @property
    def record(self) -> list[list[str]]:
        """For `learn`."""
        return [[remedy.name, project] for remedy, project in self.used]
