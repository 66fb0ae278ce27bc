"""Frozen data classes that compile nothing: what `dataclasses` offers, at a fiftieth of its cost at import.

`dataclasses` writes and compiles six methods a class, which takes half of the time that the tool needs to start. Here
all classes share the same few functions. `dataclass`, `field`, `fields` and `replace` keep the contract of the standard
library's, as far as this project uses it, and are those to the type checker; the library's own functions take these
classes, too. The difference: there are no slots (`slots` is not heard).
"""

# ruff: noqa: ANN401 -- classes and values of any kind

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass, field, fields, is_dataclass, replace

    __all__ = ["dataclass", "field", "fields", "is_dataclass", "replace"]


class _Missing:
    """The default of a field that has none."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


class Field:
    """A field of a class: its name, the words of its type, its default or what makes one."""

    __slots__ = ("default", "default_factory", "name", "type")

    def __init__(self, default: object = MISSING, default_factory: Callable[[], object] | None = None) -> None:
        self.name = ""
        self.type: object = ""
        self.default = default
        self.default_factory = default_factory


class _Shape:
    """What the functions below know of a class."""

    __slots__ = ("blank", "factories", "fields", "frozen", "kw_only", "post", "required")

    def __init__(self, found: Mapping[str, Field], *, kw_only: frozenset[str], frozen: bool, post: bool) -> None:
        self.fields = tuple(found.values())
        self.blank = {name: each.default for name, each in found.items()}
        self.factories = tuple((name, each.default_factory) for name, each in found.items() if each.default_factory)
        made = {name for name, _ in self.factories}
        self.required = frozenset(name for name, value in self.blank.items() if value is MISSING and name not in made)
        self.kw_only = kw_only
        self.frozen = frozen
        self.post = post


def _dataclass(cls: Any = None, /, *, frozen: bool = False, slots: bool = False, kw_only: bool = False) -> Any:  # noqa: ARG001 -- `slots`
    """Give a class its fields and methods; with flags alone, the decorator that does."""
    return _made(cls, frozen, kw_only) if cls is not None else lambda each: _made(each, frozen, kw_only)


def _made(cls: Any, frozen: bool, kw_only: bool) -> Any:  # noqa: FBT001 -- the flags of the decorator
    found: dict[str, Field] = {}
    only: set[str] = set()
    for base in reversed(cls.__mro__[1:]):
        if (above := base.__dict__.get("__shape__")) is not None:
            found.update((each.name, each) for each in above.fields)
            only |= above.kw_only
    for name, words in cls.__annotations__.items():
        if not str(words).startswith(("ClassVar", "typing.ClassVar")):
            found[name] = _field_of(cls, name, words)
            only.add(name) if kw_only else only.discard(name)
    cls.__shape__ = _Shape(found, kw_only=frozenset(only), frozen=frozen, post=hasattr(cls, "__post_init__"))
    cls.__dataclass_fields__ = _Fields()
    own: dict[str, object] = {"__init__": _init, "__repr__": _repr, "__eq__": _equal}
    own |= {"__hash__": _hash, "__setattr__": _refuse, "__delattr__": _refuse} if frozen else {"__hash__": None}
    for name, method in own.items():
        if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
            setattr(cls, name, method)
    return cls


def _field_of(cls: Any, name: str, words: object) -> Field:
    given = cls.__dict__.get(name, MISSING)
    one = given if isinstance(given, Field) else Field(given)
    if isinstance(given, Field):
        delattr(cls, name)
        if given.default is not MISSING:
            setattr(cls, name, given.default)
    one.name, one.type = name, words
    return one


def _init(self: Any, *values: object, **given: object) -> None:
    shape: _Shape = self.__shape__
    if values:
        _take_positions(self, shape, values, given)
    content = shape.blank | given
    if len(content) != len(shape.blank) or not shape.required <= given.keys():
        _complain(self, shape, given)
    for name, make in shape.factories:
        if name not in given:
            content[name] = make()
    self.__dict__.update(content)
    if shape.post:
        self.__post_init__()


def _take_positions(self: object, shape: _Shape, values: tuple[object, ...], given: dict[str, object]) -> None:
    places = [each.name for each in shape.fields if each.name not in shape.kw_only]
    if len(values) > len(places) or any(name in given for name in places[: len(values)]):
        raise TypeError(f"{type(self).__qualname__} takes {len(places)} values by position, each once")
    given.update(zip(places, values, strict=False))


def _complain(self: object, shape: _Shape, given: Mapping[str, object]) -> None:
    name = type(self).__qualname__
    if strange := sorted(given.keys() - shape.blank.keys()):
        raise TypeError(f"{name}.__init__() got an unexpected keyword argument {strange[0]!r}")
    raise TypeError(f"{name}.__init__() lacks: {', '.join(sorted(shape.required - given.keys()))}")


def _repr(self: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in self.__shape__.fields)
    return f"{type(self).__qualname__}({told})"


def _equal(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _values(obj: Any) -> tuple[object, ...]:
    """The fields alone: a `cached_property` leaves what it found beside them."""
    return tuple(obj.__dict__[name] for name in obj.__shape__.blank)


def _refuse(_self: object, name: str, *_value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


class _Fields:
    """`__dataclass_fields__`, by which `dataclasses` knows its own: made when somebody asks for it."""

    def __get__(self, instance: object, owner: Any) -> Mapping[str, object]:
        import dataclasses

        def of(each: Field) -> object:
            if each.default_factory is not None:
                return dataclasses.field(default_factory=each.default_factory)
            return dataclasses.field() if each.default is MISSING else dataclasses.field(default=each.default)

        shape: _Shape = owner.__shape__
        body = {"__annotations__": {each.name: each.type for each in shape.fields}}
        namespace = body | {each.name: of(each) for each in shape.fields}
        made: Any = dataclasses.dataclass(kw_only=True)(type(owner.__name__, (), namespace))
        owner.__dataclass_fields__ = made.__dataclass_fields__
        return owner.__dataclass_fields__  # type: ignore[no-any-return]  # the standard library's table


def _replace(obj: Any, /, **changes: object) -> Any:  # any data class in, the same out
    shape: _Shape | None = getattr(obj, "__shape__", None)
    if shape is None:
        import dataclasses

        return dataclasses.replace(obj, **changes)
    if not changes.keys() <= shape.blank.keys():
        _complain(obj, shape, changes | dict.fromkeys(shape.blank))
    made = object.__new__(type(obj))
    made.__dict__.update(zip(shape.blank, _values(obj), strict=True))
    made.__dict__.update(changes)
    if shape.post:
        made.__post_init__()
    return made


def _field(*, default: object = MISSING, default_factory: Callable[[], object] | None = None) -> Any:
    """A field with a default, or with what makes one."""
    return Field(default, default_factory)


def _fields_of(of: Any) -> tuple[Field, ...]:
    """The fields of a class, or of what was made of one."""
    shape: _Shape = of.__shape__
    return shape.fields


def _is_one_of_ours(of: object) -> bool:
    return hasattr(of, "__shape__")


if not TYPE_CHECKING:
    dataclass, field, fields, replace = _dataclass, _field, _fields_of, _replace
    is_dataclass = _is_one_of_ours
