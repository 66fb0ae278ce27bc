"""The step that has a build begun: in a run of its own (`build trigger`), or as the last one of a first installation.

It is harmless: whatever goes wrong is a warning, and a thing to do by hand (`manual`). And it is done once: its key is
in the journal before anything is asked for, `memory` notes whether the request may have left, and who goes on looks
first.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from installer.errors import InstallerError, StepFailed
from installer.frozen import replace
from installer.i18n import tr
from installer.model import Action, Effect, Step
from phases.builds import memory, targets, wishes
from phases.builds.model import Strategy
from phases.builds.section import BuildSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.manifest import Manifest
    from installer.model import Context, Facts, Json, Planned
    from phases.builds.memory import Note
    from phases.builds.model import Wish
    from phases.builds.remotes import Remote

PHASE = "build"
ACTION = "builds.trigger"
_NO = frozenset({"", "0", "false", "no"})


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The step of `build trigger`. `args` are the section's keys that the command line has otherwise, or none.

    `anew` among them: it is another wish, whatever became of the last one.
    """
    section, forget = wishes.section_with(manifest, args), bool(args.get("anew"))
    yield _step(PHASE, "01.trigger", section, facts, anew=True, forget=forget)


def first_install(phase: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """The step at the end of `phase` where the manifest wants the first installation to begin a build; it does so once.

    Not in a continuous integration, which may be that very build, and not `--offline`.
    """
    section = manifest.section(BuildSection)
    if section.trigger != "first-install" or section.strategy == "none" or facts.options.offline or _in_ci():
        return
    note = memory.read(facts.root / facts.state)
    if note is None or note.install_id == facts.install_id:
        yield _step(phase, "98.build", section, facts, anew=False)


def _step(phase: str, name: str, section: BuildSection, facts: Facts, *, anew: bool, forget: bool = False) -> Step:
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=tr("Have the project's image built"),
        action=ACTION,
        args=_args(section, facts, anew=anew, forget=forget),
        effect=Effect(lasting=tr("a build that was begun is not taken back"), repeatable=True),
        on_failure="warn",
    )


def _args(section: BuildSection, facts: Facts, *, anew: bool, forget: bool) -> Json:
    """What this run noted before, word for word; else the wish as it is now, with the key of one that has no answer.

    `forget`: not with that one's key.
    """
    note = memory.read(facts.root / facts.state)
    told = wishes.as_json(section)
    if note is not None and note.install_id == facts.install_id:
        return {**note.args, "section": told} if note.is_redacted else dict(note.args)
    ref = targets.ref(facts.root, section)
    args: Json = {"section": told, "ref": ref, "commit": targets.commit(facts.root, section, ref), "anew": anew}
    mine = args | {"key": wishes.key(facts.root, facts.install_id), "since": ""}
    if forget or note is None or not note.is_open:
        return mine
    same = (note.digest or wishes.digest(note.args)) == wishes.digest(args)
    return args | {"key": note.key, "since": note.since} if same else mine


def trigger(args: Mapping[str, Any], context: Context) -> Json:
    """Ask for the build. Raises what is in the way, after it is noted for `manual`."""
    before = memory.read(context.root / context.state)
    before = before if before is not None and before.key == args["key"] else None
    if before is not None and before.stage == "begun":  # cut off between the note and the journal
        return _harmless(_Desk(context, before).again)
    sent = before is not None and (before.stage == "sent" or bool(before.error.get("sent")))
    note = memory.Note(
        install_id=context.install_id,
        args=dict(args),
        key=args["key"],
        since=(before.since if before else "") or args["since"] or wishes.since(context.install_id),
        stage="sent" if sent else "wanted",
        digest=wishes.digest(dict(args)),
    )
    desk = _Desk(context, note)
    try:
        return _harmless(desk.work)
    except InstallerError as error:
        desk.failed(error)
        raise


def _harmless(work: Callable[[], Json]) -> Json:
    """A fault of ours or of a library's is a failure like any other: it must not end an installation."""
    try:
        return work()
    except (InstallerError, OSError):
        raise
    except Exception as error:
        text = tr("this should not have happened: {kind}: {message}", kind=type(error).__name__, message=error)
        raise StepFailed("build.bug", text) from error


class _Desk:
    """One wish: its note is written anew at every stage."""

    def __init__(self, context: Context, note: Note) -> None:
        self._context = context
        self._state = context.root / context.state
        self._sent = note.stage == "sent"  # by an attempt before this one
        self.note = note

    def work(self) -> Json:
        """Note the wish, ask for it, note the answer."""
        from phases.builds import asking, providers, remotes

        section = wishes.section_of(self.note.args["section"])
        self._write()
        remote = remotes.origin(self._context.root, section)
        self._write(**_place(remote, section))
        if targets.unpushed(self._context.root, section, self.note.args["ref"]):
            self._context.warn(tr("what is built is what the remote has: your last commits are not pushed"))
        if Strategy(section.strategy) is Strategy.EMPTY_COMMIT:
            return self._pushed(section, remote)
        root, retries = self._context.root, self._context.options.retries
        with providers.connected(remote, section, root, retries=retries) as provider:
            wish = wishes.of(self.note, section, remote)
            answer = asking.ask(
                provider,
                wishes.resolved(wish, root, section, provider.default_branch),
                Strategy(section.strategy),
                sent=self._sent,
                anew=bool(self.note.args["anew"]),
                sending=self._sending,
            )
        self._write(stage="begun", run=answer.run, ref=answer.wish.ref, commit=answer.wish.commit)
        return self._told(found=answer.found, page=remote.workflow_page(section.workflow))

    def again(self) -> Json:
        """What was begun, as it is noted; a run that was not named is looked for, and never asked for once more."""
        from phases.builds import asking, providers, remotes

        section = wishes.section_of(self.note.args["section"])
        if self.note.run is None and Strategy(section.strategy) is not Strategy.EMPTY_COMMIT:
            with suppress(InstallerError):  # the build stands, whether it can be seen or not
                remote = remotes.origin(self._context.root, section)
                with providers.connected(remote, section, self._context.root) as provider:
                    self._write(run=asking.look(provider, wishes.of(self.note, section, remote)))
        return self._told(found=True, page=self.note.page)

    def _told(self, *, found: bool, page: str) -> Json:
        """The step's result; a person is told the run's address, or the page where it will be."""
        run = self.note.run
        self._context.note(_sentence(found=found, url=run.url if run else page))
        return {
            "found": found,
            "key": self.note.key,
            "url": run.url if run else "",
            "id": run.id if run else "",
            "ref": self.note.ref,
        }

    def _pushed(self, section: BuildSection, remote: Remote) -> Json:
        """Push the empty commit: git has its own credentials, and the commit is told by its key."""
        from phases.builds import commits

        branch = str(self.note.args["ref"])
        push = commits.Push(remote=section.remote, branch=branch, key=self.note.key, since=self.note.since)
        self._write(stage="sent")
        self._write(stage="begun", commit=commits.push(self._context, push))
        url = remote.workflow_page(section.workflow)
        self._context.note(_sentence(found=False, url=url))
        return {"found": False, "key": self.note.key, "url": url, "id": "", "ref": branch}

    def failed(self, error: InstallerError) -> None:
        """Note it, and whether the provider may have heard us all the same."""
        from phases.builds import asking, failures

        heard = self._sent or (self.note.stage == "sent" and not asking.is_refusal(error))
        if heard:
            failures.heard(error)
        self._write(stage="failed", error=error.as_json() | {"sent": heard})

    def _sending(self, wish: Wish) -> None:
        self._write(stage="sent", ref=wish.ref, commit=wish.commit, since=wish.since)

    def _write(self, **changes: Any) -> None:  # noqa: ANN401 -- fields of a note
        self.note = replace(self.note, **changes)
        memory.write(self._state, self.note)


def _place(remote: Remote, section: BuildSection) -> Json:
    return {
        "provider": remote.provider,
        "host": remote.host,
        "name": remote.name,
        "page": remote.workflow_page(section.workflow),
    }


def _sentence(*, found: bool, url: str) -> str:
    return tr("the build is there already: {url}", url=url) if found else tr("the build has begun: {url}", url=url)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in _NO


ACTIONS: Mapping[str, Action] = {ACTION: trigger}
