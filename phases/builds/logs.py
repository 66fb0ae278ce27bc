"""A job's log as lines, while it comes: a line is held, and never the whole."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 64 << 20  # bytes of a job's log that are shown
_LONGEST = 1 << 20  # letters of a line that are held


def lines(pieces: Iterable[bytes], url: str) -> Iterator[str]:
    r"""The lines of the first `MOST` bytes, without their `\n`; of what is longer, `url` is told instead."""
    decoder, held, left = codecs.getincrementaldecoder("utf-8-sig")("replace"), "", MOST
    for piece in pieces:
        *ended, held = (held + decoder.decode(piece[:left])).split("\n")
        yield from ended
        left -= len(piece)
        if held and (left < 0 or len(held) > _LONGEST):
            yield held
            held = ""
        if left < 0:
            yield tr("… the log goes on: {url}", url=url)
            return
    if held:
        yield held
