"""What a provider's refusal means: no such token, not allowed, no such workflow, too often, out of order, offline.

The sentence says what to do about it; nothing of the request but its address is in it.
"""

# ruff: noqa: PLR2004 (statuses of HTTP are known by their numbers)

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, StepFailed, Unavailable, UsageError
from installer.i18n import tr
from installer.redact import redact_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST = 300  # letters of what a provider says


def said(  # noqa: PLR0911 -- a way out for each kind of answer
    status: int,
    text: str = "",
    *,
    host: str,
    what: str = "",
    retry_after: float | None = None,
    missing: Iterable[str] = (),
    limited: bool = False,
) -> InstallerError:
    """The error for an answer with `status` whose message is `text`; `what` is the thing that was asked for.

    `missing` are scopes that the token lacks, as far as known; `limited`: a 403 that means "too often".
    400, 422: `StepFailed` (1); 404, 410: `Precondition` (6); 429, 5xx: `Unavailable` (7); 401, 403: `NotAllowed` (8);
    409: `Conflict` (10).
    """
    text = redact_output(" ".join(text.split()))[:_MOST]
    if status == 429 or (status == 403 and limited):
        return _too_often(host, retry_after, status)
    if status == 401:
        return NotAllowed(
            "build.token",
            tr("{host} does not accept the token: it is wrong, withdrawn or out of date", host=host),
            hint=tr("make a new one; `manage.py build check-token` tests it"),
            status=status,
        )
    if status == 403:
        return _forbidden(host, what, text, tuple(missing))
    if status in {404, 410}:
        return Precondition(
            "build.unknown",
            tr("{host} does not know {what}, or does not show it to this token", host=host, what=what),
            hint=tr("check its name; a token without the right to see a private repository is told the same"),
            status=status,
        )
    if status == 409:
        return Conflict("build.conflict", tr("{host} says: {text}", host=host, text=text), status=status)
    if status >= 500:
        return Unavailable(
            "build.failed",
            tr("{host} is out of order ({status})", host=host, status=status),
            hint=tr("wait, then run the same command again"),
            status=status,
        )
    return _refused(status, text, host)


def offline(host: str, reason: str, *, sent: bool = True) -> InstallerError:
    """Nobody answered. `sent`: the request may have been carried out all the same."""
    return Unavailable(
        "build.offline",
        tr("{host} cannot be reached: {reason}", host=host, reason=redact_output(reason) or "?"),
        hint=tr("run the same command again when there is a network"),
        sent=sent,
    )


def unreached(error: BaseException) -> str:
    """Why a library reached nobody, in words: what it was raised from says more than the name of its class."""
    causes = list(_chain(error))
    names = " ".join(type(each).__name__ for each in causes)
    if any(isinstance(each, socket.gaierror) for each in causes):
        return tr("the name is not known")
    if "SSLCertVerificationError" in names:
        return tr("its certificate is not accepted")
    if "Timeout" in names:
        return tr("no answer in time")
    if "ProxyError" in names:
        return tr("the proxy lets nothing through")
    if re.search(r"Protocol|Chunked|Read|Write|Close|Reset|Incomplete|BrokenPipe", names):
        return tr("the connection broke off")
    return tr("no connection")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def heard(error: InstallerError) -> None:
    """The hint for an `error` after a request for a build that may have been carried out."""
    if error.code == "build.offline":
        error.hint = tr("run the same command again when there is a network: a build that began all the same is found")
    elif error.code == "build.failed" and isinstance(error, Unavailable):
        error.hint = tr("wait, then run the same command again: a build that began all the same is found")


def odd(host: str, reason: str) -> InstallerError:
    """The answer is not of the form that the provider's API has: a proxy's page, another service."""
    return Unavailable(
        "build.answer",
        tr(
            "{host} answered something else than its API does: {reason}",
            host=host,
            reason=redact_output(reason)[:_MOST],
        ),
        hint=tr("is there a proxy in between, or is `api` in `[build]` wrong?"),
    )


def no_workflow(workflow: str, ref: str) -> InstallerError:
    """The pipeline's own file is not there: the most frequent cause of all."""
    return Precondition(
        "build.workflow-missing",
        tr("the repository has no workflow `{workflow}` on `{ref}`", workflow=workflow, ref=ref),
        hint=tr("`manage.py build init-workflow` writes one; commit and push it, also to the default branch"),
        workflow=workflow,
    )


def no_strategy(host: str, strategy: str, there_are: Iterable[str]) -> InstallerError:
    """The provider begins no build in that way."""
    return UsageError(
        "build.strategy",
        tr("{host} knows no strategy `{strategy}`", host=host, strategy=strategy),
        hint=tr("there are: {names}", names=", ".join(there_are)),
    )


def only_default(ref: str, branch: str) -> InstallerError:
    """An event has no branch: what listens is the workflow on the default one, and that is what it builds."""
    return UsageError(
        "build.ref",
        tr("`repository_dispatch` builds the default branch, {branch}, and not {ref}", branch=branch, ref=ref),
        hint=tr(
            'leave `ref` out, or say `strategy = "workflow_dispatch"` in `[build]`; '
            "if that branch has another name by now, `git remote set-head origin --auto`"
        ),
    )


def number(run_id: str) -> int:
    """The id of a run: both providers' are numbers. Raises `UsageError`."""
    if run_id.isascii() and run_id.isdecimal():
        return int(run_id)
    raise UsageError("build.run", tr("`{run}` is no id of a run", run=run_id))


def disabled(workflow: str, url: str) -> InstallerError:
    """Switched off, by somebody or for want of activity."""
    return Precondition(
        "build.workflow-disabled",
        tr("the workflow `{workflow}` is disabled", workflow=workflow),
        hint=tr("enable it at {url}", url=url),
        workflow=workflow,
    )


def no_dispatch(workflow: str, event: str) -> InstallerError:
    """The workflow does not listen."""
    return Precondition(
        "build.no-dispatch",
        tr(
            "the workflow `{workflow}` cannot be begun from outside: it has no `on: {event}`",
            workflow=workflow,
            event=event,
        ),
        hint=tr("add it, or let `manage.py build init-workflow` write a workflow that has it"),
        workflow=workflow,
    )


def _too_often(host: str, retry_after: float | None, status: int) -> InstallerError:
    seconds = round(retry_after or 0)
    hint = (
        tr("run the same command again in {seconds} s", seconds=seconds)
        if seconds
        else tr("wait, then run the same command again")
    )
    return Unavailable(
        "build.limit",
        tr("{host} wants fewer requests", host=host),
        hint=hint,
        status=status,
        retry_after=retry_after,
    )


def _forbidden(host: str, what: str, text: str, missing: tuple[str, ...]) -> InstallerError:
    if missing:
        return NotAllowed(
            "build.scope",
            tr("the token may not do this at {host}: it lacks {scopes}", host=host, scopes=", ".join(missing)),
            hint=tr("give it that, or make another one; `manage.py build check-token` tests it"),
            status=403,
            missing=list(missing),
        )
    return NotAllowed(
        "build.forbidden",
        tr("{host} refuses {what}: {text}", host=host, what=what or "?", text=text or "403"),
        hint=tr("may this user do that there? `manage.py build check-token` tells what the token may"),
        status=403,
    )


def _refused(status: int, text: str, host: str) -> InstallerError:
    """400 and 422 say in words what is wrong with the request."""
    lower = text.lower()
    if "workflow_dispatch" in lower and "trigger" in lower:
        code, hint = "build.no-dispatch", tr("`manage.py build init-workflow` writes a workflow that has it")
    elif "disabled" in lower:
        code, hint = "build.workflow-disabled", tr("enable it where the provider shows its workflows")
    elif "unexpected inputs" in lower:
        code, hint = (
            "build.inputs",
            tr("the workflow declares other inputs; mend `inputs` in `[build]`, or the workflow"),
        )
    elif "required input" in lower:
        code, hint = "build.inputs", tr("add it to `inputs` in `[build]`, or give it with --input")
    elif "no ref found" in lower or "reference not found" in lower:
        code, hint = "build.ref", tr("push the branch first, or choose another with --ref")
    else:
        code, hint = (
            "build.refused",
            tr("mend what it names: the pipeline's file, `[build]` in the manifest, or the options"),
        )
    return StepFailed(code, tr("{host} says: {text}", host=host, text=text or status), hint=hint, status=status)
