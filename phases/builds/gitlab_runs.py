"""A pipeline, as GitLab tells it, and whether it is what was wished for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from phases.builds import moments
from phases.builds.model import KEY, BuildRun, BuildState, Tip, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.builds.model import Wish

VARIABLE = KEY.upper()
BY_US = frozenset({"api", "trigger"})  # sources of pipelines that a request began
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
        seconds=moments.lasted(
            told.get("started_at") or told.get("created_at"),
            told.get("finished_at") or told.get("updated_at"),
            skew,
            ended=state.ended,
        ),
        title=plain(told.get("name")),
    )


def tip(told: Mapping[str, Any], skew: float = 0.0) -> Tip:
    """`told` of a commit. Raises `LookupError` for what is none."""
    return Tip(commit=str(told["id"]), age=moments.age(told.get("committed_date"), skew))


def builds(told: Mapping[str, Any], ref: str) -> bool:
    """Is it one that builds `ref`: neither skipped by a word in the commit, nor one of a merge request's?"""
    source = str(told.get("source") or "")
    return told.get("status") != "skipped" and "merge_request" not in source and told.get("ref") in {ref, None}


def variables(wish: Wish) -> dict[str, str]:
    """The wish's inputs and key as variables of a pipeline, whose names are in capitals."""
    return {re.sub(r"\W", "_", name, flags=re.ASCII).upper(): value for name, value in wish.inputs.items()} | {
        VARIABLE: wish.key
    }
