"""The engine, asked by the very code that takes things back."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.errors import Conflict
from installer.i18n import tr
from installer.redact import redact
from phases.containers import undoing
from phases.containers.failures import said, unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.containers.client import Address

_OURS = "1.43"  # the newest version whose answers tell a container's own settings from what it was given at its start


@contextmanager
def asked(engine: Mapping[str, str]) -> Iterator[undoing.Engine]:
    """The engine at `engine` ({"url": …, "certificates": …}); what goes wrong within is said in our words.

    Raises what `failures.unreachable` says where nobody answers, and what `failures.said` makes of its refusals.
    """
    try:
        yield undoing.Engine(engine["url"], engine["certificates"], _OURS)
    except undoing.InTheWay as problem:
        raise Conflict(
            "engine.conflict", tr("the engine says that it is in use: {text}", text=redact(str(problem)))
        ) from problem
    except undoing.Failed as problem:
        raise said(str(problem), problem.status) from problem
    except (http.client.HTTPException, ConnectionError, TimeoutError, FileNotFoundError, PermissionError) as problem:
        if isinstance(problem, FileNotFoundError | PermissionError) and problem.filename is not None:
            raise  # a file of ours, not the engine's socket
        raise unreachable(engine["url"], problem) from problem


def as_args(engine: Address) -> dict[str, str]:
    """The engine as the arguments of a step have it."""
    return {"url": engine.url, "certificates": engine.certificates or "-"}
