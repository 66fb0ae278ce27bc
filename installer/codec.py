"""Records to JSON and back. The field names of `model.py` are the format; a new field needs a default.

Reading is a border: a value of another type than the field has, an id that would lead out of a folder, is refused.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from installer.errors import Damaged, Refused
from installer.frozen import fields, is_dataclass
from installer.model import Effect, Record, RelPath, Step, Undo

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORDS = {kind.__name__: kind for kind in get_args(Record)}
_UNDOS = {kind.__name__: kind for kind in get_args(Undo)}
_PATHS = frozenset({"path", "backup", "home", "first", "second", "listing"})
_PATH_LISTS = frozenset({"touches", "scratch", "grows", "guards", "empty_parents"})
_PATH_TUPLES = frozenset({"moves", "carries", "exchanges"})


def to_json(record: Record) -> dict[str, Any]:
    """`record` as plain JSON data with its `type`."""
    data: dict[str, Any] = {"type": type(record).__name__} | _plain(record)
    return data


def from_json(data: dict[str, Any]) -> Record:
    """The record that `to_json` wrote. Raises `Damaged` if it is none of ours."""
    try:
        kind = _RECORDS[data["type"]]
        values = {name: value for name, value in data.items() if name in _names(kind)}
        if "step" in values and isinstance(values["step"], dict):
            values["step"] = step_from_json(values["step"])
        if "undo" in values:
            values["undo"] = tuple(undo_from_json(each) for each in values["undo"])
        record: Record = _checked(kind, {name: _frozen(value) for name, value in values.items()})
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, Refused) as error:
        raise Damaged("journal.record", f"a record of the journal cannot be read: {error}") from error
    return record


def step_from_json(data: dict[str, Any]) -> Step:
    """A step from its JSON form; an unknown field is ignored (a newer version wrote it)."""
    known = {name: value for name, value in data.items() if name in _names(Step)}
    effect = known.pop("effect", {})
    needs = tuple(known.pop("needs", ()))
    step: Step = _checked(Step, known | {"needs": needs, "effect": _checked(Effect, _typed(Effect, effect))})
    return step


def undo_from_json(data: dict[str, Any]) -> Undo:
    """An undo from its JSON form."""
    kind = _UNDOS[data["type"]]
    undo: Undo = _checked(kind, _typed(kind, data))
    return undo


def undo_to_json(undo: Undo) -> dict[str, Any]:
    """An undo as plain JSON data with its `type`."""
    data: dict[str, Any] = {"type": type(undo).__name__} | _plain(undo)
    return data


def _plain(value: Any) -> Any:
    """Dataclasses to dicts, without fields that hold their default; undos with their type; tuples to lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: [undo_to_json(undo) for undo in content] if each.name == "undo" else _plain(content)
            for each in fields(value)
            if (content := getattr(value, each.name)) != each.default
        }
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(content) for name, content in value.items()}
    return value


def _typed(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    return {name: _path_typed(name, value) for name, value in data.items() if name in _names(kind)}


def _path_typed(name: str, value: Any) -> Any:
    if name in _PATHS:
        return RelPath(value)
    if name in _PATH_LISTS and not isinstance(value, bool):  # `scratch` is a list in one class, a flag in another
        return tuple(RelPath(each) for each in value)
    if name in _PATH_TUPLES:
        return tuple((RelPath(each[0]), RelPath(each[1]), *each[2:]) for each in value)
    return _frozen(value)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def _names(kind: type) -> frozenset[str]:
    return frozenset(each.name for each in fields(kind))


def _checked(kind: Any, values: dict[str, Any]) -> Any:
    """A `kind` with these values. Raises `TypeError` or `ValueError` for one of the wrong type."""
    types = _types(kind)
    for name, value in values.items():
        if not types[name](value):
            raise TypeError(f"{kind.__name__}.{name}")
    return kind(**values)


@cache
def _types(kind: type) -> dict[str, Callable[[Any], bool]]:
    """What may be in each field of `kind`, by what its annotation says."""
    own = {"id": _is_path, "install_id": _is_run_id}
    return {each.name: own.get(each.name) or _RIGHT[str(each.type)] for each in fields(kind)}


def _is_run_id(value: Any) -> bool:
    """Folders are called by it."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", value) is not None


_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*").fullmatch  # what nearly every id is: no need to look closer


def _is_path(value: Any) -> bool:
    """Folders are called by the id of a step: it may not lead out of them."""
    if isinstance(value, str) and _PLAIN(value):
        return True
    return isinstance(value, str) and value != "." and RelPath(value) == value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _tells_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _are(length: int) -> Callable[[Any], bool]:
    def right(value: Any) -> bool:
        return isinstance(value, tuple) and all(len(each) == length and _are_texts(each) for each in value)

    return right


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


_RIGHT: dict[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": lambda value: type(value) is int,
    "float": _is_number,
    "bool": lambda value: type(value) is bool,
    "Json": _is_table,
    "RelPath": _is_text,
    "Step": lambda value: isinstance(value, Step),
    "Effect": lambda value: isinstance(value, Effect),
    "Mapping[str, str]": _tells_texts,
    "tuple[str, ...]": _are_texts,
    "tuple[RelPath, ...]": _are_texts,
    "tuple[Undo, ...]": lambda value: isinstance(value, tuple),
    "tuple[tuple[RelPath, RelPath], ...]": _are(2),
    "tuple[tuple[RelPath, RelPath, str], ...]": _are(3),
    "OnFailure": _one_of("stop", "degrade", "warn"),
    "Literal['file', 'link', 'folder']": _one_of("file", "link", "folder"),
}
