"""The name that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of `known` that is nearest to `name`, or nothing."""
    import difflib  # only where somebody mistyped

    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)), "")
