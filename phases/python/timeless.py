"""What an installer notes about when it worked: no two installations agree in it, and nothing depends on it."""

from __future__ import annotations

CACHE_NOTE = "uv_cache.json"  # uv: when the sources of a local package changed (their ctime) and were built


def timeless(path: str, data: bytes) -> bytes:
    """The contents of the file at `path` (relative, with `/`) less what depends on the time of the installation."""
    folder, _, name = path.rpartition("/")
    if not folder.endswith(".dist-info"):
        return data
    if name == CACHE_NOTE:
        return b""
    if name == "RECORD":
        note = f"{folder.rpartition('/')[2]}/{CACHE_NOTE},".encode("utf-8", "surrogateescape")
        return b"".join(line for line in data.splitlines(keepends=True) if not line.startswith(note))
    return data
