"""Records to JSON and back. The field names of `model.py` are the format; a new field needs a default.

Reading is a border: a value of another type than the field has, an id that would lead out of a folder, is refused.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from installer.errors import Damaged, Refused
from installer.frozen import fields, is_dataclass
from installer.model import Effect, Record, RelPath, Step, Undo

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORDS = {kind.__name__: kind for kind in get_args(Record)}
_UNDOS = {kind.__name__: kind for kind in get_args(Undo)}


def to_json(record: Record) -> dict[str, Any]:
    """`record` as plain JSON data with its `type`."""
    data: dict[str, Any] = {"type": type(record).__name__} | _plain(record)
    return data


def from_json(data: dict[str, Any]) -> Record:
    """The record that `to_json` wrote. Raises `Damaged` if it is none of ours."""
    try:
        record: Record = _made(_RECORDS[data["type"]], data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, Refused) as error:
        raise Damaged("journal.record", f"a record of the journal cannot be read: {error}") from error
    return record


def step_from_json(data: dict[str, Any]) -> Step:
    """A step from its JSON form; an unknown field is ignored (a newer version wrote it)."""
    step: Step = _made(Step, data)
    return step


def undo_from_json(data: dict[str, Any]) -> Undo:
    """An undo from its JSON form."""
    undo: Undo = _made(_UNDOS[data["type"]], data)
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


def _made(kind: Any, data: dict[str, Any]) -> Any:
    """A `kind` of what `data` has for its fields. Raises `TypeError`, `ValueError` or `Refused` for a wrong value."""
    read = _readers(kind)
    return kind(**{name: read[name](value) for name, value in data.items() if name in read})


@cache
def _readers(kind: type) -> dict[str, Callable[[Any], Any]]:
    """What makes the value of each field of `kind` out of what JSON has for it, by what its annotation says."""
    own = {"id": _id, "install_id": _run_id}
    return {each.name: own.get(each.name) or _READ[str(each.type)] for each in fields(kind)}


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"


def _run_id(value: Any) -> Any:
    """Folders are called by it."""
    return _only(value, isinstance(value, str) and value[:1] not in "_.-" and not value.strip(_LETTERS))


def _id(value: Any) -> Any:
    """Folders are called by the id of a step: it may not lead out of them."""
    if isinstance(value, str) and value and value[0] != "." and not value.strip(_LETTERS):
        return value  # what nearly every id is: no need to look closer
    return _only(value, isinstance(value, str) and value != "." and RelPath(value) == value)


def _only(value: Any, right: bool) -> Any:  # noqa: FBT001 -- read as a sentence: only a value that is right
    if not right:
        raise TypeError(f"unexpected {type(value).__name__}")
    return value


def _kind(*kinds: type) -> Callable[[Any], Any]:
    """What takes a value of just these types: a bool is no int here."""
    return lambda value: value if type(value) in kinds else _only(value, False)  # noqa: FBT003 -- see `_only`


def _list(value: Any) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else _only(value, False)  # noqa: FBT003 -- see `_only`


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _only(value, False)  # noqa: FBT003 -- see `_only`


def _path(value: Any) -> RelPath:
    return RelPath(_text(value))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))


def _paths(value: Any) -> tuple[RelPath, ...]:
    return tuple(map(_path, _list(value)))


def _table_of_texts(value: Any) -> Any:
    return _only(value, isinstance(value, dict) and all(isinstance(each, str) for each in value.values()))


def _pairs(value: Any) -> tuple[tuple[RelPath, RelPath], ...]:
    return tuple((_path(one), _path(other)) for one, other in map(_list, _list(value)))


def _marked(value: Any) -> tuple[tuple[RelPath, RelPath, str], ...]:
    return tuple((_path(one), _path(other), _text(mark)) for one, other, mark in map(_list, _list(value)))


def _one_of(*words: str) -> Callable[[Any], Any]:
    return lambda value: _only(value, isinstance(value, str) and value in words)


_READ: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _kind(int),
    "float": _kind(int, float),
    "bool": _kind(bool),
    "Json": _kind(dict),
    "RelPath": _path,
    "Step": lambda value: step_from_json(_kind(dict)(value)),
    "Effect": lambda value: _made(Effect, _kind(dict)(value)),
    "Mapping[str, str]": _table_of_texts,
    "tuple[str, ...]": _texts,
    "tuple[RelPath, ...]": _paths,
    "tuple[Undo, ...]": lambda value: tuple(map(undo_from_json, _list(value))),
    "tuple[tuple[RelPath, RelPath], ...]": _pairs,
    "tuple[tuple[RelPath, RelPath, str], ...]": _marked,
    "OnFailure": _one_of("stop", "degrade", "warn"),
    "Literal['file', 'link', 'folder']": _one_of("file", "link", "folder"),
}
