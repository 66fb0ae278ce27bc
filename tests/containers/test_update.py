"""Updates of an image that running containers use: settings and data, well and badly, killed anywhere."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from phases.containers.updates import survey
from tests.containers import lab

if TYPE_CHECKING:
    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = pytest.mark.docker
RUNS = 'STOPSIGNAL SIGKILL\nCMD ["sh", "-c", "echo $VERSION >>/data/log; exec sleep 1000"]'
QUICK = ("--recreate", "--local", "--steady", "0.3", "-y")


def built(place: Place, version: str, lines: str = RUNS) -> str:
    """The tag names this version from now on."""
    reference = f"{place.lab.registry}/{place.word}:now"
    text = (
        f"FROM {lab.BASE}\nLABEL version={version} test={place.word}\nENV VERSION={version} OLD{version}=1\n{lines}\n"
    )
    place.client.images.build(fileobj=io.BytesIO(text.encode()), tag=reference, rm=True, pull=False)
    return reference


def begun(place: Place, count: int = 1, **more: Any) -> list[Any]:
    """Containers of version 1 with a volume each, which have written to it."""
    reference = built(place, "1")
    made = [
        place.client.containers.run(
            reference,
            name=f"{place.word}-{number}",
            detach=True,
            volumes={f"{place.word}-data{number}": {"bind": "/data"}},
            environment={"SECRET": "hunter2"},
            restart_policy={"Name": "always"},
            **more,
        )
        for number in range(count)
    ]
    for each in made:
        wait_for_log(each)
    return made


def wait_for_log(container: Any) -> None:
    """Until it has written: it starts by itself, whenever the machine lets it."""
    until = "until [ -s /data/log ]; do sleep 0.05; done"
    assert container.exec_run(["timeout", "30", "sh", "-c", until]).exit_code == 0


def update(place: Place, *more: str) -> Ended:
    return place.manage("images", "update", f"{place.lab.registry}/{place.word}:now", *QUICK, *more)


def running(place: Place) -> dict[str, list[str]]:
    """Name: the versions of the containers that run, whatever they are called."""
    found: dict[str, list[str]] = {}
    for each in place.client.containers.list(filters={"name": place.word}, ignore_removed=True):
        name = str(each.name).partition(".")[0]
        found.setdefault(name, []).append(each.labels["version"] if each.name == name else f"{each.name}!")
    return found


def named(place: Place) -> list[str]:
    return sorted(
        str(each.name)
        for each in place.client.containers.list(all=True, filters={"name": place.word}, ignore_removed=True)
    )


def log(place: Place, number: int = 0) -> list[str]:
    """What the versions wrote, read as a file: the engine loses what a short program says under load."""
    stream, _ = place.client.containers.get(f"{place.word}-{number}").get_archive("/data/log")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        held: Any = tar.extractfile("log")
        return str(held.read().decode()).split()


def test_three_running_containers_move_with_their_data(place: Place) -> None:
    begun(place, 3)
    built(place, "2")
    ended = update(place, "--json")
    assert ended.status == 0, ended.err
    assert running(place) == {f"{place.word}-{number}": ["2"] for number in range(3)}
    assert [log(place, number) for number in range(3)] == [["1", "2"]] * 3
    told = ended.events[-1]["containers"]
    assert [each["name"] for each in told] == [f"{place.word}-{number}" for number in range(3)]
    assert all(0 <= each["down"] < 60 for each in told)
    assert len([name for name in named(place) if ".before-" in name]) == 3
    assert place.manage("rollback", "-y").status == 0
    assert running(place) == {f"{place.word}-{number}": ["1"] for number in range(3)}
    assert [log(place, number)[0] for number in range(3)] == ["1"] * 3
    assert all("2" not in log(place, number) for number in range(3))
    assert named(place) == [f"{place.word}-{number}" for number in range(3)]
    policy = place.client.containers.get(f"{place.word}-0").attrs["HostConfig"]["RestartPolicy"]["Name"]
    assert policy == "always"


@pytest.mark.parametrize("together", ["--rolling", "--all"])
def test_a_bad_image_brings_all_back_with_their_data(place: Place, together: str) -> None:
    olds = begun(place, 3)
    # all of them spoil their data; the last one ends at once
    spoils = 'echo bad >/data/log; test "$(cat /data/me)" = 2 && exit 3; exec sleep 1000'
    built(place, "2", f"STOPSIGNAL SIGKILL\nCMD {spoils}")
    for number, each in enumerate(olds):
        each.exec_run(["sh", "-c", f"echo {number} >/data/me"])
    ended = update(place, together)
    assert ended.status == 1, ended.err
    assert f"{place.word}-2 ended" in ended.err
    assert "hunter2" not in ended.out + ended.err
    assert running(place) == {f"{place.word}-{number}": ["1"] for number in range(3)}
    assert {place.client.containers.get(f"{place.word}-{number}").id for number in range(3)} == {
        each.id for each in olds
    }
    assert [set(log(place, number)) for number in range(3)] == [{"1"}] * 3
    assert named(place) == [f"{place.word}-{number}" for number in range(3)]


def test_one_that_does_not_get_healthy_goes_back(place: Place) -> None:
    (old,) = begun(place)
    built(place, "2", f"{RUNS}\nHEALTHCHECK --interval=100ms --retries=1 CMD echo ill; exit 1")
    ended = update(place)
    assert (ended.status, "is not healthy" in ended.err, "ill" in ended.err) == (1, True, True)
    assert running(place) == {f"{place.word}-0": ["1"]}
    assert place.client.containers.get(f"{place.word}-0").id == old.id


def test_one_that_is_healthy_stays(place: Place) -> None:
    begun(place)
    built(place, "2", f"{RUNS}\nHEALTHCHECK --interval=100ms CMD test -s /data/log")
    ended = update(place, "--json")
    assert (ended.status, ended.events[-1]["containers"][0]["how"]) == (0, "healthy")


def test_what_is_in_the_way_is_told_at_once_and_nothing_is_touched(place: Place) -> None:
    (old,) = begun(place)
    reference = built(place, "1")
    place.client.containers.run(reference, name=f"{place.word}-gone", detach=True, remove=True, entrypoint="sleep 1000")
    place.client.containers.run(
        reference,
        name=f"{place.word}-inside",
        detach=True,
        network_mode=f"container:{old.name}",
        entrypoint="sleep 1000",
    )
    before = place.inventory()
    built(place, "2")
    ended = update(place)
    assert ended.status == 6
    for words in ("--rm", "lives in another container", "leans on"):
        assert words in ended.err
    now = place.inventory()
    assert now["containers"] == before["containers"]


def test_containers_of_compose_are_left_to_it(place: Place) -> None:
    marks = {"com.docker.compose.project": "p", "com.docker.compose.service": "web"}
    begun(place, labels=marks)
    built(place, "2")
    ended = update(place)
    assert (ended.status, "docker-compose -p p up -d web" in ended.out) == (0, True)
    assert running(place) == {f"{place.word}-0": ["1"]}


def test_a_volume_that_cannot_be_emptied_is_told_before(place: Place) -> None:
    begun(place)
    volume = f"{place.word}-data0"
    other = place.client.containers.run(
        lab.BASE,
        "sleep 1000",
        name=f"{place.word}-other",
        labels={"version": "x"},
        detach=True,
        volumes={volume: {"bind": "/d"}},
    )
    built(place, "2")
    ended = update(place)
    assert (ended.status, str(other.name) in ended.err) == (6, True)
    assert running(place)[f"{place.word}-0"] == ["1"]
    assert update(place, "--no-backup-volumes").status == 0


def test_an_image_without_rm_is_no_help_and_nothing_stops(place: Place) -> None:
    (old,) = begun(place)
    built(place, "2")
    empty = f"{place.lab.registry}/{place.word}:empty"
    place.client.images.build(fileobj=io.BytesIO(b"FROM scratch\nLABEL a=b\n"), tag=empty, rm=True)
    ended = update(place, "--helper", empty)
    assert (ended.status, "no `rm` that runs" in ended.err) == (6, True), ended.err
    old.reload()
    assert (old.status, old.name, named(place)) == ("running", f"{place.word}-0", [f"{place.word}-0"])
    assert update(place, "--helper", lab.BASE).status == 0


def test_a_second_update_puts_the_first_ones_old_container_away(place: Place) -> None:
    begun(place)
    for version in ("2", "3"):
        built(place, version)
        assert update(place).status == 0
    assert len(named(place)) == 2
    assert log(place) == ["1", "2", "3"]
    assert place.manage("rollback", "-y").status == 0
    assert (running(place), log(place)[:2]) == ({f"{place.word}-0": ["2"]}, ["1", "2"])


def test_one_that_did_not_run_does_not_start(place: Place) -> None:
    (old,) = begun(place)
    old.stop(timeout=0)
    built(place, "2")
    assert update(place).status == 0
    made = place.client.containers.get(f"{place.word}-0")
    assert (made.status, made.labels["version"]) == ("created", "2")


def test_nothing_to_do_leaves_no_trace(place: Place) -> None:
    begun(place)
    ended = update(place)
    assert ended.status == 0
    assert len(named(place)) == 1
    assert not (place.root / ".surefoot" / "checkpoints" / "journal.jsonl").exists()


def test_affected_finds_those_on_older_images_by_name(place: Place) -> None:
    begun(place)
    place.client.containers.create(f"{place.lab.registry}/{place.word}:now", name=f"{place.word}-new")
    reference = built(place, "2")
    place.client.containers.create(reference, name=f"{place.word}-newest")
    place.client.images.get(reference).tag(f"{place.lab.registry}/{place.word}", "other")
    place.client.containers.create(f"{place.lab.registry}/{place.word}:other", name=f"{place.word}-other")
    told = place.manage("images", "affected", reference, "--json").events[-1]["containers"]
    assert {each["name"]: (each["by"], each["older"]) for each in told} == {
        f"{place.word}-0": ("name", True),
        f"{place.word}-new": ("name", True),
        f"{place.word}-newest": ("name", False),
    }


def test_containers_that_write_to_the_same_volume_move_together() -> None:
    targets = [{"number": number, "volumes": held} for number, held in enumerate([["a"], ["b"], ["a", "c"], ["c"], []])]
    assert [[each["number"] for each in group] for group in survey.groups(targets, together=False)] == [
        [0, 2, 3],
        [1],
        [4],
    ]
    assert [len(group) for group in survey.groups(targets, together=True)] == [5]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Intent", "Done"])
@pytest.mark.parametrize("way", ["resume", "rollback"])
def test_killed_at_any_boundary_there_is_exactly_one_of_each_name(place: Place, kind: str, way: str) -> None:
    (old,) = begun(place)
    reference = built(place, "2")
    at = 0
    while True:
        at += 1
        if place.killed(at, kind, "images", "update", reference, *QUICK) != -9:
            break
        ended = place.manage(way, "-y")
        assert ended.status == 0, (at, ended.err)
        version = "2" if way == "resume" else "1"
        assert running(place) == {f"{place.word}-0": [version]}, at
        assert len(named(place)) == (2 if way == "resume" else 1), (at, named(place))
        if way == "resume":
            assert log(place)[-1] == "2"
            assert place.manage("rollback", "-y").status == 0
        assert place.client.containers.get(f"{place.word}-0").id == old.id
        assert set(log(place)) == {"1"}
    assert at > 10
    assert running(place) == {f"{place.word}-0": ["2"]}


@pytest.mark.slow
def test_a_way_back_that_is_killed_anywhere_goes_on(place: Place) -> None:
    (old,) = begun(place)
    reference = built(place, "2")
    at = 0
    while True:
        at += 1
        assert place.manage("images", "update", reference, *QUICK).status == 0
        status = place.killed(at, "Undone", "rollback", "-y")
        if status == -9:
            assert place.manage("rollback", "-y").status == 0, at
        assert running(place) == {f"{place.word}-0": ["1"]}, at
        assert (place.client.containers.get(f"{place.word}-0").id, named(place)) == (old.id, [f"{place.word}-0"])
        assert set(log(place)) == {"1"}, at
        if status != -9:
            break
    assert at > 10


def test_no_secret_of_a_container_is_in_any_file(place: Place) -> None:
    begun(place)
    built(place, "2")
    assert update(place).status == 0
    files = [each for each in (place.root / ".surefoot").rglob("*") if each.is_file()]
    assert len(files) > 5
    assert [each for each in files if b"hunter2" in each.read_bytes()] == []
