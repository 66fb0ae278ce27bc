"""The words of builds: what is wished for, what runs, and what a provider of pipelines can do."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from installer.frozen import dataclass, field
from installer.redact import redact_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "surefoot_key"  # the input (GitHub), or in capitals the variable (GitLab), that carries a wish's key


class Strategy(StrEnum):
    """How a build is begun. `AUTO` looks for a run of the commit first, and begins one only where there is none."""

    AUTO = "auto"
    WORKFLOW_DISPATCH = "workflow_dispatch"  # GitHub
    REPOSITORY_DISPATCH = "repository_dispatch"  # GitHub
    EMPTY_COMMIT = "empty_commit"  # either
    PIPELINE = "pipeline"  # GitLab, with a personal or project token
    TRIGGER = "trigger"  # GitLab, with a pipeline trigger token
    NONE = "none"


class BuildState(StrEnum):
    """Where a run stands, in words that both providers' many statuses are brought to."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """Will it not change any more?"""
        return self in {BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The build that is wished for.

    `key` is the wish's own: two requests with one key are one wish, so whoever repeats it looks for the key first.
    `since` is when it was noted, or sent (ISO 8601, UTC): a run from before that is not its answer. `age` is how many
    seconds ago the clone saw its ref change at the remote, where that is known.
    """

    ref: str
    commit: str
    workflow: str
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    event: str = "build-image"
    key: str
    since: str
    age: float | None = None


def plain(told: object) -> str:
    """What a provider told, as one line that steers no terminal and holds no secret; empty for None."""
    return " ".join(redact_output(str(told if told is not None else "")).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The commit that a ref names at the provider, and how many seconds old it is, where that is known."""

    commit: str
    age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRun:
    """A run of a pipeline: `created` in ISO 8601, `seconds` from its begin to its end or to now."""

    id: str
    url: str
    state: BuildState
    commit: str
    ref: str
    created: str
    seconds: float | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What a token may: `missing` names the scopes or permissions that triggering needs and that it lacks.

    `known` is false where the provider does not say what a token may (fine-grained ones).
    """

    user: str
    granted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    known: bool = True


class Provider(Protocol):
    """A service that runs pipelines. Every method raises the errors of `failures`."""

    def default_branch(self) -> str:
        """The branch that a wish without one means."""

    def tip(self, wish: Wish) -> Tip:
        """The commit of the wish's ref as the provider has it; the wish's own where nobody tells."""

    def runs(self, wish: Wish) -> list[BuildRun]:
        """The runs of the wish's commit, ref and workflow, the newest first."""

    def find(self, wish: Wish, *, last: bool = True) -> BuildRun | None:
        """The run that the wish already has: the one with its key, else one of its commit that began after `since`.

        That second kind only if nobody looks again (`last`), where the key may still come to show.
        """

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        """Ask for the build; None where the provider accepts without naming the run. Never asks twice by itself."""

    def run(self, run_id: str) -> BuildRun:
        """The run by its id."""

    def logs(self, run_id: str) -> Iterator[str]:
        """The lines of its log, job by job."""

    def cancel(self, run_id: str) -> None:
        """End the run."""

    def permissions(self, strategy: Strategy) -> Permissions:
        """What the token may, before anything is asked for."""
