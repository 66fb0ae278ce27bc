"""A start of the machine, as far as a program can tell: another boot id. Needs root."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOUNT = 'mount --bind "$1" /proc/sys/kernel/random/boot_id && shift && exec "$@"'


def rebooted(folder: Path) -> tuple[str, ...]:
    """The words to put before a command, so that it finds a boot id of its own; `folder` is for a small file."""
    name = str(uuid.uuid4())
    note = folder / f"boot-{name}"
    note.write_text(name + "\n")
    return ("unshare", "--mount", "sh", "-c", _MOUNT, "sh", str(note))
