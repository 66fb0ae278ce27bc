"""Credentials stay here: none in what is pushed, none of an address in anything that is shown or written."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from installer import lazily
from installer.errors import Refused
from installer.i18n import tr
from installer.redact import is_secret_name, redact, well_known_token

_USERINFO = lazily.pattern(r"(?P<scheme>[A-Za-z][\w+.-]*)://(?P<user>[^/\s@'\"<>{}$]+)@")
_SHORTEST = 6


def shown(url: str) -> str:
    """`url` as it may be shown and kept: no user, no password, no query (a signed address has its secret there)."""
    bare = re.sub(r"(?<=://)[^/\s]*@", "****@", url)
    return redact(re.sub(r"[?#].*", "?****", bare))


def scrub(text: str, url: str) -> str:
    """`text` without `url`'s secrets, whole or in part, however a library repeats them."""
    found = urlsplit(url.rpartition("::")[2])
    user = found.netloc.rpartition("@")[0]
    parts = [url, found.query, user, *user.split(":", 1)[1:]]
    parts += [value for pair in found.query.split("&") for value in pair.split("=", 1)[1:]]
    text = text.replace(url, shown(url))
    for part in sorted({each for each in parts if len(each) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(part, "****")
    return redact(text)


def refuse_secrets(path: str, data: bytes) -> None:
    """Raise `Refused` if `data` holds a credential: an address with a password, a token, a secret variable's value."""
    text = data.decode("utf-8", "replace")
    named = any(
        "git" not in found["user"].split(":")[:1] and (":" in found["user"] or found["scheme"].startswith("http"))
        for found in _USERINFO.finditer(text)
        if found["user"] not in {"****", "git"}
    )
    values = (value for name, value in os.environ.items() if is_secret_name(name, value))
    if named or well_known_token(text) or any(value in text for value in values):
        raise Refused(
            "push.secret",
            tr("a file of the checkpoint holds a credential, and is not pushed: {path}", path=path),
            hint=tr("take it out of the project's files (netrc, keyring, a variable), and make a new checkpoint"),
        )
