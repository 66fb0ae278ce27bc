"""Manifests as the registry has them: asked for directly, as no engine hands out what is inside an image index.

Source: the OCI distribution specification 1.1, and the token authentication of Docker's registry. What cannot be had is
None: then the digests that the engine tells have to do.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from installer.extras import need
from phases.containers.client import EXTRA
from phases.containers.images import door
from phases.containers.references import HUB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient

    from installer.model import Json
    from phases.containers.references import Reference

_ACCEPT = ", ".join(
    f"application/vnd.{each}"
    for each in (
        "oci.image.index.v1+json",
        "docker.distribution.manifest.list.v2+json",
        "oci.image.manifest.v1+json",
        "docker.distribution.manifest.v2+json",
    )
)
_SECONDS = 20
_MOST = 4 << 20  # bytes that a manifest may have, as registries limit it
_ENOUGH = 4  # entries of one platform that are looked into
_FINE, _UNAUTHORISED = 200, 401


def same(client: DockerClient, reference: Reference, digest: str, found: Json, known: tuple[str, ...]) -> bool | None:
    """Is the image `found` what the registry has as `digest`? It may be known by the digest of the index or by that of

    the manifest for its platform, or, made from a bundle, by none (`known`): then its configuration tells.
    """
    import requests

    registry = _Registry(client, reference)
    try:
        whole = registry.get(digest)
        if whole is None:
            return None
        if "manifests" not in whole:
            return _is(whole, found)
        entries = [each for each in whole["manifests"] if _fits(each.get("platform") or {}, found)]
        if any(each["digest"] in known or each["digest"] == found["Id"] for each in entries):
            return True
        inside = [registry.get(each["digest"]) for each in entries[:_ENOUGH]]
        return any(each is not None and _is(each, found) for each in inside)
    except (requests.exceptions.RequestException, ValueError, KeyError, TypeError):
        return None


def _is(manifest: Json, found: Json) -> bool:
    return bool(manifest["config"]["digest"] == found["Id"])


def _fits(platform: Mapping[str, str], found: Json) -> bool:
    names = (("os", "Os"), ("architecture", "Architecture"))
    variants = {platform.get("variant", ""), str(found.get("Variant") or "")} - {""}
    return all(platform.get(theirs) == found.get(ours) for theirs, ours in names) and len(variants) <= 1


class _Registry:
    """One repository; the token is asked for once."""

    def __init__(self, client: DockerClient, reference: Reference) -> None:
        self._requests = cast("Any", need(EXTRA, "requests"))
        self._client, self._reference = client, reference
        self._address = _address(client, reference)
        self._token = ""

    def get(self, digest: str) -> Json | None:
        """The manifest of that digest."""
        url = f"{self._address}/v2/{self._reference.path}/manifests/{digest}"
        answer = self._ask(url)
        if answer.status_code == _UNAUTHORISED and not self._token:
            self._token = self._authorisation(answer.headers.get("WWW-Authenticate", ""))
            answer = self._ask(url)
        if answer.status_code != _FINE or len(answer.content) > _MOST:
            return None
        read: Json = answer.json()
        return read

    def _ask(self, url: str) -> Any:  # noqa: ANN401 -- an answer of requests
        headers = {"Accept": _ACCEPT} | ({"Authorization": self._token} if self._token else {})
        return self._requests.get(url, headers=headers, timeout=_SECONDS)

    def _authorisation(self, wanted: str) -> str:
        """What the registry asks for: the user's own name and password, or a token had for them."""
        user = _user(self._client, self._reference)
        if wanted.lower().startswith("basic"):
            return "Basic " + base64.b64encode(":".join(user).encode()).decode() if user else ""
        told = dict(re.findall(r'(\w+)="([^"]*)"', wanted))
        realm = urlsplit(told.get("realm", ""))
        if realm.scheme not in {"https", urlsplit(self._address).scheme}:
            return ""  # a password does not leave a safe connection
        asked = {name: told[name] for name in ("service", "scope") if name in told}
        answer = self._requests.get(realm.geturl(), params=asked, auth=user, timeout=_SECONDS)
        body = answer.json() if answer.status_code == _FINE else {}
        token = body.get("token") or body.get("access_token")
        return f"Bearer {token}" if token else ""


def _user(client: DockerClient, reference: Reference) -> tuple[str, str] | None:
    header = door.credentials(client, reference).get("X-Registry-Auth", "")
    kept = json.loads(base64.urlsafe_b64decode(header)) if header else {}
    name, word = kept.get("username") or kept.get("Username"), kept.get("password") or kept.get("Password")
    return (name, word) if name and word else None


def _address(client: DockerClient, reference: Reference) -> str:
    """Over TLS, but for registries that the engine itself reaches without."""
    told = client.info()
    if reference.domain == HUB:
        return "https://" + str(urlsplit(str(told.get("IndexServerAddress", ""))).hostname)
    known = (told.get("RegistryConfig") or {}).get("IndexConfigs") or {}
    plain = known.get(reference.domain, {}).get("Secure") is False or _is_near(reference.domain)
    return f"{'http' if plain else 'https'}://{reference.domain}"


def _is_near(domain: str) -> bool:
    host = domain.rpartition(":")[0] or domain
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
