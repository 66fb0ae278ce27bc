"""The door to GitLab's API: what python-gitlab raises, in our words."""

from __future__ import annotations

import json
import re
import ssl
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError, NotAllowed, Precondition
from installer.i18n import tr
from phases.builds import door, failures

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = ".gitlab-ci.yml"
_NO_CONFIG = re.compile(r"missing (?:ci config|\.gitlab-ci)|config(?:uration)? file (?:is )?(?:missing|not found)")
_NO_JOBS = re.compile(
    r"filtered out by workflow rules|did not add any jobs|would have been empty|no stages\s*/\s*jobs|will not run for"
)


class Door(door.Door):
    """Hears every answer of its session: python-gitlab's errors do not hold their heads."""

    def __init__(self, host: str, *, retries: int) -> None:
        super().__init__(host, retries=retries)
        self._after: float | None = None

    def heard(self, response: Any, *_: object, **__: object) -> None:  # noqa: ANN401 -- a `requests.Response`
        """Note what an answer's head says."""
        self._after = door.seconds(response.headers.get("retry-after", ""))
        self.note_time(response.headers.get("date", ""))

    def ask(  # the answer of python-gitlab
        self,
        call: Callable[..., Any],
        *args: object,
        what: str,
        again: bool = True,
        ref: str = "",
        **words: object,
    ) -> Any:  # noqa: ANN401 -- as above
        """`call(…)`: see `tried`."""

        def asked() -> Any:  # noqa: ANN401 -- as above
            self._after = None
            return call(*args, **words, obey_rate_limit=False, retry_transient_errors=False, max_retries=0)

        return self.tried(asked, what, again=again, ref=ref)

    def explained(self, error: Exception, what: str, ref: str = "") -> InstallerError:
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
            return failures.offline(self._host, failures.unreached(error), sent=_may_have_left(error))
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


def _may_have_left(error: Exception) -> bool:
    """Could the request have reached the server? Not where no connection came to be."""
    import requests
    from urllib3 import exceptions as wire

    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return False
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        return not _in_handshake(reason)
    return not isinstance(reason, wire.NewConnectionError | wire.NameResolutionError | wire.ConnectTimeoutError)


def _in_handshake(reason: object) -> bool:
    """Did TLS fail before it stood? urllib3 has one class for that and for what breaks while an answer is read.

    OpenSSL's own words are the same for both, so where it was raised is what tells.
    """
    cause = next(iter(reason.args), None) if isinstance(reason, Exception) else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return True
    frames = traceback.walk_tb(cause.__traceback__) if isinstance(cause, ssl.SSLError) else ()
    return any(frame.f_code.co_name == "do_handshake" for frame, _ in frames)
