"""The time as the tool notes it, without `datetime`, which takes longer to import than a record to write."""

from __future__ import annotations

import time


def now(*, milliseconds: bool = True) -> str:
    """The local time with its offset from UTC, ISO 8601: `2025-11-15T14:30:00.123+08:00`."""
    moment = time.time_ns()
    local = time.localtime(moment // 1_000_000_000)
    sign, minutes = "-" if local.tm_gmtoff < 0 else "+", abs(local.tm_gmtoff) // 60
    fine = f".{moment // 1_000_000 % 1000:03}" if milliseconds else ""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', local)}{fine}{sign}{minutes // 60:02}:{minutes % 60:02}"


def second() -> str:
    """The local time as runs are called: `20251115_143000`."""
    return time.strftime("%Y%m%d_%H%M%S")
