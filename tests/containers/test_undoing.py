"""The script that takes back what was done in an engine: each deed, twice, and for what was never begun."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from phases.containers import labels, undoing
from tests.containers import lab, proxy

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def undo(place: Place, *words: str) -> tuple[int, str]:
    """Run it as rollback.sh does: by a plain Python, away from everything of ours."""
    argv = [sys.executable, "-I", "-B", str(Path(undoing.__file__)), place.engine, "-", *words]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False)
    return ended.returncode, ended.stderr


def test_a_container_of_the_deed_goes_and_no_other(place: Place) -> None:
    mine = {labels.STEP: f"{place.word}/a"}
    place.client.containers.run(lab.BASE, "sleep 100", name=f"{place.word}-mine", labels=mine, detach=True)
    theirs = place.client.containers.run(lab.BASE, "sleep 100", name=f"{place.word}-theirs", detach=True)
    for _ in range(2):
        assert undo(place, "remove-container", labels.STEP, f"{place.word}/a") == (0, "")
    assert [each.id for each in place.client.containers.list(all=True, filters={"name": place.word})] == [theirs.id]


def test_an_old_container_is_called_so_again_and_runs(place: Place) -> None:
    old = place.client.containers.run(lab.BASE, "sleep 100", name=place.word, detach=True)
    old.rename(f"{place.word}-old")
    old.stop(timeout=0)
    new = place.client.containers.create(lab.BASE, "sleep 1", name=place.word, labels={labels.STEP: place.word})
    again = ("name-container", str(old.id), place.word, ",", "start-container", str(old.id))
    for _ in range(2):
        assert undo(place, "remove-container", labels.STEP, place.word, ",", *again) == (0, "")
    old.reload()
    assert (old.name, old.status) == (place.word, "running")
    assert new.id not in {each.id for each in place.client.containers.list(all=True, ignore_removed=True)}


def test_a_name_that_somebody_else_took_stays_theirs(place: Place) -> None:
    old = place.client.containers.create(lab.BASE, "true", name=f"{place.word}-old")
    place.client.containers.create(lab.BASE, "true", name=place.word)
    status, said = undo(place, "name-container", str(old.id), place.word)
    assert (status, place.word in said) == (10, True)


def test_a_container_that_is_gone_is_told_and_what_follows_is_done(place: Place) -> None:
    volume = place.client.volumes.create(place.word, labels={labels.STEP: place.word})
    status, said = undo(place, "start-container", "0" * 64, ",", "remove-volume", labels.STEP, place.word)
    assert (status, "start-container" in said) == (5, True)
    assert volume.name not in {each.name for each in place.client.volumes.list()}


def test_a_volume_without_the_label_stays(place: Place) -> None:
    place.client.volumes.create(place.word)
    assert undo(place, "remove-volume", labels.STEP, place.word) == (0, "")
    assert place.client.volumes.get(place.word).name == place.word


def test_a_network_goes(place: Place) -> None:
    place.client.networks.create(place.word, labels={labels.STEP: place.word})
    for _ in range(2):
        assert undo(place, "remove-network", labels.STEP, place.word) == (0, "")
    assert place.client.networks.list(names=[place.word]) == []


def test_a_tag_names_the_old_image_again_or_nothing(place: Place) -> None:
    first, second = place.image("1"), place.image("2")
    ids = [str(place.client.images.get(each).id) for each in (first, second)]
    moved = f"{place.lab.registry}/{place.word}:moved"
    place.client.images.get(second).tag(moved)
    for _ in range(2):
        assert undo(place, "point-tag", moved, ids[0], ids[1]) == (0, "")
    assert place.client.images.get(moved).id == ids[0]
    assert undo(place, "point-tag", moved, "-", ids[1])[0] == 10
    for _ in range(2):
        assert undo(place, "point-tag", moved, "-") == (0, "")
    assert not place.client.images.list(moved)
    assert place.client.images.get(first).id == ids[0]


def test_a_tag_that_names_what_the_deed_brought_goes_back(place: Place) -> None:
    first, second, third = (
        place.image("1"),
        place.pushed("2", keep=True),
        place.image("3", lines=f"LABEL deed={place.word}"),
    )
    old, new, labelled = (str(place.client.images.get(each).id) for each in (first, second, third))
    (digest,) = place.client.images.get(second).attrs["RepoDigests"]
    moved = f"{place.lab.registry}/{place.word}:moved"
    for image, since, status in (
        (new, digest, 0),
        (labelled, f"deed={place.word}", 0),
        (labelled, digest, 10),
        (new, f"deed={place.word}", 10),
        (new, f"{place.word}@sha256:{'0' * 64}", 10),
    ):
        place.client.images.get(image).tag(moved)
        assert undo(place, "point-tag", moved, old, since)[0] == status
        assert place.client.images.get(moved).id == (image if status else old)


def test_a_digest_goes_and_the_image_with_it(place: Place) -> None:
    reference = place.pushed(keep=True)
    image = place.client.images.get(reference)
    (digest,) = image.attrs["RepoDigests"]
    assert undo(place, "point-tag", digest, "-") == (0, "")
    assert place.client.images.get(reference).id == image.id
    for _ in range(2):
        assert undo(place, "point-tag", reference, "-") == (0, "")
    assert image.id not in {found for _, found in place.images()}


def test_images_of_the_deed_go_unless_they_have_a_name(place: Place) -> None:
    named = place.image("1", lines=f"LABEL deed={place.word}")
    unnamed = place.image("2", lines=f"LABEL deed={place.word}")
    keep = place.client.containers.run(unnamed, "sleep 100", name=place.word, detach=True)
    place.client.images.remove(unnamed, force=True)  # of one that runs, only the name goes
    assert undo(place, "remove-images", "deed", place.word) == (0, "")
    left = place.client.api.images(filters={"label": f"deed={place.word}"})
    assert len(left) == 2  # a container uses the other one
    keep.remove(force=True)
    for _ in range(2):
        assert undo(place, "remove-images", "deed", place.word) == (0, "")
    (left_one,) = place.client.api.images(filters={"label": f"deed={place.word}"})
    assert left_one["RepoTags"] == [named]


def test_an_image_with_a_name_or_a_container_stays(place: Place) -> None:
    image = place.client.images.get(place.image())
    for _ in range(2):
        assert undo(place, "remove-image", str(image.id)) == (0, "")
    assert place.client.images.get(str(image.id)).tags


def test_a_folder_is_filled_from_an_archive(place: Place) -> None:

    container = place.client.containers.create(
        lab.BASE, "true", name=place.word, volumes={place.word: {"bind": "/data"}}
    )
    archive = place.root / "data.tar"
    with tarfile.open(archive, "w") as tar:
        entry = tarfile.TarInfo("told")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"hello"))
    assert undo(place, "fill", str(container.id), "/data", str(archive)) == (0, "")
    stream, _ = container.get_archive("/data/told")
    assert b"hello" in b"".join(stream)


def test_an_engine_that_is_not_there_is_told(place: Place) -> None:
    place.engine = f"unix://{place.root}/nobody.sock"
    status, said = undo(place, "remove-network", labels.STEP, place.word)
    assert (status, "remove-network" in said) == (5, True)


@pytest.mark.parametrize("oldest", ["1.12", "1.41"])
def test_an_engine_is_spoken_to_as_it_wants(place: Place, engine: proxy.Proxy, oldest: str) -> None:
    """Those of today know nothing before 1.44."""
    told = {"ApiVersion": "1.41", "MinAPIVersion": oldest}
    engine.spoil("GET", "/version", proxy.told(200, json.dumps(told)), times=0)
    assert undo(place, "remove-network", labels.STEP, place.word) == (0, "")
    spoken = "v1.41" if oldest == "1.41" else "v1.40"
    assert [path.split("/")[1] for _, path in engine.requests if "/networks" in path] == [spoken]


def test_a_volume_that_nobody_has_any_more_goes_once_the_engine_knows(place: Place, engine: proxy.Proxy) -> None:
    place.client.volumes.create(place.word, labels={labels.STEP: place.word})
    engine.spoil("DELETE", "/volumes/", proxy.told(409, '{"message": "volume is in use - [somebody]"}'), times=2)
    assert undo(place, "remove-volume", labels.STEP, place.word) == (0, "")
    assert place.word not in {each.name for each in place.client.volumes.list()}


def test_a_volume_that_a_container_has_stays(place: Place) -> None:
    place.client.volumes.create(place.word, labels={labels.STEP: place.word})
    place.client.containers.create(lab.BASE, "true", name=place.word, volumes={place.word: {"bind": "/data"}})
    status, said = undo(place, "remove-volume", labels.STEP, place.word)
    assert (status, "in use" in said) == (10, True)
    assert place.client.volumes.get(place.word).name == place.word
