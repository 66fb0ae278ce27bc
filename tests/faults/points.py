"""At which changes a run is disturbed: every program has its share, spread evenly; all, or chosen ones, on request.

FAULT_POINTS=all tries every change; FAULT_POINTS="uv/site-packages:17 tool:40 1200" tries these: of that program, on
paths with that part, which one (a bare number counts all of them); with errors "ENOSPC@tool:17", or "ENOSPC+@tool:17"
for one that stays. FAULT_SEED moves the points of a sample.
"""

from __future__ import annotations

import errno
import os
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.faults.interposer import FOR_EVER, KINDS, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.interposer import Call


SEED = int(os.environ.get("FAULT_SEED", "20261122"))
WANTED = os.environ.get("FAULT_POINTS", "")
LINKING = "site-packages"  # what uv does below it is the linking of packages


@dataclass(frozen=True)
class Share:
    """`count` points among the changes by `program` on paths with `part`."""

    program: str
    count: int
    part: str = ""


def choose(calls: list[Call], shares: tuple[Share, ...], kind: Fault, *, name: str) -> list[Fault]:
    """Faults like `kind` at the chosen points of a run that makes `calls`; with a seed made of SEED and `name`."""
    if WANTED == "all":
        return [replace(kind, at=at, torn=bool(at % 2)) for at in range(1, len(_meant(calls, Share("", 0))) + 1)]
    if WANTED:
        return [_parsed(kind, word) for word in WANTED.replace(",", " ").split()]
    chance = random.Random(f"{SEED} {name}")  # noqa: S311 -- a sample, no secret
    return [fault for share in shares for fault in _spread(calls, share, kind, chance)]


# At which calls the system says so.
_FALLIBLE = {
    "ENOSPC": ("open", "write", "name", "make", "size"),
    "EIO": tuple(KINDS),
    "EACCES": ("open", "name", "make", "remove", "mode", "time"),
    "EROFS": ("open", "name", "make", "remove", "mode", "size", "time"),
    "EMFILE": ("open",),
}


def choose_errors(calls: list[Call], count: int, *, name: str) -> list[Fault]:
    """For every error `count` that happen once and `count` that stay, evenly over the calls that can have them."""
    if WANTED:
        return [_parsed_error(word) for word in WANTED.replace(",", " ").split()]
    chance = random.Random(f"{SEED} {name}")  # noqa: S311 -- a sample, no secret
    found = []
    for error, kinds in _FALLIBLE.items():
        meant = [call for call in calls if call.kind in kinds]
        for stays in (False, True):
            for number in range(count):
                at = int((number + chance.random()) * len(meant) / count) + 1
                found.append(_error(error, at, stays=stays))
    return found


def choose_in(calls: list[Call], error: str, count: int, *, program: str, part: str) -> list[Fault]:
    """The error, staying, at `count` of the calls by `program` on paths with `part`."""
    kind = _error(error, 0, stays=True)
    chance = random.Random(f"{SEED} {error} {part}")  # noqa: S311 -- a sample, no secret
    meant = [call for call in calls if call.kind in _FALLIBLE[error]]
    return [replace(each, torn=False) for each in _spread(meant, Share(program, count, part), kind, chance)]


def parsed(word: str, kind: Fault | None = None) -> Fault:
    """A fault like `kind`, or the error that it names, at the point it says: see FAULT_POINTS."""
    return _parsed(kind, word) if kind else _parsed_error(word)


def _error(name: str, at: int, *, stays: bool) -> Fault:
    classes = sum(KINDS[kind] for kind in _FALLIBLE[name])
    return Fault("errno", at, FOR_EVER if stays else at, error=getattr(errno, name), classes=classes)


def _parsed_error(word: str) -> Fault:
    name, _, where = word.partition("@")
    return _parsed(_error(name.rstrip("+"), 0, stays=name.endswith("+")), where)


def _spread(calls: list[Call], share: Share, kind: Fault, chance: random.Random) -> Iterator[Fault]:
    """Evenly: one at random in each of as many stretches of equal length."""
    total = len(_meant(calls, share))
    count = min(total, share.count)
    for number in range(count):
        at = int((number + chance.random()) * total / count) + 1
        yield replace(kind, at=at, program=share.program, part=share.part, torn=bool(number % 2))


def _meant(calls: list[Call], share: Share) -> list[Call]:
    return [
        call
        for call in calls
        if call.kind != "sync" and share.program in {"", call.program} and share.part in call.path
    ]


def _parsed(kind: Fault, word: str) -> Fault:
    where, _, number = word.rpartition(":")
    program, _, part = where.partition("/")
    at = int(number)
    return replace(kind, at=at, until=max(at, kind.until), program=program, part=part)
