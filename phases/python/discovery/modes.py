"""What a mode chooses: extras, dependency groups, requirement files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.nearest import nearest
from phases.python.discovery.metadata import Metadata, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from installer.manifest import Manifest
    from installer.model import RelPath

MODES = ("minimal", "standard", "dev", "full")
# Names under which projects keep what their developers need.
_DEV = frozenset(
    "dev devel develop development test tests testing pytest unittest lint linting linters typing types mypy qa style "
    "format".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is wanted by name. `explicit`: the manifest names it, so that what cannot be had is an error.

    extras, groups  names; `None`: all there are
    requirements    files, in place of those that would be inferred; `None`: infer them
    """

    mode: str
    extras: frozenset[str] | None = frozenset()
    groups: frozenset[str] | None = frozenset()
    requirements: tuple[RelPath, ...] | None = None
    explicit: bool = False

    @property
    def for_developers(self) -> bool:
        """Are tools for developers wanted?"""
        return not self.explicit and self.mode in ("dev", "full")


def choose(mode: str, manifest: Manifest) -> Choice:
    """The choice of `mode`: the manifest's, or ours. Raises `UsageError` for a mode that neither knows."""
    own = manifest.modes.get(mode)
    if own is not None:
        return Choice(
            mode=mode,
            extras=frozenset(map(normalised, own.extras)),
            groups=frozenset(map(normalised, own.groups)),
            requirements=tuple(own.requirements) or None,
            explicit=True,
        )
    if mode not in MODES and mode not in manifest.modes:
        raise _unknown(mode, dict.fromkeys((*MODES, *manifest.modes)))
    if mode == "dev":
        return Choice(mode=mode, extras=_DEV, groups=_DEV)
    return Choice(mode=mode, extras=None, groups=None) if mode == "full" else Choice(mode=mode)


def extras_of(about: Metadata, choice: Choice) -> tuple[str, ...]:
    """The extras of a project that are wanted, without those that exclude one that came before."""
    wanted = [name for name in about.extras if choice.extras is None or name in choice.extras]
    return tuple(_peaceful(wanted, "extra", about))


def groups_of(about: Metadata, choice: Choice) -> tuple[str, ...]:
    """The groups of a project that are wanted, without those that exclude one that came before."""
    default = about.default_groups if choice.for_developers else ()
    wanted = [
        name
        for name in about.groups
        if choice.groups is None or name in choice.groups or name in default or "all" in default
    ]
    return tuple(_peaceful(wanted, "group", about, (("extra", name) for name in extras_of(about, choice))))


def check(choice: Choice, extras: AbstractSet[str], groups: AbstractSet[str], *, all_known: bool) -> None:
    """Raise `UsageError` for an extra or a group that the manifest's mode names and no project has.

    `all_known`: there are no other extras than `extras`.
    """
    if not choice.explicit:
        return
    if all_known:
        _check(choice, choice.extras, extras, tr("mode {mode} names the extra {name}, which no project has"))
    _check(choice, choice.groups, groups, tr("mode {mode} names the dependency group {name}, which no project has"))


def _check(choice: Choice, wanted: AbstractSet[str] | None, there: AbstractSet[str], template: str) -> None:
    for name in sorted((wanted or frozenset()) - there):
        raise UsageError("mode.unknown-name", template.format(mode=choice.mode, name=name), hint=_nearest(name, there))


def _peaceful(names: Iterable[str], kind: str, about: Metadata, others: Iterable[tuple[str, str]] = ()) -> list[str]:
    taken = set(others)
    kept: list[str] = []
    for name in names:
        rivals = {pair for group in about.conflicts if (kind, name) in group for pair in group} - {(kind, name)}
        if not rivals & taken:
            taken.add((kind, name))
            kept.append(name)
    return kept


def _unknown(mode: str, known: Iterable[str]) -> UsageError:
    known = list(known)
    return UsageError(
        "mode.unknown",
        tr("there is no mode {mode}; known are {known}", mode=mode, known=", ".join(known)),
        hint=_nearest(mode, known),
        known=known,
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return tr("did you mean {name}?", name=near) if near else ""
