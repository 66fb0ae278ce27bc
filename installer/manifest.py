"""The project's own wishes: `surefoot.toml`, or `[tool.surefoot]` in `pyproject.toml`, as frozen data.

Every phase brings the type of its own section, a frozen dataclass with `TABLE`, the name of its table. Keys are
spelt with `-` in TOML and with `_` in Python. Checked by `installer.validation`, and only where there is a manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping  # noqa: TC003 -- pydantic looks the types up
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar, cast, get_type_hints

from installer.errors import InstallerError, UsageError
from installer.frozen import dataclass, field, replace
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import Json, RelPath
from installer.project import MANIFEST, STATE

if TYPE_CHECKING:
    from pathlib import Path

    from installer.validation import Complaints

STANDARD_MODES = ("minimal", "standard", "dev", "full")

Objection = tuple[tuple[str | int, ...], str]  # the place of a key, and what is wrong with it


class SectionType(Protocol):
    """The type of a phase's section: a frozen dataclass whose fields all have defaults.

    One with `EACH`, the name of its only field, is a table of tables that the user names: `[apps.web]`.
    """

    TABLE: ClassVar[str]


Section = TypeVar("Section")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What a mode installs, in place of what would be inferred for it. `requirements` are files."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    requirements: tuple[RelPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomStep:
    """A command of the project's that joins a phase, at its start or end.

    `undo` takes it back; `check` succeeds when there is nothing to do; when none of `inputs` changed since, it is
    skipped; `outputs` are the paths that it may change; `optional`: the run goes on without it.
    """

    phase: str
    title: str
    run: tuple[str, ...]
    undo: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    inputs: tuple[RelPath, ...] = ()
    outputs: tuple[RelPath, ...] = ()
    optional: bool = False
    after: Literal["start", "end"] = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The keys that belong to no phase. `modes`: every mode that may be chosen, None where it is to be inferred.

    `notify`: names of variables that hold addresses, to which notices go.
    """

    name: str = "Surefoot"
    env_prefix: str = "SUREFOOT"
    state_dir: RelPath = field(default=RelPath(STATE))
    environment: str = ".venv"
    mode: str = "standard"
    language: Literal["", "en", "zh"] = ""
    phase_names: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, Mode | None] = field(default_factory=lambda: dict.fromkeys(STANDARD_MODES))
    steps: tuple[CustomStep, ...] = ()
    test: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Head):
    """What the project asks for. Without a manifest: the defaults.

    source    the file that it was read from, None without one
    digest    sha256 of what it says, "" without one; the same for two spellings of the same wishes
    raw       its table as it stands in the file
    """

    source: RelPath | None = None
    digest: str = ""
    raw: Json = field(default_factory=dict)
    sections: Mapping[type, object] = field(default_factory=dict)

    def section(self, wanted: type[Section]) -> Section:
        """A phase's own section; its defaults where the manifest does not have the table."""
        return cast("Section", self.sections[wanted]) if wanted in self.sections else wanted()

    def phase_name(self, phase: str) -> str:
        """The name of a phase as people see it."""
        return self.phase_names.get(phase, phase)


def load(root: Path, sections: Iterable[type[SectionType]] = (), phases: Iterable[str] = ()) -> Manifest:
    """The manifest of the project at `root`; the defaults if there is none.

    `sections` are the types of the phases' tables, `phases` their names (to check those that the manifest uses).
    Raises `UsageError` with a line for every complaint.
    """
    if (found := _find(root)) is None:
        return Manifest()
    source, text, table = found
    from installer.validation import Complaints

    complaints = Complaints(source, text, prefix=() if source == MANIFEST else ("tool", "surefoot"))
    head, parts = _checked(table, tuple(sections), tuple(phases), complaints)
    complaints.raise_any()
    return Manifest(
        **{name: getattr(head, name) for name in Head.__dataclass_fields__ if name != "modes"},
        modes=dict.fromkeys(STANDARD_MODES) | dict(head.modes),  # its own modes come on top of the usual ones
        source=RelPath(source),
        digest=sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest(),
        raw=table,
        sections=parts,
    )


def _checked(
    table: Json, sections: tuple[type[SectionType], ...], phases: tuple[str, ...], complaints: Complaints
) -> tuple[Head, dict[type, object]]:
    """The table as types. What was complained of is at its default in the result."""
    from installer import validation

    own = {validation.dashed(name): name for name in Head.__dataclass_fields__}
    names: dict[str, type[object]] = {section.TABLE: section for section in sections}
    validation.check_keys(table, own.keys() | names.keys(), complaints)
    head, parts = Head(), dict[type, object]()
    for key, value in table.items():
        if key in names:
            parts[names[key]] = _section(names[key], value, key, complaints)
        elif key in own and (one := validation.check(Head, {key: value}, (), complaints)):
            head = replace(head, **{own[key]: getattr(one, own[key])})
    for path, what in _objections(head, phases):
        complaints.add(path, what)
    return head, parts


def _section(kind: type[object], value: object, key: str, complaints: Complaints) -> object:
    from installer import validation

    if (each := getattr(kind, "EACH", "")) == "":
        return validation.check(kind, value, (key,), complaints)
    checked = validation.check(get_type_hints(kind)[each], value, (key,), complaints)
    return kind(**{each: checked or {}})


def _objections(head: Head, phases: tuple[str, ...]) -> Iterator[Objection]:
    """What a type cannot say."""
    from installer.validation import unknown_value

    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", head.env_prefix):
        yield ("env-prefix",), tr("should be capital letters, digits and `_`")
    if head.state_dir == "." or head.state_dir.within(".git"):
        yield ("state-dir",), tr("should be a folder of its own")
    if head.environment != "active":
        yield from _path_objection(("environment",), head.environment)
    if head.mode not in head.modes and head.mode not in STANDARD_MODES:
        yield ("mode",), unknown_value(head.mode, (*STANDARD_MODES, *head.modes))
    for number, name in enumerate(head.notify):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield ("notify", number), tr("should be the name of a variable that holds the address, not the address")
    yield from _name_objections(head, phases)
    for number, step in enumerate(head.steps):
        if phases and step.phase not in phases:
            yield ("steps", number, "phase"), unknown_value(step.phase, phases)
        if not step.run:
            yield ("steps", number, "run"), tr("should name a command")


def _name_objections(head: Head, phases: tuple[str, ...]) -> Iterator[Objection]:
    from installer.validation import unknown

    for phase, name in head.phase_names.items():
        if phases and phase not in phases:
            yield ("phase-names", phase), unknown(phase, phases)
        if not re.fullmatch(r"\w[\w-]*", name):
            yield ("phase-names", phase), tr("should be one word")
        if list(head.phase_names.values()).count(name) > 1 or (name in phases and name != phase):
            yield ("phase-names", phase), tr("should be a name that no other phase has")


def _path_objection(path: tuple[str, ...], text: str) -> Iterator[Objection]:
    try:
        if RelPath(text) != ".":
            return
    except InstallerError:
        pass
    yield path, tr("should be a path below the project, not {text}", text=repr(text))


def _find(root: Path) -> tuple[str, str, Json] | None:
    """The file that holds the manifest, its text, and the manifest's table in it."""
    own = _read(root / MANIFEST)
    project = _read(root / "pyproject.toml")
    table = _table_of(project)
    if own is not None and table is not None:
        raise UsageError(
            "manifest.two",
            tr("both `{one}` and `[tool.surefoot]` in `pyproject.toml` say how to install this project", one=MANIFEST),
            hint=tr("keep one of them"),
        )
    if own is not None:
        return MANIFEST, own, _parse(MANIFEST, own)
    if project is not None and table is not None:
        return "pyproject.toml", project, table
    return None


def _table_of(project: str | None) -> Json | None:
    """`[tool.surefoot]` of a `pyproject.toml`. It is parsed only when it mentions us."""
    if project is None or "surefoot" not in project:
        return None
    tool = _parse("pyproject.toml", project).get("tool")
    table: Any = tool.get("surefoot") if isinstance(tool, dict) else None
    if table is None or isinstance(table, dict):
        return table
    raise UsageError("manifest.wrong", tr("`{file}`: `tool.surefoot` should be a table", file="pyproject.toml"))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise UsageError(
            "manifest.encoding",
            tr("`{file}` is not UTF-8: {reason} at byte {byte}", file=path.name, reason=error.reason, byte=error.start),
            hint=tr("save it as UTF-8"),
        ) from error
    except OSError as error:
        raise UsageError(
            "manifest.unreadable", tr("cannot read `{file}`: {reason}", file=path.name, reason=error.strerror)
        ) from error


def _parse(name: str, text: str) -> Json:
    """`text` as TOML; raises `UsageError` with line and column."""
    import tomllib  # only where there is a manifest

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "manifest.malformed",
            tr("`{file}` is not valid TOML", file=name),
            details=(str(error),),
            hint=tr("mend it, then run the same command again"),
        ) from error
