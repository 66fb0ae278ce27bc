"""From one mode to the other and back; apps as a Compose file; apps as metrics."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from phases.containers.apps.container import compose
from tests.containers import lab
from tests.containers.test_docker_apps import fine, free_port, refused, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def clean(place: Place) -> Iterator[Place]:
    """No process of the test outlives it."""
    yield place
    place.manage("apps", "stop", "--mode", "process", "--yes")


def written(place: Place, *lines: str, mode: str = "process") -> None:
    """One app that runs in both modes."""
    head = (f"[apps.{place.word}]", f'image = "{lab.BASE}"', f'mode = "{mode}"', 'stop-timeout = "0s"')
    place.manifest("\n".join((*head, *lines)) + "\n")


def states(place: Place) -> tuple[str, str]:
    """As a process, and as a container."""
    found = [
        next(each for each in fine(place.manage("apps", "status", "--mode", mode, "--json")).events if "mode" in each)
        for mode in ("process", "docker")
    ]
    return found[0]["state"], found[1]["state"]


@pytest.mark.parametrize("ports", [False, True])
def test_an_app_moves_into_a_container_and_back(clean: Place, *, ports: bool) -> None:
    place, lines = clean, ['command = ["sleep", "1000"]']
    if ports:
        lines.append(f'ports = ["{free_port()}:80"]')
    written(place, *lines)
    assert refused(place.manage("apps", "migrate", place.word, "--to", "docker", "--yes", "--json")) == (
        6,
        "app.migrate",
    )
    fine(place.manage("apps", "start", "--yes"))
    fine(place.manage("apps", "migrate", place.word, "--to", "docker", "--yes"))
    assert states(place) == ("stopped", "running")
    fine(place.manage("rollback", "--yes"))
    assert states(place) == ("running", "absent")
    fine(place.manage("apps", "migrate", place.word, "--to", "docker", "--yes"))
    fine(place.manage("apps", "migrate", place.word, "--to", "process", "--yes"))
    assert states(place) == ("running", "stopped")
    assert refused(place.manage("apps", "migrate", place.word, "--to", "vm", "--yes", "--json")) == (2, "apps.mode")


def test_one_that_is_not_well_in_a_container_stays_a_process(clean: Place) -> None:
    written(clean, 'command = ["python3", "-c", "import time; time.sleep(1000)"]', f'ports = ["{free_port()}"]')
    fine(clean.manage("apps", "start", "--yes"))
    assert clean.manage("apps", "migrate", clean.word, "--to", "docker", "--yes").status == 1  # no python in there
    assert states(clean) == ("running", "absent")
    assert clean.inventory()["containers"] == []


def test_a_move_that_is_killed_goes_on_or_goes_back(clean: Place) -> None:
    place, number = clean, 1
    written(place, 'command = ["sleep", "1000"]')
    fine(place.manage("apps", "start", "--yes"))
    while place.killed(number, "Done", "apps", "migrate", place.word, "--to", "docker", "--yes"):
        if number % 2:
            fine(place.manage("resume", "--yes"))
            assert states(place) == ("stopped", "running"), number
        fine(place.manage("rollback", "--yes"))
        assert states(place) == ("running", "absent"), number
        number += 1
    assert number >= 6, "prepare, network, create, start, wait, stop"


def test_a_compose_file_is_taken_by_compose(place: Place) -> None:
    (place.root / "code").mkdir()
    (place.root / "code" / "run").write_text('echo "$GREETING"; echo "$WORD"; exec sleep 1000\n')
    written(
        place,
        'source = "code"',
        'command = ["sh", "run"]',
        f'ports = ["{free_port()}:80"]',
        'volumes = ["data:/data"]',
        'memory = "32m"',
        'cpus = "0.5"',
        f"[apps.{place.word}.env]",
        'GREETING = "cost: 5$ each"',
        'WORD = { env = "THE_WORD" }',
        f"[apps.{place.word}.health]",
        'command = ["true"]',
        f"[apps.{place.word}-plain]",
        f'image = "{lab.BASE}"',
        'mode = "docker"',
        'command = ["sleep", "1000"]',
        'network = "none"',
        mode="docker",
    )
    printed = fine(place.manage("apps", "compose")).out
    assert "s3cret" not in printed
    (place.root / "compose.yaml").write_text(printed)
    program = shutil.which("docker-compose")
    assert program, "Debian's docker-compose is not installed"

    def composed(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [program, "-p", place.word, "-f", "compose.yaml", *words]
        variables = place.variables(THE_WORD="s3cret")
        return subprocess.run(argv, cwd=place.root, env=variables, capture_output=True, text=True, check=False)

    checked = composed("config", "-q")
    assert checked.returncode == 0, checked.stderr
    try:
        up = composed("up", "-d")
        assert up.returncode == 0, up.stderr
        listed = place.client.containers.list(
            filters={"label": [f"com.docker.compose.project={place.word}", f"com.docker.compose.service={place.word}"]}
        )
        found: dict[str, Any] = listed[0].attrs
        host = found["HostConfig"]
        assert (host["Memory"], host["NanoCpus"], host["SecurityOpt"]) == (32 << 20, 500_000_000, ["no-new-privileges"])
        assert host["PortBindings"]["80/tcp"][0]["HostIp"] == "127.0.0.1"
        assert {"GREETING=cost: 5$ each", "WORD=s3cret"} <= set(found["Config"]["Env"])
        assert {each["Destination"]: each["RW"] for each in found["Mounts"]} == {"/app": False, "/data": True}
    finally:
        down = composed("down", "-v", "-t", "0")
    assert down.returncode == 0, down.stderr


def test_metrics_are_read_by_prometheus(clean: Place) -> None:
    written(
        clean,
        'command = ["sleep", "1000"]',
        "[apps.near]",
        'command = ["sleep", "1000"]',
        'stop-timeout = "0s"',
        "[apps.away]",
        'command = ["sleep", "1000"]',
        mode="docker",
    )
    fine(clean.manage("apps", "start", clean.word, "near", "--yes"))
    families = {each.name: each for each in text_string_to_metric_families(fine(clean.manage("apps", "metrics")).out)}
    up = {(each.labels["app"], each.labels["mode"]): each.value for each in families["surefoot_app_up"].samples}
    assert up == {(clean.word, "docker"): 1, ("near", "process"): 1, ("away", "process"): 0}
    memory = {each.labels["app"]: each.value for each in families["surefoot_app_memory_bytes"].samples}
    assert min(memory[clean.word], memory["near"]) > 0
    states_of = {
        (each.labels["app"], each.labels["state"]) for each in families["surefoot_app_state"].samples if each.value
    }
    assert states_of == {(clean.word, "running"), ("near", "running"), ("away", "absent")}
    assert state_of(clean, "away")["state"] == "absent"


def test_a_table_of_compose_is_yaml() -> None:
    assert list(compose.lines({"a": {"no": {"b": [1, "x"]}}, "d": {}})) == ["a:", '  "no":', '    b: [1, "x"]', "d: {}"]
