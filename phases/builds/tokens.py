"""The token for a provider: from a variable, from `.env`, or from the keyring; kept in memory, shown nowhere.

A manifest may name a variable, and manifests come with clones. So a token from a variable is only sent to a host that
everybody knows, or that the user's own environment names: see `remotes`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer import redact
from installer.errors import NotAllowed
from installer.frozen import dataclass
from installer.i18n import tr
from phases.builds.remotes import HOSTS
from phases.containers.apps.modes import dotenv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phases.builds.remotes import Remote

SERVICE = "surefoot"  # under which the keyring keeps it; the user's name there is the host
_KNOWN = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_PACKAGES_TOKEN"),
    "gitlab": ("GITLAB_TOKEN", "GITLAB_PRIVATE_TOKEN"),
}
_ELSEWHERE = {"github": ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"), "gitlab": ("GITLAB_TOKEN",)}
_PUBLIC = frozenset({"github.com", "gitlab.com"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`value` is the secret, which no `repr` shows; `source` says where it is from, and may be shown."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Token(source={self.source!r})"


def variables(remote: Remote, wanted: str = "") -> tuple[str, ...]:
    """The names under which a token for `remote` is looked for: the `wanted` one only, else the usual ones."""
    if wanted:
        return (wanted,)
    return _KNOWN[remote.provider] if remote.host in _PUBLIC else _ELSEWHERE[remote.provider]


def find(remote: Remote, root: Path, wanted: str = "", environ: Mapping[str, str] | None = None) -> Token:
    """The token for `remote`: variable, `.env` of the project, keyring. Raises `NotAllowed` (8) where there is none.

    From here on `redact` knows it.
    """
    environ = os.environ if environ is None else environ
    names = variables(remote, wanted)
    found = (_of_variables(names, environ, root) if remote.trusted else None) or _of_keyring(remote.host)
    if found is None and not remote.trusted:
        raise _unknown_host(remote, names)
    if found is None:
        raise NotAllowed(
            "build.token-missing",
            tr("there is no token for {host}: `export {name}=…` with one", host=remote.host, name=names[0]),
            hint=_how(remote),
            variables=list(names),
        )
    redact.hide(found.value)
    return found


def _of_variables(names: tuple[str, ...], environ: Mapping[str, str], root: Path) -> Token | None:
    for name in names:
        if value := environ.get(name, "").strip():
            return Token(value=value, source=f"${name}")
    written = dotenv(root)
    for name in names:
        if value := written.get(name, "").strip():
            return Token(value=value, source=f".env: {name}")
    return None


def _of_keyring(host: str) -> Token | None:
    """What `keyring set surefoot HOST` put there; None without the library, a keyring or an entry."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        value = keyring.get_password(SERVICE, host)
    except (KeyringError, OSError, RuntimeError):  # no backend, a locked one, no bus to ask it over
        return None
    return Token(value=value, source=tr("the keyring")) if value else None


def _unknown_host(remote: Remote, names: tuple[str, ...]) -> NotAllowed:
    """A clone chooses its host, and its manifest the variable: that is not enough to send a secret there."""
    return NotAllowed(
        "build.host",
        tr("{host} gets no token from a variable before you name it yourself", host=remote.host),
        hint=tr(
            "`export {hosts}={host}` and `{name}=…`, or `keyring set {service} {host}`",
            hosts=HOSTS,
            host=remote.host,
            name=names[0],
            service=SERVICE,
        ),
        variables=list(names),
    )


def _how(remote: Remote) -> str:
    """How to come by a token, in one sentence."""
    if remote.provider == "gitlab":
        return tr("{web}/-/user_settings/personal_access_tokens makes one with the scope `api`", web=remote.web)
    return tr("{web}/settings/tokens makes one; it needs the scope `repo`, or Actions: write", web=remote.web)
