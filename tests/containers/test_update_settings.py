"""A container keeps every setting of its own over an update; what came from the old image follows the new one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from docker.types import EndpointConfig, IPAMConfig, IPAMPool, LogConfig, Mount, Ulimit

from phases.containers.updates import comparing, configuration
from tests.containers import lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.containers.kit import Place

# what the engine gives anew to every container, or what an update is about
ANEW = frozenset(
    """Id Created Name Image State ResolvConfPath HostnamePath HostsPath LogPath GraphDriver RestartCount
    NetworkSettings.SandboxID NetworkSettings.SandboxKey NetworkSettings.EndpointID EndpointID""".split()
)


def built(place: Place, version: str, lines: str) -> str:
    reference = f"{place.lab.registry}/{place.word}:now"
    text = f"FROM {lab.BASE}\n{lines}\nLABEL version={version}\n"
    place.client.images.build(fileobj=io.BytesIO(text.encode()), tag=reference, rm=True, pull=False)
    return reference


def flat(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field by its path; lists as they are."""
    if isinstance(told, dict):
        for name, each in told.items():
            below = f"{path}.{name}".lstrip(".")
            if not {below, name, below.partition(".")[0]} & ANEW:
                yield from flat(each, below)
    else:
        yield path, told or None


def update(place: Place, reference: str) -> None:
    ended = place.manage("images", "update", reference, "--recreate", "--local", "--steady", "0.3", "-y")
    assert ended.status == 0, ended.err


@pytest.mark.docker
def test_every_setting_of_a_container_is_the_same_afterwards(place: Place) -> None:
    reference = built(place, "1", 'CMD ["sleep", "1000"]\nVOLUME /declared\nEXPOSE 81')
    pool = IPAMConfig(pool_configs=[IPAMPool(subnet="10.213.191.0/24")])
    first = place.client.networks.create(f"{place.word}-first", ipam=pool)
    second = place.client.networks.create(f"{place.word}-second")
    (place.root / "bound").mkdir()
    api = place.client.api
    made = api.create_container(
        reference,
        command=["sh", "-c", "exec sleep 1000"],
        name=f"{place.word}-all",
        hostname="told",
        domainname="example.test",
        user="0:0",
        tty=True,
        stdin_open=True,
        ports=[80, (53, "udp")],
        environment={"TOKEN": "hunter2", "EMPTY": "", "EQUALS": "a=b"},
        volumes=["/nameless"],
        working_dir="/etc",
        labels={"whose": "mine", "dev.surefoot.app": "kept"},
        stop_signal="SIGKILL",
        healthcheck={"test": ["CMD", "true"], "interval": 10**9, "retries": 7},
        networking_config={
            "EndpointsConfig": {
                first.name: EndpointConfig("1.41", aliases=["zed", "alpha"], ipv4_address="10.213.191.77")
            }
        },
        host_config=api.create_host_config(
            binds=[f"{place.word}-named:/named:ro", f"{place.root}/bound:/bound:rw"],
            mounts=[
                Mount("/unsaid", None, type="volume"),
                Mount("/of-memory", None, type="tmpfs", tmpfs_size=1 << 20),
                Mount("/said", f"{place.word}-said"),
            ],
            tmpfs={"/scratch": "size=1m,mode=1770"},
            port_bindings={80: ("127.0.0.1", 18231), "53/udp": None},
            network_mode=first.name,
            restart_policy={"Name": "on-failure", "MaximumRetryCount": 4},
            mem_limit="96m",
            memswap_limit="128m",
            mem_reservation="32m",
            nano_cpus=500_000_000,
            cpu_shares=77,
            pids_limit=55,
            ulimits=[Ulimit(name="nofile", soft=512, hard=1024)],
            cap_add=["NET_ADMIN"],
            cap_drop=["MKNOD"],
            devices=["/dev/null:/dev/nothing:rw"],
            log_config=LogConfig(type="json-file", config={"max-size": "1m", "max-file": "2"}),
            dns=["10.0.0.53"],
            dns_search=["example.test"],
            dns_opt=["ndots:2"],
            extra_hosts={"db.test": "10.0.0.9"},
            sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
            security_opt=["no-new-privileges"],
            shm_size="32m",
            init=True,
            group_add=["7"],
            oom_score_adj=100,
            ipc_mode="private",
        ),
    )
    second.connect(made["Id"], aliases=["other"])
    api.start(made["Id"])
    old = api.inspect_container(made["Id"])
    built(place, "2", 'CMD ["sleep", "2000"]\nVOLUME /declared\nVOLUME /new\nEXPOSE 82')
    update(place, reference)
    new = api.inspect_container(f"{place.word}-all")
    assert new["Id"] != old["Id"]
    assert new["State"]["Running"]
    before, after = dict(flat(old)), dict(flat(new))
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    brought = {
        "Config.Labels.version",
        "Config.Labels.dev.surefoot.project",
        "Config.Labels.dev.surefoot.run",
        "Config.Labels.dev.surefoot.step",
        *(path for path in changed if path.startswith(("Config.ExposedPorts.8", "Config.Volumes./new"))),
    }
    said = {
        "Config.Volumes./nameless",
        "HostConfig.Binds",
        "HostConfig.Mounts",
        "Mounts",
        "NetworkSettings.Ports.81/tcp",
    }
    given = {path for path in changed if "Aliases" in path or path.startswith("NetworkSettings.Ports.53/udp")}
    assert changed - brought - said - given - {"NetworkSettings.Ports.82/tcp"} == set()
    assert mounted(old) == mounted(new) - {each for each in mounted(new) if each[1] == "/new"}
    assert aliases(new) == aliases(old)
    assert {"zed", "alpha"} < aliases(new)[str(first.name)]
    assert "other" in aliases(new)[str(second.name)]
    assert new["NetworkSettings"]["Networks"][str(first.name)]["IPAddress"] == "10.213.191.77"
    assert sorted(old["Config"]["Env"]) == sorted(new["Config"]["Env"])


def aliases(told: dict[str, Any]) -> dict[str, set[str]]:
    """Network: the container's names there, but for its own id."""
    return {
        name: set(each["Aliases"]) - {told["Id"][:12]} for name, each in told["NetworkSettings"]["Networks"].items()
    }


def mounted(told: dict[str, Any]) -> set[tuple[str, ...]]:
    return {
        (each["Type"], each["Destination"], each.get("Name") or each["Source"], str(each["RW"]))
        for each in told["Mounts"]
    }


@pytest.mark.docker
def test_what_an_image_says_follows_the_image(place: Place) -> None:
    one = 'ENV SAME=1 OLD=1\nWORKDIR /tmp\nUSER 5\nENTRYPOINT ["sleep"]\nCMD ["1000"]\nLABEL old=1\nSTOPSIGNAL SIGKILL'
    two = 'ENV SAME=2 NEW=2\nWORKDIR /etc\nUSER 6\nENTRYPOINT ["sh", "-c"]\nCMD ["sleep 2000"]\nLABEL new=2'
    reference = built(place, "1", f"{one}\nHEALTHCHECK CMD false")
    place.client.containers.run(reference, name=f"{place.word}-plain", detach=True)
    built(place, "2", f"{two}\nHEALTHCHECK --interval=100ms CMD true")
    update(place, reference)
    config = place.client.containers.get(f"{place.word}-plain").attrs["Config"]
    assert set(config["Env"]) == {"PATH=/bin", "SAME=2", "NEW=2"}
    assert (config["WorkingDir"], config["User"]) == ("/etc", "6")
    assert (config["Entrypoint"], config["Cmd"]) == (["sh", "-c"], ["sleep 2000"])
    assert {name: value for name, value in config["Labels"].items() if "surefoot" not in name} == {
        "new": "2",
        "version": "2",
    }
    assert (config["Healthcheck"]["Test"], config.get("StopSignal")) == (["CMD-SHELL", "true"], None)


SAID: tuple[Any, ...] = (
    # image: entrypoint, command; container: entrypoint, command; what is said again
    ((None, ["a"]), (None, ["a"]), {}),
    ((None, ["a"]), (None, ["b"]), {"Cmd": ["b"]}),
    ((["e"], ["a"]), (["e"], ["a"]), {}),
    ((["e"], ["a"]), (["e"], ["b"]), {"Cmd": ["b"]}),
    ((["e"], ["a"]), (["f"], ["a"]), {"Entrypoint": ["f"], "Cmd": ["a"]}),
    ((["e"], ["a"]), (["f"], None), {"Entrypoint": ["f"]}),
    ((["e"], ["a"]), (["e"], None), {"Entrypoint": ["e"]}),  # whoever says the first, says the second, too
    ((["e"], None), (["e"], None), {}),
    ((["e"], ["a"]), (None, ["b"]), {"Entrypoint": [""], "Cmd": ["b"]}),
)


@pytest.mark.parametrize(("image", "config", "said"), SAID)
def test_a_command_is_said_again_where_it_is_not_the_images(
    image: tuple[Any, Any], config: tuple[Any, Any], said: dict[str, Any]
) -> None:
    theirs = {"Entrypoint": image[0], "Cmd": image[1]}
    container = a_container({"Entrypoint": config[0], "Cmd": config[1]})
    found = configuration.own(container, theirs)
    assert {name: found[name] for name in ("Entrypoint", "Cmd") if name in found} == said


def a_container(config: dict[str, Any], **host: Any) -> dict[str, Any]:
    return {"Id": "c" * 64, "Name": "/it", "Config": config, "HostConfig": host, "Mounts": [], "NetworkSettings": {}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Config": {"Env": ["A=2"]}}, "Config.Env"),
        ({"Config": {"Labels": {}}}, "Config.Labels"),
        ({"Config": {"User": "1"}}, "Config.User"),
        ({"HostConfig": {"Memory": 1}}, "HostConfig.Memory"),
        ({"HostConfig": {"Memory": 0, "Sysctls": None}}, "HostConfig.Sysctls"),
        ({"NetworkSettings": {"Networks": {}}}, "Networks.net"),
        ({"Mounts": []}, "Mounts./data"),
    ],
)
def test_a_field_that_was_lost_is_named_without_its_value(change: dict[str, Any], field: str) -> None:
    old = a_container({"Env": ["A=hunter2"], "Labels": {"a": "b"}}, Memory=0, Sysctls={"x": "y"}, NetworkMode="net")
    old["Mounts"] = [{"Type": "volume", "Name": "v", "Destination": "/data", "RW": True}]
    old["NetworkSettings"] = {"Networks": {"net": {"Aliases": ["a"]}}}
    assert comparing.differences(old, old, ({}, {})) == []
    new = {**old, **{name: {**old[name], **each} if isinstance(each, dict) else each for name, each in change.items()}}
    (told,) = comparing.differences(old, new, ({}, {}))
    assert told.startswith(field)
    assert "hunter2" not in told
