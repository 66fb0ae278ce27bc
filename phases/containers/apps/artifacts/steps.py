"""The steps that bring a release: fetch, unpack beside what runs, switch. They are the same in every mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict, Unavailable
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from phases.containers.apps import config as configs
from phases.containers.apps.artifacts import fetching, releases, unpacking
from phases.containers.apps.places import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.model import Action, Context, Facts, Json
    from phases.containers.apps.section import App

PHASE = "apps"


def bring(name: str, app: App, facts: Facts, version: str) -> Iterator[Step]:
    """Have the release `version` ready, beside what runs."""
    home = Home(state=facts.state, name=name)
    fetch, unpack = f"{PHASE}.10.fetch.{name}", f"{PHASE}.20.unpack.{name}"
    if unpack not in facts.results and (facts.root / home.releases / version).is_dir():
        return
    made = app.artifact
    if made is not None and made.url:
        yield Step(
            id=fetch,
            phase=PHASE,
            title=tr("Fetch {version} of {app}", version=version, app=name),
            action="app.fetch",
            args={"url": made.url, "sha256": made.sha256},
            effect=Effect(repeatable=True),  # a cache, of which nothing is believed without its hash
        )
    release, beside = home.releases / version, home.releases / f".{version}.new"
    yield Step(
        id=unpack,
        phase=PHASE,
        title=tr("Unpack {version} of {app}", version=version, app=name)
        if made is not None
        else tr("Copy {folder} as {version} of {app}", folder=str(app.source), version=version, app=name),
        action="app.unpack",
        args={"app": name, "version": version, "digest": configs.digest(app)},
        effect=Effect(scratch=(release, beside)),
    )


def switch(name: str, facts: Facts, version: str, *, hold: str = "") -> Step:
    """Have the release `version` in use; `hold` is one that must not come back by itself."""
    home = Home(state=facts.state, name=name)
    return Step(
        id=f"{PHASE}.55.switch.{name}",
        phase=PHASE,
        title=tr("Switch {app} to {version}", app=name, version=version),
        action="app.switch",
        args={"app": name, "version": version, "hold": hold},
        effect=Effect(touches=(home.current, home.folder / "history", home.held)),
    )


def needs_switch(name: str, facts: Facts, version: str) -> bool:
    """Is another release in use, or was this one put into use by this very run?"""
    home = Home(state=facts.state, name=name)
    return home.version(facts.root) != version or f"{PHASE}.55.switch.{name}" in facts.results


def fetch(args: Mapping[str, Any], context: Context) -> Json:
    """Download it."""
    target = context.root / fetching.place(context.state, args["sha256"])
    if context.options.offline and not target.exists():
        raise Unavailable("artifact.offline", tr("{url} is not here, and nothing is fetched offline", url=args["url"]))
    fetching.fetch(args["url"], args["sha256"], target, retries=context.options.retries, report=context.report)
    return {}


def unpack(args: Mapping[str, Any], context: Context) -> Json:
    """Make the release's folder, whole or not at all."""
    name, version = args["app"], args["version"]
    app = configs.wished(context.root, name)
    if configs.digest(app) != args["digest"]:
        raise configs.changed(name)
    home = Home(state=context.state, name=name)
    release, beside = context.root / home.releases / version, context.root / home.releases / f".{version}.new"
    files.remove_tree(beside, durable=False)
    files.make_folder(release.parent, mode=0o755)
    if app.artifact is not None:
        made = app.artifact
        archive = (
            context.root / fetching.place(context.state, made.sha256)
            if made.url
            else releases.local(made, context.root)
        )
        fetching.checked(archive, made.sha256)
        unpacking.unpack(archive, beside, strip=made.strip)
    elif app.source is not None:
        releases.copy_tree(context.root / app.source, beside, skip=context.root / context.state)
    if releases.wanted(name, app, context.root, context.state) != version:
        raise Conflict(
            "app.source",
            tr("what {app} is made of changed while it was copied", app=name),
            hint=tr("run the same command again"),
        )
    files.sync_tree(beside)
    files.rename(beside, release)
    return {}


def switch_to(args: Mapping[str, Any], context: Context) -> Json:
    """Flip the link."""
    home = Home(state=context.state, name=args["app"])
    releases.flip(home, context.root, args["version"], hold=args["hold"])
    return {"version": args["version"], "hold": args["hold"]}


def release(facts: Facts, name: str, version: str) -> RelPath:
    """The folder of a release; the project's own where there is none."""
    return Home(state=facts.state, name=name).releases / version if version else RelPath(".")


ACTIONS: Mapping[str, Action] = {"app.fetch": fetch, "app.unpack": unpack, "app.switch": switch_to}
