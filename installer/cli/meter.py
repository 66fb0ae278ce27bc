"""How far a transfer is, said from its second second on."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from installer.cli.output import emit
from installer.frozen import dataclass, field
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.options import Asked

_PATIENCE = 1.0  # seconds before the first word, and between two


@dataclass(slots=True)
class Meter:
    """Called with (bytes done, bytes in all or 0)."""

    asked: Asked
    action: str
    since: float = field(default_factory=time.monotonic)

    def __call__(self, done: int, total: int) -> None:
        """Say it, if a second has gone since the last word."""
        now = time.monotonic()
        if now - self.since < _PATIENCE or self.asked.volume == "quiet":
            return
        self.since = now
        if self.asked.as_json:
            emit("checkpoint", action=self.action, done=done, total=total)
            return
        amount = f"{done / 1e6:.1f}" + (f"/{total / 1e6:.1f}" if total else "")
        sys.stderr.write(tr("moved: {amount} MB", amount=amount) + "\n")
        sys.stderr.flush()
