"""A run of a workflow, as GitHub tells it, and whether it is what was wished for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from phases.builds import moments
from phases.builds.model import BuildRun, BuildState, Tip, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.builds.model import Wish

_BEGUN_BY_US = frozenset({"workflow_dispatch", "repository_dispatch"})
_A_KEY = re.compile(r"\bsf-[0-9a-f]{16}\b")  # as `wishes.key` makes them
_WAITING = frozenset({"queued", "requested", "waiting", "pending"})
_ENDED = {
    "success": BuildState.SUCCEEDED,
    "neutral": BuildState.SUCCEEDED,
    "cancelled": BuildState.CANCELLED,
    "skipped": BuildState.CANCELLED,
    "stale": BuildState.CANCELLED,
    "failure": BuildState.FAILED,
    "timed_out": BuildState.FAILED,
    "startup_failure": BuildState.FAILED,
}


def read(told: Mapping[str, Any], skew: float = 0.0) -> BuildRun:
    """`told` by the API as our own words. `skew`: by how many seconds its clock is ahead of ours."""
    state = _state(str(told.get("status") or ""), str(told.get("conclusion") or ""))
    return BuildRun(
        id=plain(told["id"]),
        url=plain(told.get("html_url")),
        state=state,
        commit=plain(told.get("head_sha")),
        ref=plain(told.get("head_branch")),
        created=plain(told.get("created_at")),
        seconds=moments.lasted(
            told.get("run_started_at") or told.get("created_at"), told.get("updated_at"), skew, ended=state.ended
        ),
        title=plain(_title(told)),
    )


def tip(told: Mapping[str, Any], skew: float = 0.0) -> Tip:
    """`told` of a commit. Raises `LookupError` or `TypeError` for what is none."""
    return Tip(commit=str(told["sha"]), age=moments.age(told["commit"]["committer"]["date"], skew))


def has_key(told: Mapping[str, Any], wish: Wish) -> bool:
    """Does the run have the wish's key in its title? That is a proof."""
    return bool(wish.key) and wish.key in _title(told)


def may_be(told: Mapping[str, Any], wish: Wish, skew: float) -> bool:
    """Is it of the wish's commit or branch, began after it, and has nobody's key? That is a sign.

    A run that somebody else began on the branch since then counts, too: the build is there.
    """
    if _A_KEY.search(_title(told)) or not moments.is_since(told.get("created_at"), wish.since, skew):
        return False
    of_commit = bool(wish.commit) and told.get("head_sha") == wish.commit
    return of_commit or (told.get("event") in _BEGUN_BY_US and told.get("head_branch") in {wish.ref, None})


def _title(told: Mapping[str, Any]) -> str:
    return str(told.get("display_title") or told.get("name") or "")


def _state(status: str, conclusion: str) -> BuildState:
    if status == "completed":
        return _ENDED.get(conclusion, BuildState.UNKNOWN)
    if status in _WAITING:
        return BuildState.QUEUED
    return BuildState.RUNNING if status == "in_progress" else BuildState.UNKNOWN
