"""Where distributions come from: the user's settings for pip, said in uv's words where uv has none of its own.

uv reads no pip.conf. Secrets stay in variables: nothing here ends up on a command line. What becomes of each setting is
in docs/architecture.md, "Index settings".
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from installer import lazily
from phases.python import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OWN_VARIABLES = ("UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX")
_OWN_KEYS = lazily.pattern(
    r"^\s*(?:index|index-url|extra-index-url|default-index|find-links|no-index)\s*=|\[\[(?:tool\.uv\.)?index\]\]",
    re.MULTILINE,
)


def for_uv(root: Path, *, offline: bool, environ: Mapping[str, str] = os.environ) -> tuple[dict[str, str], list[str]]:
    """Variables that give uv what the user set for pip, and what was left out, a sentence's object each.

    Empty where uv has index settings of its own. An extra index on a local disk is passed on only when `offline`: uv
    takes the first index that has a name at all, and a folder with a few old versions would hide the newer ones.
    """
    settings = pip_settings(environ)
    variables = _transport(settings, environ)
    if any(environ.get(name) for name in _OWN_VARIABLES) or _has_own(root, environ):
        return variables, []
    left_out: list[str] = []
    extra = []
    for url in settings.get("extra-index-url", "").split():
        local = _local(url)
        if local is None or (offline and local.is_dir()):
            extra.append(url)
        else:
            left_out.append(url)
    links = []
    for place in settings.get("find-links", "").split():
        local = _local(place)
        if local is not None and not local.exists():  # uv would stop there, pip goes on
            left_out.append(place)
        elif not re.search(r"\s", place):
            links.append(place)
    wanted = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(extra),
        "UV_FIND_LINKS": ",".join(links),
        "UV_NO_INDEX": "1" if _is_true(settings.get("no-index", "")) else "",
    }
    return variables | {name: value for name, value in wanted.items() if value}, left_out


def pip_settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Pip's index and transport settings: its configuration files, lowest first, then PIP_ variables."""
    settings: dict[str, str] = {}
    for path in _pip_files(environ):
        settings |= _read_pip(path)
    prefix = "PIP_"
    for name, value in environ.items():
        if name.startswith(prefix) and value:
            settings[name[len(prefix) :].lower().replace("_", "-")] = value
    return settings


def uv_settings(root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The text of the uv.toml that uv would read, for a file that stands in for it."""
    files = [Path(environ["UV_CONFIG_FILE"])] if environ.get("UV_CONFIG_FILE") else uv_files(root, environ)
    texts = (_uv_table(path) for path in files if path.name != "pyproject.toml")
    return next((text for text in texts if text), "")


def as_pip_variables(*, offline: bool = False, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The same settings as PIP_ variables, for a pip that reads no file.

    Local folders that are not there are left out; `offline` leaves out all that is not local.
    """
    settings = pip_settings(environ)
    if offline:
        for key in ("index-url", "extra-index-url", "find-links"):
            settings[key] = " ".join(word for word in settings.get(key, "").split() if _local(word))
        first, _, rest = settings["extra-index-url"].partition(" ")
        if not settings["index-url"]:  # or pip would ask the default one
            settings |= {"index-url": first, "extra-index-url": rest} if first else {"no-index": "1"}
    found = {}
    for key in _FOR_PIP:
        words = settings.get(key, "").split()
        if key in {"extra-index-url", "find-links"}:
            words = [word for word in words if (local := _local(word)) is None or local.exists()]
        if words:
            found["PIP_" + key.upper().replace("-", "_")] = " ".join(words)
    return found


def listed(paths: Iterable[Path]) -> tuple[str, ...]:
    """The indexes that requirement files name, each once."""
    option = re.compile(r"^\s*(?:-i|--index-url|--extra-index-url)[ =]+(\S+)", re.MULTILINE)
    return tuple(dict.fromkeys(url for path in paths if path.is_file() for url in option.findall(texts.read(path))))


def has_remote_extra(environ: Mapping[str, str] = os.environ) -> bool:
    """Is there more than one index, not all of them on this machine?"""
    return any(_local(url) is None for url in pip_settings(environ).get("extra-index-url", "").split())


_FOR_PIP = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "cert",
    "client-cert",
    "proxy",
    "timeout",
    "default-timeout",
    "retries",
    "trusted-host",
    "keyring-provider",
    "cache-dir",
)


def _transport(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Certificates, proxy, time-out and hosts without TLS: the way to the index, whichever it is."""
    found: dict[str, str] = {}
    certificate = settings.get("cert", "")
    has_own = any(environ.get(name) for name in ("SSL_CERT_FILE", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS"))
    if Path(certificate).is_file() and not has_own:
        found["SSL_CERT_FILE"] = certificate
    if settings.get("client-cert") and not environ.get("SSL_CLIENT_CERT"):
        found["SSL_CLIENT_CERT"] = settings["client-cert"]
    if settings.get("proxy") and not any(
        environ.get(name) for name in ("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy")
    ):
        found["ALL_PROXY"] = settings["proxy"]
    if settings.get("trusted-host") and not environ.get("UV_INSECURE_HOST"):
        found["UV_INSECURE_HOST"] = " ".join(settings["trusted-host"].split())
    timeout = settings.get("timeout") or settings.get("default-timeout", "")
    if timeout.isdecimal() and not environ.get("UV_HTTP_TIMEOUT"):
        found["UV_HTTP_TIMEOUT"] = timeout
    if settings.get("keyring-provider") in {"subprocess", "import"} and not environ.get("UV_KEYRING_PROVIDER"):
        found["UV_KEYRING_PROVIDER"] = "subprocess"
    return found


def _has_own(root: Path, environ: Mapping[str, str]) -> bool:
    """Does a configuration file of uv say where distributions come from?"""
    if environ.get("UV_NO_CONFIG"):
        return False
    files = [Path(environ["UV_CONFIG_FILE"])] if environ.get("UV_CONFIG_FILE") else uv_files(root, environ)
    return any(_OWN_KEYS.search(_uv_table(path)) for path in files)


def _uv_table(path: Path) -> str:
    """The text of a uv.toml, or of what a pyproject.toml says to uv."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    if path.name != "pyproject.toml":
        return text
    if "tool.uv" not in text:
        return ""
    try:
        uv = tomllib.loads(text).get("tool", {}).get("uv", {})
    except (tomllib.TOMLDecodeError, AttributeError):
        return ""
    return "\n".join(f"{key} =" for part in (uv, uv.get("pip", {})) if isinstance(part, dict) for key in part)


def uv_files(root: Path, environ: Mapping[str, str]) -> list[Path]:
    """Where uv looks for its settings, nearest first."""
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home()) / ".config")
    if os.name == "nt":
        home = Path(environ.get("APPDATA", ""))
    return [
        root / "uv.toml",
        root / "pyproject.toml",
        home / "uv" / "uv.toml",
        Path("/etc/xdg/uv/uv.toml"),
        Path("/etc/uv/uv.toml"),
    ]


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    chosen = environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return []
    home = Path(environ.get("HOME") or Path.home())
    if os.name == "nt":
        files = [
            Path(environ.get("PROGRAMDATA", "")) / "pip" / "pip.ini",
            Path(environ.get("APPDATA", "")) / "pip" / "pip.ini",
        ]
    else:
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        files = [
            Path("/etc/xdg/pip/pip.conf"),
            Path("/etc/pip.conf"),
            home / ".pip" / "pip.conf",
            config / "pip" / "pip.conf",
        ]
    return [*files, Path(chosen)] if chosen else files


def _read_pip(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return found


def _local(place: str) -> Path | None:
    """The folder or file that a URL or path names; None if it is not on this machine."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if len(parts.scheme) > 1:
        return None
    return Path(place).expanduser()


def _is_true(value: str) -> bool:
    return value.strip().lower() in {"1", "true", "yes", "on"}
