"""Where a path went: the renames that steps made, followed in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.model import RelPath

if TYPE_CHECKING:
    from installer.model import Effect


def of(effect: Effect) -> list[tuple[RelPath, RelPath]]:
    """Every rename that a step makes as (source, target), in their order; a swap is two."""
    swaps = [pair for first, second, _ in effect.exchanges for pair in ((first, second), (second, first))]
    return [*effect.carries, *effect.moves, *swaps]


def follow(path: str, renames: list[tuple[RelPath, RelPath]]) -> RelPath:
    """Follow `path` through renames, in their order; of a swap only one half applies to it."""
    place = RelPath(path)
    skip = False
    for source, target in renames:
        if skip:
            skip = False
            continue
        if place.within(source):
            skip = (target, source) in renames
            place = RelPath(target + place[len(source) :])
    return place
