"""What must change in the active environment: every file that goes and every file that comes, known before any does."""

from __future__ import annotations

import base64
import os
import stat
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.errors import Precondition
from installer.frozen import dataclass, field
from installer.i18n import tr
from phases.python import records
from phases.python.active import commands, installed, sameness
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from installer.model import Json
    from phases.python.active.installed import Held
    from phases.python.environments.places import Layout


@dataclass(slots=True, kw_only=True)
class Change:
    """One distribution: `old` (its metadata folders, as far as there are any) makes room for `new`.

    out  files that go, and where they are kept
    ins  (path, source, sha256, mode) of files that come, the RECORD last
    """

    name: str
    old: tuple[Held, ...]
    new: Held
    out: list[tuple[str, str]] = field(default_factory=list)
    ins: list[tuple[str, str, str, int]] = field(default_factory=list)
    record: str = ""

    @property
    def before(self) -> str:
        """The version that was there, empty for none."""
        return self.old[0].version if self.old else ""

    def as_json(self) -> Json:
        """What the transfer, and its undo, need to know."""
        return {
            "name": self.name,
            "before": self.before,
            "after": self.new.version,
            "records": [self.record, *(each.record for each in self.old if each.record)],
            "out": self.out,
            "in": self.ins,
        }


def changes(staging: Path, active: Layout, want: Mapping[str, Held], folder: Path, *, deep: bool) -> list[Change]:
    """Every distribution of `want` that is missing from the active environment, another version there, or broken.

    Contents that are made anew (RECORDs, commands) are written below `folder`. Raises `Precondition` for what another
    tool installed in a way that cannot be taken back.
    """
    there = installed.held(active.sites)
    different = {name: new for name, new in want.items() if not sameness.is_same(new, there.get(name, ()), deep=deep)}
    foreign = [
        f"{name} {old.version} → {new.version}: {old.folder}"
        for name, new in different.items()
        for old in there.get(name, ())
        if old.is_foreign
    ]
    if foreign:
        raise Precondition(
            "environment.foreign",
            tr("another tool installed packages of which there is no list of files, so they cannot be replaced"),
            details=tuple(foreign),
            hint=tr("remove or update them with what installed them, or activate a virtual environment"),
        )
    owners = _owners(there)
    made = [Change(name=name, old=there.get(name, ()), new=new) for name, new in different.items()]
    room = _Room(staging, active, folder, owners, frozenset(different))
    for change in made:
        room.plan(change)
    return made


def _owners(there: Mapping[str, tuple[Held, ...]]) -> dict[str, set[str]]:
    """Every listed file of the active environment, and the distributions that list it."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, folders in there.items():
        for each in folders:
            for path, _, _ in records.lines(each.folder / "RECORD"):
                found[os.path.normpath(each.site / path)].add(name)
    return found


class _Room:
    """Works out the files of one change after the other."""

    def __init__(
        self, staging: Path, active: Layout, folder: Path, owners: Mapping[str, set[str]], changing: frozenset[str]
    ) -> None:
        self.staging = staging
        self.active = active
        self.folder = folder
        self.owners = owners
        self.changing = changing
        self._count = 0
        files.make_folder(folder / "old")
        files.make_folder(folder / "new")

    def plan(self, change: Change) -> None:
        going = [str(path) for old in change.old for path in installed.paths(old) if self._may_go(path)]
        change.out = [(path, self._next("old")) for path in going]
        out = set(going)
        site = Path(self.active.purelib if self._is_pure(change.new) else self.active.platlib)
        lines = []
        for listed, recorded, size in records.lines(change.new.folder / "RECORD"):
            if listed.endswith((".pyc", "__pycache__", ".dist-info/RECORD")):
                continue
            source = Path(os.path.normpath(change.new.site / listed))
            target = self._target(source, change.new, site)
            source, digest, length = self._content(source, recorded, size)
            shown = os.path.relpath(target, site)
            lines.append(
                f"{_quoted(shown)},{f'sha256={_short(digest)}' if recorded else ''},{length if recorded else ''}"
            )
            self._comes(change, target, source, digest, out)
        entry = site / change.new.entry / "RECORD"
        lines.append(f"{_quoted(os.path.relpath(entry, site))},,")
        text = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
        source = self._written(text, 0o644)
        change.record = files.sha256(source)
        self._comes(change, entry, source, change.record, out)

    def _comes(self, change: Change, target: Path, source: Path, digest: str, out: set[str]) -> None:
        """Note it. What is in its place, and not this distribution's, is kept as if it were."""
        mode = source.stat().st_mode & 0o777
        if os.path.lexists(target):
            if _is_like(
                target, source, digest, mode
            ):  # of the earlier version too, or shared with another distribution
                change.out = [each for each in change.out if each[0] != str(target)]
                return
            if str(target) not in out:
                change.out.append((str(target), self._next("old")))
                out.add(str(target))
        change.ins.append((str(target), os.path.relpath(source, self.folder), digest, mode))

    def _content(self, source: Path, recorded: str, size: str) -> tuple[Path, str, int]:
        """The file to take, its sha256 and size; of a command, one that starts the active interpreter."""
        if source.parent == places.scripts(self.staging):
            before = source.read_bytes()
            after = commands.rewritten(before, self.staging, self.active.python)
            if after != before:
                source = self._written(after, 0o755)
                return source, files.sha256(source), len(after)
        algorithm, _, code = recorded.partition("=")
        if algorithm == "sha256" and size.isdecimal():
            return source, base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).hex(), int(size)
        return source, files.sha256(source), source.stat().st_size

    def _target(self, source: Path, new: Held, site: Path) -> Path:
        """Where a staged file belongs."""
        if source.is_relative_to(new.site):
            return site / source.relative_to(new.site)
        scripts = places.scripts(self.staging)
        if source.is_relative_to(scripts):
            return Path(self.active.scripts) / source.relative_to(scripts)
        return Path(self.active.data) / source.relative_to(self.staging)

    def _is_pure(self, new: Held) -> bool:
        try:
            text = (new.folder / "WHEEL").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return True
        return "root-is-purelib: false" not in text.lower()

    def _may_go(self, path: Path) -> bool:
        """Is it within the environment, and no other distribution's that stays?"""
        inside = (*self.active.sites, self.active.scripts, self.active.data)
        return any(path.is_relative_to(each) for each in inside) and self.owners.get(str(path), set()) <= self.changing

    def _written(self, data: bytes, mode: int) -> Path:
        place = self.folder / self._next("new")
        files.replace(place, data, mode=mode)
        return place

    def _next(self, kind: str) -> str:
        self._count += 1
        return f"{kind}/{self._count}"


def _is_like(target: Path, source: Path, digest: str, mode: int) -> bool:
    status = target.lstat()
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != mode:
        return False
    return status.st_size == source.stat().st_size and installed.digest(target) == digest


def absent_folders(made: Iterable[Change]) -> Iterator[str]:
    """The folders that files will come into and that are not there yet, innermost first."""
    found = {
        str(folder)
        for change in made
        for path, *_ in change.ins
        for folder in Path(path).parents
        if not folder.exists()
    }
    yield from sorted(found, key=len, reverse=True)


def _short(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode("ascii").rstrip("=")


def _quoted(path: str) -> str:
    return f'"{path}"' if "," in path or '"' in path else path
