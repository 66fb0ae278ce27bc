"""Records to JSON and back. The field names of `model.py` are the format; a new field needs a default."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args

from installer.errors import Damaged
from installer.model import Effect, Record, RelPath, Step, Undo

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
        record: Record = kind(**{name: _frozen(value) for name, value in values.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged("journal.record", f"a record of the journal cannot be read: {error}") from error
    return record


def step_from_json(data: dict[str, Any]) -> Step:
    """A step from its JSON form; an unknown field is ignored (a newer version wrote it)."""
    known = {name: value for name, value in data.items() if name in _names(Step)}
    effect = known.pop("effect", {})
    needs = tuple(known.pop("needs", ()))
    return Step(**known, needs=needs, effect=Effect(**_typed(Effect, effect)))


def undo_from_json(data: dict[str, Any]) -> Undo:
    """An undo from its JSON form."""
    kind = _UNDOS[data["type"]]
    undo: Undo = kind(**_typed(kind, data))
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
