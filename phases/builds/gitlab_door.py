"""The door to GitLab's API: a call of python-gitlab, its failures in our words, tried again where that is harmless."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError, NotAllowed, Precondition, Unavailable
from installer.i18n import tr
from phases.builds import failures

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = ".gitlab-ci.yml"
_LONGEST = 20.0  # seconds that are waited before another try; who is told to wait longer is told so
_FIRST = 0.5
_NO_CONFIG = re.compile(r"missing (?:ci config|\.gitlab-ci)|config(?:uration)? file (?:is )?(?:missing|not found)")
_NO_JOBS = re.compile(
    r"filtered out by workflow rules|did not add any jobs|would have been empty|no stages\s*/\s*jobs|will not run for"
)


class Door:
    """`skew`: by how many seconds the server's clock is ahead of ours, as its last answer had it."""

    def __init__(self, host: str, *, retries: int) -> None:
        self._host = host
        self._retries = retries
        self._after: float | None = None
        self.skew = 0.0

    def heard(self, response: Any, *_: object, **__: object) -> None:  # noqa: ANN401 -- a `requests.Response`
        """Note what an answer's head says, which python-gitlab's errors do not hold."""
        after, date = response.headers.get("retry-after", ""), response.headers.get("date", "")
        self._after = float(after) if after.isascii() and after.isdecimal() else None
        with suppress(TypeError, ValueError):
            self.skew = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()

    def ask(  # the answer of python-gitlab
        self,
        call: Callable[..., Any],
        *args: object,
        what: str,
        again: bool = True,
        ref: str = "",
        **words: object,
    ) -> Any:  # noqa: ANN401 -- as above
        """`call(…)`, up to `retries` times more. `again`: also where the request may have been carried out.

        `what` is asked for, at `ref`, in the words of an error. Raises the errors of `failures`.
        """
        for attempt in range(self._retries + 1):
            self._after = None
            try:
                return call(*args, **words, obey_rate_limit=False, retry_transient_errors=False, max_retries=0)
            except Exception as error:  # whatever the library raises: an installation must not end with it
                failure = self._explained(error, what, ref)
                if attempt == self._retries or (wait := _wait(failure, attempt, again=again)) is None:
                    raise failure from error
                time.sleep(wait)
        raise AssertionError  # the loop ends in one of its branches

    def _explained(self, error: Exception, what: str, ref: str) -> InstallerError:
        """What python-gitlab raised, as one of `failures`."""
        import requests
        from gitlab import exceptions as kit

        if isinstance(error, InstallerError):
            return error
        if isinstance(error, kit.RedirectError | requests.exceptions.InvalidSchema):  # `origins` has no other host
            return failures.odd(self._host, tr("it is somewhere else by now: was the project renamed?"))
        if isinstance(error, kit.GitlabError) and error.response_code:
            return self._said(error, what, ref)
        if isinstance(error, requests.RequestException) and not isinstance(error, ValueError):
            return failures.offline(self._host, type(error).__name__, sent=_may_have_left(error))
        return failures.odd(self._host, type(error).__name__)

    def _said(self, error: Any, what: str, ref: str) -> InstallerError:  # noqa: ANN401 -- a GitlabError
        text, missing = _told(error)
        if error.response_code == HTTPStatus.BAD_REQUEST:
            lower = text.lower()
            if "insufficient permissions to set pipeline variables" in lower:
                return _no_variables(self._host)
            if _NO_CONFIG.search(lower):
                return failures.no_workflow(CONFIG, ref)
            if _NO_JOBS.search(lower):
                return _no_jobs(text)
        return failures.said(
            error.response_code, text, host=self._host, what=what, retry_after=self._after, missing=missing
        )


def _no_variables(host: str) -> InstallerError:
    """GitLab 17.7 and later: a project may forbid the variables by which a build is told apart."""
    return NotAllowed(
        "build.variables",
        tr("{host} lets nobody of your role set variables of a pipeline", host=host),
        hint=tr("Settings, CI/CD, Variables: choose who may use pipeline variables; then run the same command again"),
        status=400,
    )


def _no_jobs(text: str) -> InstallerError:
    """The file is there; none of its jobs wants to run when the API asks."""
    return Precondition(
        "build.no-dispatch",
        tr("the pipeline has no job for a build that is begun from outside: {text}", text=text),
        hint=tr("give one a rule with `$CI_PIPELINE_SOURCE`; `manage.py build init-workflow` writes a job that has it"),
    )


def _told(error: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401 -- a GitlabError
    """What the answer says, and the scopes that the token lacks, as far as it says so."""
    try:
        body = json.loads(error.response_body or b"")
    except ValueError:
        return "", ()  # a page of a proxy's, or nothing
    if not isinstance(body, dict):
        return "", ()
    lacking = str(body.get("scope", "")).split() if body.get("error") == "insufficient_scope" else []
    told = (body.get(name) for name in ("message", "error_description", "error"))
    return next(filter(None, map(_flat, told)), ""), tuple(lacking)


def _flat(told: object) -> str:
    """`{"base": ["a", "b"]}` as `a; b`: what a key is called says nothing to people, unless it is a field."""
    if isinstance(told, dict):
        named = ((name, _flat(each)) for name, each in told.items())
        return "; ".join(text if name == "base" else f"{name}: {text}" for name, text in named)
    return "; ".join(map(_flat, told)) if isinstance(told, list) else str(told or "")


def _wait(failure: InstallerError, attempt: int, *, again: bool) -> float | None:
    """Seconds until another try; None where there is to be none."""
    refused = failure.code == "build.limit" or failure.facts.get("sent") is False  # it was certainly not carried out
    if not isinstance(failure, Unavailable) or failure.code == "build.answer" or not (again or refused):
        return None
    told = failure.facts.get("retry_after")
    wait = float(told) if told is not None else _FIRST * 2**attempt
    return wait if wait <= _LONGEST else None


def _may_have_left(error: Exception) -> bool:
    """Could the request have reached the server? Not where no connection came to be."""
    import requests
    from urllib3 import exceptions as wire

    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(reason, wire.NewConnectionError | wire.NameResolutionError | wire.ConnectTimeoutError)
