"""JSON with a checksum of its own, for the lists that lie beside the journal: one that rotted is not believed.

It stays one JSON object, with `sum` as its last key: the first 16 hex digits of the SHA-256 of all that is before it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.hashing import sha256

if TYPE_CHECKING:
    import hashlib

    from installer.model import Json

SUM = b',"sum":"'


def dump(data: Json) -> bytes:
    """`data`, which has at least one key and none called `sum`, with its checksum."""
    text = json.dumps(data).encode()[:-1]
    return text + mark(sha256(text))


def load(text: bytes) -> Json:
    """What `dump` was given. Raises `ValueError` for anything else."""
    body, _, tail = text.rpartition(SUM)
    if SUM + tail != mark(sha256(body)):
        raise ValueError("it is not as it was written")
    data = json.loads(body + b"}")
    if not isinstance(data, dict):
        raise ValueError("it is no list of ours")  # noqa: TRY004 -- a damaged file, not a wrong argument
    return data


def mark(total: hashlib._Hash) -> bytes:
    """How it ends, after what `total` was made of."""
    return SUM + total.hexdigest()[:16].encode() + b'"}'
