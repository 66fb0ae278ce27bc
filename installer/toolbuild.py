"""Make Surefoot's own environment beside its place, then rename it in.

A start that is killed leaves a folder named `<key>.tmp-…`, which the next build removes; nothing is ever used before
its marker, the last file written, is on disk.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer import lazily
from installer.i18n import tr
from installer.toolenv import DAY, MARKER, contents, is_whole, python_of
from installer.toolfail import explain, foreign_folder, redacted, speak, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

UNUSED_DAYS = 60
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what the systems say of a lock that another has
PASSED_ON = lazily.pattern(
    r"PATH|HOME|USER|USERNAME|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|NETRC|XDG_\w+|DBUS_SESSION_BUS_ADDRESS"
    r"|(ALL|HTTPS?|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_\w+|UV_(DEFAULT_INDEX|INDEX_URL)"
    r"|LD_LIBRARY_PATH"  # an interpreter from a module system or a store does not start without it
    r"|SYSTEM(ROOT|DRIVE)|WINDIR|COMSPEC|PATHEXT|USERPROFILE|(LOCAL)?APPDATA|PROGRAMDATA|PROCESSOR_ARCHITECTURE",
    re.IGNORECASE,
)


def make(place: str, base: str, locks: tuple[str, ...]) -> None:
    """After this the environment of `locks` is at `place`, whole; or it raises, and nothing was changed there."""
    speak()
    tools = os.path.dirname(place)
    try:
        prepare(tools)
        with alone(tools) as held:
            if is_whole(place):  # another start made it while this one waited
                return
            _remove_leftovers(tools, keep=place)
            _say(tr("Preparing Surefoot's own tools (once) …"))
            _build(place, base, locks, held)
    except OSError as error:
        raise unwritable(tools, error) from None


def prepare(tools: str) -> None:
    """Make the folder, private: code that we run lies in it."""
    os.makedirs(tools, mode=0o700, exist_ok=True)
    if sys.platform != "win32" and os.stat(tools).st_uid != os.geteuid():
        raise foreign_folder(tools)
    os.chmod(tools, 0o700)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def alone(tools: str) -> Iterator[int]:
    """Hold the lock of the folder; say so when another start holds it.

    Its descriptor is for the child to inherit: the orphan of a killed start keeps the next one waiting.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    lock = os.open(os.path.join(tools, "lock"), flags, 0o600)
    try:
        if not _take(lock, wait=False):
            _say(tr("Another start of Surefoot is preparing its tools; waiting for it …"))
            while not _take(lock, wait=True):
                pass
        yield lock
    finally:
        os.close(lock)


def _take(lock: int, *, wait: bool) -> bool:
    """Take the lock; False when another has it (after some seconds, where the system cannot wait for ever).

    On a file system without locks the rename decides alone: two starts then both build, and one wins.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in BUSY
    return True


def _remove_leftovers(tools: str, *, keep: str) -> None:
    """Remove what dead builds left, and environments that nobody used for a long time."""
    oldest = time.time() - UNUSED_DAYS * DAY
    for name in os.listdir(tools):
        path = os.path.join(tools, name)
        if path == keep or os.path.islink(path) or not os.path.isdir(path):
            continue
        if ".tmp-" in name or _last_use(path) < oldest:
            shutil.rmtree(path, ignore_errors=True)


def _last_use(path: str) -> float:
    """When it was last noted as in use; damaged ones count from their own last change."""
    marker = os.path.join(path, MARKER)
    return os.stat(marker if os.path.exists(marker) else path).st_mtime


def _build(place: str, base: str, locks: tuple[str, ...], held: int) -> None:
    """Build in a private folder beside `place`; whatever happens, that folder is gone afterwards."""
    tools = os.path.dirname(place)
    staging = tempfile.mkdtemp(prefix=f"{os.path.basename(place)}.tmp-{os.getpid()}-", dir=tools)
    try:
        _fill(staging, base, locks, held)
        _finish(staging)
        _rename_in(staging, place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fill(staging: str, base: str, locks: tuple[str, ...], held: int) -> None:
    """Install into `staging` in an isolated child, with a built environment and a neutral folder."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "toolpip.py")
    child = subprocess.run(
        [base, "-I", script, staging, *map(os.path.abspath, locks)],
        cwd=staging,
        env={name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=() if sys.platform == "win32" else (held,),
        check=False,
    )
    if child.returncode:
        raise explain(child.returncode, redacted(child.stdout.decode("utf-8", "replace")), base)


def _finish(staging: str) -> None:
    """Leave out scripts that name the folder they were made in; write everything and then the marker to the disk."""
    programs = os.path.dirname(python_of(staging))
    for name in os.listdir(programs):
        path = os.path.join(programs, name)
        with open(path, "rb") as file:
            made_here = os.fsencode(staging) in file.read(65536)
        if made_here:
            os.unlink(path)
    write_out(staging)
    with open(os.path.join(staging, MARKER), "x", encoding="utf-8") as marker:
        marker.write("\n".join([*contents(staging), "end"]))
        marker.flush()
        os.fsync(marker.fileno())
    sync_folder(staging)


def _rename_in(staging: str, place: str) -> None:
    """Put it in its place; a damaged one there goes first."""
    if os.path.lexists(place) and not is_whole(place):
        aside = f"{staging}-damaged"
        os.rename(place, aside)
        shutil.rmtree(aside, ignore_errors=True)
    try:
        os.rename(staging, place)
    except OSError:
        if not is_whole(place):  # where the system has no locks, another start may have been first
            raise
    sync_folder(os.path.dirname(place))


def write_out(folder: str) -> None:
    """Have the system write the tree to the disk: one call, where it has one, instead of thousands."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        import ctypes

        if ctypes.CDLL(None).syncfs(handle) == 0:
            return
    except (ImportError, AttributeError):  # a Python built without ctypes, a system without the call
        pass
    finally:
        os.close(handle)
    os.sync()


def sync_folder(folder: str) -> None:
    """Make the names in it durable; Windows has no such call."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
