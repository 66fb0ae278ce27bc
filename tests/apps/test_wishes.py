"""What may be said of an app: limits, ports, times, modes. Nonsense is an error that names its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import Precondition, UsageError
from installer.manifest import Manifest, load
from installer.model import RelPath
from phases import SECTIONS
from phases.containers.apps import config, modes
from phases.containers.apps.amounts import Cpus, Duration, Memory, Opened, Port, Size
from phases.containers.apps.artifacts import releases
from phases.containers.apps.manager import AppManager, new_app_manager
from phases.containers.apps.section import App
from tests.apps.kit import STATE, Place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "size"),
    [("512m", 512 << 20), ("1.5g", 3 << 29), ("6291456", 6 << 20), ("6144k", 6 << 20), ("1t", 1 << 40)],
)
def test_sizes_are_powers_of_1024(text: str, size: int) -> None:
    assert Memory.parsed(text).size == size


@pytest.mark.parametrize(
    "text",
    ["", "512mb", "512M", " 512m", "-1g", "0", "0m", "5m", "1.2.3g", "1,5g", "g", "inf", "1e9", "0.1", "unlimited"],
)
def test_a_memory_limit_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="should be"):
        Memory.parsed(text)


def test_a_size_of_a_log_may_be_small() -> None:
    assert Size.parsed("1k").size == 1024


@pytest.mark.parametrize(("text", "billionths"), [("0.5", 500_000_000), ("2", 2_000_000_000), ("1.25", 1_250_000_000)])
def test_processors_are_counted_exactly(text: str, billionths: int) -> None:
    assert Cpus.parsed(text).billionths == billionths


@pytest.mark.parametrize("text", ["", "0", "0.001", "-1", "half", "1cpu", "1e1", "nan", "99999"])
def test_a_number_of_processors_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="should be"):
        Cpus.parsed(text)


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("1.5m", 90), ("1h", 3600)])
def test_times_have_a_unit(text: str, seconds: float) -> None:
    assert Duration.parsed(text).seconds == seconds


@pytest.mark.parametrize("text", ["", "10", "10sec", "-1s", "1d", "s"])
def test_a_time_without_one_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="should be"):
        Duration.parsed(text)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("8080", Opened(inner=8080, outer=8080)),
        ("8080:80", Opened(inner=80, outer=8080)),
        ("0.0.0.0:53:53/udp", Opened(inner=53, outer=53, address="0.0.0.0", kind="udp")),  # noqa: S104 -- as asked
        ("[::1]:8080:80", Opened(inner=80, outer=8080, address="::1")),
    ],
)
def test_a_port_is_of_this_machine_alone_unless_asked(text: str, opened: Opened) -> None:
    assert Port.parsed(text).opened == opened


@pytest.mark.parametrize("text", ["", "0", "65536", "80:", ":80", "a:80", "80/sctp", "300.1.1.1:1:1", "localhost:1:1"])
def test_a_port_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="should be"):
        Port.parsed(text)


@pytest.mark.parametrize(("written", "cpus"), [("0.5", "0.5"), ('"0.5"', "0.5"), ("2", "2"), ("1.25", "1.25")])
def test_processors_may_be_written_as_a_number(tmp_path: Path, written: str, cpus: str) -> None:
    (tmp_path / "surefoot.toml").write_text(f"[apps.web]\ncpus = {written}\n")
    assert config.apps(load(tmp_path, SECTIONS))["web"].cpus == cpus


@pytest.mark.parametrize("written", ["true", "[1]", "nan", "-1", "0.0"])
def test_what_is_no_number_of_processors_is_an_error(tmp_path: Path, written: str) -> None:
    (tmp_path / "surefoot.toml").write_text(f"[apps.web]\ncpus = {written}\n")
    with pytest.raises(UsageError):
        load(tmp_path, SECTIONS)


def test_all_nonsense_is_said_together_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text(
        '[apps.web]\nmemory = "512mb"\ncpus = "half"\nports = ["1", "x"]\nrestart = "sometimes"\nnonsense = 1\n'
        'health = {interval = "1"}\nlog = {max-size = "big"}\n'
    )
    with pytest.raises(UsageError) as caught:
        load(tmp_path, SECTIONS)
    assert [each.split("`")[1] for each in caught.value.details] == [
        "apps.web.memory",
        "apps.web.cpus",
        "apps.web.ports[2]",
        "apps.web.restart",
        "apps.web.nonsense",
        "apps.web.health.interval",
        "apps.web.log.max-size",
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[apps."../up"]\n', "should be a name"),
        ('[apps.web]\nsource = "a"\nartifact = {path = "b"}\n', "cannot stand beside"),
        ("[apps.web]\nartifact = {}\n", "one of `path` and `url`"),
        ('[apps.web]\nartifact = {url = "https://example.com/x"}\n', "sha256` is missing"),
        ('[apps.web]\nartifact = {url = "file:///etc/passwd", sha256 = "0"}\n', "should begin with https://"),
        ('[apps.web]\nartifact = {path = "b", version = "../x"}\n', "should be one word"),
        ("[apps.web]\nhealth = {}\n", "should have one of"),
        ('[apps.web]\nhealth = {tcp = "1", http = "http://x"}\n', "should have one of"),
        ('[apps.web]\nenv = {"A=B" = "x"}\n', "should be the name of a variable"),
    ],
)
def test_what_types_cannot_say_is_said_too(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "surefoot.toml").write_text(table)
    with pytest.raises(UsageError) as caught:
        config.apps(load(tmp_path, SECTIONS))
    assert any(said in each for each in caught.value.details), caught.value.details


# -- modes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "app", "variable", "dotenv", "mode"),
    [
        ("", "", "", "", "process"),
        ("", "", "", "docker", "docker"),
        ("", "", "process", "docker", "process"),
        ("", "docker", "process", "", "docker"),
        ("process", "docker", "docker", "docker", "process"),
        ("", "", "dev", "", "process"),
        ("", "", "dev", "docker", "docker"),
    ],
)
def test_flag_outranks_app_outranks_variable_outranks_dotenv(
    tmp_path: Path, flag: str, app: str, variable: str, dotenv: str, mode: str
) -> None:
    (tmp_path / ".env").write_text(f"# ours\nexport AGENT_RUN_MODE='{dotenv}' # said\nOTHER=x\n")
    manifest = Manifest(env_prefix="AGENT", source=RelPath("surefoot.toml"))
    environ = {"AGENT_RUN_MODE": variable, "SUREFOOT_RUN_MODE": "nonsense"}
    assert modes.of(App(mode=app), manifest, tmp_path, flag=flag, environ=environ) == mode


@pytest.mark.parametrize("where", ["flag", "app", "variable", "dotenv"])
def test_an_unknown_mode_is_an_error_wherever_it_stands(tmp_path: Path, where: str) -> None:
    (tmp_path / ".env").write_text("SUREFOOT_RUN_MODE=podman\n" if where == "dotenv" else "")
    environ = {"SUREFOOT_RUN_MODE": "podman"} if where == "variable" else {}
    app = App(mode="podman" if where == "app" else "")
    with pytest.raises(UsageError, match="unknown mode: podman"):
        modes.of(app, Manifest(), tmp_path, flag="podman" if where == "flag" else "", environ=environ)


def test_the_factory_makes_what_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    for mode in ("", "process"):
        made: AppManager = new_app_manager(mode, tmp_path, STATE)
        assert made.mode == "process"
    for mode in ("podman", "Docker", "processes", " "):
        with pytest.raises(UsageError, match=f"unknown mode: {mode}"):
            new_app_manager(mode, tmp_path, STATE)


def test_an_unknown_mode_ends_the_command_before_anything_is_done(place: Place) -> None:
    place.manifest(place.sleeper())
    assert place.manage("apps", "start", "--mode", "podman").status == 2
    assert place.manage("apps", "start", SUREFOOT_RUN_MODE="podman").status == 2
    assert place.status().state == "absent"
    place.done("apps", "start", SUREFOOT_RUN_MODE="process")
    assert place.status().state == "running"


def test_a_brand_has_its_own_variable(place: Place) -> None:
    place.manifest('env-prefix = "AGENT"\n' + place.sleeper())
    ended = place.manage("apps", "start", AGENT_RUN_MODE="podman")
    assert (ended.status, "podman" in ended.err) == (2, True)


def test_a_source_that_is_not_there_is_named_with_its_app_and_key(tmp_path: Path) -> None:
    with pytest.raises(Precondition) as caught:
        releases.wanted("web", App(source=RelPath("wrker")), tmp_path, STATE)
    assert caught.value.message == "`apps.web.source`: there is no folder `wrker`"
