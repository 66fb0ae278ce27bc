"""Images into files, out of files, and from folders of the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.containers import lab, proxy
from tests.containers.pulls import code, killed_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def test_a_bundle_goes_to_a_machine_without_a_registry(place: Place) -> None:
    names = place.image("1"), place.image("2", lines="RUN echo 2 >/file")
    ids = [place.client.images.get(each).id for each in names]
    ended = place.manage("images", "save", "out/bundle.tar", *names)
    assert ended.status == 0, ended.err
    file = place.root / "out" / "bundle.tar"
    assert (place.root / "out" / "bundle.tar.sha256").read_text().endswith("  bundle.tar\n")
    assert place.manage("images", "save", "out/bundle.tar", *names).status == 10
    for each in names:
        place.client.images.remove(each, force=True)
    before = place.inventory()
    assert place.manage("images", "load", "out/bundle.tar").status == 0
    assert [place.client.images.get(each).id for each in names] == ids
    assert place.manage("images", "load", "out/bundle.tar").out == "Nothing to do.\n"
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    ended = place.manage("images", "load", "out/bundle.tar", "--json")
    assert (ended.status, code(ended)) == (9, "bundle.damaged")
    (place.root / "out" / "bundle.tar.sha256").unlink()
    assert place.manage("images", "load", "out/bundle.tar").status == 6
    assert place.inventory() == before


def test_saving_is_taken_back(place: Place) -> None:
    assert place.manage("images", "save", "bundle.tar", place.image()).status == 0
    assert place.manage("rollback", "--yes").status == 0
    assert [each.name for each in place.root.iterdir() if each.name.startswith("bundle")] == []


def test_what_a_bundle_replaces_is_kept(place: Place) -> None:
    reference = place.image("1")
    bundled = str(place.client.images.get(reference).id)
    assert place.manage("images", "save", "bundle.tar", reference).status == 0
    place.client.images.remove(reference, force=True)
    own = str(place.client.images.get(place.image("1")).id)
    before = place.inventory()
    assert place.manage("images", "load", "bundle.tar").status == 0
    assert place.client.images.get(reference).id == bundled
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    assert bundled not in {image for _, image in place.images()}
    assert place.manage("images", "load", "bundle.tar").status == 0
    assert place.manage("images", "rollback", reference).status == 0
    assert place.client.images.get(reference).id == own


def test_what_is_no_bundle_or_not_allowed_or_outside_is_refused(place: Place, tmp_path: Path) -> None:
    assert place.manage("images", "save", str(tmp_path / "out.tar"), place.image()).status == 9
    assert place.manage("images", "save", "bundle.tar", f"{place.word}:none").status == 6
    assert place.manage("images", "save", "bundle.tar", place.image()).status == 0
    place.manifest('[images]\nallowed = ["redis"]\n')
    ended = place.manage("images", "load", "bundle.tar", "--json")
    assert (ended.status, code(ended)) == (9, "image.refused")


def test_a_saving_that_was_cut_leaves_no_file(place: Place, tmp_path: Path) -> None:
    reference = place.image()
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        between.spoil("GET", "/images/get", proxy.cut(100_000))
        ended = place.manage("images", "save", "bundle.tar", reference, "--json")
        assert ended.status in {7, 9}, ended.out
        assert not (place.root / "bundle.tar").exists()
        between.mend()
        assert place.manage("images", "save", "bundle.tar", reference).status == 0


def dockerfile(place: Place, text: str = "") -> str:
    (place.root / "Dockerfile").write_text(text or f"FROM {lab.BASE}\nARG word\nCOPY . /all\nRUN echo {place.word}\n")
    return f"{place.word}/built:1"


def test_an_image_is_built_and_goes_again(place: Place) -> None:
    tag = dockerfile(place)
    (place.root / ".dockerignore").write_text("# no\nsecret\n")
    (place.root / "secret").write_text("x")
    (place.root / "file").write_text("x")
    before = place.inventory()
    ended = place.manage("images", "build", "-t", tag, "--build-arg", "word", "--json", word="hello")
    assert ended.status == 0, ended.out
    assert [each["total"] for each in ended.events if each["event"] == "progress"][-1] >= 4
    listed = place.client.containers.run(tag, "ls -A /all", name=place.word, remove=True).decode().split()
    assert sorted(listed) == [".dockerignore", "Dockerfile", "file"]
    built = place.client.images.get(tag).id
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    assert built not in {each["Id"] for each in place.client.api.images()}


def test_a_build_that_fails_leaves_the_tag(place: Place) -> None:
    tag = dockerfile(place)
    assert place.manage("images", "build", "-t", tag).status == 0
    before = place.inventory()
    dockerfile(place, f"FROM {lab.BASE}\nRUN false\n")
    ended = place.manage("images", "build", "-t", tag, "--json")
    assert (ended.status, code(ended)) == (1, "engine.said")
    assert place.inventory() == before
    dockerfile(place, f"FROM {lab.BASE} AS one\nFROM {place.word}/nowhere:1\nCOPY --from=one /bin /x\n")
    ended = place.manage("images", "build", "-t", tag, "--json")
    assert (ended.status, code(ended)) == (6, "image.missing")
    assert place.manage("images", "build", "..", "-t", tag).status == 9
    assert place.manage("images", "build", "-t", tag, "-f", "None").status == 6
    assert place.manage("images", "build", "-t", tag, "--build-arg", "unset_word").status == 6
    (place.root / "away").symlink_to("/")
    assert place.manage("images", "build", "away", "-t", tag).status == 9
    assert place.inventory() == before


@pytest.mark.parametrize("path", ["/build", "/tag"])
@pytest.mark.parametrize("then", ["resume", "rollback"])
def test_a_build_that_was_killed(place: Place, tmp_path: Path, path: str, then: str) -> None:
    tag = dockerfile(place)
    before = place.inventory()
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        killed_in(place, between, path, "images", "build", "-t", tag)
        assert place.manage(then, "--yes").status == 0
    assert (place.inventory() == before) is (then == "rollback")
    assert (tag in json.dumps(place.inventory())) is (then == "resume")
