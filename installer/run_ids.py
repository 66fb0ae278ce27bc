"""What runs are called, `20251115_143000` or `20251115_143000_2`, and what comes after what."""

from __future__ import annotations

_DAY, _SECOND = 8, 15  # where the day and the time end


def is_run_id(name: str) -> bool:
    """May a run be called so? Folders are: a name of it leads nowhere else."""
    day, time, number = name[:_DAY], name[_DAY + 1 : _SECOND], name[_SECOND + 1 :]
    digits = day + time + number
    if len(name) < _SECOND or name[_DAY] != "_" or not (digits.isascii() and digits.isdecimal()):
        return False
    return len(name) == _SECOND or (name[_SECOND] == "_" and bool(number))


def by_time(name: str) -> tuple[str, int]:
    """What an id is sorted by; an empty one comes first."""
    stem, _, number = name[:15], name[15:16], name[16:]
    return stem, int(number or 1)
