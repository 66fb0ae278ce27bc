"""Every benchmark by its name, in the order of the tables; and the names of groups of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from benchmarks import containers, fresh, growth, inside, interrupted, returning, spans, submodules
from benchmarks.figures import Curve, Result, Row, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.room import Room

BUDGETS: Mapping[str, Callable[[Room], Iterator[Row | Curve]]] = MappingProxyType(
    {
        "idle": fresh.idle,
        "fresh": fresh.fresh,
        "pip": fresh.pip,
        "cold": fresh.cold,
        "resume": interrupted.resume,
        "rollback": returning.rollback,
        "restore": returning.restore,
        "flat": returning.flat,
        "record": inside.append,
        "progress": inside.progress_file,
        "resume-check": inside.resume_check,
        "backup": inside.backup,
        "submodules": submodules.fifty,
        "memory": fresh.memory,
    }
)
GROWTH: Mapping[str, Callable[[Room], Iterator[Curve]]] = MappingProxyType(
    {
        "growth-journal": growth.journal,
        "growth-packages": growth.packages,
        "growth-submodules": submodules.growth,
        "growth-tree": growth.tree,
    }
)
CONTAINERS: Mapping[str, Callable[[Room], Iterator[Row]]] = MappingProxyType(
    {"app-updates": containers.updates, "app-starts": containers.starts, "app-status": containers.looks}
)
PROFILE: Mapping[str, Callable[[Room], Iterator[Span]]] = MappingProxyType({"profile": spans.profile})
GROUPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "budgets": tuple(BUDGETS),
        "growth": tuple(GROWTH),
        "containers": tuple(CONTAINERS),
        "all": (*BUDGETS, *GROWTH, *CONTAINERS, *PROFILE),
    }
)


def chosen(names: Sequence[str]) -> list[str]:
    """The benchmarks that `names` mean, each once; the budgets if there are none. Raises `KeyError` for no name."""
    wanted = [one for name in names or ("budgets",) for one in GROUPS.get(name, (name,))]
    for name in wanted:
        _ = _all()[name]
    return list(dict.fromkeys(wanted))


def measure(name: str, room: Room, setting: Mapping[str, str]) -> Result:
    """Run one of them to its end."""
    found = list(_all()[name](room))
    return Result(
        name=name,
        setting=setting,
        rows=tuple(each for each in found if isinstance(each, Row)),
        curves=tuple(each for each in found if isinstance(each, Curve)),
        spans=tuple(each for each in found if isinstance(each, Span)),
    )


def _all() -> Mapping[str, Callable[[Room], Iterator[Row | Curve | Span]]]:
    return {**BUDGETS, **GROWTH, **CONTAINERS, **PROFILE}
