"""The shim as a file below the state folder: named by its content, so that one that runs is never replaced."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from phases.containers.apps.places import APPS
from phases.containers.apps.shim import packing

if TYPE_CHECKING:
    from installer.model import RelPath


def place(state: RelPath) -> RelPath:
    """Where it lies."""
    return state / APPS / f"shim-{hashlib.sha256(content()).hexdigest()[:16]}.pyz"


@functools.cache
def content() -> bytes:
    """Its bytes."""
    return packing.packed()
