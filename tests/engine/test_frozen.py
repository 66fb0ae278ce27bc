"""Our data classes behave as the standard library's do, and its functions take them."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import pytest

from installer import frozen


def _made(module: Any) -> tuple[Any, Any, Any]:  # the same three classes by either module
    class Base:
        TABLE: ClassVar[str] = "base"
        first: str
        second: int = 2

    class Below(Base):
        third: list[int] = module.field(default_factory=list)
        fourth: str

    class Open:
        text: str = module.field(default="")

    base = module.dataclass(frozen=True, slots=True)(Base)
    return base, module.dataclass(frozen=True, kw_only=True)(Below), module.dataclass(Open)


PAIRS = tuple(zip(_made(frozen), _made(dataclasses), strict=True))


@pytest.mark.parametrize(
    ("kind", "values", "given"),
    [
        (0, ("a",), {}),
        (0, ("a", 3), {}),
        (0, (), {"first": "a"}),
        (0, (), {}),
        (0, ("a", 3, 4), {}),
        (0, ("a",), {"first": "b"}),
        (0, ("a",), {"strange": 1}),
        (1, ("a", 3), {"fourth": "x"}),
        (1, ("a", 3, [1]), {"fourth": "x"}),
        (1, ("a",), {}),
        (1, (), {"first": "a", "third": [5], "fourth": "x"}),
        (2, (), {}),
        (2, ("x",), {}),
    ],
)
def test_one_is_made_or_refused_as_the_librarys_is(kind: int, values: tuple[Any, ...], given: dict[str, Any]) -> None:
    ours, theirs = PAIRS[kind]
    try:
        expected = dataclasses.asdict(theirs(*values, **given))
    except TypeError:
        with pytest.raises(TypeError):
            ours(*values, **given)
        return
    made = ours(*values, **given)
    assert (dataclasses.asdict(made), repr(made)) == (expected, repr(theirs(*values, **given)))


def test_values_decide_what_is_equal() -> None:
    base, below, open_ = (ours for ours, _ in PAIRS)
    assert base("a") == base("a", 2)
    assert base("a") != base("b")
    assert base("a") != "a"
    assert hash(base("a")) == hash(base("a", 2))
    assert below(first="a", fourth="x") != base("a")
    with pytest.raises(TypeError):
        hash(open_())
    with pytest.raises(TypeError):
        hash(below(first="a", fourth="x"))  # it holds a list


def test_what_is_frozen_stays_and_what_is_not_does_not() -> None:
    (base, _), _, (open_, _) = PAIRS
    one, other = base("a"), open_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.first = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.first
    other.text = "b"
    assert (one.first, other.text) == ("a", "b")


def test_every_one_gets_a_list_of_its_own() -> None:
    below = PAIRS[1][0]
    one, other = below(first="a", fourth="x"), below(first="a", fourth="x")
    one.third.append(1)
    assert other.third == []


@pytest.mark.parametrize("replace", [frozen.replace, dataclasses.replace])
def test_a_changed_copy_keeps_the_rest(replace: Any) -> None:
    base = PAIRS[0][0]
    one = base("a", 5)
    assert (replace(one, first="b"), one) == (base("b", 5), base("a", 5))
    with pytest.raises(TypeError):
        replace(one, strange=1)


def test_the_library_knows_their_fields() -> None:
    for ours, theirs in PAIRS:
        told = [(each.name, each.type, each.default, each.kw_only) for each in dataclasses.fields(theirs)]
        assert [(each.name, each.type, each.default) for each in dataclasses.fields(ours)] == [
            each[:3] for each in told
        ]
        assert [each.name for each in frozen.fields(ours)] == [each[0] for each in told]
        assert dataclasses.is_dataclass(ours)
        assert frozen.is_dataclass(ours)
