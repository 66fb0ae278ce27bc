"""SHA-256 without the library that is loaded for it: OpenSSL takes 3 to 9 ms, longer than all that a record is.

What is hashed here is small: lines, names, lists. `of_stream` takes files, and OpenSSL for those that are large.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as in typing: the launcher imports this, and needs no more
if TYPE_CHECKING:
    from hashlib import sha256
    from io import BufferedReader
else:
    try:
        from _sha2 import sha256  # what hashlib falls back on
    except ImportError:
        try:
            from _sha256 import sha256  # so it is called before 3.12
        except ImportError:
            from hashlib import sha256

__all__ = ["of_stream", "sha256"]

_LARGE = 1 << 20  # bytes from which on OpenSSL, five times as fast, is worth its start


def of_stream(stream: BufferedReader) -> str:
    """The sha256 of an open file, in hex."""
    if os.fstat(stream.fileno()).st_size < _LARGE:
        return sha256(stream.read()).hexdigest()
    import hashlib

    return hashlib.file_digest(stream, "sha256").hexdigest()
