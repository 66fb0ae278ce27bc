"""Indexes that anybody on the way could answer for: plain http to another machine.

pip passes them over unless their host is a trusted one; uv asks them. Here the user's own word decides, as in pip: a
host named in `trusted-host` (a configuration file, PIP_TRUSTED_HOST) or UV_INSECURE_HOST. A project cannot say that.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from installer import lazily
from installer.errors import Refused
from installer.i18n import tr
from installer.redact import redact
from phases.python import texts
from phases.python.indexes import pip_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
_KEYS = ("index-url", "extra-index-url", "find-links")
_OPTION = lazily.pattern(r"^\s*(?:-i|-f|--index-url|--extra-index-url|--find-links)[ =]+(\S+)", re.MULTILINE)
_PLAIN = lazily.pattern(r"http://[^\s\"',]+", re.IGNORECASE)


def refuse(root: Path, listings: Iterable[Path], environ: Mapping[str, str] = os.environ) -> None:
    """Raise `Refused` if an index of the user's or the project's settings is plain http to an untrusted machine.

    `listings` are requirement files.
    """
    pip = pip_settings(environ)
    trusted = f"{pip.get('trusted-host', '')} {environ.get('UV_INSECURE_HOST', '')}".replace(",", " ").split()
    said = [*(environ.get(name, "") for name in _VARIABLES), *(pip.get(key, "") for key in _KEYS)]
    said += [url for path in listings if path.is_file() for url in _OPTION.findall(texts.read(path))]
    found = [url for url in _PLAIN.findall("\n".join([*said, *_configured(root)])) if not _is_trusted(url, trusted)]
    if found:
        raise Refused(
            "python.plain_index",
            tr("an index is asked without encryption: anybody on the way could answer for it"),
            details=tuple(map(redact, dict.fromkeys(found))),
            hint=tr(
                "use https; or, if you trust the way to it, name its host: `export PIP_TRUSTED_HOST={host}`",
                host=urlsplit(found[0]).hostname,
            ),
        )


def _is_trusted(url: str, trusted: Iterable[str]) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return _is_loopback(host) or any(each in {host, parts.netloc.rpartition("@")[2]} for each in trusted)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _configured(root: Path) -> Iterator[str]:
    """What the project's own uv settings name as indexes."""
    for name in ("uv.toml", "pyproject.toml"):
        try:
            table: Any = tomllib.loads((root / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # whoever needs the file says what is wrong with it
        own = table.get("tool", {}).get("uv", {}) if name == "pyproject.toml" else table
        if isinstance(own, dict):
            yield from (str(own.get(key, "")) for key in ("index", *_KEYS))
            pip = own.get("pip", {})
            yield from (str(pip.get(key, "")) for key in _KEYS) if isinstance(pip, dict) else ()
