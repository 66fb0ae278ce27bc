"""A pipeline, as GitLab tells it, and whether it is what was wished for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from phases.builds.model import KEY, BuildRun, BuildState, Tip, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.builds.model import Wish

VARIABLE = KEY.upper()
BY_US = frozenset({"api", "trigger"})  # sources of pipelines that a request began
_TOLERANCE = timedelta(seconds=5)  # the Date of an answer has whole seconds
_STATES = {
    "created": BuildState.QUEUED,
    "waiting_for_resource": BuildState.QUEUED,
    "waiting_for_callback": BuildState.QUEUED,
    "preparing": BuildState.QUEUED,
    "pending": BuildState.QUEUED,
    "manual": BuildState.QUEUED,
    "scheduled": BuildState.QUEUED,
    "running": BuildState.RUNNING,
    "canceling": BuildState.RUNNING,
    "success": BuildState.SUCCEEDED,
    "failed": BuildState.FAILED,
    "canceled": BuildState.CANCELLED,
    "skipped": BuildState.CANCELLED,
}


def read(told: Mapping[str, Any], skew: float = 0.0) -> BuildRun:
    """`told` by the API as our own words. `skew`: by how many seconds its clock is ahead of ours."""
    state = _STATES.get(str(told.get("status") or ""), BuildState.UNKNOWN)
    return BuildRun(
        id=plain(told["id"]),
        url=plain(told.get("web_url")),
        state=state,
        commit=plain(told.get("sha")),
        ref=plain(told.get("ref")),
        created=plain(told.get("created_at")),
        seconds=_seconds(told, skew, ended=state.ended),
        title=plain(told.get("name")),
    )


def tip(told: Mapping[str, Any], skew: float = 0.0) -> Tip:
    """`told` of a commit. Raises `LookupError` for what is none."""
    made, now = _moment(told.get("committed_date")), datetime.now(UTC) + timedelta(seconds=skew)
    return Tip(commit=str(told["id"]), age=(now - made).total_seconds() if made else None)


def builds(told: Mapping[str, Any], ref: str) -> bool:
    """Is it one that builds `ref`: neither skipped by a word in the commit, nor one of a merge request's?"""
    source = str(told.get("source") or "")
    return told.get("status") != "skipped" and "merge_request" not in source and told.get("ref") in {ref, None}


def is_since(told: Mapping[str, Any], wish: Wish, skew: float) -> bool:
    """Did it begin after the wish was noted?"""
    created, since = _moment(told.get("created_at")), _moment(wish.since)
    return created is not None and since is not None and created - timedelta(seconds=skew) >= since - _TOLERANCE


def variables(wish: Wish) -> dict[str, str]:
    """The wish's inputs and key as variables of a pipeline, whose names are in capitals."""
    return {re.sub(r"\W", "_", name, flags=re.ASCII).upper(): value for name, value in wish.inputs.items()} | {
        VARIABLE: wish.key
    }


def _seconds(told: Mapping[str, Any], skew: float, *, ended: bool) -> float | None:
    """From its begin to its end or to now, by the server's clock."""
    begun = _moment(told.get("started_at")) or _moment(told.get("created_at"))
    end = _moment(told.get("finished_at")) or _moment(told.get("updated_at"))
    if not ended:
        end = datetime.now(UTC) + timedelta(seconds=skew)
    return max(0.0, (end - begun).total_seconds()) if begun and end else None


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
