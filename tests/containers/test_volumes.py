"""Volumes: made, kept, brought back, removed, taken back; the data is compared, not the word of a command."""

from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.containers import lab, proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker
FIRST = """mkdir -p /d/s/.t; echo one >/d/f; echo é >'/d/s/n é'; ln -s ../f /d/s/l; ln /d/f /d/h
chmod 640 /d/f; chown 5:6 /d/s"""
SECOND = "rm /d/f /d/s/l; echo two >/d/g; chmod 700 /d; chown 7:8 /d"
SHOWN = "cd /d; find . -exec stat -c '%n %a %u %g %F %h' {} + | sort; find . -type f -exec md5sum {} + | sort"


def does(place: Place, what: str, volume: str = "") -> str:
    """Run a line in a container that has the volume; what it says."""
    mounts = {volume or place.word: {"bind": "/d"}}
    said: Any = place.client.containers.run(lab.BASE, ["sh", "-c", what], volumes=mounts, remove=True)
    return str(said.decode())


def user(place: Place) -> Any:
    """A container that has the volume and does not run: the volume cannot be made anew."""
    return place.client.containers.create(
        lab.BASE, ["sleep", "1000"], name=f"{place.word}-user", volumes={place.word: {"bind": "/d"}}
    )


def archives(place: Place) -> list[Path]:
    return sorted((place.root / ".surefoot" / "volumes" / place.word).glob("*.tar.gz"))


def test_a_volume_is_made_and_a_rollback_removes_it_and_no_other(place: Place) -> None:
    assert place.manage("volumes", "create", place.word, "--label", "team=web", "-y").status == 0
    made = place.client.volumes.get(place.word)
    assert made.attrs["Labels"]["team"] == "web"
    place.client.volumes.create(f"{place.word}-theirs")
    assert place.manage("rollback", "-y").status == 0
    assert place.inventory()["volumes"] == [f"{place.word}-theirs"]


def test_a_password_on_the_command_line_is_refused_and_noted_nowhere(place: Place) -> None:
    ended = place.manage("volumes", "create", place.word, "--opt", "o=username=me,password=s3cr3t-one", "-y", "--json")
    assert (ended.status, "s3cr3t-one" in ended.out + ended.err) == (9, False)
    assert not any(b"s3cr3t-one" in path.read_bytes() for path in place.root.rglob("*") if path.is_file())
    assert place.inventory()["volumes"] == []


def test_what_was_put_into_a_volume_since_is_set_aside(place: Place) -> None:
    assert place.manage("volumes", "create", place.word, "-y").status == 0
    does(place, "echo dear >/d/mine")
    assert place.manage("rollback", "-y").status == 0
    assert place.inventory()["volumes"] == []
    (kept,) = place.root.glob(f".surefoot/kept/*/volumes/{place.word}.tar.gz")
    with tarfile.open(kept) as tar:
        (name,) = [each for each in tar.getnames() if each.endswith("/mine")]
        found = tar.extractfile(name)
        assert found is not None
        assert found.read() == b"dear\n"


def test_an_image_that_goes_while_a_volume_is_read_stops_no_way_back(place: Place, engine: proxy.Proxy) -> None:
    assert place.manage("volumes", "create", place.word, "-y").status == 0
    does(place, "echo dear >/d/mine")
    engine.spoil("POST", "/containers/create", proxy.told(404, '{"message": "No such image: sha256:0"}'))
    ended = place.manage("rollback", "-y")
    assert ended.status == 0, ended.err
    assert place.inventory()["volumes"] == []
    assert list(place.root.glob(f".surefoot/kept/*/volumes/{place.word}.tar.gz"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Intent", "Done"])
def test_a_restore_that_is_killed_goes_on_or_goes_back(place: Place, kind: str) -> None:
    does(place, FIRST)
    first = does(place, SHOWN)
    user(place)
    assert place.manage("volumes", "backup", place.word, "-y").status == 0
    does(place, SECOND)
    second, at = does(place, SHOWN), 0
    archive = str(archives(place)[0])
    while place.killed(at := at + 1, kind, "volumes", "restore", place.word, "--from", archive, "-y"):
        assert place.manage("rollback", "-y").status == 0
        assert does(place, SHOWN) == second, at
        assert place.killed(at, kind, "volumes", "restore", place.word, "--from", archive, "-y")
        assert place.manage("resume", "-y").status == 0
        assert does(place, SHOWN) == first, at
        assert place.manage("rollback", "-y").status == 0
        assert does(place, SHOWN) == second, at
    assert at >= 3, "prepare, keep, fill"


def test_a_volume_that_is_there_is_nobody_elses_to_take(place: Place) -> None:
    place.client.volumes.create(place.word)
    ended = place.manage("volumes", "create", place.word, "-y")
    assert (ended.status, place.word in ended.err) == (10, True)
    assert not (place.root / ".surefoot" / "checkpoints" / "journal.jsonl").exists()


def test_what_an_archive_holds_comes_back_and_a_rollback_brings_what_was_there(place: Place) -> None:
    does(place, FIRST)
    first = does(place, SHOWN)
    user(place)
    assert place.manage("volumes", "backup", place.word, "-y").status == 0
    does(place, SECOND)
    second = does(place, SHOWN)
    assert first != second
    assert place.manage("volumes", "restore", place.word, "-y").status == 0
    assert does(place, SHOWN) == first
    assert place.manage("rollback", "-y").status == 0
    assert does(place, SHOWN) == second
    assert place.inventory()["containers"] == [f"{place.word}-user created {place.client.images.get(lab.BASE).id}"]


def test_a_restore_that_was_taken_back_keeps_what_was_written_since(place: Place) -> None:
    does(place, FIRST)
    user(place)
    place.manage("volumes", "backup", place.word, "-y")
    place.manage("volumes", "restore", place.word, "-y")
    does(place, "echo work >/d/new")
    assert place.manage("rollback", "-y").status == 0
    kept = list((place.root / ".surefoot" / "kept").glob(f"*/volumes/{place.word}.tar.gz"))
    assert len(kept) == 1
    assert place.manage("volumes", "restore", place.word, "--from", str(kept[0]), "-y").status == 0
    assert does(place, "cat /d/new") == "work\n"


def test_a_volume_that_nothing_uses_needs_no_rm_in_any_image(place: Place) -> None:
    does(place, FIRST)
    first = does(place, SHOWN)
    place.manage("volumes", "backup", place.word, "-y")
    place.client.volumes.get(place.word).remove()
    assert place.manage("volumes", "restore", place.word, "-y").status == 0
    assert does(place, SHOWN) == first


def test_a_volume_in_use_is_never_filled_nor_removed(place: Place) -> None:
    does(place, FIRST)
    place.manage("volumes", "backup", place.word, "-y")
    used = user(place)
    used.start()
    for words in (("restore", place.word), ("remove", place.word)):
        ended = place.manage("volumes", *words, "-y")
        assert (ended.status, f"{place.word}-user" in ended.err) == (10, True)
    assert does(place, "cat /d/f") == "one\n"


def test_a_damaged_archive_is_refused_before_anything_is_touched(place: Place) -> None:
    does(place, FIRST)
    place.manage("volumes", "backup", place.word, "-y")
    archive = archives(place)[0]
    archive.write_bytes(archive.read_bytes()[:-9])
    does(place, SECOND)
    second = does(place, SHOWN)
    ended = place.manage("volumes", "restore", place.word, "-y")
    assert (ended.status, does(place, SHOWN)) == (9, second)


def test_a_removed_volume_comes_back_with_its_data_and_labels(place: Place) -> None:
    place.client.volumes.create(place.word, labels={"whose": place.word})
    does(place, FIRST)
    first = does(place, SHOWN)
    assert place.manage("volumes", "remove", place.word, "-y").status == 0
    assert place.inventory()["volumes"] == []
    assert place.manage("rollback", "-y").status == 0
    assert does(place, SHOWN) == first
    assert place.client.volumes.get(place.word).attrs["Labels"] == {"whose": place.word}


def test_a_volume_made_anew_after_its_removal_stays_as_it_is(place: Place) -> None:
    does(place, FIRST)
    place.manage("volumes", "remove", place.word, "-y")
    does(place, "echo other >/d/other")
    ended = place.manage("rollback", "-y")
    assert (ended.status, does(place, "ls /d")) == (10, "other\n")


def test_an_archive_elsewhere_is_whole_and_stays(place: Place, tmp_path: Path) -> None:
    does(place, FIRST)
    target = tmp_path / "elsewhere" / "data.tar.gz"
    assert place.manage("volumes", "backup", place.word, "--to", str(target), "-y").status == 0
    manifest = json.loads(target.with_name("data.tar.gz.json").read_text())
    assert (manifest["volume"], manifest["archive"], manifest["entries"]) == (place.word, "data.tar.gz", 7)
    assert place.manage("volumes", "backup", place.word, "--to", str(target), "-y").status == 2
    assert place.manage("rollback", "-y").status == 0
    assert target.exists()


def test_a_backup_taken_back_leaves_nothing(place: Place) -> None:
    does(place, FIRST)
    place.manage("volumes", "backup", place.word, "-y")
    assert len(archives(place)) == 1
    assert place.manage("rollback", "-y").status == 0
    assert archives(place) == []


def test_the_list_tells_who_uses_a_volume_and_what_is_kept_of_it(place: Place) -> None:
    does(place, FIRST)
    user(place)
    place.manage("volumes", "backup", place.word, "-y")
    told = place.manage("volumes", "list", "--json").events[-1]
    mine = next(each for each in told["volumes"] if each["name"] == place.word)
    assert (mine["used_by"], mine["ours"], mine["archives"]) == (
        [f"{place.word}-user"],
        False,
        [str(archives(place)[0])],
    )


def test_a_volume_that_is_not_there_is_named(place: Place) -> None:
    for verb in ("backup", "remove"):
        ended = place.manage("volumes", verb, place.word, "-y")
        assert (ended.status, place.word in ended.err) == (6, True)


def test_only_the_newest_archives_stay(place: Place) -> None:
    folder = place.root / ".surefoot" / "volumes"
    for volume in ("one", "other"):
        (folder / volume).mkdir(parents=True)
        for number in range(3):
            archive = folder / volume / f"2026010{number}_000000.tar.gz"
            archive.write_bytes(b"x")
            told = {"volume": volume, "made": f"2026-01-0{number}"}
            archive.with_name(archive.name + ".json").write_text(json.dumps(told))
    assert place.manage("volumes", "prune", "--keep-latest", "2").status == 2  # nobody agreed
    shown = place.manage("volumes", "prune", "--keep-latest", "2", "--dry-run").out
    assert "one/20260100_000000.tar.gz" in shown
    assert "20260101" not in shown
    assert place.manage("volumes", "prune", "one", "--keep-latest", "1", "--yes").status == 0
    found = sorted(each.relative_to(folder).as_posix() for each in folder.glob("*/*.gz"))
    assert found == ["one/20260102_000000.tar.gz", *(f"other/2026010{number}_000000.tar.gz" for number in range(3))]
    assert len(list(folder.glob("*/*.json"))) == 4
    assert place.manage("volumes", "prune", "--keep-latest", "0", "--yes").status == 0
    assert list(folder.glob("*/*.gz*")) == []
    assert place.manage("volumes", "prune", "--keep-latest", "0", "--yes").out == "Nothing to do.\n"
