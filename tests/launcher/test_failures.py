"""What is missing is said in one sentence, with the command that mends it, and the right exit code."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from installer import __version__, toolbuild, toolenv, toolfail
from installer.errors import Precondition, Refused

if TYPE_CHECKING:
    from tests.launcher.conftest import Copy, Started


def incomplete_python(folder: Path, *, without: set[str], pip: bool = False) -> str:
    """A real interpreter whose standard library lacks `without`: what Debian has before python3-venv."""
    base = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": str(base)}))
    here = folder / library.relative_to(base)
    (folder / "bin").mkdir(parents=True)
    (here / "site-packages").mkdir(parents=True)
    for entry in library.iterdir():
        if entry.name not in without | {"site-packages"}:
            (here / entry.name).symlink_to(entry)
    if pip:
        (here / "site-packages" / "pip").symlink_to(library / "site-packages" / "pip")
        (here / "site-packages" / "tiny.py").write_text("raise SystemExit('the neighbour of pip')")
    python = folder / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copy(os.path.realpath(sys.executable), python)
    return str(python)


def refused(started: Started) -> tuple[int, str, str]:
    """Exit code, sentence and hint; nothing else may have been said but that tools were being prepared."""
    assert "Traceback" not in started.err
    head, _, hint = started.err.rpartition("\nhint: ")
    sentence = head.partition("error: ")[2]
    return started.code, sentence, hint.rstrip()


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_a_python_without_them_names_the_package_that_has_them(surefoot: Copy, tmp_path: Path, module: str) -> None:
    copy = replace(surefoot, python=incomplete_python(tmp_path / "python", without={module}))
    probe = subprocess.run([copy.python, "-I", "-c", f"import {module}"], capture_output=True, text=True, check=False)
    assert f"No module named '{module}'" in probe.stderr
    code, sentence, hint = refused(copy.start())
    assert (code, copy.made) == (6, [])
    assert f"has no `{module}`" in sentence
    if Path("/etc/debian_version").exists():
        assert f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv" in hint


def test_the_pip_beside_python_serves_where_ensurepip_is_missing(surefoot: Copy, tmp_path: Path) -> None:
    copy = replace(surefoot, python=incomplete_python(tmp_path / "python", without={"ensurepip"}, pip=True))
    told = copy.start().told
    assert told["modules"]["tiny"].startswith(told["prefix"])


def test_the_facts_are_there_as_json(surefoot: Copy) -> None:
    started = surefoot.start("--json", PIP_FIND_LINKS="")
    event = json.loads(started.out)
    assert (event["event"], event["error"]["code"], event["error"]["exit_code"]) == ("error", "tools.index", 6)


def test_no_network_is_named(surefoot: Copy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"http://TOKEN:@127.0.0.1:{port}/simple"
    started = surefoot.start(PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=url, PIP_RETRIES="0")
    code, sentence, hint = refused(started)
    assert (code, surefoot.made) == (6, [])
    assert sentence.startswith("the package index cannot be reached")
    assert "PIP_INDEX_URL" in hint
    assert "TOKEN" not in started.err


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (401, 8, "the package index, or the proxy before it, does not let pip in"),
        (403, 8, "the package index, or the proxy before it, does not let pip in"),
        (404, 6, "the package index that pip is set to has none of what Surefoot needs"),
        (503, 6, "the package index cannot be reached"),
    ],
)
def test_what_an_index_answers_is_told_apart(surefoot: Copy, answer: int, code: int, sentence: str) -> None:
    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/simple"
        started = surefoot.start(PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=url, PIP_RETRIES="0")
        server.shutdown()
    said = refused(started)
    assert (said[0], said[1][: len(sentence)]) == (code, sentence)


def test_an_index_that_has_nothing_is_named(surefoot: Copy) -> None:
    code, sentence, hint = refused(surefoot.start(PIP_FIND_LINKS=""))
    assert code == 6
    assert sentence.startswith("the package index that pip is set to has none of what Surefoot needs")
    assert "PIP_NO_INDEX" in hint


def test_an_index_without_a_build_for_this_platform_is_named(surefoot: Copy) -> None:
    lock = surefoot.root / "locks" / "tool.txt"
    lock.write_text(lock.read_text().replace("tiny==1.0", "tiny==2.0"))
    code, sentence, _ = refused(surefoot.start())
    assert code == 6
    assert sentence.startswith("the package index has no build for Python 3.")


def test_a_hash_that_differs_is_refused(surefoot: Copy) -> None:
    lock = surefoot.root / "locks" / "tool.txt"
    lock.write_text(lock.read_text()[:-5] + "0000\n")
    code, sentence, hint = refused(surefoot.start())
    assert (code, surefoot.made) == (9, [])
    assert "its hash differs" in sentence
    assert "Expected sha256" in sentence
    assert "locks/tool.txt" in hint


def test_a_lock_without_a_hash_is_refused(surefoot: Copy) -> None:
    (surefoot.root / "locks" / "tool.txt").write_text("tiny==1.0\n")
    code, sentence, _ = refused(surefoot.start())
    assert (code, surefoot.made) == (6, [])
    assert "could not be installed" in sentence


def test_a_cache_folder_that_cannot_be_written_is_named(surefoot: Copy) -> None:
    (surefoot.home / "file").touch()
    code, sentence, hint = refused(surefoot.start(SUREFOOT_CACHE_DIR=str(surefoot.home / "file" / "cache")))
    assert code == 6
    assert sentence.startswith(f"cannot write Surefoot's own tools to {surefoot.home}/file/cache/tools")
    assert "SUREFOOT_CACHE_DIR" in hint


def test_a_lock_that_is_a_planted_link_is_not_followed(surefoot: Copy) -> None:
    surefoot.cache.mkdir(parents=True)
    (surefoot.cache / "lock").symlink_to(surefoot.home / "victim")
    assert refused(surefoot.start())[0] == 6
    assert not (surefoot.home / "victim").exists()


def test_a_folder_of_another_users_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(Refused, match="belongs to another user"):
        toolbuild.make(str(tmp_path / "tools" / "key"), sys.executable, ("lock",))


def test_an_environment_of_a_strangers_is_not_run(surefoot: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    surefoot.start()
    (made,) = surefoot.made
    assert toolenv.is_whole(str(made))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", lambda _: SimpleNamespace(st_uid=os.geteuid() + 1))
        whole = toolenv.is_whole(str(made))
    assert not whole


def test_without_a_home_the_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUREFOOT_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "tool.txt").touch()
    with pytest.raises(Precondition) as raised:
        toolenv.tool_python(str(tmp_path))
    assert (raised.value.code, raised.value.exit_code) == ("tools.home", 6)
    assert "SUREFOOT_CACHE_DIR" in raised.value.hint


def test_an_installed_wheel_without_its_packages_says_so(surefoot: Copy, tmp_path: Path) -> None:
    (surefoot.root / f"surefoot-{__version__}.dist-info").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    code, sentence, hint = refused(replace(surefoot, python=str(tmp_path / "venv" / "bin" / "python")).start())
    assert (code, surefoot.made) == (6, [])
    assert "lacks the package `click`" in sentence
    assert "uv tool install --reinstall surefoot" in hint


def test_a_copy_without_its_lock_says_so(surefoot: Copy) -> None:
    (surefoot.root / "locks" / "tool.txt").unlink()
    code, sentence, hint = refused(surefoot.start())
    assert code == 6
    assert "locks/tool.txt" in sentence
    assert hint


def test_a_full_disk_is_named_wherever_it_is_met() -> None:
    met = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert toolfail.unwritable("/cache", met).code == "tools.disk"
    assert toolfail.explain(1, "ERROR: [Errno 28] No space left on device", "python").code == "tools.disk"


def test_what_is_shown_holds_no_credential_and_no_control_character() -> None:
    shown = toolfail.redacted("GET https://user:secret@host/simple\x1b[31m and http://TOKEN:@host\n\x07ünïcode 中文")
    assert shown == "GET https://****@host/simple[31m and http://****@host\nünïcode 中文"
