"""A project on a disk in memory that can be put into any state; inodes and times of change are told as recorded."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import guard, process
from installer.engine import Setting
from installer.guard import listing
from installer.model import Facts, Finished, Planned
from tests.model import toys
from tests.model.disk import ROOT, Disk, Node
from tests.model.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

Plan = Callable[[str, Facts], Planned]
BACK = Setting(kind="rollback")
STATE = ".surefoot"


class Machine:
    """The project folder, the recorder over it, and the boot id, which changes with a power cut."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.recorder = Recorder(patch, root)
        self.boot = "one"
        self._identities: dict[int, tuple[int, tuple[int, int]]] = {}
        for module in ("engine", "ledger", "logbook", "store"):
            patch.setattr(f"installer.{module}.boot_id", lambda: self.boot)
        patch.setattr(process, "run", self._run)
        real = listing.entry_of  # inode and time of change are not ours to set: they are told here
        patch.setattr(listing, "entry_of", lambda found: self._as_recorded(found, real(found)))

    def _run(self, argv: Sequence[str], **_: Any) -> Finished:
        toys.command(argv, self.root)
        return Finished(argv=tuple(argv), status=0, stdout="", stderr="")

    # -- putting a disk there ---------------------------------------------------------------------------------------

    def put(self, disk: Disk) -> None:
        """Make the project folder what `disk` says; the folder itself stays the one that it is."""
        empty(self.root)
        self._identities = {}
        self._put_names(self.root, disk, ROOT)

    def _put_names(self, folder: Path, disk: Disk, inode: int) -> None:
        for name, each in disk[inode].names.items():
            node, path = disk[each], f"{folder}/{name}"
            if node.kind == "folder":
                os.mkdir(path)
                self._put_names(Path(path), disk, each)
                os.chmod(path, node.mode)
            elif node.kind == "link":
                os.symlink(os.fsdecode(node.data), path)
            else:
                self._put_file(path, node)

    def _put_file(self, path: str, node: Node) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(descriptor, node.data)
        os.fchmod(descriptor, node.mode)
        os.utime(descriptor, ns=(node.mtime, node.mtime))
        status = os.fstat(descriptor)
        os.close(descriptor)
        self._identities[status.st_ino] = (status.st_ctime_ns, node.identity)

    def _as_recorded(self, found: os.DirEntry[str], entry: guard.Entry) -> guard.Entry:
        """Give a file that was put here, and not touched since, the inode and time of change of the one recorded."""
        if entry.kind != "file":
            return entry
        size, time, inode, changed = entry.identity.split(":")
        there, told = self._identities.get(int(inode), (0, (0, 0)))
        if there != int(changed):
            return entry
        return guard.Entry(
            entry.kind, entry.mode, f"{size}:{time}:{told[0]}:{told[1]}", entry.target, entry.copy, entry.sha256
        )

    def read(self) -> Disk:
        """The disk as it is, all of it durable."""
        disk: dict[int, Node] = {}

        def take(path: str, inode: int) -> None:
            names: dict[str, int] = {}
            for entry in sorted(os.scandir(path), key=lambda each: each.name):
                number = names[entry.name] = max(disk, default=inode) + 1
                status = entry.stat(follow_symlinks=False)
                if entry.is_symlink():
                    disk[number] = Node(kind="link", data=os.fsencode(os.readlink(entry.path)))
                elif entry.is_dir():
                    disk[number] = Node(kind="folder", mode=stat.S_IMODE(status.st_mode))
                    take(entry.path, number)
                else:
                    there, told = self._identities.get(status.st_ino, (0, (0, 0)))
                    real = (status.st_ino, status.st_ctime_ns)
                    disk[number] = Node(
                        kind="file",
                        mode=stat.S_IMODE(status.st_mode),
                        mtime=status.st_mtime_ns,
                        data=Path(entry.path).read_bytes(),
                        identity=told if there == status.st_ctime_ns else real,
                    )
            mode = stat.S_IMODE(os.stat(path).st_mode)
            disk[inode] = Node(kind="folder", mode=mode, names=names)

        disk[ROOT] = Node(kind="folder")
        take(str(self.root), ROOT)
        return disk


def empty(folder: Path) -> None:
    """Remove what is in `folder`."""
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            empty(Path(entry.path))
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)


def furnish(root: Path) -> None:
    """A project with files, links, modes, odd names, an environment and another that takes its place."""
    for name, text in {
        "config.ini": "old",
        "tool.lock": "v1",
        "src/version.txt": "1",
        "src/old.txt": "old",
        "src/run.sh": "#!/bin/sh",
        "src/sub/inner.txt": "inner",
        "src/odd $(name) 'x'\n.py": "odd",
        "env/python": "3.11",
        "next/python": "3.12",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "hollow").mkdir(mode=0o750)
    (root / "config.ini").chmod(0o640)
    (root / "link").symlink_to("config.ini")
    (root / "src" / "link").symlink_to("version.txt")
