"""Watches everything that a process does to a folder, as a `Trace`: the functions of `os`, syncfs, and exchanges."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from installer import files
from tests.model.disk import ROOT, Disk, Kind, Node, Op, Trace
from tests.model.sites import asked_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from installer.pins import Spot

_WATCHED = (
    "open",
    "write",
    "close",
    "fsync",
    "ftruncate",
    "rename",
    "mkdir",
    "rmdir",
    "unlink",
    "symlink",
    "chmod",
    "fchmod",
    "utime",
)
_REFUSED = ("link", "truncate", "pwrite", "writev", "mkfifo", "mknod", "fdatasync", "posix_fallocate", "sendfile")


class Recorder:
    """Patches `os` once; `recording` says when and from which disk. For one thread."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path) -> None:
        self.root = str(root)
        self._trace: Trace | None = None
        self._names: dict[int, dict[str, int]] = {}
        self._descriptors: dict[int, tuple[int, bool]] = {}  # of a file or folder: its inode, and does it append
        self._next = 0
        self._real: dict[str, Any] = {name: getattr(os, name) for name in _WATCHED}
        for name in _WATCHED:
            patch.setattr(os, name, self._watched(name))
        patch.setattr(os, "replace", os.rename)
        patch.setattr(os, "remove", os.unlink)
        for name in _REFUSED:
            if hasattr(os, name):
                patch.setattr(os, name, self._refused(name, getattr(os, name)))
        self._real["exchange"] = files._exchange  # noqa: SLF001 -- the call below the door
        patch.setattr(files, "_exchange", self._watched("exchange"))
        self._real["sync_tree"] = lambda _: None
        patch.setattr(files, "sync_tree", self._watched("sync_tree"))

    @contextmanager
    def recording(self, before: Disk) -> Iterator[Trace]:
        """Note what happens within; the folder is as `before` says."""
        self._trace = trace = Trace(before)
        self._names = {inode: dict(node.names) for inode, node in before.items() if node.kind == "folder"}
        self._descriptors = {}
        self._next = max(before) + 1
        try:
            yield trace
        finally:
            self._trace = None

    def _watched(self, name: str) -> Callable[..., Any]:
        handler: Callable[..., Any] = getattr(self, f"on_{name}")
        real = self._real[name]

        def call(*args: Any, **named: Any) -> Any:
            return (real if self._trace is None else handler)(*args, **named)

        return call

    def _refused(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            assert self._trace is None, f"the model does not know os.{name}"
            return real(*args, **named)

        return call

    # -- where things are -------------------------------------------------------------------------------------------

    def _where(self, path: Any, dir_fd: int | None = None) -> tuple[int, str] | None:
        """The inode of the folder and the name of what is at `path`; None for what is not below the root."""
        text = os.fsdecode(path)
        if dir_fd is not None:
            assert "/" not in text, "a folder that is held open is there to name what is in it"
            return (self._descriptors[dir_fd][0], text) if dir_fd in self._descriptors else None
        text = os.path.abspath(text)
        if not text.startswith(self.root + "/"):
            return None
        *above, name = text[len(self.root) + 1 :].split("/")
        folder = ROOT
        for part in above:
            folder = self._names[folder][part]
        return folder, name

    def _inode(self, path: Any, dir_fd: int | None = None) -> int:
        """The inode of what is at `path`; 0 if nothing of the project's is."""
        if dir_fd is None and os.path.abspath(os.fsdecode(path)) == self.root:
            return ROOT
        if dir_fd is not None and path == ".":
            return self._descriptors.get(dir_fd, (0, False))[0]
        try:
            where = self._where(path, dir_fd)
        except KeyError:
            return 0
        return self._names[where[0]].get(where[1], 0) if where else 0

    def _add(self, kind: Kind, inode: int, **more: Any) -> None:
        assert self._trace is not None
        self._trace.ops.append(Op(kind=kind, inode=inode, **more))

    def _born(self, where: tuple[int, str], node: Node) -> int:
        assert self._trace is not None
        inode, self._next = self._next, self._next + 1
        self._trace.born[inode] = node
        if node.kind == "folder":
            self._names[inode] = {}
        folder, name = where
        self._names[folder][name] = inode
        self._add("link", inode, folder=folder, name=name)
        return inode

    # -- the calls --------------------------------------------------------------------------------------------------

    def on_open(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        before = self._inode(path, dir_fd)
        descriptor: int = self._real["open"](path, flags, mode, dir_fd=dir_fd)
        status = os.fstat(descriptor)
        self._descriptors.pop(descriptor, None)
        if not before and flags & os.O_CREAT and (where := self._where(path, dir_fd)):
            before = self._born(where, _node(status, "file"))
        elif before and flags & os.O_TRUNC:
            self._add("truncate", before, **_after(status))
        if before:
            self._descriptors[descriptor] = (before, bool(flags & os.O_APPEND))
        return descriptor

    def on_close(self, descriptor: int) -> None:
        self._descriptors.pop(descriptor, None)
        self._real["close"](descriptor)

    def on_write(self, descriptor: int, data: Any) -> int:
        inode, appends = self._descriptors.get(descriptor, (0, False))
        offset = 0
        if inode:
            offset = os.fstat(descriptor).st_size if appends else os.lseek(descriptor, 0, os.SEEK_CUR)
        count: int = self._real["write"](descriptor, data)
        if inode:
            self._add("write", inode, offset=offset, data=bytes(data[:count]), **_after(os.fstat(descriptor)))
        return count

    def on_ftruncate(self, descriptor: int, size: int) -> None:
        self._real["ftruncate"](descriptor, size)
        if descriptor in self._descriptors:
            self._add("truncate", self._descriptors[descriptor][0], number=size, **_after(os.fstat(descriptor)))

    def on_fsync(self, descriptor: int) -> None:
        if descriptor in self._descriptors:
            self._add("sync", self._descriptors[descriptor][0], site=asked_by())

    def on_sync_tree(self, _folder: Path) -> None:
        self._add("sync all", ROOT, site=asked_by())

    def on_mkdir(self, path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        self._real["mkdir"](path, mode, dir_fd=dir_fd)
        if where := self._where(path, dir_fd):
            self._born(where, _node(os.stat(path, dir_fd=dir_fd), "folder"))

    def on_symlink(self, target: Any, path: Any, *_: Any, dir_fd: int | None = None) -> None:
        self._real["symlink"](target, path, dir_fd=dir_fd)
        if where := self._where(path, dir_fd):
            self._born(where, Node(kind="link", data=os.fsencode(target)))

    def on_unlink(self, path: Any, *, dir_fd: int | None = None) -> None:
        self._gone("unlink", path, dir_fd)

    def on_rmdir(self, path: Any, *, dir_fd: int | None = None) -> None:
        self._gone("rmdir", path, dir_fd)

    def _gone(self, call: str, path: Any, dir_fd: int | None) -> None:
        self._real[call](path, dir_fd=dir_fd)
        if where := self._where(path, dir_fd):
            folder, name = where
            self._add("unlink", self._names[folder].pop(name), folder=folder, name=name)

    def on_rename(
        self, source: Any, target: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None
    ) -> None:
        start, end = self._where(source, src_dir_fd), self._where(target, dst_dir_fd)
        self._real["rename"](source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        if start is None or end is None:
            assert start is end, "a rename into or out of the project is not modelled"
            return
        inode = self._names[start[0]].pop(start[1])
        self._names[end[0]][end[1]] = inode
        status = os.lstat(target, dir_fd=dst_dir_fd)
        self._add("rename", inode, folder=start[0], name=start[1], to_folder=end[0], to_name=end[1], **_after(status))

    def on_exchange(self, first: Spot, second: Spot) -> None:
        one, two = (self._where(each.name, each.folder) for each in (first, second))
        self._real["exchange"](first, second)
        if one is None or two is None:
            return
        here, there = self._names[one[0]][one[1]], self._names[two[0]][two[1]]
        self._names[one[0]][one[1]], self._names[two[0]][two[1]] = there, here
        self._add("exchange", here, other=there, folder=one[0], name=one[1], to_folder=two[0], to_name=two[1])

    def on_chmod(self, path: Any, mode: int, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> None:
        self._real["chmod"](path, mode, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        if inode := self._inode(path, dir_fd):
            self._add("mode", inode, number=mode, **_after(os.stat(path, dir_fd=dir_fd)))

    def on_fchmod(self, descriptor: int, mode: int) -> None:
        self._real["fchmod"](descriptor, mode)
        if descriptor in self._descriptors:
            self._add("mode", self._descriptors[descriptor][0], number=mode, **_after(os.fstat(descriptor)))

    def on_utime(self, path: Any, times: Any = None, *, dir_fd: int | None = None, **named: Any) -> None:
        self._real["utime"](path, *([times] if times else []), dir_fd=dir_fd, **named)
        if inode := self._inode(path, dir_fd):
            self._add("time", inode, **_after(os.stat(path, dir_fd=dir_fd)))


def _after(status: os.stat_result) -> dict[str, Any]:
    return {"mtime": status.st_mtime_ns, "identity": (status.st_ino, status.st_ctime_ns)}


def _node(status: os.stat_result, kind: Any) -> Node:
    return Node(kind=kind, mode=stat.S_IMODE(status.st_mode), **_after(status))
