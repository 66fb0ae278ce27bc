"""The token for a provider: from a variable, from `.env`, or from the keyring; kept in memory, shown nowhere.

A manifest may name a variable, and manifests come with clones. So a token from a variable is only sent to a host that
everybody knows, or that the user's own environment names: see `remotes`.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import threading
from contextlib import suppress
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
BACKEND = "PYTHON_KEYRING_BACKEND"  # the library's own: it names the keyring to use
_PATIENCE = 5.0  # seconds that a keyring may take
_FORM = re.compile(r"[!-~]+")
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
    found = (_of_variables(names, environ, root) if remote.trusted else None) or _of_keyring(remote.host, environ)
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
    if not _FORM.fullmatch(found.value):  # a library would show it, in its complaint about the header
        raise NotAllowed(
            "build.token-form",
            tr("what is in {source} is no token: it has spaces, controls or letters beyond ASCII", source=found.source),
            hint=tr("copy it once more, alone"),
        )
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


def _of_keyring(host: str, environ: Mapping[str, str]) -> Token | None:
    """What `keyring set surefoot HOST` put there; None without the library, a keyring or an entry.

    A locked one waits for a person, maybe for ever: it is asked where one sits, or where its backend was chosen, and
    not longer than `_PATIENCE`.
    """
    if not (environ.get(BACKEND) or _somebody_is_there(environ)):
        return None
    answers: list[str] = []

    def ask() -> None:
        with suppress(Exception):  # no library, no backend, a locked one, no bus to ask it over
            answers.append((importlib.import_module("keyring").get_password(SERVICE, host) or "").strip())

    asking = threading.Thread(target=ask, name="keyring", daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    return Token(value=answers[0], source=tr("the keyring")) if answers and answers[0] else None


def _somebody_is_there(environ: Mapping[str, str]) -> bool:
    """Is there a terminal, and no continuous integration at it?"""
    if environ.get("CI", "").lower() not in {"", "0", "false", "no"}:
        return False
    return all(stream is not None and not stream.closed and stream.isatty() for stream in (sys.stdin, sys.stderr))


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
