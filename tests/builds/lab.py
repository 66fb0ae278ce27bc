"""Validating mocks of the providers' APIs: prism serves their own descriptions, and refuses what is not as described.

`ensure("github")` returns an address; the first that asks installs prism (npm) and starts it, for all tests that run
on this machine. It ends by itself when nobody who asked is alive any more; `python tests/builds/lab.py stop` ends it at
once. Needs Debian's nodejs and npm.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).resolve().parent
FOLDER = Path(tempfile.gettempdir()).resolve() / "surefoot-lab-builds"
_PATIENCE = 180  # seconds: npm has two hundred packages to fetch
_watchmen: list[subprocess.Popen[bytes]] = []  # they outlive us; a child that nobody holds and that runs is a warning


def ensure(name: str, description: Path | None = None) -> str:
    """The address of the mock `name`, started if it does not run.

    `description` is its OpenAPI file; of "github" it is made here. Raises `RuntimeError` with what it last said.
    """
    with FileLock(f"{FOLDER}.lock"):
        (FOLDER / "clients").mkdir(parents=True, exist_ok=True)
        (FOLDER / "clients" / str(os.getpid())).touch()
        _install()
        if not _alive(name):
            _start(name, description or _github())
        return f"http://127.0.0.1:{(FOLDER / f'{name}.port').read_text()}"


def stop() -> None:
    """End all of them."""
    with FileLock(f"{FOLDER}.lock"):
        for each in FOLDER.glob("*.pid"):
            if _alive(each.stem):
                os.kill(int(each.read_text()), signal.SIGTERM)
        shutil.rmtree(FOLDER / "clients", ignore_errors=True)


def _install() -> None:
    """Have prism and GitHub's description, in the versions of package.json."""
    wanted, mark = (HERE / "package.json").read_text(), FOLDER / "installed.json"
    if mark.exists() and mark.read_text() == wanted:
        return
    if (npm := shutil.which("npm")) is None:
        raise RuntimeError("npm (Debian: nodejs, npm) is not installed")
    (FOLDER / "package.json").write_text(wanted)
    words = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(words, cwd=FOLDER, check=True, timeout=_PATIENCE, stdout=subprocess.DEVNULL)
    mark.write_text(wanted)


def _github() -> Path:
    """The cut of today: prism reads a changed file anew, and another worktree may cut otherwise."""
    made = FOLDER / f"github-{hashlib.sha256((HERE / 'cut.py').read_bytes()).hexdigest()[:12]}.json"
    source = FOLDER / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    subprocess.run([sys.executable, str(HERE / "cut.py"), str(source), str(made)], check=True, timeout=60)
    return made


def _start(name: str, description: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (FOLDER / f"{name}.log").open("wb") as log:
        watchman = subprocess.Popen(
            [sys.executable, __file__, "watch", str(port), str(description)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=FOLDER,
        )
    _watchmen.append(watchman)
    (FOLDER / f"{name}.pid").write_text(str(watchman.pid))
    (FOLDER / f"{name}.port").write_text(str(port))
    end = time.monotonic() + _PATIENCE
    while not _answers(port):
        if time.monotonic() > end or watchman.poll() is not None:
            raise RuntimeError(f"the mock {name}: {(FOLDER / f'{name}.log').read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):  # http, on this machine
            return True
    except urllib.error.HTTPError as error:
        with error:
            return True  # there is nothing at its root, and it says so
    except OSError:
        return False


def _alive(name: str) -> bool:
    """Does its watchman run, and is it ours? A number may be another's by now."""
    with suppress(OSError, ValueError):
        pid = int((FOLDER / f"{name}.pid").read_text())
        return os.fsencode(__file__) in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def watch(port: str, description: str) -> None:
    """Run prism until nobody needs it, or until we are told to end."""
    script = FOLDER / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    words = ["node", str(script), "mock", "--host", "127.0.0.1", "--port", port, "--verboseLevel", "error", description]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    prism = subprocess.Popen(words, cwd=FOLDER)
    try:
        while prism.poll() is None and _needed():
            time.sleep(1)
    finally:
        prism.kill()
        prism.wait()


def _needed() -> bool:
    """Does one of those who asked still run?"""
    for client in (FOLDER / "clients").glob("*"):
        try:
            os.kill(int(client.name), 0)
        except ProcessLookupError:
            client.unlink(missing_ok=True)
        else:
            return True
    return False


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(*sys.argv[2:])
    elif sys.argv[1] == "start":
        sys.stdout.write(json.dumps(ensure("github")) + "\n")
    else:
        stop()
