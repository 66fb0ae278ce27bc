"""On a build server: streams on which only we give commands."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO, cast

from installer import ci
from installer.show.harmless import Harmless

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serve(server: str) -> Iterator[None]:
    """Speak to `server` while the block runs; the streams, and whom we speak to, are as before afterwards."""
    before, streams = ci.use(server), (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = (_tamed(stream, server) for stream in streams)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        sys.stdout, sys.stderr = streams
        ci.use(before)


def _tamed(stream: TextIO, server: str) -> TextIO:
    """`stream` as the server may read it; a file is nothing that it reads."""
    try:
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        is_file = False
    return stream if is_file else cast("TextIO", Harmless(stream, server))
