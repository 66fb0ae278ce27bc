"""What one resolution may be asked for, in parts: some must hold, others are left out rather than cost the runtime."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import Json, RelPath
from phases.python import texts
from phases.python.backends import Local, Wants
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phases.python.needs import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An optional part, by the name that a reader knows it by. Just one of the others is set."""

    name: str
    file: RelPath | None = None
    group: int = -1
    extra: tuple[RelPath, str] | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """The arguments of a resolve step, read. `root` is where its paths begin."""

    root: Path
    args: Mapping[str, Any]  # JSON, written by `as_args`

    def optional(self) -> tuple[Part, ...]:
        """Every part that may be left out."""
        files = [Part(name=path, file=RelPath(path)) for path in self.args["optional_files"]]
        groups = [
            Part(name=tr("group {name}", name=name), group=number)
            for number, (name, _, _, default) in enumerate(self.args["groups"])
            if default
        ]
        extras = [
            Part(name=tr("extra {name} of {path}", name=extra, path=path), extra=(RelPath(path), extra))
            for _, path, wanted in self.args["members"]
            for extra in wanted
            if self.args["extras_optional"]
        ]
        return (*files, *groups, *extras)

    def wants(self, parts: tuple[Part, ...]) -> Wants:
        """What is asked for when of the optional parts only `parts` are."""
        chosen = self._groups(parts)
        return Wants(
            locals=self._locals(parts),
            files=(*map(RelPath, self.args["files"]), *(part.file for part in parts if part.file)),
            lines=tuple(line for number in chosen for line in self.args["groups"][number][2]),
            constraints=tuple(map(RelPath, self.args["constraints"])),
            as_of=self.args["as_of"],
            require_hashes=self.args["require_hashes"],
            no_build=self.args["no_build"],
            where=self.where,
        )

    def group_names(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """The dependency groups that are asked for, each once."""
        return tuple(dict.fromkeys(self.args["groups"][number][0] for number in self._groups(parts)))

    def extra_names(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """The extras that are asked for of any member, each once."""
        return tuple(dict.fromkeys(extra for local in self._locals(parts) for extra in local.extras))

    def where(self, name: str) -> str:
        """Who asks for the distribution `name`; empty if no file that we know of does."""
        asking = re.compile(rf"""^[\s"'\-]*{_loosely(name)}(?![\w.-]*[\w])""", re.IGNORECASE)
        for path in self._sources():
            try:
                lines = texts.read(self.root / path).splitlines()
            except OSError:
                continue
            for number, line in enumerate(lines, 1):
                words = re.split(r"""(?<=[\[,])\s*["']""", line) if path.endswith(".toml") else [line]
                if any(asking.match(word) for word in words):
                    return f"{path}:{number}"
        return ""

    def _sources(self) -> list[str]:
        members = [RelPath(path) for _, path, _ in self.args["members"]]
        declared = [str(path / name) for path in members for name in ("pyproject.toml", "setup.cfg")]
        groups = [str(RelPath(path) / "pyproject.toml") for _, path, _, _ in self.args["groups"]]
        return [*self.args["files"], *self.args["optional_files"], *self.args["constraints"], *declared, *groups]

    def _groups(self, parts: tuple[Part, ...]) -> list[int]:
        kept = {part.group for part in parts}
        return [
            number for number, (_, _, _, default) in enumerate(self.args["groups"]) if not default or number in kept
        ]

    def _locals(self, parts: tuple[Part, ...]) -> tuple[Local, ...]:
        every = (
            Local(name=name, path=RelPath(path), extras=tuple(extras)) for name, path, extras in self.args["members"]
        )
        if not self.args["extras_optional"]:
            return tuple(every)
        kept = {part.extra for part in parts if part.extra}
        return tuple(
            replace(local, extras=tuple(extra for extra in local.extras if (local.path, extra) in kept))
            for local in every
        )


def as_args(needs: Needs, *, extras_optional: bool) -> Json:
    """The part of a step's arguments that `Wishes` reads."""
    return {
        "members": [[member.name, member.path, list(member.extras)] for member in needs.members],
        "files": list(needs.requirement_files),
        "optional_files": list(needs.optional_files),
        "constraints": list(needs.constraint_files),
        "groups": [[group.name, group.path, list(group.requirements), group.default] for group in needs.groups],
        "extras_optional": extras_optional,
    }


def _loosely(name: str) -> str:
    """The spellings of one distribution's name, as a pattern."""
    return r"[-_.]+".join(re.escape(part) for part in normalise(name).split("-"))
