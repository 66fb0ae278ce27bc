"""The door to GitHub's API: one call of githubkit, its failures in our words, tried again where that is harmless."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError, Unavailable
from phases.builds import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST = 20.0  # seconds that are waited before another try; who is told to wait longer is told so
_FIRST = 0.5


class Door:
    """`skew`: by how many seconds the server's clock is ahead of ours, as its last answer had it."""

    def __init__(self, host: str, *, headers: Mapping[str, str], retries: int) -> None:
        self._host = host
        self._headers = dict(headers)
        self._retries = retries
        self.skew = 0.0

    def ask(self, call: Callable[..., Any], *args: object, what: str, again: bool = True, **words: object) -> Any:  # noqa: ANN401 -- githubkit's answer
        """`call(…)`, up to `retries` times more. `again`: also where the request may have been carried out.

        `what` is asked for, in the words of an error. Raises the errors of `failures`.
        """
        for attempt in range(self._retries + 1):
            try:
                answer = call(*args, headers=self._headers, **words)
                self._note_time(answer.headers.get("date", ""))
            except Exception as error:  # whatever the library raises: an installation must not end with it
                failure = self._explained(error, what)
                if attempt == self._retries or (wait := _wait(failure, attempt, again=again)) is None:
                    raise failure from error
                time.sleep(wait)
            else:
                return answer
        raise AssertionError  # the loop ends in one of its branches

    def _note_time(self, date: str) -> None:
        with suppress(TypeError, ValueError):  # a proxy's odd date is no reason to doubt the answer
            self.skew = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()

    def _explained(self, error: Exception, what: str) -> InstallerError:
        """What githubkit raised, as one of `failures`."""
        import httpx
        from githubkit import exception as kit

        if isinstance(error, InstallerError):
            return error
        if isinstance(error, kit.RequestFailed):
            return self._said(error, what)
        cause = error.exc if isinstance(error, kit.RequestError) else error
        if isinstance(cause, httpx.TransportError):
            never = isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
            return failures.offline(self._host, type(cause).__name__, sent=not never)
        return failures.odd(self._host, type(cause).__name__)  # its text may have a header in it

    def _said(self, error: Any, what: str) -> InstallerError:  # noqa: ANN401 -- githubkit's RequestFailed
        response, headers = error.response, error.response.headers
        after = getattr(error, "retry_after", None)
        needed = headers.get("x-accepted-oauth-scopes", "")
        scopes = headers.get("x-oauth-scopes")
        return failures.said(
            response.status_code,
            _message(response),
            host=self._host,
            what=what,
            retry_after=after.total_seconds() if after is not None else _seconds(headers.get("retry-after", "")),
            missing=_lacking(needed, scopes) or _wanted(headers.get("x-accepted-github-permissions", "")),
            limited=after is not None,
        )


def _wait(failure: InstallerError, attempt: int, *, again: bool) -> float | None:
    """Seconds until another try; None where there is to be none."""
    refused = failure.code == "build.limit" or failure.facts.get("sent") is False  # it was certainly not carried out
    if not isinstance(failure, Unavailable) or failure.code == "build.answer" or not (again or refused):
        return None
    told = failure.facts.get("retry_after")
    wait = float(told) if told is not None else _FIRST * 2**attempt
    return wait if wait <= _LONGEST else None


def _message(response: Any) -> str:  # noqa: ANN401 -- githubkit's response
    """What the answer says: JSON with a message, and in `errors` more of it; else nothing."""
    try:
        body = response.json()
        more = [str(each.get("message", "") if isinstance(each, dict) else each) for each in body.get("errors") or ()]
        return "; ".join([str(body.get("message", "")), *filter(None, more)])
    except (ValueError, AttributeError, TypeError):
        return ""


def _lacking(needed: str, scopes: str | None) -> tuple[str, ...]:
    """The scopes of which one would do, where the token told its own and has none of them."""
    if scopes is None:
        return ()
    wanted = {each.strip() for each in needed.split(",") if each.strip()}
    have = {each.strip() for each in scopes.split(",")}
    if not wanted or wanted & have:
        return ()
    return ("repo",) if "repo" in wanted else tuple(sorted(wanted))


def _wanted(permissions: str) -> tuple[str, ...]:
    """`actions=write; contents=read`: what a fine-grained token would need for this request; alternatives by commas."""
    return tuple(each.strip().replace("=", ": ") for each in permissions.split(",", 1)[0].split(";") if each.strip())


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() else None
