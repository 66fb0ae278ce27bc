"""Reading a log that is written meanwhile, and put aside when it is full."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL = 0.1  # seconds between two looks at a log that is followed
_BLOCK = 1 << 16


def lines(path: Path, tail: int, *, follow: bool) -> Iterator[str]:
    """The last `tail` lines of `path` and of those put aside; with `follow`, those to come, for ever."""
    stream = _opened(path)
    try:
        here: deque[bytes] = deque(stream.read().splitlines(keepends=True) if stream else [], maxlen=max(tail, 1))
        rest = b""
        if follow and here and not here[-1].endswith(b"\n"):
            rest = here.pop()
        for line in [*_older(path, tail - len(here)), *here][-tail:] if tail else []:
            yield _text(line)
        while follow:
            block = stream.read(_BLOCK) if stream else b""
            *whole, rest = (rest + block).split(b"\n")
            yield from map(_text, whole)
            if block:
                continue
            if _was_put_aside(stream, path):
                last = stream.read() if stream else b""  # what came between the last look and that
                *whole, rest = (rest + last).split(b"\n")
                yield from map(_text, whole)
                if stream:
                    stream.close()
                stream = _opened(path)
            else:
                time.sleep(_POLL)
    finally:
        if stream:
            stream.close()


def since(path: Path, before: tuple[int, int], most: int) -> list[str]:
    """The last `most` lines that `path` got after it was the file `before` (inode, size); a new file is all new."""
    stream = _opened(path)
    if stream is None:
        return []
    with stream:
        found = os.fstat(stream.fileno())
        if found.st_ino == before[0] and found.st_size >= before[1]:
            stream.seek(before[1])
        return [_text(line) for line in stream.read().splitlines()[-most:]]


def _older(path: Path, count: int) -> list[bytes]:
    """The last `count` lines of the logs that were put aside, newest log first looked at."""
    found: list[bytes] = []
    number = 1
    while len(found) < count and (stream := _opened(path.with_name(f"{path.name}.{number}"))) is not None:
        with stream:
            found = stream.read().splitlines(keepends=True) + found
        number += 1
    return found[-count:] if count > 0 else []


def _opened(path: Path) -> BinaryIO | None:
    try:
        return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    except OSError:
        return None


def _was_put_aside(stream: BinaryIO | None, path: Path) -> bool:
    try:
        now = os.stat(path)
    except OSError:
        return False
    if stream is None:
        return True
    return os.fstat(stream.fileno()).st_ino != now.st_ino


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "replace")
