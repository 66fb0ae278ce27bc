"""Pulls the plug before the N-th change of the disk: nothing that the process does after that has any effect."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from installer import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

_CHANGES = (
    "write",
    "replace",
    "rename",
    "mkdir",
    "unlink",
    "rmdir",
    "symlink",
    "chmod",
    "ftruncate",
    "utime",
    "open",
)


class Cut(BaseException):
    """The plug is pulled."""


class Plug:
    """Counts the changes that go through `os`; `pulled_at` is the number of the first one that does not happen.

    With `torn` half of the bytes of that one are still written, if it is a write.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.pulled_at = 0
        self.torn = False
        self._armed = False
        for name in _CHANGES:
            patch.setattr(os, name, self._watched(name, getattr(os, name)))
        for name in ("sync", "sync_folder", "sync_tree"):  # a cut is no power cut: what was written is there
            patch.setattr(files, name, lambda *_: None)
        patch.setattr(files, "exchange", self._watched("exchange", files.exchange))

    @contextmanager
    def pulled(self, at: int, *, torn: bool = False) -> Iterator[None]:
        """Do what is within, up to the change number `at` (0: all of it)."""
        self.count, self.pulled_at, self.torn, self._armed = 0, at, torn, True
        try:
            yield
        finally:
            self._armed = False

    def _watched(self, name: str, real: Any) -> Any:
        def change(*args: Any, **named: Any) -> Any:
            if self._armed and not (name == "open" and not args[1] & os.O_CREAT):
                self._change(name, args)
            return real(*args, **named)

        self._real_write = real if name == "write" else getattr(self, "_real_write", None)
        return change

    def _change(self, name: str, args: tuple[Any, ...]) -> None:
        if not self._armed:
            return
        self.count += 1
        if self.pulled_at and self.count >= self.pulled_at:
            if self.torn and name == "write" and self.count == self.pulled_at and self._real_write:
                self._real_write(args[0], args[1][: len(args[1]) // 2])
            raise Cut


def run_script(project: Path, shell: tuple[str, ...] = ("sh",)) -> subprocess.CompletedProcess[str]:
    """Run the project's rollback.sh, from another folder and with next to no environment."""
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    return subprocess.run(
        [*shell, str(script)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, cwd="/"
    )
