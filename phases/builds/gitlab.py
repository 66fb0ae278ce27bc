"""GitLab's pipelines, at gitlab.com or any other host, through python-gitlab; its answers are read as plain JSON.

With a personal, project or group token a pipeline is created; with a pipeline trigger token, which may do nothing
else, it is triggered. A request that may have been carried out is never repeated here: `asking` looks first.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from installer import extras
from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, StepFailed
from installer.i18n import tr
from phases.builds import failures, gitlab_runs, gitlab_tokens, logs, moments
from phases.builds.gitlab_door import Door
from phases.builds.model import BuildRun, Permissions, Strategy, Tip
from phases.builds.remotes import origins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.builds.model import Wish
    from phases.builds.remotes import Remote
    from phases.builds.tokens import Token

EXTRA = "builds"
_TIMEOUT = 20.0  # seconds without a byte
_LOOKED_AT = 50  # pipelines, the newest first, among which a wish's own must be
_DEVELOPER = 30  # the role that may run pipelines
_SECTION = re.compile(r"section_(?:start|end):\d+:[^\r\n]*\r(?:\x1b\[0K)?")


@contextmanager
def connected(remote: Remote, token: Token, *, retries: int = 2, scopes: tuple[str, ...] = ()) -> Iterator[GitLab]:
    """GitLab at `remote.api`; the connections end with the block. Raises `Precondition` without the extra."""
    try:
        kit = extras.need(EXTRA, "gitlab")
        import requests
    except ImportError as error:
        raise extras.missing(EXTRA, "gitlab") from error
    door = Door(remote.host, retries=retries)

    class Session(requests.Session):
        def rebuild_auth(self, *_: object) -> None:
            """A redirect is to the same host, see below, and keeps the token: what a netrc has does not replace it."""

    with ExitStack() as ends:

        def client(secret: str | None) -> Any:  # noqa: ANN401 -- a gitlab.Gitlab
            session = ends.enter_context(Session())
            # neither a redirect nor a page's Link leads elsewhere: a 307 would take a trigger token in a body along
            session.adapters.clear()
            for start in origins(remote.api):
                session.mount(start, requests.adapters.HTTPAdapter())
            session.hooks["response"].append(door.heard)
            session.auth = lambda request: request  # without a token, nothing: not what a netrc has
            return kit.Gitlab(
                remote.api,
                oauth_token=secret,  # as a bearer
                timeout=_TIMEOUT,
                user_agent="surefoot",
                session=session,
                keep_base_url=True,
            )

        blind = gitlab_tokens.is_for_triggers(token)
        yield GitLab(client(None if blind else token.value), client(None), remote, token, door, scopes=scopes)


class GitLab:
    """A `Provider`. Every method raises the errors of `failures`."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 -- a gitlab.Gitlab
        anonymous: Any,  # noqa: ANN401 -- as above
        remote: Remote,
        token: Token,
        door: Door,
        *,
        scopes: tuple[str, ...] = (),
    ) -> None:
        self._remote = remote
        self._token = token
        self._scopes = scopes
        self._door = door
        self._client = client
        self._project = client.projects.get(remote.name, lazy=True)
        self._anonymous = anonymous.projects.get(remote.name, lazy=True)
        self._blind = gitlab_tokens.is_for_triggers(token)

    def default_branch(self) -> str:
        """The branch that a wish without one means. Raises `Precondition` for a repository without any."""
        if branch := self._about().get("default_branch"):
            return str(branch)
        raise Precondition(
            "build.ref",
            tr("the repository {name} has no branch yet", name=self._remote.name),
            hint=tr("push the branch first, or choose another with --ref"),
        )

    def tip(self, wish: Wish) -> Tip:
        """The commit of the wish's ref; the wish's own where the token may not read it."""
        if self._blind or not wish.ref:
            return Tip(commit=wish.commit)
        try:
            found = self._door.ask(self._project.commits.get, wish.ref, what=wish.ref)
            return gitlab_runs.tip(found.attributes, self._door.skew)
        except (NotAllowed, Precondition, StepFailed, LookupError):
            return Tip(commit=wish.commit)

    def runs(self, wish: Wish) -> list[BuildRun]:
        """The pipelines of the wish's commit that build its ref, the newest first."""
        about = {"sha": wish.commit} if wish.commit else {"ref": wish.ref}
        return [gitlab_runs.read(each, self._door.skew) for each in self._list(wish, **about)]

    def find(self, wish: Wish, *, last: bool = True) -> BuildRun | None:
        """The pipeline with the wish's key, else the newest of its ref that began since and has no other wish's key."""
        try:
            listed, skew = self._list(wish, ref=wish.ref), self._door.skew
        except NotAllowed as error:
            if error.code != "build.blind":
                raise
            raise gitlab_tokens.unanswered(self._remote) from error
        since = [each for each in listed if moments.is_since(each.get("created_at"), wish.since, skew)]
        keys = {each["id"]: self._key(each) for each in since}
        own = [each for each in since if wish.key and keys[each["id"]] == wish.key]
        other = [
            each
            for each in since
            if keys[each["id"]] is None and (each["source"] in gitlab_runs.BY_US or each["sha"] == wish.commit)
        ]
        found = next(iter((*own, *(other if last else ()))), None)
        return gitlab_runs.read(found, self._door.skew) if found else None

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        """Ask for the build; None where the answer does not name it.

        A token that is none for the strategy is refused before anything is sent.
        """
        strategy = gitlab_tokens.chosen(self._token, self._remote.host, strategy)
        what = tr("a pipeline of {name}", name=self._remote.name)
        values = gitlab_runs.variables(wish)
        if strategy is Strategy.TRIGGER:
            begin = self._anonymous.trigger_pipeline
            made = self._door.ask(begin, wish.ref, self._token.value, values, what=what, ref=wish.ref, again=False)
        else:
            body = {"ref": wish.ref, "variables": [{"key": name, "value": text} for name, text in values.items()]}
            made = self._door.ask(self._project.pipelines.create, body, what=what, ref=wish.ref, again=False)
        return gitlab_runs.read(made.attributes, self._door.skew) if made.attributes.get("id") else None

    def run(self, run_id: str) -> BuildRun:
        """The pipeline by its id."""
        return gitlab_runs.read(self._pipeline(run_id).attributes, self._door.skew)

    def logs(self, run_id: str) -> Iterator[str]:
        """The lines of its log, job by job; of a job that did not begin there is none."""
        what = tr("the run {run}", run=run_id)
        pipeline = self._project.pipelines.get(failures.number(run_id), lazy=True)
        for job in reversed(self._door.ask(pipeline.jobs.list, get_all=True, what=what)):
            yield f"== {job.attributes.get('name', '')} ({job.attributes.get('status', '')})"
            with suppress(Precondition):
                yield from self._trace(int(job.get_id()), what)

    def cancel(self, run_id: str) -> None:
        """End the pipeline. Raises `Conflict` for one that has ended, of which GitLab says nothing."""
        if self.run(run_id).state.ended:
            raise Conflict("build.conflict", tr("the run {run} has ended already", run=run_id))
        # python-gitlab's own method sends a body, `{}`, where GitLab describes none
        path = f"/projects/{self._project.encoded_id}/pipelines/{failures.number(run_id)}/cancel"
        self._door.ask(self._client.http_request, "post", path, what=tr("the run {run}", run=run_id), again=False)

    def permissions(self, strategy: Strategy) -> Permissions:
        """What the token may; a pipeline trigger token does not tell."""
        if self._blind or strategy is Strategy.TRIGGER:
            gitlab_tokens.chosen(self._token, self._remote.host, strategy)
            return Permissions(user="", known=False)
        what = tr("the token's user")
        token = self._door.ask(self._client.personal_access_tokens.get, "self", what=what).attributes
        granted = tuple(map(str, token.get("scopes") or ()))
        missing = [each for each in ("api", *self._scopes) if each not in granted]
        if "api" in granted and not self._may_build():
            missing.append(tr("the role Developer in {name}", name=self._remote.name))
        return Permissions(user=self._user(what), granted=granted, missing=tuple(dict.fromkeys(missing)))

    # -- within ----------------------------------------------------------------------------------------------------

    def _about(self) -> Mapping[str, Any]:
        found = self._door.ask(self._client.projects.get, self._remote.name, what=self._remote.name)
        return dict(found.attributes)

    def _user(self, what: str) -> str:
        """Whose the token is; its own name is anything. Empty where its scopes do not let it see that."""
        try:
            found = self._door.ask(self._client.http_get, "/user", what=what)
        except (NotAllowed, Precondition):
            return ""
        return str(found.get("username") or "") if isinstance(found, dict) else ""

    def _may_build(self) -> bool:
        """Unknown is yes: an administrator has neither."""
        access = self._about().get("permissions") or {}
        levels = [each.get("access_level") for each in access.values() if each]
        return not levels or max(level or 0 for level in levels) >= _DEVELOPER

    def _list(self, wish: Wish, **about: str) -> list[dict[str, Any]]:
        """The newest pipelines that build the wish's ref. Raises `NotAllowed` where only a trigger token is there."""
        listing = partial(self._project.pipelines.list, get_all=False, order_by="id", sort="desc", page=1)
        try:
            found = self._door.ask(partial(listing, per_page=_LOOKED_AT, **about), what=self._remote.name)
        except InstallerError as error:
            if self._blind and isinstance(error, Precondition | NotAllowed):
                raise gitlab_tokens.unseen(self._remote.host) from error
            raise
        return [each.attributes for each in found if gitlab_runs.builds(each.attributes, wish.ref)]

    def _key(self, told: Mapping[str, Any]) -> str | None:
        """The key that a pipeline was begun with; None where it has none, or where nobody tells."""
        if told.get("source") not in gitlab_runs.BY_US:
            return None
        pipeline = self._project.pipelines.get(told["id"], lazy=True)
        try:
            found = self._door.ask(pipeline.variables.list, get_all=True, what=self._remote.name)
        except (NotAllowed, Precondition):
            return None
        values = (each.attributes for each in found)
        return next((str(each.get("value")) for each in values if each.get("key") == gitlab_runs.VARIABLE), None)

    def _trace(self, job: int, what: str) -> Iterator[str]:
        """The lines of a job's log, without the marks by which GitLab's pages fold it."""
        path = f"/projects/{self._project.encoded_id}/jobs/{job}/trace"
        with closing(self._door.ask(self._client.http_request, "get", path, streamed=True, what=what)) as answer:
            pieces = self._door.read(answer.iter_content(1 << 16), what)
            for line in logs.lines(pieces, f"{self._remote.page}/-/jobs/{job}"):
                shown = _SECTION.sub("", line + "\n").rstrip("\r\n")
                if shown or not line:
                    yield shown

    def _pipeline(self, run_id: str) -> Any:  # noqa: ANN401 -- python-gitlab's
        number, what = failures.number(run_id), tr("the run {run}", run=run_id)
        return self._door.ask(self._project.pipelines.get, number, what=what)
