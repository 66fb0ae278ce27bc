"""The log of an app: one file that is put aside when it is full, and the few before it."""

from __future__ import annotations

import os

_CHUNK = 1 << 16


class Log:
    """Writes to `path`; at `most` bytes it becomes `path.1`, that one `path.2`, up to `files` in all.

    A log that cannot be written (a full disk) loses lines rather than hold up the app.
    """

    def __init__(self, path: str, most: int, files: int) -> None:
        self._path = path
        self._most = most
        self._files = files
        self._descriptor = -1
        self._size = 0

    def drain(self, source: int) -> None:
        """Take over all that waits in the pipe `source`, which does not block."""
        while True:
            try:
                data = os.read(source, _CHUNK)
            except OSError:  # nothing is waiting to be read
                return
            if not data:
                return
            self.write(data)

    def write(self, data: bytes) -> None:
        """Append `data`; a full log turns between two lines, unless one line is longer than a log."""
        try:
            while data:
                self._open()
                cut = len(data)
                if self._size + cut > self._most:
                    cut = data.rfind(b"\n", 0, max(0, self._most - self._size)) + 1
                if cut == 0 and self._size:
                    self._turn()
                    continue
                written = os.write(self._descriptor, data[: cut or self._most])
                self._size += written
                data = data[written:]
        except OSError:
            return

    def _open(self) -> None:
        if self._descriptor < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
            self._size = os.fstat(self._descriptor).st_size

    def _turn(self) -> None:
        os.close(self._descriptor)
        self._descriptor = -1
        for number in range(self._files - 1, 0, -1):
            before = f"{self._path}.{number - 1}" if number > 1 else self._path
            if os.path.lexists(before):
                os.replace(before, f"{self._path}.{number}")
        if self._files == 1:
            os.unlink(self._path)
