"""Secrets out of text: nothing that is shown, logged or recorded passes by without this."""

from __future__ import annotations

import base64
import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from installer import lazily

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = "****"  # what stands for a secret
_USERINFO = lazily.pattern(r"://[^/\s@'\"<>]+@")  # it begins with plain letters, which are found ten times as fast
_TOKEN = lazily.pattern(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|pypi-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
    r"|AKIA[0-9A-Z]{16}|sk-[\w-]{20,})"
)
_MARKS = tuple("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- pypi- xox AKIA sk-".split())  # one is in each of them
_BEARER = lazily.pattern(r"(?i)(\b(?:authorization|private-token|x-api-key)\s*[:=]\s*)(?:(bearer|basic|token)\s+)?\S+")
_BEARERS = ("authorization", "private-token", "x-api-key")
_SECRET_NAME = lazily.pattern(
    r"(?i)(?:token|secret|passw|credential|api_?key|auth(?!or)|authori[sz]ation)"
)  # no author's name
_PUBLIC_NAME = frozenset({"SSH_AUTH_SOCK", "UV_CREDENTIALS_DIR"})
_STEERING = lazily.pattern(  # escape sequences, and controls but for tab, line feed and carriage return
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_SHORTEST = 6  # a shorter value would hide ordinary words
_HIDING: set[str] = set()  # see `hide`


def redact(text: str) -> str:
    """`text` without passwords in URLs, well-known tokens, or the value of any variable named like a secret."""
    if "://" in text:
        text = _USERINFO.sub(f"://{HIDDEN}@", text)
    if _has_any(text, _MARKS):  # a regular expression takes 30 ns a character, and a lock has half a million of them
        lines = text.split("\n")
        text = "\n".join(_TOKEN.sub(HIDDEN, line) if _has_any(line, _MARKS) else line for line in lines)
    if not text.isascii() or _has_any(text.lower(), _BEARERS):  # of other letters, more than one is the same as a k
        text = _BEARER.sub(rf"\1{HIDDEN}", text)
    pattern = _values()
    return pattern.sub(HIDDEN, text) if pattern else text


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def redact_output(text: str) -> str:
    """The same for what a program said: a colour in the middle of a secret does not hide it from us."""
    return redact(_STEERING.sub("", text))


def redact_json(value: Any) -> Any:
    """The same for every text in JSON data."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return [redact_json(each) for each in value]
    if isinstance(value, dict):
        return {name: redact_json(each) for name, each in value.items()}
    return value


@cache
def _values() -> re.Pattern[str] | None:
    forms = {form for name, value in os.environ.items() if is_secret_name(name, value) for form in _forms(value)}
    for name, value in os.environ.items():  # an index URL carries its password in the value of a harmless name
        found = re.search(r"://([^/\s@]+)@", value)
        if found and not is_secret_name(name, value):
            parts = {found[1], *found[1].split(":")}
            parts |= {unquote(part) for part in parts}
            forms |= {form for part in parts if len(part) >= _SHORTEST for form in _forms(part)}
    forms |= {form for secret in _HIDING for form in _forms(secret)}
    ordered = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered))) if ordered else None


def hide(secret: str) -> None:
    """Let `redact` know a secret that is in no variable: one from a file or a keyring."""
    if len(secret) >= _SHORTEST and secret not in _HIDING:
        _HIDING.add(secret)
        _values.cache_clear()


def well_known_token(text: str) -> bool:
    """Is a token in it that can be told by its form?"""
    return bool(_TOKEN.search(text))


def is_secret_name(name: str, value: str) -> bool:
    """Is the variable named like a secret, and its value long enough to be one?"""
    return len(value) >= _SHORTEST and name not in _PUBLIC_NAME and bool(_SECRET_NAME.search(name))


def _forms(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
    return {value, quote(value, safe=""), quote(value), encoded, encoded.rstrip("=")}
