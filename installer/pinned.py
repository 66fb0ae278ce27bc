"""Keeps the wheel that a project's own launcher (`project_launcher`) pins: run from that wheel once its hash is proved.

Beside its place, then renamed in: killed at any moment, this leaves all of it or nothing there. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile

from installer.errors import InstallerError
from installer.project_launcher import is_whole
from installer.toolbuild import alone, prepare, sync_folder, write_out
from installer.toolenv import KEPT_WHEEL
from installer.toolfail import speak, unwritable

MARKER = "surefoot-wheel"  # the last file written: the size and the name of everything that is kept
PARTS = ("installer/", "phases/", "quickstart.py", "manage.py")  # the rest describes the wheel to those who install it


def keep(argv: list[str]) -> int:
    """`[…, WHEEL, PLACE, WORDS…]`: have the wheel at PLACE, WORDS being the user's; returns the exit code."""
    wheel, place, *sys.argv[1:] = argv[1:]
    speak()
    try:
        put(wheel, place)
    except InstallerError as error:
        from installer.cli.failure import show

        return show(error, as_json="--json" in sys.argv)
    except KeyboardInterrupt:
        return 130
    return 0


def put(wheel: str, place: str) -> None:
    """After this the parts of `wheel` that are run are at `place`, whole. Raises `InstallerError`."""
    folder = os.path.dirname(place)
    try:
        prepare(folder)
        with alone(folder):
            for name in os.listdir(folder):
                if ".tmp-" in name:
                    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
            if not is_whole(place):  # else another start kept it while this one waited
                _put(wheel, place)
    except OSError as error:
        raise unwritable(folder, error) from None


def _put(wheel: str, place: str) -> None:
    folder = os.path.dirname(place)
    staging = tempfile.mkdtemp(prefix=f"{os.path.basename(place)[:16]}.tmp-", dir=folder)
    try:
        tool = os.path.join(staging, "tool")
        _unpack(wheel, tool)
        write_out(tool)
        if os.path.lexists(place):
            os.rename(place, os.path.join(staging, "damaged"))
        os.rename(tool, place)
        sync_folder(folder)
    except OSError:
        if not is_whole(place):  # where the system has no locks, another start may have been first
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unpack(wheel: str, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = [each for each in archive.infolist() if each.filename.startswith(PARTS)]
        archive.extractall(folder, files)
    shutil.copyfile(wheel, os.path.join(folder, KEPT_WHEEL))
    kept = [(os.path.getsize(wheel), KEPT_WHEEL), *((each.file_size, each.filename) for each in files)]
    with open(os.path.join(folder, MARKER), "x", encoding="utf-8", newline="\n") as marker:
        marker.write("\n".join([*(f"{size} {name}" for size, name in kept), "end"]))
