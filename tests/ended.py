"""How a command ended that a test ran."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """Its exit status, and what it said."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON objects among its lines: those of `--json`."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]
