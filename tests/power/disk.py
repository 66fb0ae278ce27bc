"""A file system of its own whose power can be cut: ext4 in a file, mounted through a loop device. Needs root."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20  # a dying process may hold the disk for a moment


class Disk:
    """An image and the folder where it is mounted. Only `disk` below makes one, as somebody must unmount it."""

    def __init__(self, folder: Path, *, size: str, options: tuple[str, ...]) -> None:
        self.image = folder / "disk.img"
        self.top = folder / "disk"
        self.top.mkdir()
        with self.image.open("wb") as image:
            image.truncate(_bytes(size))
        _run("mkfs.ext4", "-q", "-F", *options, str(self.image))
        self.mount()
        (self.top / "lost+found").rmdir()

    def mount(self, options: str = "loop,commit=600") -> None:
        """Mount it; after a cut the journal of the file system is replayed. Nothing is kept unasked, as after 5 s."""
        _run("mount", "-o", options, str(self.image), str(self.top))

    def unmount(self) -> None:
        """Unmount it; a process that is on its way out may have it for a moment.

        Its loop device is let go of later if somebody looks through all of them just then, as another `mount` does.
        Mounted before that, the same device would be taken, with what it remembers of an image that is another by then.
        """
        end = time.monotonic() + SECONDS
        while self.top.is_mount():
            done = subprocess.run(["umount", str(self.top)], capture_output=True, text=True, check=False)
            assert not done.returncode or time.monotonic() < end, done.stderr
        while _run("losetup", "-j", str(self.image)):
            assert time.monotonic() < end, f"a loop device holds {self.image}"

    def save(self, name: str) -> None:
        """Keep the disk as it is now. It must not be mounted."""
        assert not self.top.is_mount()
        _run("cp", "--sparse=always", str(self.image), str(self.image.with_name(name)))

    def load(self, name: str) -> None:
        """Put the disk back as it was kept, and mount it."""
        self.unmount()
        _run("cp", "--sparse=always", str(self.image.with_name(name)), str(self.image))
        self.mount()


@contextmanager
def disk(*, size: str = "24M", options: tuple[str, ...] = ("-b", "4096", "-J", "size=4")) -> Iterator[Disk]:
    """A mounted disk in memory; unmounted, its loop device freed, whatever happens within."""
    memory = Path("/dev/shm")  # noqa: S108 -- tempfile makes a folder of its own in it
    folder = Path(tempfile.mkdtemp(prefix="surefoot-disk-", dir=memory if memory.is_dir() else None))
    try:
        yield Disk(folder, size=size, options=options)
    finally:
        release(folder / "disk")
        shutil.rmtree(folder)


def release(top: Path) -> None:
    """Unmount everything at and below `top`, also what is in use still."""
    while mounted := _mounts(top):
        subprocess.run(["umount", "-l", mounted[-1]], check=True)


def _mounts(top: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    places = [line.split()[1].encode().decode("unicode_escape") for line in lines]
    return [place for place in places if Path(place).is_relative_to(top)]


def _bytes(size: str) -> int:
    return int(size[:-1]) << {"K": 10, "M": 20, "G": 30}[size[-1]]


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout
