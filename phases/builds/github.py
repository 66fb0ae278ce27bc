"""GitHub Actions, at github.com or an Enterprise server, through githubkit; its answers are read as plain JSON.

Older servers leave fields out, so nothing is taken for granted that is not needed. A request that may have been carried
out is never repeated here: `asking` looks for what it began first.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from installer import extras
from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, StepFailed, UsageError
from installer.i18n import tr
from phases.builds import failures, github_runs, github_scopes, logs
from phases.builds.github_door import Door
from phases.builds.model import KEY, BuildRun, BuildState, Permissions, Strategy, Tip, plain
from phases.builds.workflows import Declared, declared, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.builds.model import Wish
    from phases.builds.remotes import Remote
    from phases.builds.tokens import Token

EXTRA = "builds"
STRATEGIES = (Strategy.AUTO, Strategy.WORKFLOW_DISPATCH, Strategy.REPOSITORY_DISPATCH, Strategy.EMPTY_COMMIT)
_TIMEOUT = 20.0  # seconds without a byte
_VERSION = "2022-11-28"  # of the API: what Enterprise servers know
_MOST_KEYS, _MOST_PAYLOAD = 10, 64 << 10  # GitHub's limits of a client_payload
_LOOKED_AT = 50  # runs, the newest first, among which a wish's own must be


@contextmanager
def connected(remote: Remote, token: Token, *, retries: int = 2, scopes: tuple[str, ...] = ()) -> Iterator[GitHub]:
    """GitHub at `remote.api`; the connection ends with the block. Raises `Precondition` without the extra."""
    try:
        kit = extras.need(EXTRA, "githubkit")
    except ImportError as error:  # it is there, and does not fit one of its own parts
        raise extras.missing(EXTRA, "githubkit") from error
    client = kit.GitHub(
        token.value,
        base_url=remote.api,
        user_agent="surefoot",
        timeout=_TIMEOUT,
        auto_retry=False,
        http_cache=False,
        # its own models refuse a field that is newer than they are
        rest_api_validate_body=False,
    )
    with client:
        yield GitHub(client, remote, retries=retries, scopes=scopes)


class GitHub:
    """A `Provider`. Every method raises the errors of `failures`."""

    def __init__(self, client: Any, remote: Remote, *, retries: int = 2, scopes: tuple[str, ...] = ()) -> None:  # noqa: ANN401 -- githubkit's, whose types cost minutes to check
        self._remote = remote
        self._scopes = scopes
        self._rest = client.rest
        self._at = tuple(remote.name.split("/", 1))
        version = {} if remote.host == "github.com" else {"X-GitHub-Api-Version": _VERSION}
        self._door = Door(remote.host, headers=version, retries=retries)

    def default_branch(self) -> str:
        """The branch that a wish without one means."""
        return str(self._repository()["default_branch"])

    def tip(self, wish: Wish) -> Tip:
        """The commit of the wish's ref; the wish's own where the token may not read it."""
        try:
            told = self._ask(wish.ref, "repos", "get_commit", wish.ref, per_page=1).json() if wish.ref else {}
            return github_runs.tip(told, self._door.skew)
        except (NotAllowed, Precondition, StepFailed, Conflict, LookupError, TypeError, ValueError):
            return Tip(commit=wish.commit)

    def runs(self, wish: Wish) -> list[BuildRun]:
        """The runs of the wish's commit and workflow, the newest first."""
        about = {"head_sha": wish.commit} if wish.commit else {"branch": wish.ref}
        listed = self._list(wish, **about)
        of_ref = [each for each in listed if not wish.ref or each.get("head_branch") in {wish.ref, None}]
        return [github_runs.read(each, self._door.skew) for each in of_ref]

    def find(self, wish: Wish, *, last: bool = True) -> BuildRun | None:
        """The run that the wish already has; see `github_runs.has_key` and `may_be`."""
        listed, skew = self._list(wish, per_page=_LOOKED_AT), self._door.skew
        own = [each for each in listed if github_runs.has_key(each, wish)]
        signs = [] if own else [each for each in listed if github_runs.may_be(each, wish, skew)]
        if signs and not last and self._is_keyed(wish):
            return None  # the key may still come to show
        return next((github_runs.read(each, skew) for each in (*own, *signs)), None)

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        """Ask for the build; None where GitHub accepts without naming the run."""
        if strategy in {Strategy.AUTO, Strategy.WORKFLOW_DISPATCH}:
            return self._dispatch(wish, self._sendable(wish))
        if strategy is Strategy.REPOSITORY_DISPATCH:
            self._send_event(wish)
            return None
        raise failures.no_strategy(self._remote.host, strategy.value, STRATEGIES)

    def run(self, run_id: str) -> BuildRun:
        """The run by its id."""
        number, what = failures.number(run_id), tr("the run {run}", run=run_id)
        return github_runs.read(self._ask(what, "actions", "get_workflow_run", number).json(), self._door.skew)

    def logs(self, run_id: str) -> Iterator[str]:
        """The lines of its log, job by job; of a job that has not ended there is none yet."""
        number, what = failures.number(run_id), tr("the run {run}", run=run_id)
        listed = self._ask(what, "actions", "list_jobs_for_workflow_run", number, per_page=100).json()
        for job in listed.get("jobs", []):
            yield f"== {job.get('name', '')} ({job.get('conclusion') or job.get('status', '')})"
            with suppress(Precondition):
                yield from self._log(job, what)

    def cancel(self, run_id: str) -> None:
        """End the run. Raises `Conflict` for one that has ended."""
        what = tr("the run {run}", run=run_id)
        self._ask(what, "actions", "cancel_workflow_run", failures.number(run_id), again=False)

    def permissions(self, strategy: Strategy) -> Permissions:  # noqa: ARG002 -- both of GitHub's need the same
        """What the token may. A fine-grained one does not tell: then only the user's own right is known."""
        user, granted, known = self._user()
        repository = self._repository()
        public = not repository.get("private", True)
        missing = []
        if known and "repo" not in granted and not (public and "public_repo" in granted):
            missing.append("repo")
        if known:
            missing += github_scopes.lacking(self._scopes, granted)
        if repository.get("permissions", {}).get("push") is False:
            missing.append(tr("the right to write to {name}", name=self._remote.name))
        return Permissions(user=user, granted=granted, missing=tuple(missing), known=known)

    # -- within ----------------------------------------------------------------------------------------------------

    def _ask(self, what: str, part: str, name: str, *args: object, again: bool = True, **words: Any) -> Any:  # noqa: ANN401 -- githubkit's
        """The method `rest.PART.NAME` of githubkit, for this repository."""
        return self._door.ask(
            getattr(getattr(self._rest, part), name), *self._at, *args, what=what, again=again, **words
        )

    def _log(self, job: Mapping[str, Any], what: str) -> Iterator[str]:
        """The lines of a job's log."""
        answer = self._ask(what, "actions", "download_job_logs_for_workflow_run", int(job["id"]), stream=True)
        with closing(answer.raw_response):
            for line in logs.lines(self._door.read(answer.iter_bytes(), what), plain(job.get("html_url"))):
                yield line.removesuffix("\r")

    def _repository(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._ask(self._remote.name, "repos", "get").json())

    def _list(self, wish: Wish, **words: str | int) -> list[Mapping[str, Any]]:
        try:
            answer = self._ask(wish.workflow, "actions", "list_workflow_runs", wish.workflow, again=True, **words)
        except Precondition:
            raise self._absent(wish) from None
        return list(answer.json().get("workflow_runs", []))

    def _absent(self, wish: Wish) -> InstallerError:
        """Is it the workflow that is not there, or the whole repository?"""
        try:
            branch = str(self._repository().get("default_branch", ""))
        except InstallerError as error:
            return error
        return failures.no_workflow(wish.workflow, wish.ref or branch)

    def _declared(self, wish: Wish) -> Declared | None:
        """What the workflow's file says; None where the token may not read it. Raises where it cannot be begun."""
        try:
            about = self._ask(wish.workflow, "actions", "get_workflow", wish.workflow).json()
        except Precondition:
            raise self._absent(wish) from None
        if str(about.get("state", "active")).startswith("disabled"):
            raise failures.disabled(wish.workflow, self._remote.workflow_page(wish.workflow))
        path = str(about.get("path", ""))
        try:
            file = self._ask(path, "repos", "get_content", path, ref=wish.ref).json()
        except NotAllowed:
            return None
        except Precondition:
            raise failures.no_workflow(wish.workflow, wish.ref) from None
        return declared(str(file.get("content", ""))) if isinstance(file, dict) else None

    def _is_keyed(self, wish: Wish) -> bool:
        """Does the workflow know a wish's key? Yes where nobody tells."""
        with suppress(InstallerError):
            return (found := self._declared(wish)) is None or found.keyed
        return True

    def _sendable(self, wish: Wish) -> dict[str, str]:
        """The wish's inputs, its key among them, that the workflow declares."""
        found, all_of_them = self._declared(wish), {**wish.inputs, KEY: wish.key}
        if found is None:
            return all_of_them
        if not found.dispatch:
            raise failures.no_dispatch(wish.workflow, "workflow_dispatch")
        return {name: value for name, value in all_of_them.items() if name in found.inputs}

    def _dispatch(self, wish: Wish, inputs: dict[str, str], *, details: bool = True) -> BuildRun | None:
        """What GitHub refuses with 422 was not done: without what it does not know, it is asked again."""
        more = {"return_run_details": True} if details else {}
        body: dict[str, object] = {"ref": wish.ref, "inputs": inputs, **more}
        try:
            answer = self._ask(
                wish.workflow, "actions", "create_workflow_dispatch", wish.workflow, data=body, again=False
            )
        except StepFailed as error:
            if details and "return_run_details" in error.message:
                return self._dispatch(wish, inputs, details=False)
            known = {name: value for name, value in inputs.items() if name not in unexpected(error.message)}
            if known != inputs:
                return self._dispatch(wish, known, details=details)
            raise
        try:
            told = answer.json()
            number = int(told["workflow_run_id"])
        except (ValueError, LookupError, TypeError):
            return None  # 204, of servers from before 2026, or a word of a proxy's: it was accepted all the same
        return BuildRun(
            id=str(number),
            url=plain(told.get("html_url")),
            state=BuildState.QUEUED,
            commit=wish.commit,
            ref=wish.ref,
            created=wish.since,
        )

    def _send_event(self, wish: Wish) -> None:
        if wish.ref != (branch := self.default_branch()):
            raise failures.only_default(wish.ref, branch)
        payload = {**wish.inputs, KEY: wish.key}
        if len(payload) > _MOST_KEYS or len(str(payload).encode()) >= _MOST_PAYLOAD:
            raise UsageError("build.inputs", tr("GitHub takes at most 9 inputs of together 64 KiB with an event"))
        body = {"event_type": wish.event, "client_payload": payload}
        self._ask(self._remote.name, "repos", "create_dispatch_event", data=body, again=False)

    def _user(self) -> tuple[str, tuple[str, ...], bool]:
        """Whose the token is, its scopes, and whether it told them. That of an app belongs to nobody."""
        try:
            answer = self._door.ask(self._rest.users.get_authenticated, what=tr("the token's user"))
        except NotAllowed as error:
            if error.code == "build.token":
                raise
            return "", (), False
        scopes = answer.headers.get("x-oauth-scopes")
        granted = tuple(each.strip() for each in (scopes or "").split(",") if each.strip())
        return str(answer.json().get("login", "")), granted, scopes is not None
