"""Addresses of repositories: what is allowed, and what a relative one means."""

from __future__ import annotations

import re

from installer.i18n import tr

_WITH_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]|%0[ad0]", re.IGNORECASE)  # also where a server would decode it
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_SCP = re.compile(r"(?P<host>[^/]*?):(?P<path>.*)", re.DOTALL)


def transport(url: str) -> str:
    """What git would fetch `url` with: "https", "ssh", "file", …, or "helper" for `ext::` and its kind."""
    if _HELPER.match(url):
        return "helper"
    if found := _WITH_SCHEME.match(url):
        kind = found[1].lower()
        return "ssh" if kind in {"git+ssh", "ssh+git"} else kind
    return "ssh" if _SCP.fullmatch(url) else "file"  # a colon before the first slash: `user@host:path`


def complaint(url: str, *, allow_file: bool, allow_plain: bool = False) -> str:
    """Why `url` must not be fetched; empty when it may. `allow_plain`: also without encryption."""
    if not url or url.startswith("-") or _CONTROL.search(url):
        return tr("its address {url} is no proper one", url=ascii(url))
    kind = transport(url)
    if kind in {"http", "git"} and not allow_plain and not _is_loopback(_host(url)):
        return tr("`{kind}` is not encrypted: use https or ssh", kind=kind)
    if kind == "file":
        return "" if allow_file else tr("it lies on this machine; `--allow-file-submodules` allows that")
    if kind not in {"https", "http", "git", "ssh"}:
        return tr("the transport `{kind}` is not allowed", kind=kind)
    return "" if _has_proper_host(url) else tr("its address names no proper host")


def resolve(url: str, base: str) -> str:
    """`url` of a submodule whose superproject was cloned from `base`, as git resolves it (remote.c, relative_url).

    Raises `ValueError` for one that climbs out of `base`.
    """
    if not url.startswith(("./", "../")):
        return url
    base, separator = base.rstrip("/"), "/"
    while url.startswith(("./", "../")):
        if url.startswith("../"):
            base, separator = _parent(base, separator)
        url = url.partition("/")[2]
    return f"{base}{separator}{url}".rstrip("/")


def _parent(base: str, separator: str) -> tuple[str, str]:
    head, slash, _ = base.rpartition("/")
    if slash:
        return head, separator
    head, colon, _ = base.rpartition(":")
    if not colon:
        raise ValueError(base)
    return head, ":"


def _has_proper_host(url: str) -> bool:
    """Neither host nor user nor path may be taken for an option of ssh."""
    if _WITH_SCHEME.match(url):
        host, rest = _host(url), url.partition("://")[2]
    else:
        found = _SCP.fullmatch(url)
        host, rest = (found["host"].rpartition("@")[2], found["path"]) if found else ("", "")
    return bool(host) and not host.startswith("-") and not rest.startswith("-")


def _host(url: str) -> str:
    from urllib.parse import urlsplit  # with `ipaddress`, a millisecond that most runs do not need

    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
