"""The arguments of `setup()` in a `setup.py`, read without running it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from installer import lazily
from installer.frozen import dataclass, field

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_FILE = lazily.pattern(r"[\w./-]*require[\w./-]*", re.IGNORECASE)
Values = dict[str, Any]  # what literals of a setup.py can be


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a `setup()` call or a `setup.cfg` says: the values that could be read, and the names of the others."""

    values: Values = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()

    def joined(self, other: Arguments) -> Arguments:
        """Both; what this one says goes first."""
        return Arguments(
            {**other.values, **self.values},
            (self.unknown - other.values.keys()) | (other.unknown - self.values.keys()),
            (*self.files, *other.files),
        )


def read(code: str) -> Arguments:
    """The arguments of `setup()` in `code`, as far as they are literals or names of literals."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings(action="ignore"):  # of the code's odd escapes
            module = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # Python 2, or no Python
        return Arguments(unknown=frozenset(("name", "install_requires", "python_requires")))
    names = _assigned(module)
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call))
    call = next((call for call in calls if _called(call) == "setup"), None)
    strings = (
        node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    files = tuple(dict.fromkeys(text for text in strings if _FILE.fullmatch(text) and text != "install_requires"))
    return Arguments(files=files) if call is None else _of_call(call, names, files)


class _UnknownError(Exception):
    """Only running the code would tell."""


def _of_call(call: ast.Call, names: Values, files: tuple[str, ...]) -> Arguments:
    values: Values = {}
    unknown: set[str] = set()
    for keyword in call.keywords:
        try:
            value = _value(keyword.value, names)
        except _UnknownError:
            unknown |= {keyword.arg} if keyword.arg else {"install_requires"}
            continue
        if keyword.arg:
            values[keyword.arg] = value
        elif isinstance(value, dict):
            values |= value
    return Arguments(values, frozenset(unknown), files)


def _assigned(module: ast.Module) -> Values:
    """The names that the module gives to literals, also inside `if` and `try`."""
    import ast

    names: Values = {}
    for node in _statements(module.body):
        match node:
            case ast.Assign(targets=[target], value=value):
                _assign(target, value, names)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=ast.Add(), value=value):
                _assign(target, ast.BinOp(ast.Name(name), ast.Add(), value), names)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
                names.pop(name, None)  # `names.append(…)`: it grows by what we do not follow
    return names


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """In the order of the file, without those of functions and classes, whose names are their own."""
    import ast

    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _assign(target: ast.expr, node: ast.expr, names: Values) -> None:
    import ast

    try:
        value = _value(node, names)
    except _UnknownError:
        if isinstance(target, ast.Name):  # what it was before no longer counts
            names.pop(target.id, None)
        return
    if isinstance(target, ast.Name):
        names[target.id] = value
    elif (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and isinstance(target.slice, ast.Constant)
    ):
        table = names.get(target.value.id)
        if isinstance(table, dict):
            names[target.value.id] = {**table, target.slice.value: value}


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _value(node: ast.expr, names: Values) -> Any:  # noqa: ANN401, PLR0911 - whatever the literal is; one return each
    import ast

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=nodes) | ast.Tuple(elts=nodes) | ast.Set(elts=nodes):
            return _items(nodes, names)
        case ast.Dict():
            return _table(node, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_value(left, names), _value(right, names))
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)):
            return _item(names, name, key)
        case ast.Call():
            return _made(node, names)
    raise _UnknownError


def _made(call: ast.Call, names: Values) -> Any:  # noqa: ANN401 - whatever the literals are
    """`dict(a=1)`, `list(x)`, `sorted(x)`."""
    if _called(call) == "dict" and not call.args:
        return {keyword.arg: _value(keyword.value, names) for keyword in call.keywords if keyword.arg}
    if _called(call) in ("list", "tuple", "sorted") and len(call.args) == 1:
        return _value(call.args[0], names)
    raise _UnknownError


def _items(nodes: list[ast.expr], names: Values) -> list[Any]:
    import ast

    items: list[Any] = []
    for node in nodes:
        items += _value(node.value, names) if isinstance(node, ast.Starred) else [_value(node, names)]
    return items


def _table(node: ast.Dict, names: Values) -> Values:
    table: Values = {}
    for key, value in zip(node.keys, node.values, strict=True):
        table |= _value(value, names) if key is None else {_value(key, names): _value(value, names)}
    return table


def _sum(left: Any, right: Any) -> Any:  # noqa: ANN401 - two literals
    try:
        return left + right
    except TypeError:
        raise _UnknownError from None


def _item(names: Values, name: str, key: object) -> Any:  # noqa: ANN401 - a literal of a table of literals
    try:
        return names[name][key]
    except (KeyError, TypeError, IndexError):
        raise _UnknownError from None
