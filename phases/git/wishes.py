"""How submodules are to be brought to their commits: the manifest's and the command line's word as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Names and paths (below the project) of submodules, and how they are fetched.

    optional    those that may fail
    skip        those that are left alone
    shallow     fetch the recorded commit only; None: those whose `.gitmodules` says so
    retries     how often a fetch is repeated when the network fails; None: as the command line says
    allow_file  addresses on this machine are allowed
    offline     nothing is fetched from the network
    """

    optional: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    shallow: bool | None = None
    recursive: bool = True
    retries: int | None = None
    allow_file: bool = False
    offline: bool = False

    def is_optional(self, name: str, path: str) -> bool:
        """Whether the submodule may fail with a warning."""
        return name in self.optional or path in self.optional

    def is_skipped(self, name: str, path: str) -> bool:
        """Whether the submodule is left alone."""
        return name in self.skip or path in self.skip

    def with_options(self, options: Options) -> Wishes:
        """What the command line adds. It decides how, not what: it is no part of what a step notes."""
        retries = options.retries if self.retries is None else self.retries
        return replace(self, retries=retries, allow_file=options.allow_file_submodules, offline=options.offline)

    def noted(self) -> dict[str, Any]:
        """As a step notes them (JSON)."""
        return {
            "optional": list(self.optional),
            "skip": list(self.skip),
            "shallow": self.shallow,
            "recursive": self.recursive,
            "retries": self.retries,
        }


def from_note(noted: Mapping[str, Any], options: Options) -> Wishes:
    """The wishes that a step noted."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in noted.items()
    }  # Any: what JSON holds; `noted` has the types
    return Wishes(**values).with_options(options)
