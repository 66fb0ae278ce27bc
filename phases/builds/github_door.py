"""The door to GitHub's API: what githubkit raises, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError
from phases.builds import door, failures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Door(door.Door):
    """Every request has `headers`."""

    def __init__(self, host: str, *, headers: Mapping[str, str], retries: int) -> None:
        super().__init__(host, retries=retries)
        self._headers = dict(headers)

    def ask(self, call: Callable[..., Any], *args: object, what: str, again: bool = True, **words: object) -> Any:  # noqa: ANN401 -- githubkit's answer
        """`call(…)`: see `tried`."""

        def asked() -> Any:  # noqa: ANN401 -- as above
            answer = call(*args, headers=self._headers, **words)
            self.note_time(answer.headers.get("date", ""))
            return answer

        return self.tried(asked, what, again=again)

    def explained(self, error: Exception, what: str, ref: str = "") -> InstallerError:  # noqa: ARG002 -- `what` says it
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
            return failures.offline(self._host, failures.unreached(cause), sent=not never)
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
            retry_after=after.total_seconds() if after is not None else door.seconds(headers.get("retry-after", "")),
            missing=_lacking(needed, scopes) or _wanted(headers.get("x-accepted-github-permissions", "")),
            limited=after is not None,
        )


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
