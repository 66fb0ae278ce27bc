"""The tool's own environment is made once, whole or not at all, whoever else starts and whatever is killed."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.launcher.conftest import Copy

PREPARING = "Preparing Surefoot's own tools (once) …\n"
WAITING = "Another start of Surefoot is preparing its tools; waiting for it …\n"


@contextmanager
def silent_index() -> Iterator[tuple[str, socket.socket]]:
    """An index that takes a connection and never answers: pip waits in the middle of the build."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple", server


def test_two_at_once_make_it_once(surefoot: Copy) -> None:
    children = [surefoot.begin(), surefoot.begin()]
    said = [child.communicate()[1] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert sum(text.count(PREPARING) for text in said) == 1
    assert len(surefoot.made) == 1


def test_who_waits_says_so_and_goes_on(surefoot: Copy) -> None:
    surefoot.cache.mkdir(parents=True)
    with (surefoot.cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = surefoot.begin()
        assert child.stderr
        assert child.stderr.readline() == WAITING
    out, err = child.communicate()
    assert (child.returncode, err) == (0, PREPARING), out


def test_killed_half_way_the_next_start_makes_it_and_clears_up(surefoot: Copy) -> None:
    with silent_index() as (url, server):
        child = surefoot.begin(PIP_NO_INDEX="0", PIP_INDEX_URL=url)
        connection, _ = server.accept()  # pip is at work
        with connection:
            assert b"GET /simple/tiny/" in connection.recv(65536)
            child.kill()
            child.communicate()
            (left,) = surefoot.made
            assert ".tmp-" in left.name
            assert connection.recv(65536) == b""  # the orphan has died, too
    again = surefoot.start()
    assert (again.code, again.err) == (0, PREPARING)
    assert [str(path) for path in surefoot.made] == [again.told["prefix"]]


def test_interrupted_it_leaves_nothing(surefoot: Copy) -> None:
    with silent_index() as (url, server):
        child = surefoot.begin(PIP_NO_INDEX="0", PIP_INDEX_URL=url)
        connection, _ = server.accept()
        with connection:
            child.send_signal(signal.SIGINT)
            _, err = child.communicate()
    assert (child.returncode, err, surefoot.made) == (130, PREPARING, [])


def test_a_secret_of_the_index_is_on_no_command_line_and_in_no_message(surefoot: Copy) -> None:
    with silent_index() as (url, server):
        secret = url.replace("http://", "http://TOKEN:@")
        child = surefoot.begin(PIP_NO_INDEX="0", PIP_INDEX_URL=secret, PIP_FIND_LINKS="", PIP_RETRIES="0")
        connection, _ = server.accept()
        with connection:
            seen = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
            assert any(b"toolpip.py" in line for line in seen)
            assert not any(b"TOKEN" in line for line in seen)
    _, err = child.communicate()
    assert child.returncode == 6
    assert "TOKEN" not in err


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def _no_interpreter(made: Path) -> None:
    for name in ("python", "python3"):
        (made / "bin" / name).unlink()
        (made / "bin" / name).symlink_to("/gone/python")


def _no_package(made: Path) -> None:
    (module,) = made.glob("lib/python*/site-packages/tiny.py")
    module.unlink()


def _no_marker(made: Path) -> None:
    (made / "surefoot-tools").unlink()


def _torn_marker(made: Path) -> None:
    marker = made / "surefoot-tools"
    marker.write_text(marker.read_text()[:-5])


def _flipped_marker(made: Path) -> None:
    (made / "surefoot-tools").write_bytes(b"\xff\xfe\x00 end")


def _empty(made: Path) -> None:
    for path in made.iterdir():
        path.rename(made.parent.parent / path.name)


@pytest.mark.parametrize("damage", [_no_interpreter, _no_package, _no_marker, _torn_marker, _flipped_marker, _empty])
def test_a_damaged_one_is_made_again(surefoot: Copy, damage: Callable[[Path], None]) -> None:
    before = surefoot.start()
    damage(surefoot.made[0])
    after = surefoot.start()
    assert (after.code, after.err) == (0, PREPARING)
    assert after.told == before.told
    assert [str(path) for path in surefoot.made] == [after.told["prefix"]]


def test_a_package_that_cannot_be_imported_has_it_made_again_once(surefoot: Copy) -> None:
    surefoot.stand_in("never_locked")
    started = surefoot.start()
    assert (started.code, started.err.count(PREPARING)) == (6, 2)
    assert "Surefoot's own tools lack the package `never_locked`, also after they were made anew" in started.err


def test_made_again_it_still_knows_which_interpreter_was_chosen(surefoot: Copy, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    chosen = replace(surefoot, python=str(tmp_path / "venv" / "bin" / "python"))
    chosen.start()
    (click,) = surefoot.made[0].glob("lib/python*/site-packages/click.py")
    click.write_text("import gone_since")
    started = chosen.start(script="manage.py")
    assert (started.code, started.err) == (7, PREPARING)
    assert started.told["launched_by"] == chosen.python


def test_a_mistake_of_our_own_is_no_reason_to_make_it_again(surefoot: Copy) -> None:
    surefoot.stand_in("installer.never_written")
    started = surefoot.start()
    assert (started.code, started.err.count(PREPARING)) == (1, 1)
    assert "No module named 'installer.never_written'" in started.err


def test_making_one_removes_what_nobody_used_for_long(surefoot: Copy) -> None:
    surefoot.cache.mkdir(parents=True)
    for name, days, whole in (("old", 61, True), ("used", 59, True), ("broken", 61, False), ("key.tmp-1-x", 0, False)):
        folder = surefoot.cache / name
        folder.mkdir()
        then = time.time() - days * 24 * 60 * 60
        if whole:
            (folder / "surefoot-tools").touch()
            os.utime(folder / "surefoot-tools", (then, then))
        os.utime(folder, (then, then))
    (surefoot.cache / "link").symlink_to(surefoot.home)
    prefix = surefoot.start().told["prefix"]
    assert {path.name for path in surefoot.made} == {"used", "link", Path(prefix).name}


def test_its_use_is_noted_once_a_day(surefoot: Copy) -> None:
    surefoot.start()
    marker = surefoot.made[0] / "surefoot-tools"
    now = time.time()
    noted = []
    for hours in (23, 25):
        os.utime(marker, (now - hours * 3600, now - hours * 3600))
        surefoot.start()
        noted.append(marker.stat().st_mtime >= now - 1)
    assert noted == [False, True]


def test_a_plain_call_has_a_package_that_is_gone_made_again(surefoot: Copy) -> None:
    surefoot.start()
    (click,) = surefoot.made[0].glob("lib/python*/site-packages/click.py")
    click.unlink()
    click.mkdir()  # the same names as before: only who looks for the package notices
    started = surefoot.start("-y")
    assert (started.code, started.err) == (0, PREPARING)
