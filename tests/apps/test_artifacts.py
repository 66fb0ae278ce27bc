"""Artifacts: fetched in parts, believed by their hash, unpacked nowhere but into their folder."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import threading
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from installer.errors import NotAllowed, Precondition, Refused, Unavailable
from phases.containers.apps.artifacts import fetching, unpacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.apps.kit import Place

Entry = tuple[str, str, str]  # name; "file", "folder", "link", "hard", "pipe", "device"; content or target
_TYPES = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
}
_MODES = {"file": stat.S_IFREG, "folder": stat.S_IFDIR, "link": stat.S_IFLNK, "pipe": stat.S_IFIFO}


def tar(path: Path, *entries: Entry, mode: int = 0o644) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for name, kind, text in entries:
            about = tarfile.TarInfo(name)
            about.type, about.mode = _TYPES[kind], mode
            if kind in {"link", "hard"}:
                about.linkname = text
            about.size = len(text) if kind == "file" else 0
            made.addfile(about, io.BytesIO(text.encode()))
    return path


def zipped(path: Path, *entries: Entry, mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, kind, text in entries:
            about = zipfile.ZipInfo(f"{name}/" if kind == "folder" else name)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = (_MODES[kind] | mode) << 16
            made.writestr(about, text)
    return path


def tree(folder: Path) -> dict[str, str]:
    """Everything below `folder`: content, target, or "/"."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else "/"
        if path.is_dir()
        else path.read_text()
        for path in sorted(folder.rglob("*"))
    }


GOOD: tuple[Entry, ...] = (
    ("app", "folder", ""),
    ("app/run.sh", "file", "echo\n"),
    ("app/lib/deep/x", "file", "x"),
    ("app/now", "link", "lib/deep"),
    ("app/lib/up", "link", "../run.sh"),
)


@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_is_unpacked_with_its_links_and_rights(tmp_path: Path, pack: Callable[..., Path]) -> None:
    archive = pack(tmp_path / "a", *GOOD, mode=0o4755)
    unpacking.unpack(archive, tmp_path / "out", strip=1)
    assert tree(tmp_path / "out") == {
        "lib": "/",
        "lib/deep": "/",
        "lib/deep/x": "x",
        "lib/up": "../run.sh",
        "now": "lib/deep",
        "run.sh": "echo\n",
    }
    assert stat.S_IMODE((tmp_path / "out" / "run.sh").stat().st_mode) == 0o755


def test_a_hard_link_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    unpacking.unpack(tar(tmp_path / "a", ("one", "file", "text"), ("two", "hard", "one")), tmp_path / "out")
    assert tree(tmp_path / "out") == {"one": "text", "two": "text"}
    assert (tmp_path / "out" / "two").stat().st_nlink == 1


EVIL: dict[str, tuple[Entry, ...]] = {
    "up": (("../evil", "file", "x"),),
    "up within": (("a/../../evil", "file", "x"),),
    "absolute": (("/tmp/evil", "file", "x"),),  # noqa: S108 -- never written
    "of windows": (("..\\evil", "file", "x"),),
    "of a drive": (("C:evil", "file", "x"),),
    "through a link": (("d", "link", "."), ("d/evil", "file", "x")),
    "through a file": (("d", "file", "."), ("d/evil", "file", "x")),
    "link out": (("d", "link", "../.."),),
    "link absolute": (("d", "link", "/etc/passwd"),),
    "link out by a link": (("a/b/c", "link", "../.."), ("e", "link", "a/b/c/../x")),
    "pipe": (("p", "pipe", ""),),
    "twice": (("a", "file", "1"), ("./a", "file", "2")),
}


@pytest.mark.parametrize("kind", EVIL)
@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_that_reaches_out_is_refused_before_anything_is_written(
    tmp_path: Path, pack: Callable[..., Path], kind: str
) -> None:
    folder = tmp_path / "one" / "two" / "out"
    folder.parent.mkdir(parents=True)
    archive = pack(tmp_path / "a", *EVIL[kind])
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(Refused):
        unpacking.unpack(archive, folder)
    assert (sorted(os.listdir(tmp_path)), tree(tmp_path / "one")) == (before, {"two": "/"})


def test_a_device_and_a_hard_link_to_outside_are_refused(tmp_path: Path) -> None:
    for number, entry in enumerate((("d", "device", ""), ("h", "hard", "/etc/passwd"), ("h", "hard", "../../x"))):
        with pytest.raises(Refused):
            unpacking.unpack(tar(tmp_path / f"{number}", entry), tmp_path / f"out{number}")


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_bomb_ends_at_its_bound(tmp_path: Path, pack: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE", 1 << 20)
    monkeypatch.setattr(unpacking, "RATIO", 10)
    with pytest.raises(Refused, match="far larger"):
        unpacking.unpack(pack(tmp_path / "a", ("a", "file", "0" * (3 << 20))), tmp_path / "out")
    monkeypatch.setattr(unpacking, "MOST_ENTRIES", 3)
    with pytest.raises(Refused, match="more than 3"):
        unpacking.unpack(pack(tmp_path / "b", *((f"{n}", "file", "x") for n in range(5))), tmp_path / "out2")


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 cut", b"\x1f\x8b\x08 cut"])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(Refused):
        unpacking.unpack(tmp_path / "a", tmp_path / "out")


# -- from an address ---------------------------------------------------------------------------------------------------


class Server:
    """Serves `data`. `cuts` are how many bytes the next answers have at most; `asked` are their Range headers."""

    def __init__(self, data: bytes) -> None:
        self.data, self.cuts, self.status, self.ranges = data, list[int](), 0, True
        self.asked: list[str] = []
        self._http = HTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self.url = f"http://127.0.0.1:{self._http.server_port}/app.zip"
        self.thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def end(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.thread.join()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, server: Server, *rest: object) -> None:
        self.of = server
        super().__init__(*rest)  # type: ignore[arg-type]  # what the server gives

    def do_GET(self) -> None:
        self.of.asked.append(self.headers.get("Range", ""))
        if self.of.status:
            self.send_error(self.of.status)
            return
        begin = int((self.headers.get("Range") or "bytes=0-")[6:-1]) if self.of.ranges else 0
        if begin >= len(self.of.data):
            self.send_error(416)
            return
        data = self.of.data[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: self.of.cuts.pop(0)] if self.of.cuts else data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(os.urandom(300_000))
    yield made
    made.end()


def fetch(server: Server, target: Path, sha256: str = "", retries: int = 0) -> None:
    fetching.fetch(server.url, sha256 or server.sha256, target, retries=retries, report=lambda *_: None)


def test_a_download_goes_on_where_it_was_cut(server: Server, tmp_path: Path) -> None:
    server.cuts = [100_000]
    with pytest.raises(Unavailable):
        fetch(server, tmp_path / "a")
    fetch(server, tmp_path / "a")
    assert server.asked == ["", "bytes=100000-"]
    assert (tmp_path / "a").read_bytes() == server.data
    fetch(server, tmp_path / "a")
    assert len(server.asked) == 2  # it is here


def test_a_cut_download_is_repeated_as_often_as_was_asked(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_WAIT", 0)
    server.cuts = [10, 20]
    fetch(server, tmp_path / "a", retries=2)
    assert server.asked == ["", "bytes=10-", "bytes=30-"]


def test_a_server_without_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"x" * 10)
    server.ranges = False
    fetch(server, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == server.data


def test_a_part_of_something_else_is_thrown_away_once(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"x" * 400_000)
    fetch(server, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == server.data


def test_another_hash_is_refused_and_nothing_of_it_stays(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        fetch(server, tmp_path / "a", sha256="0" * 64)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, NotAllowed), (403, NotAllowed), (404, Precondition), (429, Unavailable), (503, Unavailable)],
)
def test_refusals_are_told_apart(server: Server, tmp_path: Path, status: int, kind: type[Exception]) -> None:
    server.status = status
    with pytest.raises(kind):
        fetch(server, tmp_path / "a")


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    gone = Server(b"x")
    gone.end()
    with pytest.raises(Unavailable):
        fetch(gone, tmp_path / "a")


# -- as apps -----------------------------------------------------------------------------------------------------------


def test_an_app_from_an_address_is_fetched_checked_and_run(place: Place, tmp_path: Path) -> None:
    server = Server(zipped(tmp_path / "z", ("app/run.sh", "file", "echo it runs; exit 0\n")).read_bytes())
    manifest = (
        f'[apps.web]\ncommand = ["sh", "run.sh"]\nartifact = {{url = "{server.url}", sha256 = "HASH", strip = 1}}\n'
    )
    place.manifest(manifest.replace("HASH", "0" * 64))
    assert place.manage("apps", "start").status == 9
    assert place.status().state == "absent"
    place.manifest(manifest.replace("HASH", server.sha256))
    place.done("apps", "start")
    place.says("it runs")
    server.end()
    assert place.status().version == server.sha256[:12]
    place.done("rollback", "-y")
    assert not (place.root / ".surefoot/apps/web/releases").exists()


def test_an_update_that_is_not_well_goes_back_by_itself(place: Place) -> None:
    manifest = (
        '[apps.web]\ncommand = ["sh", "run.sh", "WORD"]\nartifact = {path = "web.tar.gz", version = "VERSION"}\n'
        'health = {command = ["test", "-e", "well"], interval = "50ms", retries = 2}\n'
    )
    run = ("run.sh", "file", "sleep 1000 & wait\n")
    tar(place.root / "web.tar.gz", run, ("well", "file", ""))
    place.manifest(manifest.replace("VERSION", "1.0"))
    place.done("apps", "start")
    first = place.status()
    assert first.version.startswith("1.0-")
    tar(place.root / "web.tar.gz", run)
    place.manifest(manifest.replace("VERSION", "2.0"))
    ended = place.manage("apps", "update")
    assert (ended.status, "`web` is not healthy" in ended.err) == (1, True)
    now = place.until(lambda each: each.health == "healthy")
    assert (now.version, now.digest, len(place.running())) == (first.version, first.digest, 1)


def test_an_update_that_ends_at_once_goes_back_by_itself(place: Place) -> None:
    manifest = '[apps.web]\ncommand = ["sh", "web/run.sh", "WORD"]\nenv = {WHICH = "1"}\n'
    (place.root / "web").mkdir()
    (place.root / "web/run.sh").write_text('[ "$WHICH" = 1 ] || exit 7\nsleep 1000 & wait\n')
    place.manifest(manifest)
    place.done("apps", "start")
    place.manifest(manifest.replace('"1"', '"2"'))
    ended = place.manage("apps", "recreate")
    assert (ended.status, "ended with 7" in ended.err) == (1, True)
    assert (place.status().state, len(place.running())) == ("running", 1)


@pytest.mark.parametrize("verb", ["recreate", "update"])
def test_a_start_that_fails_shows_only_what_was_said_since(place: Place, verb: str) -> None:
    manifest = '[apps.web]\ncommand = ["sh", "web/run.sh", "WORD"]\nenv = {WHICH = "1"}\n'
    (place.root / "web").mkdir()
    (place.root / "web/run.sh").write_text(
        '[ "$WHICH" = 1 ] || { echo the cause; exit 7; }\necho tick\nsleep 1000 & wait\n'
    )
    place.manifest(manifest)
    assert place.done("apps", "start").out.startswith("✓ Started (")
    place.says("tick")
    place.manifest(manifest.replace('"1"', '"2"'))
    ended = place.manage("apps", verb)
    assert (ended.status, "the cause" in ended.err, "tick" in ended.err) == (1, True, False)
    place.says("the cause\ntick")  # by the one that is back
    again = place.manage("apps", verb)
    assert (again.err.count("the cause"), again.err.count("tick")) == (1, 0)
    assert place.done("apps", "stop", "--lang", "zh").out.startswith("✓ 已停止（")


def test_an_app_goes_back_and_forth_between_its_releases_and_reconcile_respects_that(place: Place) -> None:
    manifest = '[apps.web]\ncommand = ["sh", "run.sh", "WORD"]\nsource = "web"\n'
    (place.root / "web").mkdir()
    versions: list[str] = []
    for text in ("one", "two"):
        (place.root / "web" / "run.sh").write_text(f"echo {text}; sleep 1000 & wait\n")
        place.manifest(manifest)
        place.done("apps", "update" if versions else "start")
        versions.append(place.status().version)
    place.done("apps", "rollback", "web")
    assert (place.status().state, place.status().version) == ("running", versions[0])
    assert "Nothing to do." in place.done("apps", "reconcile").out
    place.done("rollback", "-y")
    assert place.status().version == versions[1]
    place.done("apps", "rollback", "web", "--to", versions[0])
    place.done("apps", "update")
    assert place.status().version == versions[1]
    assert place.manage("apps", "rollback", "web", "--to", "none").status == 6
