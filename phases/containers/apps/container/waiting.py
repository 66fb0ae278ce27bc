"""Waiting until a container that was started is well, or surely is not."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr
from installer.redact import redact
from phases.containers.apps.container import asking, looks

if TYPE_CHECKING:
    from docker import DockerClient

    from installer.model import Json
    from phases.containers.apps.section import App

PATIENCE = 30.0  # seconds, besides the start period
_SETTLED = 0.3  # seconds that one without a health check has to have run
_POLL = 0.05
_LAST = 20  # lines that are told of one that ended


def until_well(client: DockerClient, app: str, wish: App, container: str, *, patience: float = PATIENCE) -> str:
    """Return its health ("" without a check) once it is well.

    One without a check is well when it runs, or ended with 0.

    The first good answer counts, by whoever asks first: the engine waits a whole interval before it does. Raises
    `StepFailed` with its last lines where it ended, is unhealthy, or nobody answered in time.
    """
    end = time.monotonic() + patience + (wish.health.start_period.seconds if wish.health else 0.0)
    settled = time.monotonic() + _SETTLED
    asked = _Asked(client, wish, container)
    while True:
        found = client.api.inspect_container(container)
        state = found["State"]
        if not looks.is_running(found):
            if wish.health is None and state["ExitCode"] == 0 and not state.get("Error"):
                return ""
            raise _failed(client, app, found, tr("it ended with status {code}", code=state["ExitCode"]))
        if state["Restarting"]:
            raise _failed(client, app, found, tr("it ended with status {code}", code=state["ExitCode"]))
        known = (state.get("Health") or {}).get("Status", "none")
        if wish.health is None and known == "none":
            if time.monotonic() >= settled:
                return ""
        elif known == "healthy" or asked.is_well():
            return "healthy"
        elif known == "unhealthy":
            raise _failed(client, app, found, tr("it is unhealthy"))
        if time.monotonic() >= end:
            why = tr("it did not get well in {seconds} seconds", seconds=round(patience))
            raise _failed(client, app, found, f"{why} ({asked.trouble})" if asked.trouble else why)
        time.sleep(_POLL)


class _Asked:
    """The health check of the manifest, asked by us: from outside, or as a command within. One question at a time.

    `trouble`: why the command could not be run at all, the last time.
    """

    def __init__(self, client: DockerClient, wish: App, container: str) -> None:
        self._client = client
        self._command = list(wish.health.command) if wish.health else []
        self._question = asking.Question.of(wish.health) if wish.health else None
        self._container = container
        self._running = ""
        self.trouble = ""

    def is_well(self) -> bool:
        """Was the last question answered well?"""
        if self._question is not None:
            return self._question.is_well()
        if not self._command:
            return False
        import docker.errors

        try:
            return self._is_well_within()
        except docker.errors.APIError as error:
            if error.is_client_error() and error.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                raise
            # Where it ended, the next look tells; just before that, an engine may answer with a 500 of its runtime.
            self._running, self.trouble = "", redact(" ".join(str(error.explanation).split()))
            return False

    def _is_well_within(self) -> bool:
        if not self._running:
            made = self._client.api.exec_create(self._container, self._command)
            self._running = str(made["Id"])
            self._client.api.exec_start(self._running, detach=True)
            self.trouble = ""
        answer = self._client.api.exec_inspect(self._running)
        if answer["Running"] or answer["ExitCode"] is None:
            return False
        self._running = ""
        return bool(answer["ExitCode"] == 0)


def _failed(client: DockerClient, app: str, found: Json, why: str) -> StepFailed:
    said = client.api.logs(found["Id"], tail=_LAST).decode("utf-8", "replace")
    return StepFailed(
        "app.start",
        tr("`{app}` could not be started: {reason}", app=app, reason=why),
        details=tuple(redact(said).splitlines()),
        exit_status=int(found["State"]["ExitCode"]),
    )
