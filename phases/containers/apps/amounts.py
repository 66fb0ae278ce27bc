"""Sizes, shares, times and ports as people write them: `512m`, `1.5g`, `0.5`, `30s`, `127.0.0.1:8080:80`. Strict.

What is no such thing is an error with an example, never a guess and never "no limit".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from decimal import Decimal

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_LEAST_MEMORY = 6 << 20  # what Docker asks for, too
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_NUMBER = r"(\d{1,12}(?:\.\d{1,6})?)"
_LAST_PORT = 65535
_FORM = re.compile(
    r"(?:(?:(?P<address>\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):)?(?P<outer>\d{1,5}):)?(?P<inner>\d{1,5})"
    r"(?:/(?P<kind>tcp|udp))?"
)


class Size(str):
    """A size such as `512k` or `1.5g`: powers of 1024; a bare number counts bytes."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Check `text`. Raises `ValueError` with a sentence."""
        found = re.fullmatch(_NUMBER + "([bkmgt]?)", text)
        size = _exact(found[1]) * _UNITS[found[2]] if found else 0
        if size < 1 or size != int(size):
            raise ValueError(tr("should be a size such as `512k` or `1.5g`, not `{text}`", text=text))
        return cls(text)

    @property
    def size(self) -> int:
        """Bytes; 0 for the empty text, which sets no limit."""
        found = re.fullmatch(_NUMBER + "([bkmgt]?)", self)
        return int(_exact(found[1]) * _UNITS[found[2]]) if found else 0


class Memory(Size):
    """A size that a program can live in."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Check `text`. Raises `ValueError` with a sentence."""
        if super().parsed(text).size < _LEAST_MEMORY:
            raise ValueError(tr("should be 6m or more, not `{text}`", text=text))
        return cls(text)


class Cpus(str):
    """How many processors: `0.5`, `2`. May be written as a number, too."""

    __slots__ = ()
    or_number = True

    @classmethod
    def parsed(cls, text: str) -> Cpus:
        """Check `text`. Raises `ValueError` with a sentence."""
        if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) or _exact(text) < _exact("0.01"):
            raise ValueError(tr("should be a number of processors, such as `0.5` or `2`, not `{text}`", text=text))
        return cls(text)

    @property
    def billionths(self) -> int:
        """As the engine counts; 0 sets no limit."""
        return int(_exact(self) * 1_000_000_000) if self else 0


class Duration(str):
    """A time such as `500ms`, `30s`, `2m` or `1h`."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Duration:
        """Check `text`. Raises `ValueError` with a sentence."""
        if not re.fullmatch(_NUMBER + "(ms|s|m|h)", text):
            raise ValueError(tr("should be a time such as `500ms`, `30s` or `2m`, not `{text}`", text=text))
        return cls(text)

    @property
    def seconds(self) -> float:
        """In seconds."""
        found = re.fullmatch(_NUMBER + "(ms|s|m|h)", self)
        return float(_exact(found[1]) * _MILLISECONDS[found[2]] / 1000) if found else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A port of the app, `inner`, and where it is reached from outside; `outer` 0: nobody but its network."""

    inner: int
    outer: int
    address: str = "127.0.0.1"
    kind: str = "tcp"


class Port(str):
    """`[ADDRESS:][OUTER:]INNER[/tcp|/udp]`; one number is both; without an address only this machine reaches it."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Port:
        """Check `text`. Raises `ValueError` with a sentence."""
        found = _FORM.fullmatch(text)
        numbers = [int(found[each] or found["inner"]) for each in ("outer", "inner")] if found else [0]
        if not all(0 < number <= _LAST_PORT for number in numbers) or not _is_address(found and found["address"]):
            raise ValueError(
                tr("should be a port such as `8080`, `8080:80` or `0.0.0.0:53:53/udp`, not `{text}`", text=text)
            )
        return cls(text)

    @property
    def opened(self) -> Opened:
        """Its parts. Raises `ValueError` for a text that was not checked."""
        found = _FORM.fullmatch(self)
        if found is None:
            raise ValueError(self)
        inner = int(found["inner"])
        return Opened(
            inner=inner,
            outer=int(found["outer"] or inner),
            address=(found["address"] or "127.0.0.1").strip("[]"),
            kind=found["kind"] or "tcp",
        )


def _exact(text: str) -> Decimal:
    from decimal import Decimal  # 2 ms: every project with a manifest loads this module, few have an app

    return Decimal(text)


def _is_address(text: str | None) -> bool:
    import ipaddress

    try:
        return text is None or bool(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return False
