"""What makes a container what it is: what its user said, apart from what its image brought along.

The engine shows both as one. What equals the old image's own default is taken for that, and follows the new image; all
else is said again, word for word. Source: how the engine merges an image's configuration (moby, daemon/commit.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.containers.updates import mounts

if TYPE_CHECKING:
    from installer.model import Json

FOLLOW = ("User", "WorkingDir", "StopSignal")  # empty: the image's
SAME = (
    *("Domainname", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"),
    *("NetworkDisabled", "MacAddress", "StopTimeout"),
)
OURS = "dev.surefoot."
_DEED = frozenset({OURS + "run", OURS + "step"})  # of whoever made the old one
_PLAIN = frozenset({"default", "bridge"})  # names of the network that is there without being asked for
_NO_ENDPOINT = frozenset({"host", "none"})


def body(container: Json, image: Json, host: str) -> Json:
    """The request that makes such a container, but for Image and our labels.

    `container`: as inspected; `image`: the Config of its own image; `host`: the name of the engine's machine.
    """
    made = {**own(container, image, host), "HostConfig": host_config(container)}
    primary, endpoints = primary_network(container), networks(container)
    if primary in endpoints:
        made["NetworkingConfig"] = {"EndpointsConfig": {primary: endpoints[primary]}}
    return made


def own(container: Json, image: Json, host: str = "") -> Json:
    """The Config that the user said."""
    config = container["Config"]
    said = {name: config[name] for name in SAME if config.get(name) not in (None, "")}
    said |= {name: config[name] for name in FOLLOW if config.get(name) and config[name] != image.get(name)}
    said |= _command(config, image)
    theirs = set(image.get("Env") or [])
    said["Env"] = [each for each in config.get("Env") or [] if each not in theirs]
    brought = image.get("Labels") or {}
    labels = (config.get("Labels") or {}).items()
    said["Labels"] = {name: value for name, value in labels if brought.get(name) != value and name not in _DEED}
    said["ExposedPorts"] = _without(config.get("ExposedPorts"), image.get("ExposedPorts"))
    held = {each["Destination"] for each in container.get("Mounts") or []}
    said["Volumes"] = {path: {} for path in _without(config.get("Volumes"), image.get("Volumes")) if path not in held}
    if health := _health(config.get("Healthcheck"), image.get("Healthcheck")):
        said["Healthcheck"] = health
    name = config.get("Hostname") or ""
    of_host = container["HostConfig"].get("NetworkMode") == "host" and name == host
    if name and name != container["Id"][:12] and not of_host:
        said["Hostname"] = name
    return said


def host_config(container: Json) -> Json:
    """The HostConfig, whole; volumes without a name are said by the one that they got."""
    made = {name: value for name, value in container["HostConfig"].items() if name != "ContainerIDFile"}
    return {**made, "Links": links(container), **mounts.said(container)}


def networks(container: Json) -> dict[str, Json]:
    """Network: how the container is in it, without what was given to it at its start."""
    if container["HostConfig"].get("NetworkMode") in _NO_ENDPOINT:
        return {}
    return {name: _endpoint(each or {}, container["Id"]) for name, each in _networks(container).items()}


def primary_network(container: Json) -> str:
    """The network that it is made in; empty for none."""
    mode = container["HostConfig"].get("NetworkMode") or "default"
    if mode in _PLAIN:
        return "bridge"
    found = _networks(container).items()
    return next((name for name, each in found if mode in {name, (each or {}).get("NetworkID")}), "")


def links(container: Json) -> list[str]:
    """The links of the default network, NAME:ALIAS."""
    pairs = (each.split(":", 1) for each in container["HostConfig"].get("Links") or [])
    return sorted(f"{target.lstrip('/')}:{alias.rpartition('/')[2]}" for target, alias in pairs)


def _networks(container: Json) -> Json:
    return (container.get("NetworkSettings") or {}).get("Networks") or {}


def _endpoint(given: Json, identity: str) -> Json:
    made: Json = {name: given[name] for name in ("IPAMConfig", "Links", "DriverOpts") if given.get(name)}
    if aliases := [each for each in given.get("Aliases") or [] if each != identity[:12]]:
        made["Aliases"] = aliases
    return made


def _command(config: Json, image: Json) -> Json:
    """Entrypoint and Cmd, where the user said them: whoever says the first gets no Cmd of the image."""
    entrypoint, command = config.get("Entrypoint") or None, config.get("Cmd") or None
    if entrypoint == (image.get("Entrypoint") or None) and (command or not image.get("Cmd")):
        return {} if command == (image.get("Cmd") or None) else {"Cmd": command}
    return {"Entrypoint": entrypoint or [""], **({"Cmd": command} if command else {})}


def _health(given: Json | None, theirs: Json | None) -> Json:
    """The parts of a health check that are not the image's."""
    return {name: value for name, value in (given or {}).items() if value and value != (theirs or {}).get(name)}


def _without(given: Json | None, theirs: Json | None) -> Json:
    return {name: value for name, value in (given or {}).items() if name not in (theirs or {})}
