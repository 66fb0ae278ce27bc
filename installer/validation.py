"""Is a manifest's table what its types say? All complaints together, each with its line.

The only place that knows pydantic; imported only where there is a manifest.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar, cast, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import core_schema

from installer.errors import InstallerError, UsageError
from installer.i18n import tr
from installer.model import Json, RelPath
from installer.nearest import nearest
from installer.toml_lines import Path, line_of, lines

Checked = TypeVar("Checked")


class Complaints:
    """What is wrong with one file, gathered to be raised together. `prefix` leads to the table in the file."""

    def __init__(self, file: str, text: str, *, prefix: Path) -> None:
        self._file = file
        self._prefix = prefix
        self._lines = lines(text)
        self._found: dict[tuple[int, str], None] = {}

    def add(self, path: Path, what: str) -> None:
        """Note that `what` is wrong with the key at `path`."""
        line = line_of(self._lines, self._prefix + path)
        text = tr("{file}, line {line}: `{key}` {what}", file=self._file, line=line, key=_dotted(path), what=what)
        self._found[line, text] = None

    def raise_any(self) -> None:
        """Raise `UsageError` if there was anything to complain of."""
        if self._found:
            raise UsageError(
                "manifest.wrong",
                tr("the manifest `{file}` cannot be used", file=self._file),
                details=tuple(text for _, text in sorted(self._found)),
                hint=tr("mend it, then run the same command again"),
                places=[{"file": self._file, "line": line, "text": text} for line, text in sorted(self._found)],
            )


def check_keys(table: Json, known: Collection[str], complaints: Complaints) -> None:
    """Complain of the keys of the manifest's table that are not `known`."""
    for key in table.keys() - set(known):
        complaints.add((key,), unknown(key, known))


def check(kind: type[Checked], value: object, path: Path, complaints: Complaints) -> Checked | None:
    """`value`, which stands at `path`, as a `kind`; None if there was something to complain of."""
    try:
        checked: Checked = _adapter(cast("Any", kind)).validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        for at, what in _grouped(error, kind).items():
            complaints.add(path + at, what)
        return None
    return checked


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a key that is not among those `known`: the nearest of them."""
    near = nearest(dashed(name), known)
    return tr("is not known; did you mean `{near}`?", near=near) if near else tr("is not known")


def unknown_value(value: str, known: Collection[str]) -> str:
    """What to say of a value that is not among those `known`."""
    near = nearest(value, known)
    if near:
        return tr("should not be `{value}`; did you mean `{near}`?", value=value, near=near)
    return tr("should be one of {known}, not `{value}`", value=value, known=", ".join(sorted(known)))


def dashed(name: str) -> str:
    """A field's name as it is spelt in TOML."""
    return name.replace("_", "-")


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            word = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            text += f".{word}" if text else word
    return text


# -- what pydantic has to say, in our words ----------------------------------------------------------------------------


def _grouped(error: ValidationError, kind: object) -> dict[Path, str]:
    """One complaint for each place; what the branches of a union say is joined by "or"."""
    found: dict[Path, list[str]] = {}
    for problem in error.errors(include_url=False):
        path = _place(problem["loc"], kind)
        what = _sentence(cast("Mapping[str, Any]", problem), kind, path)
        if what not in found.setdefault(path, []):
            found[path].append(what)
    return {path: tr(" or ").join(whats) for path, whats in found.items()}


def _place(loc: Path, kind: object) -> Path:
    """`loc` without the names that pydantic gives to the branches of a union."""
    path: Path = ()
    for part in loc:
        if not _known_inside(kind):
            break
        path += (part,)
        kind = _inside(kind, part)
    return path


def _sentence(problem: Mapping[str, Any], kind: object, path: Path) -> str:
    code, context = problem["type"], problem.get("ctx", {})
    if code == "unexpected_keyword_argument":
        for part in path[:-1]:
            kind = _inside(kind, part)
        return unknown(str(path[-1]), [dashed(name) for name in _fields(kind)])
    if code == "value_error":
        return str(context["error"])
    if code == "literal_error":
        expected = context["expected"].replace("False", "false").replace("True", "true").replace(" or ", tr(" or "))
        return tr("should be {expected}", expected=expected)
    return _SHAPES[code]() if code in _SHAPES else str(problem["msg"])


_SHAPES = {
    "missing_argument": lambda: tr("is missing"),
    "missing": lambda: tr("is missing"),
    "string_type": lambda: tr("should be a text"),
    "bool_type": lambda: tr("should be true or false"),
    "int_type": lambda: tr("should be a whole number"),
    "float_type": lambda: tr("should be a number"),
    "tuple_type": lambda: tr("should be a list"),
    "list_type": lambda: tr("should be a list"),
    "dict_type": lambda: tr("should be a table"),
    "mapping_type": lambda: tr("should be a table"),
    "dataclass_type": lambda: tr("should be a table"),
}


# -- types, walked along a path ----------------------------------------------------------------------------------------


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 -- a cache forgets the type; `check` knows it again
    """The checker of `kind`, which spells the fields of it, and of the types in it, with dashes."""
    # `installer.model` must not know pydantic, so that its hook is put on here
    RelPath.__get_pydantic_core_schema__ = _relpath_schema  # type: ignore[attr-defined]  # a hook of pydantic's
    for each in _dataclasses(kind):
        each.__pydantic_config__ = ConfigDict(extra="forbid", alias_generator=dashed)
        for text in _texts(_fields(each).values()):
            text.__get_pydantic_core_schema__ = _text_schema
    return TypeAdapter(kind)


def _texts(kinds: Iterable[object]) -> Iterable[Any]:
    """The kinds of text among them that check themselves: `parsed` returns one, or raises `ValueError`."""
    for kind in kinds:
        if hasattr(kind, "parsed"):
            yield kind
        yield from _texts(get_args(kind))


def _text_schema(source: Any, _handler: object) -> core_schema.CoreSchema:  # noqa: ANN401 -- see `_texts`
    text: core_schema.CoreSchema = core_schema.str_schema()
    if getattr(source, "or_number", False):  # `cpus = 0.5` says the same as `cpus = "0.5"`
        number = core_schema.no_info_after_validator_function(lambda found: f"{found:g}", core_schema.float_schema())
        text = core_schema.union_schema([text, number])
    return core_schema.no_info_after_validator_function(source.parsed, text)


def _relpath_schema(_source: object, _handler: object) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(_relpath, core_schema.str_schema())


def _relpath(text: str) -> RelPath:
    try:
        return RelPath(text)
    except InstallerError as error:
        raise ValueError(tr("should be a path below the project, not {text}", text=repr(text))) from error


def _dataclasses(kind: object) -> Iterable[Any]:
    """`kind` and all dataclasses that its fields can hold; their attributes are pydantic's business, hence Any."""
    if dataclasses.is_dataclass(kind):
        yield kind
    for inner in (*_fields(kind).values(), *get_args(kind)):
        yield from _dataclasses(inner)


def _fields(kind: object) -> Mapping[str, object]:
    """The fields of a dataclass, or of the dataclass in a union."""
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return {each.name: hints[each.name] for each in dataclasses.fields(kind)}
    return next((fields for each in _branches(kind) if (fields := _fields(each))), {})


def _branches(kind: object) -> tuple[object, ...]:
    return () if hasattr(kind, "__origin__") else get_args(kind)


def _known_inside(kind: object) -> bool:
    """Can a path go on inside of `kind`?"""
    return bool(_fields(kind)) or _item(kind) is not None


def _inside(kind: object, part: str | int) -> object:
    """The type of what stands at `part` of a `kind`."""
    fields = _fields(kind)
    return fields.get(str(part).replace("-", "_")) if fields else _item(kind)


def _item(kind: object) -> object:
    """What a `Mapping[str, X]`, a `tuple[X, ...]` or a union with one of them holds: X."""
    origin = getattr(kind, "__origin__", None)
    if origin is tuple:
        return get_args(kind)[0]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return get_args(kind)[1]
    return next((item for each in _branches(kind) if (item := _item(each)) is not None), None)
