"""A volume that is copied while a container writes to it, and finished when that has stopped."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from phases.containers import undoing
from phases.containers.volumes import archives, early, nearby

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker
WRITES = """
mkdir -p /data/deep/er; echo one >/data/one; echo two >/data/deep/two; ln -s ../one /data/deep/link; mkfifo /data/fifo
echo old >/data/changes; echo gone >/data/goes; chmod 640 /data/one; chown 7:8 /data/deep; exec sleep 1000
"""


class Held:
    """A running container with a volume, and ways to look at both."""

    def __init__(self, place: Place, folder: Path) -> None:
        from tests.containers import lab

        self.name = f"{place.word}-data"
        self.container: Any = place.client.containers.run(
            lab.BASE, ["sh", "-c", WRITES], detach=True, volumes={self.name: {"bind": "/data"}}, name=place.word
        )
        self.engine = undoing.Engine(place.engine, "-")
        self.early, self.target = folder / "early.tar.gz", folder / "archives" / "last.tar.gz"
        self.do("until [ -p /data/fifo ] && [ -e /data/goes ]; do sleep 0.05; done")
        self.root = self.engine.must("GET", f"/volumes/{self.name}")["Mountpoint"]

    def do(self, script: str) -> None:
        assert self.container.exec_run(["timeout", "30", "sh", "-c", script]).exit_code == 0

    def copy(self) -> bool:
        return early.copy(self.engine, self.name, self.container.id, "/data", self.early)

    def stop(self) -> None:
        self.container.stop(timeout=0)

    def through_the_engine(self) -> dict[str, Any]:
        """What an archive made by the engine alone says of it."""
        return archives.told(archives.read(self.engine, self.container.id, path="/data"))

    def finish(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Of the manifest, of the archive read again, and of the engine: all three have to say the same."""
        manifest = early.finish(self.early, self.target)
        assert manifest is not None
        assert archives.proven(str(self.target)) == manifest
        told = {key: manifest[key] for key in ("content", "entries", "unpacked")}
        return told, archives.told(archives.of_archive(str(self.target))), self.through_the_engine()


@pytest.fixture
def held(place: Place, tmp_path: Path) -> Held:
    return Held(place, tmp_path)


def test_what_is_as_it_was_is_not_copied_again(held: Held) -> None:
    assert held.copy()
    length = held.early.stat().st_size
    held.stop()
    told, again, engine = held.finish()
    assert told == again == engine
    assert held.target.stat().st_size < length + 100  # an end, and nothing else
    assert not held.early.exists()


def test_what_is_old_enough_is_known_by_its_times_alone(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early, "_DOUBT", -(10**18))  # all of it is old
    assert held.copy()
    held.do("echo new >/data/changes; echo uno >/data/one")
    held.stop()
    read: list[str] = []
    digest = nearby.digest

    def noted(each: nearby.Found) -> str:
        read.append(each.path)
        return digest(each)

    monkeypatch.setattr(nearby, "digest", noted)
    told, again, engine = held.finish()
    assert told == again == engine
    trusted = nearby.is_trusted(held.root)
    assert sorted(read) == (["changes", "one"] if trusted else ["changes", "deep/two", "goes", "one"])


def test_what_changed_and_what_came_is_added(held: Held) -> None:
    assert held.copy()
    held.do("cd /data; echo new >changes; echo more >came; chmod 600 one; rm deep/link; ln -s x deep/link")
    held.stop()
    told, again, engine = held.finish()
    assert told == again == engine
    assert told["entries"] == 10


def test_a_change_that_leaves_size_and_times_is_seen_too(held: Held) -> None:
    assert held.copy()
    place = os.path.join(held.root, "one")
    status = os.stat(place)
    with open(place, "r+b") as file:
        file.write(b"uno")
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    held.stop()
    told, again, engine = held.finish()
    assert told == again == engine


def test_what_went_is_not_in_the_archive(held: Held) -> None:
    assert held.copy()
    held.do("rm /data/goes")
    held.stop()
    told, again, engine = held.finish()
    assert told == again == engine
    assert "goes" not in {each[0] for each in archives.of_archive(str(held.target))}


def test_links_of_one_file_are_links(held: Held) -> None:
    held.do("ln /data/one /data/another")
    assert held.copy()
    held.do("echo more >>/data/another; echo x >/data/changes")
    held.stop()
    told, again, engine = held.finish()
    assert told == again == engine
    assert ("one", "1", "another") in {(each[0], each[1], each[6]) for each in archives.of_archive(str(held.target))}


def test_a_copy_that_was_cut_short_at_its_end_is_finished_again(held: Held) -> None:
    assert held.copy()
    held.do("echo new >/data/changes")
    held.stop()
    with held.early.open("ab") as file:
        file.write(b"half of what was to be added")
    early._sums.clear()  # noqa: SLF001 -- as another process
    told, again, engine = held.finish()
    assert told == again == engine


def test_one_that_is_gone_or_of_another_place_is_none(held: Held, tmp_path: Path) -> None:
    assert early.finish(tmp_path / "none", held.target) is None
    assert held.copy()
    index = early._index(held.early)  # noqa: SLF001
    text = index.read_text()
    held.stop()
    index.write_text(text.replace(held.root, str(tmp_path)))
    assert early.finish(held.early, held.target) is None
    index.write_text(text[:-9])
    assert early.finish(held.early, held.target) is None


def test_only_the_very_folder_that_the_container_has_is_read(held: Held) -> None:
    seen = held.engine.must("GET", f"/containers/{held.container.id}/json")
    assert nearby.folder_of(seen, held.name, "/data", held.root) == held.root
    for volume, place, folder in (
        ("other", "/data", held.root),
        (held.name, "/etc", held.root),
        (held.name, "/data", "/"),
        (held.name, "/data", "/nowhere"),
    ):
        with pytest.raises(nearby.Unsuited):
            nearby.folder_of(seen, volume, place, folder)
    with pytest.raises(nearby.Unsuited):
        nearby.folder_of({**seen, "Id": "0" * 64}, held.name, "/data", held.root)
    held.stop()
    assert not held.copy()
    assert not held.early.exists()


def test_what_is_too_deep_for_us_is_left_to_the_engine(held: Held) -> None:
    held.do("cd /data; i=0; while [ $i -lt 1100 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done")
    assert not held.copy()
    assert not held.early.exists()
    held.do("cd /data; i=0; while [ $i -lt 900 ]; do cd d; i=$((i+1)); done; rm -rf d")  # else no test can remove it


def test_no_link_leads_out_and_a_socket_is_left_out(held: Held, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("hunter2")
    os.symlink(tmp_path / "secret", os.path.join(held.root, "out"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.join(held.root, "s"))
        assert held.copy()
        held.stop()
        told, again, engine = held.finish()
    assert told == again == engine
    assert "out/file" not in {each[0] for each in archives.of_archive(str(held.target))}
