"""A wheel that holds so many megabytes of random data, in files of 1 MB: an environment of any size."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "ballast-1.0-py3-none-any.whl"
_FOLDER = "ballast-1.0.dist-info"
_METADATA = b"Metadata-Version: 2.1\nName: ballast\nVersion: 1.0\n"
_WHEEL = b"Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(folder: Path, megabytes: int) -> Path:
    """Write it to `folder`; nothing in it can be compressed, and no two files are the same."""
    path = folder / _NAME
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:

        def put(name: str, data: bytes) -> None:
            archive.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")

        put("ballast/__init__.py", b"")
        for number in range(megabytes):
            put(f"ballast/part-{number:04}.bin", os.urandom(1_000_000))
        put(f"{_FOLDER}/METADATA", _METADATA)
        put(f"{_FOLDER}/WHEEL", _WHEEL)
        archive.writestr(f"{_FOLDER}/RECORD", "".join(record) + f"{_FOLDER}/RECORD,,\n")
    return path
