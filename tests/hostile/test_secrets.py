"""A secret is nowhere: not in the state, the log, the screen, the events, a crash report or a command line."""

from __future__ import annotations

import base64
import glob
import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installer import redact
from tests.hostile.wheels import Wheel
from tests.whole.kit import PYTHON, ROOT, environment, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.places import Place

SECRET = "s3cr+t/W0rd%9"  # noqa: S105 -- the test's own; with signs that a URL must encode
ENCODED = quote(SECRET, safe="")


def _forms(secret: str) -> set[bytes]:
    """The secret as it is, as a URL has it, and in base64, alone and behind a user name."""
    found = {secret.encode(), quote(secret, safe="").encode(), quote(secret).encode()}
    for text in (secret, f"joe:{secret}"):
        found.add(base64.b64encode(text.encode()).rstrip(b"="))
    return found


class Watcher:
    """Reads the command lines of all our descendants, again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            for path in glob.glob("/proc/[0-9]*/cmdline"):
                try:
                    self.seen.add(Path(path).read_bytes())
                except OSError:
                    continue
            time.sleep(0.005)


def _leaks(place: Place, said: str, watcher: Watcher) -> list[str]:
    """Where the secret is found though it must not be."""
    forms = _forms(SECRET)
    state = place.project / ".surefoot"
    found = [str(path) for path in state.rglob("*") if path.is_file() and any(f in path.read_bytes() for f in forms)]
    found += ["the screen"] if any(form in said.encode() for form in forms) else []
    found += [f"command line {each!r}" for each in watcher.seen if any(form in each for form in forms)]
    environment_file = place.project / ".venv" / "surefoot-contents"
    return found + ["the environment"] * any(form in environment_file.read_bytes() for form in forms)


@pytest.fixture
def private(place: Place) -> Place:
    """The index asks for a password, and has `evil`."""
    for each in (Wheel("evil"), Wheel("good")):
        place.index.put(each.file, each.build())
    place.index.user = f"joe:{SECRET}"
    place.want("evil")
    return place


def _ways(place: Place) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """How a user gives the password: variables, and files below the home or the project."""
    url = place.index.with_user(f"joe:{ENCODED}")
    netrc = f"machine 127.0.0.1 login joe password {SECRET}\n"
    return {
        "uv's variable": ({"UV_DEFAULT_INDEX": url}, {}),
        "pip's variable": ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": url}, {}),
        "pip.conf": ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": "", "PIP_CONFIG_FILE": "pip.conf"}, {"pip.conf": url}),
        "uv.toml": ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": ""}, {"uv/uv.toml": url}),
        "uv's named index": (
            {
                "UV_DEFAULT_INDEX": f"own={place.index.simple}",
                "UV_INDEX_OWN_USERNAME": "joe",
                "UV_INDEX_OWN_PASSWORD": SECRET,
            },
            {},
        ),
        "netrc": ({"NETRC": "netrc"}, {"netrc": netrc}),
        "the listing": ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": ""}, {"requirements.txt": f"-i {url}\nevil\ngood\n"}),
    }


WAYS = ("uv's variable", "pip's variable", "pip.conf", "uv.toml", "uv's named index", "netrc", "the listing")


def _given(place: Place, way: str) -> dict[str, str]:
    variables, files = _ways(place)[way]
    home = place.folder / "home"
    for name, content in files.items():
        text = {
            "pip.conf": f"[global]\nindex-url = {content}\n",
            "uv/uv.toml": f'[[index]]\nurl = "{content}"\ndefault = true\n',
        }.get(name, content)
        target = place.project if name == "requirements.txt" else home
        write(target, {name: text})
        (target / name).chmod(0o600)
    return {name: str(home / value) if value in files else value for name, value in variables.items()}


@pytest.fixture
def _home(place: Place) -> Iterator[None]:
    yield
    for name in ("pip.conf", "uv/uv.toml", "netrc"):
        (place.folder / "home" / name).unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize("way", WAYS)
def test_the_password_of_an_index_is_used_and_is_nowhere(private: Place, way: str) -> None:
    variables = _given(private, way)
    with Watcher() as watcher:
        ended = private.run("-v", **variables)
        private.index.user = "somebody:else"
        private.want("evil\nno-such-name") if way != "the listing" else write(private.project, {"pyproject.toml": ""})
        failed = private.run("-v", "--json", **variables)
    assert ended.status == 0, ended.said
    assert failed.status in {0, 8}, failed.said
    assert _leaks(private, ended.said + failed.said, watcher) == []
    assert len(watcher.seen) > 3


@pytest.mark.slow
@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize("way", ["pip's variable", "the listing"])
def test_with_pip_it_is_nowhere_either(private: Place, way: str) -> None:
    variables = _given(private, way)
    with Watcher() as watcher:
        ended = private.run("-v", "--backend", "pip", **variables)
    assert ended.status == 0, ended.said
    assert _leaks(private, ended.said, watcher) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("userinfo", "backend"),
    [(f"{ENCODED}:", "uv"), (ENCODED, "uv"), (f"{ENCODED}:", "pip"), (f"__token__:{ENCODED}", "pip")],
)
def test_a_refused_password_is_nowhere(private: Place, userinfo: str, backend: str) -> None:
    private.index.user = "somebody:else"
    url = private.index.with_user(userinfo)
    with Watcher() as watcher:
        ended = private.run("-v", "--backend", backend, UV_DEFAULT_INDEX=url, PIP_INDEX_URL=url)
    assert ended.status in {1, 8}, ended.said  # pip takes what is behind the slash in a token for the host
    assert _leaks(private, ended.said, watcher) == []


@pytest.mark.slow
def test_a_bug_of_ours_tells_no_secret(private: Place, tmp_path: Path) -> None:
    """A failure that nobody expected, with the secret in its words, its arguments and its source line."""
    url = private.index.with_user(f"joe:{ENCODED}")
    code = (  # noqa: UP032 -- the source is read best so
        "import sys; sys.path.insert(0, {root!r}); sys.argv[0] = 'quickstart.py'\n"
        "from installer.cli import main\n"
        "from installer.engine import Engine\n"
        "def broken(*args, **named):\n"
        "    raise ZeroDivisionError('it was {secret} or {url}')\n"
        "Engine.run = broken\n"
        "sys.exit(main.quickstart(sys.argv[1:]))\n"
    ).format(root=str(ROOT), secret=SECRET, url=url)
    (tools,) = {Path(path).parents[1] for path in _tools()}
    done = subprocess.run(
        [str(tools / "bin" / "python"), "-I", "-c", code, "-y", "-vv", "--debug"],
        cwd=private.project,
        env=environment(private.settings(UV_DEFAULT_INDEX=url, MY_TOKEN=SECRET, TMPDIR=str(tmp_path))),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70, done.stdout + done.stderr
    reports = list(tmp_path.glob("surefoot-bug-*.log"))
    assert len(reports) == 1
    text = done.stdout + done.stderr + reports[0].read_text()
    assert "ZeroDivisionError" in text
    assert _leaks(private, text, Watcher()) == []


def _tools() -> list[str]:
    ask = (
        "import sys; sys.path.insert(0, sys.argv[1]); import installer.toolenv as t; print(t.tool_python(sys.argv[1]))"
    )
    done = subprocess.run(
        [str(PYTHON), "-c", ask, str(ROOT)], env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.slow
def test_a_token_in_the_address_of_a_submodule_is_nowhere(private: Place) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost"]
    url = f"https://{ENCODED}:x-oauth-basic@127.0.0.1:9/owner/one.git"
    write(private.project, {".gitmodules": f'[submodule "one"]\n\tpath = one\n\turl = {url}\n'})
    for words in (
        ["init", "-q"],
        ["add", ".gitmodules", "requirements.txt"],
        ["update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},one"],
        ["commit", "-q", "-m", "x"],
        ["remote", "add", "origin", url],
    ):
        subprocess.run([*git, *words], cwd=private.project, check=True, capture_output=True)
    with Watcher() as watcher:
        ended = private.run("-v", UV_DEFAULT_INDEX=private.index.with_user(f"joe:{ENCODED}"))
    (private.project / ".gitmodules").unlink()
    assert ended.status == 7, ended.said
    # git passes an address on to its own helpers, and the copy of .git/config is what rollback puts back (0600)
    own = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
    watcher.seen = {each for each in watcher.seen if not each.startswith(own.encode())}
    (copy,) = _leaks(private, ended.said, watcher)
    assert "/stash/" in copy
    assert Path(copy).stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_secret_of_the_projects_own_step_is_nowhere(private: Place) -> None:
    """A variable passed on by name, printed by the step in many ways."""
    shown = (
        "import base64, os, urllib.parse as u; s = os.environ['DEPLOY_TOKEN']; print(s); print(u.quote(s, safe='')); "
        "print(base64.b64encode(s.encode()).decode()); print('Authorization: Bearer ' + s); "
        "print(s[:5] + chr(27) + '[1m' + s[5:])"
    )
    step = f'[[steps]]\nphase = "packages"\ntitle = "Show it"\nrun = ["python", "-c", {json.dumps(shown)}]\n'
    write(private.project, {"surefoot.toml": step})
    variables = {"DEPLOY_TOKEN": SECRET, "SUREFOOT_PASS_ENV": "DEPLOY_TOKEN"}
    ended = private.run("-v", UV_DEFAULT_INDEX=private.index.with_user(f"joe:{ENCODED}"), **variables)
    (private.project / "surefoot.toml").unlink()
    assert ended.status == 0, ended.said
    assert "****" in ended.said
    assert _leaks(private, ended.said, Watcher()) == []


@settings(max_examples=200, deadline=None)
@given(
    secret=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=8).filter(
        lambda text: text == text.strip() and "****" not in text
    ),
    before=st.text(max_size=5),
    after=st.text(max_size=5),
)
def test_no_form_of_a_secret_gets_through(secret: str, before: str, after: str) -> None:
    old = dict(os.environ)
    os.environ["THE_TOKEN"] = secret
    redact._values.cache_clear()  # noqa: SLF001 -- the environment is read once
    try:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            shown = redact.redact(f"{before} {form} {after}")
            assert form not in shown or form in before + after
            coloured = redact.redact_output(f"{before} {form[:3]}\x1b[31m\x07{form[3:]} {after}")
            assert form not in coloured or form in before + after
        shown = redact.redact(
            f"https://joe:{quote(secret, safe='')}@host/ Authorization: Basic {quote(secret, safe='')}"
        )
        assert quote(secret, safe="") not in shown
    finally:
        os.environ.clear()
        os.environ.update(old)
        redact._values.cache_clear()  # noqa: SLF001 -- the environment is read once
