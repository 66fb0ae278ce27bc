"""A door to a provider's API: calls of its library, failures in our words, tried again where that is harmless."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LONGEST = 20.0  # seconds that are waited before another try; who is told to wait longer is told so
_FIRST = 0.5


class Door(ABC):
    """`skew`: by how many seconds the server's clock is ahead of ours, as its last answer had it."""

    def __init__(self, host: str, *, retries: int) -> None:
        self._host = host
        self._retries = retries
        self.skew = 0.0

    @abstractmethod
    def explained(self, error: Exception, what: str, ref: str = "") -> InstallerError:
        """What the library raised when `what` was asked for, at `ref`, as one of `failures`."""

    def tried(self, call: Callable[[], Any], what: str, *, again: bool, ref: str = "") -> Any:  # noqa: ANN401 -- the library's answer
        """`call()`, up to `retries` times more. `again`: also where the request may have been carried out.

        Raises the errors of `failures`.
        """
        for attempt in range(self._retries + 1):
            try:
                return call()
            except Exception as error:  # whatever the library raises: an installation must not end with it
                failure = self.explained(error, what, ref)
                if attempt == self._retries or (wait := _wait(failure, attempt, again=again)) is None:
                    raise failure from error
                time.sleep(wait)
        raise AssertionError  # the loop ends in one of its branches

    def read(self, pieces: Iterable[bytes], what: str) -> Iterator[bytes]:
        """The pieces of an answer, as they come. Raises the errors of `failures`."""
        try:
            yield from pieces
        except Exception as error:
            raise self.explained(error, what) from error

    def note_time(self, date: str) -> None:
        """`date` is the head of an answer. A proxy's odd one is no reason to doubt the answer."""
        with suppress(TypeError, ValueError):
            self.skew = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()


def seconds(text: str) -> float | None:
    """What a Retry-After says; None for a date, which no provider of these sends."""
    return float(text) if text.isascii() and text.isdecimal() else None


def _wait(failure: InstallerError, attempt: int, *, again: bool) -> float | None:
    """Seconds until another try; None where there is to be none."""
    refused = failure.code == "build.limit" or failure.facts.get("sent") is False  # it was certainly not carried out
    if not isinstance(failure, Unavailable) or failure.code == "build.answer" or not (again or refused):
        return None
    told = failure.facts.get("retry_after")
    wait = float(told) if told is not None else _FIRST * 2**attempt
    return wait if wait <= _LONGEST else None
