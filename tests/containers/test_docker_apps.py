"""Apps in containers: what they get and what not, that nothing else is touched, and that a cut is no harm."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from phases.containers import labels
from tests.containers import lab

if TYPE_CHECKING:
    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def written(place: Place, *lines: str, app: str = "", head: str = "") -> str:
    """A manifest with one app, called like the test's word; returns that name."""
    name = app or place.word
    text = (head, f"[apps.{name}]", 'mode = "docker"', f'image = "{lab.BASE}"', *lines)
    place.manifest("\n".join(text) + "\n")
    return name


def inspected(place: Place, name: str) -> dict[str, Any]:
    """What the engine knows of the app's container."""
    found: dict[str, Any] = place.client.api.inspect_container(f"surefoot-app-{name}")
    return found


def fine(ended: Ended) -> Ended:
    """It ended well."""
    assert ended.status == 0, ended.out + ended.err
    return ended


def refused(ended: Ended) -> tuple[int, str]:
    """How it failed."""
    error = next(each for each in ended.events if each["event"] == "error")
    return ended.status, error["error"]["code"]


def state_of(place: Place, name: str) -> dict[str, Any]:
    """Its status, as scripts see it."""
    return next(each for each in fine(place.manage("apps", "status", name, "--json")).events if each["event"] == "app")


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def test_a_container_gets_what_the_manifest_says_and_nothing_more(place: Place) -> None:
    port = free_port()
    name = written(
        place,
        'command = ["sleep", "1000"]',
        f'ports = ["{port}:80", "127.0.0.2:{free_port()}:81"]',
        'memory = "1.5g"',
        'cpus = "0.5"',
        'volumes = ["data:/var/data", "./conf:/etc/conf:ro"]',
        'restart = "always"',
        'stop-timeout = "1s"',
        "read-only = true",
        'user = "1000"',
        "[apps.NAME.env]".replace("NAME", place.word),
        'GREETING = "hello"',
        'WORD = { env = "THE_WORD" }',
        "[apps.NAME.log]".replace("NAME", place.word),
        'max-size = "8m"',
        "files = 3",
    )
    (place.root / "conf").mkdir()
    fine(place.manage("apps", "start", name, "--yes", THE_WORD="s3cret-of-the-test"))
    found = inspected(place, name)
    host, own = found["HostConfig"], found["Config"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (1610612736, 1610612736, 500_000_000)
    assert (host["SecurityOpt"], host["Privileged"], host["CapAdd"]) == (["no-new-privileges"], False, None)
    assert host["PortBindings"]["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    assert host["PortBindings"]["81/tcp"][0]["HostIp"] == "127.0.0.2"
    assert (host["ReadonlyRootfs"], own["User"], own["StopTimeout"]) == (True, "1000", 1)
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "3", "max-size": str(8 << 20)}}
    assert {"GREETING=hello", "WORD=s3cret-of-the-test"} <= set(own["Env"])
    assert own["Labels"][labels.PROJECT] == labels.project_id(place.root)
    project = labels.project_id(place.root)[:8]
    assert list(found["NetworkSettings"]["Networks"]) == [f"surefoot-net-{project}"]
    mounts = {each["Destination"]: (each["Type"], each["RW"]) for each in found["Mounts"]}
    assert mounts == {"/var/data": ("volume", True), "/etc/conf": ("bind", False)}
    for path in (place.root / ".surefoot").rglob("*"):
        assert not path.is_file() or b"s3cret-of-the-test" not in path.read_bytes(), path


def test_code_is_mounted_read_only(place: Place) -> None:
    (place.root / "code").mkdir()
    (place.root / "code" / "run").write_text("echo new > /app/run; echo status $?; exec sleep 1000\n")
    name = written(place, 'source = "code"', 'command = ["sh", "/app/run"]', 'stop-timeout = "0s"')
    fine(place.manage("apps", "start", name, "--yes"))
    assert "status 1" in place.manage("apps", "logs", name).out
    assert (place.root / "code" / "run").read_text().startswith("echo new")


def test_start_stop_restart_and_what_is_told_of_it(place: Place) -> None:
    name = written(place, 'command = ["sh", "-c", "echo said; exec sleep 1000"]', 'stop-timeout = "0s"')
    assert state_of(place, name)["state"] == "absent"
    fine(place.manage("apps", "start", name, "--yes"))
    first = state_of(place, name)
    assert (first["state"], first["mode"], first["container"]) == ("running", "docker", inspected(place, name)["Id"])
    fine(place.manage("apps", "start", name, "--yes"))
    assert state_of(place, name)["started"] == first["started"]
    stats = next(each for each in fine(place.manage("apps", "stats", "--json")).events if each["event"] == "app")
    assert stats["memory"] > 0
    assert stats["processes"] == 1
    fine(place.manage("apps", "stop", name, "--yes"))
    stopped = state_of(place, name)
    assert (stopped["state"], stopped["exit_code"]) == ("stopped", 137)
    fine(place.manage("apps", "start", name, "--yes"))
    fine(place.manage("apps", "restart", name, "--yes"))
    again = state_of(place, name)
    assert (again["container"], again["state"]) == (first["container"], "running")
    assert again["started"] > first["started"]
    said = fine(place.manage("apps", "logs", name, "--tail", "2", "--json")).events
    assert [each["line"] for each in said if each["event"] == "log"] == ["said", "said"]
    listed = [each for each in fine(place.manage("apps", "list", "--json")).events if each["event"] == "app"]
    assert [(each["name"], each["state"]) for each in listed] == [(name, "running")]


def test_a_changed_app_is_made_anew_and_a_rollback_brings_the_old_one_back(place: Place) -> None:
    name = written(place, 'command = ["sleep", "1000"]', 'stop-timeout = "0s"')
    fine(place.manage("apps", "start", name, "--yes"))
    old, before = inspected(place, name)["Id"], place.inventory()
    written(place, 'command = ["sleep", "2000"]', 'stop-timeout = "0s"')
    fine(place.manage("apps", "update", name, "--yes"))
    assert inspected(place, name)["Id"] != old
    fine(place.manage("rollback", "--yes"))
    assert (inspected(place, name)["Id"], place.inventory()) == (old, before)
    fine(place.manage("apps", "update", name, "--yes"))
    written(place, 'command = ["sleep", "3000"]', 'stop-timeout = "0s"')
    fine(place.manage("apps", "update", name, "--yes"))
    assert len(place.inventory()["containers"]) == 2  # the one before, and not the one before that


def test_somebody_elses_container_volume_and_network_stay(place: Place) -> None:
    name = written(place, 'command = ["sleep", "1000"]', 'volumes = ["data:/data"]')
    project = labels.project_id(place.root)[:8]
    theirs = place.client.containers.create(lab.BASE, "true", name=f"surefoot-app-{name}")
    for verb in ("start", "restart", "stop"):
        assert refused(place.manage("apps", verb, name, "--yes", "--json")) == (10, "container.foreign")
    assert state_of(place, name)["state"] == "absent"
    assert inspected(place, name)["Id"] == theirs.id
    theirs.remove()
    volume = place.client.volumes.create(f"surefoot-vol-{project}-data")
    try:
        assert refused(place.manage("apps", "start", name, "--yes", "--json")) == (10, "engine.foreign")
        assert place.client.volumes.get(str(volume.name)).attrs["Labels"] is None
    finally:
        volume.remove()
    network = place.client.networks.create(f"surefoot-net-{project}")
    try:
        assert refused(place.manage("apps", "start", name, "--yes", "--json")) == (10, "engine.foreign")
        assert [each.id for each in place.client.networks.list(names=[f"surefoot-net-{project}"])] == [network.id]
    finally:
        network.remove()


def test_nothing_is_begun_that_cannot_be(place: Place) -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    busy = f'ports = ["{taken.getsockname()[1]}:80"]'
    cases = {
        ('memory = "512mb"',): (2, "manifest.wrong"),
        ('memory = "-1"',): (2, "manifest.wrong"),
        ('cpus = "many"',): (2, "manifest.wrong"),
        ('cpus = "4000"',): (6, "app.cpus"),
        ('network = "no-such-network"',): (6, "app.network"),
        ('volumes = ["/etc:/etc"]',): (2, "app.volumes"),
        ('volumes = ["../other:/other"]',): (2, "app.volumes"),
        ('volumes = ["./nothing:/other"]',): (6, "app.folder"),
        (busy,): (6, "port.taken"),
        ('source = "code"', "command = []"): (6, "app.command"),
    }
    before = place.inventory()
    with taken:
        for lines, expected in cases.items():
            command = () if "command = []" in lines else ('command = ["sleep", "1000"]',)
            name = written(place, *lines, *command)
            (place.root / "code").mkdir(exist_ok=True)
            assert refused(place.manage("apps", "start", name, "--yes", "--json")) == expected, lines
            assert place.inventory() == before, lines


def test_a_missing_image_is_never_pulled(place: Place) -> None:
    reference = place.pushed()  # the registry has it, and the engine could
    place.manifest(f'[apps.{place.word}]\nmode = "docker"\nimage = "{reference}"\n')
    ended = place.manage("apps", "start", "--yes", "--json")
    assert refused(ended) == (6, "image.missing")
    assert "image missing, download it manually" in ended.out
    assert "镜像缺失，请手动下载" in place.manage("apps", "start", "--yes", SUREFOOT_LANG="zh").err
    assert place.inventory() == {"containers": [], "volumes": [], "networks": [], "images": []}


@pytest.mark.parametrize("check", ['command = ["false"]\nretries = 2\ninterval = "100ms"', None])
def test_one_that_does_not_get_well_leaves_nothing(place: Place, check: str | None) -> None:
    lines = [
        'command = ["sh", "-c", "echo oh dear; exec sleep 1000"]',
        'volumes = ["data:/data"]',
        'stop-timeout = "0s"',
    ]
    if check is None:
        lines[0] = 'command = ["sh", "-c", "echo oh dear; exit 3"]'
    else:
        lines.append(f"[apps.{place.word}.health]\n{check}")
    name = written(place, *lines)
    ended = place.manage("apps", "start", name, "--yes", "--json")
    assert refused(ended) == (1, "app.start")
    assert "oh dear" in ended.out
    assert place.inventory() == {"containers": [], "volumes": [], "networks": [], "images": []}


def test_health_is_asked_within_and_from_outside(place: Place) -> None:
    port = free_port()
    serve = "mkdir /w; echo fine > /w/ok; exec httpd -f -p 80 -h /w"
    written(
        place,
        f'command = ["sh", "-c", "{serve}"]',
        f'ports = ["{port}:80"]',
        'stop-timeout = "0s"',
        f"[apps.{place.word}.health]",
        f'http = "http://127.0.0.1:{port}/ok"',
    )
    fine(place.manage("apps", "start", "--yes"))
    assert state_of(place, place.word)["health"] == "healthy"
    fine(place.manage("apps", "health"))
    place.client.containers.get(f"surefoot-app-{place.word}").exec_run(["rm", "/w/ok"])
    assert state_of(place, place.word)["health"] == "starting"  # it may still be on its way up
    fine(place.manage("apps", "stop", "--yes"))
    written(
        place,
        'command = ["sleep", "1000"]',
        'stop-timeout = "0s"',
        f"[apps.{place.word}.health]",
        'command = ["true"]',
        'interval = "100ms"',
    )
    fine(place.manage("apps", "start", "--yes"))
    assert inspected(place, place.word)["Config"]["Healthcheck"]["Interval"] == 100_000_000


def test_apps_of_both_modes_run_side_by_side(place: Place) -> None:
    place.manifest(
        f'[apps.{place.word}]\nmode = "docker"\nimage = "{lab.BASE}"\n'
        'command = ["sleep", "1000"]\nstop-timeout = "0s"\n'
        '[apps.near]\ncommand = ["sleep", "1000"]\nstop-timeout = "0s"\n'
    )
    fine(place.manage("apps", "start", "--yes"))
    try:
        shown = [each for each in fine(place.manage("apps", "status", "--json")).events if each["event"] == "app"]
        assert {(each["name"], each["mode"], each["state"]) for each in shown} == {
            (place.word, "docker", "running"),
            ("near", "process", "running"),
        }
    finally:
        fine(place.manage("apps", "stop", "--yes"))
    assert json.dumps(state_of(place, "near")["state"]) == '"stopped"'


def test_a_link_leads_no_container_out_of_the_project(place: Place) -> None:
    (place.root / "conf").symlink_to("/etc")
    name = written(place, 'command = ["sleep", "1000"]', 'volumes = ["./conf:/x:ro"]')
    assert refused(place.manage("apps", "start", name, "--yes", "--json")) == (9, "path.link")
    assert place.inventory()["containers"] == []


def test_what_an_app_wrote_is_set_aside_when_its_first_start_is_taken_back(place: Place) -> None:
    name = written(
        place, 'command = ["sh", "-c", "echo dear >/data/mine; exec sleep 1000"]', 'volumes = ["data:/data"]'
    )
    fine(place.manage("apps", "start", name, "--yes"))
    place.client.api.stop(f"surefoot-app-{name}", timeout=0)
    fine(place.manage("rollback", "--yes"))
    assert place.inventory()["volumes"] == []
    assert len(list(place.root.glob(".surefoot/kept/*/volumes/*.tar.gz"))) == 1
