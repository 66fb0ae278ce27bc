"""The four states between "created" and "deployed", and what is to be expected of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr
from phases.builds.model import BuildState

if TYPE_CHECKING:
    from phases.builds.model import BuildRun
    from phases.builds.section import BuildSection


class Stage(StrEnum):
    """Where the project stands. `FAILED` and `CANCELLED` are off the way."""

    CREATED = "created"
    BUILDING = "building"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    FAILED = "failed"
    CANCELLED = "cancelled"


WAY = (Stage.CREATED, Stage.BUILDING, Stage.DEPLOYING, Stage.DEPLOYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A stage, in words, and how many minutes it is expected to take, at least and at most."""

    stage: Stage
    text: str
    expected: tuple[int, int] | None = None

    @property
    def percent(self) -> int:
        """How far on the way, for a bar: it never goes back while a build goes on."""
        return {Stage.CREATED: 0, Stage.BUILDING: 33, Stage.DEPLOYING: 66, Stage.DEPLOYED: 100}.get(self.stage, 0)


def of(run: BuildRun | None, section: BuildSection, *, deployed: bool | None = None) -> Standing:
    """Where the project with this `run` of its build stands; `deployed` is None where nobody can tell."""
    if run is None:
        return Standing(stage=Stage.CREATED, text=tr("created; there is no build yet"))
    if run.state is BuildState.FAILED:
        return Standing(stage=Stage.FAILED, text=tr("the build failed"))
    if run.state is BuildState.CANCELLED:
        return Standing(stage=Stage.CANCELLED, text=tr("the build was cancelled"))
    if run.state is not BuildState.SUCCEEDED:
        text = tr("building ({expected} min expected)", expected=_span(section.minutes))
        return Standing(stage=Stage.BUILDING, text=text, expected=section.minutes)
    if deployed:
        return Standing(stage=Stage.DEPLOYED, text=tr("deployed"))
    expected = _span(section.deploy_minutes)
    text = (
        tr("built; being deployed ({expected} min expected)", expected=expected)
        if deployed is False
        else tr(
            "built; being deployed ({expected} min expected, `deployed` in `[build]` would tell)", expected=expected
        )
    )
    return Standing(stage=Stage.DEPLOYING, text=text, expected=section.deploy_minutes)


def answers(url: str, *, timeout: float = 5.0) -> bool | None:
    """Does `url` answer with 2xx? None without a url. Nothing of ours is sent along."""
    if not url:
        return None
    import http.client
    import urllib.request

    if not url.startswith(("https://", "http://")):
        return None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="GET"), timeout=timeout) as answer:  # noqa: S310 -- http and https only, see above
            return bool(200 <= answer.status < 300)  # noqa: PLR2004 -- statuses of HTTP
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _span(minutes: tuple[int, int]) -> str:
    return f"{minutes[0]}–{minutes[1]}"
