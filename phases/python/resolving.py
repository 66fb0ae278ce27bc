"""Which versions are to be installed: from a lock if there is one, else by resolving for this interpreter and mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.errors import InstallerError, Refused, StepFailed, UsageError
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import Context, RelPath
from installer.settings import is_moment
from phases.python import locks, pylock, requirement_hashes, uv_export
from phases.python.locks.entry import Pinned, between, by_name, highest, pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.python.backends import Installer, Wants
    from phases.python.needs import LockFormat
    from phases.python.remedying import Remedied
    from phases.python.wishes import Part, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The text of a pylock.toml, and what had to be left out for it."""

    text: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """One interpreter, one set of wishes, one installer.

    without  names of optional parts that are not even tried
    binary   distributions that must come as wheels
    """

    context: Context
    installer: Installer
    wishes: Wishes
    python: str
    remedied: Remedied
    without: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()

    def best(self) -> Resolved:
        """Everything together; where that fails, without the optional parts that make it fail, each with a warning."""
        parts = tuple(part for part in self.wishes.optional() if part.name not in self.without)
        try:
            return Resolved(text=self._resolve(parts), left_out=self.without)
        except Refused:
            raise
        except InstallerError as error:
            if not parts:
                raise
            return self._bisect(parts, error)

    def _bisect(self, parts: tuple[Part, ...], first: InstallerError) -> Resolved:
        text = self._resolve(())  # what must hold fails here with its own error
        kept: tuple[Part, ...] = ()
        left_out = list(self.without)
        for part in parts:
            try:
                if len(parts) > 1:
                    text = self._resolve((*kept, part))
                else:
                    raise first
            except Refused:
                raise
            except InstallerError as error:
                self.context.warn(tr("{part} is left out: {message}", part=part.name, message=error.message))
                left_out.append(part.name)
            else:
                kept += (part,)
        return Resolved(text=text, left_out=tuple(left_out))

    def _resolve(self, parts: tuple[Part, ...]) -> str:
        lock = self.wishes.args["lock"]
        match lock and lock[0]:
            case "pylock":
                return self._taken(self.context.root / lock[1])
            case "uv" if self.installer.name == "uv" and uv_export.covers(self.context.root, self.wishes):
                text = uv_export.export(self.context, self.python, self.wishes, parts)
                return self._without_locals(text, self.context.scratch)
            case "uv" | "poetry" | "pdm":
                return self._by_lock(parts, lock[0], RelPath(lock[1]))
            case _:
                return self._compiled(self.wishes.wants(parts))

    def _taken(self, path: Path) -> str:
        """The project's own pylock.toml: installed as it stands, the members left to the packages phase."""
        text = path.read_text(encoding="utf-8")
        document = pylock.parse(text, path.name)
        return self._without_locals(pylock.write(document) if pylock.has_local(text) else text, path.parent)

    def _compiled(self, wants: Wants) -> str:
        if wants.is_empty:
            return _EMPTY
        text = self._run(wants)
        paths = [self.context.root / path for path in wants.files]
        hashes = requirement_hashes.read([*paths, *(self.context.root / path for path in wants.constraints)])
        every = wants.require_hashes or (hashes.complete and not (wants.locals or wants.lines))
        if not hashes.hashes and not wants.require_hashes:
            return text
        document = pylock.parse(text)
        origin = ", ".join(wants.files or wants.constraints) or tr("the project")
        hint = tr("`uv pip compile --generate-hashes` lists the hash of every requirement, and of what those need")
        return pylock.write(pylock.restrict(document, hashes.hashes, origin=origin, every=every, hint=hint))

    def _by_lock(self, parts: tuple[Part, ...], kind: LockFormat, path: RelPath) -> str:
        """Resolve for this interpreter and mode, every version and file as the lock has it."""
        entries = locks.read(kind, self.context.root / path)
        pinned = pin(entries, markers(self.context, self.python))
        wants = replace(self.wishes.wants(parts), pins=pinned.pins, overrides=pinned.overrides, indexes=pinned.indexes)
        if wants.is_empty:
            return _EMPTY
        try:
            document = self._decided(wants, pinned)
        except StepFailed as error:
            if error.code in {"python.conflict", "python.not_found"}:
                raise StepFailed(
                    "lock.stale",
                    tr("{path} does not fit the project: {message}", path=path, message=error.message),
                    details=error.details,
                    hint=tr("lock it anew with {tool}, then run the same command again", tool=kind),
                    **{name: error.facts[name] for name in ("file", "line") if name in error.facts},
                ) from error
            raise
        return pylock.write(self._held_to(document, by_name(entries), path))

    def _decided(self, wants: Wants, pinned: Pinned) -> pylock.Table:
        """Of what the lock has in several versions for this interpreter, the highest that the project accepts."""
        held = {name: between(name, versions) for name, versions in pinned.choices.items()}
        undecided = set(held)
        while True:
            document = pylock.parse(self._run(replace(wants, pins=(*pinned.pins, *held.values()))))
            found = {each["name"]: each["version"] for each in document["packages"] if "version" in each}
            strangers = {
                name: found[name] for name in undecided & found.keys() if found[name] not in pinned.choices[name]
            }
            if not strangers:
                return document
            undecided -= strangers.keys()
            held |= {name: f"{name}=={highest(pinned.choices[name], limit)}" for name, limit in strangers.items()}

    def _held_to(
        self, document: pylock.Table, locked: dict[str, list[locks.entry.Entry]], path: RelPath
    ) -> pylock.Table:
        """Only locked files; what the lock has not is an error under --locked, else a warning."""
        hashes = {}
        strangers = []
        for package in document["packages"]:
            name = package["name"]
            versions = [
                entry for entry in locked.get(name, []) if entry.version == package.get("version", entry.version)
            ]
            if not versions and "directory" not in package:
                strangers.append(f"{name} {package.get('version', '')}".strip())
            if listed := frozenset[str]().union(*(entry.hashes for entry in versions)):
                hashes[name] = listed
        if strangers:
            message = tr(
                "{path} does not have {names}: it is older than the project", path=path, names=", ".join(strangers)
            )
            if self.wishes.args["locked"]:
                raise StepFailed("lock.stale", message, hint=tr("lock it anew, or run without --locked"))
            self.context.warn(message)
        every = self.wishes.args["require_hashes"]
        return pylock.restrict(document, hashes, origin=path, every=every, hint=tr("lock it anew, with hashes"))

    def _run(self, wants: Wants) -> str:
        """One resolution, with remedies, without the members."""
        text = self.remedied.attempt(
            lambda build: self.installer.resolve(
                self.context, self.python, replace(wants, build=build, binary=self.binary)
            )
        )
        return self._without_locals(text, self.context.scratch)

    def _without_locals(self, text: str, base: Path) -> str:
        """The members are another phase's; any other local folder or file keeps its place by its full path."""
        if not pylock.has_local(text):
            return text
        members = {(self.context.root / path).resolve() for _, path, _ in self.wishes.args["members"]}
        document = pylock.without(pylock.parse(text), lambda package: pylock.folder_of(package, base) in members)
        return pylock.write(pylock.absolute(document, base))


_EMPTY = 'lock-version = "1.0"\ncreated-by = "surefoot"\npackages = []\n'


def markers(context: Context, python: str) -> dict[str, str]:
    """The environment markers of an interpreter."""
    import json

    finished = context.run([python, "-I", "-B", "-c", _MARKERS], quiet=True)
    found: dict[str, str] = json.loads(finished.stdout)
    return found


_MARKERS = """
import json, os, platform, sys
v = sys.implementation.version
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": "%d.%d.%d" % (v.major, v.minor, v.micro),
    "os_name": os.name, "platform_machine": platform.machine(), "platform_release": platform.release(),
    "platform_system": platform.system(), "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "python_version": ".".join(platform.python_version_tuple()[:2]), "sys_platform": sys.platform,
}))
"""


def as_moment(context: Context, as_of: str) -> str:
    """`--as-of` as ISO 8601: a date as it is, a commit by its committer's date. Raises `UsageError` else."""
    if not as_of or is_moment(as_of):
        return as_of
    if not re.fullmatch(r"[\w./~^-]+", as_of) or as_of.startswith("-"):
        raise UsageError("as_of", tr("{value} is neither a date nor a commit", value=repr(as_of)))
    finished = context.run(
        ["git", "-c", "core.fsmonitor=false", "show", "--no-patch", "--format=%cI", f"{as_of}^{{commit}}", "--"],
        check=False,
        quiet=True,
    )
    moment = next(_moments(finished.stdout), "")
    if finished.status != 0 or not moment:
        raise UsageError("as_of", tr("{value} is neither a date nor a commit", value=repr(as_of)))
    return moment


def _moments(output: str) -> Iterator[str]:
    return (line for line in output.split() if re.match(r"\d{4}-\d\d-\d\dT", line))
