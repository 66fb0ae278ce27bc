"""From what the manifest says of an app to what it is started with."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any

from installer.errors import Conflict, Precondition, UsageError
from installer.frozen import fields
from installer.i18n import tr
from phases.containers.apps.section import App, AppsSection, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from installer.manifest import Manifest

_MOST_STRIPPED = 9
_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?")


def apps(manifest: Manifest) -> Mapping[str, App]:
    """All apps of the manifest. Raises `UsageError` for names and tables that cannot be."""
    named = manifest.section(AppsSection).named
    complaints = [text for name, app in named.items() for text in _objections(name, app)]
    if complaints:
        raise UsageError(
            "manifest.wrong",
            tr("the manifest `{file}` cannot be used", file=str(manifest.source)),
            details=tuple(complaints),
            hint=tr("mend it, then run the same command again"),
        )
    return named


def chosen(manifest: Manifest, names: Iterable[str]) -> dict[str, App]:
    """The apps that are meant; all where none is named. Raises `UsageError` for one that there is not."""
    from installer.nearest import nearest

    known = apps(manifest)
    wanted = list(dict.fromkeys(names)) or sorted(known)
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            raise UsageError(
                "app.unknown",
                tr("there is no app `{name}`", name=name),
                hint=tr("did you mean `{near}`?", near=near)
                if near
                else tr("there are: {names}", names=", ".join(sorted(known)) or "-"),
            )
    return {name: known[name] for name in wanted}


def wished(root: Path, name: str) -> App:
    """The app as the manifest at `root` has it now. Raises `UsageError`."""
    from installer import manifest
    from phases import SECTIONS

    return chosen(manifest.load(root, SECTIONS), [name])[name]


def changed(name: str) -> Conflict:
    """The error for an app of which the manifest says something else than was planned."""
    return Conflict(
        "app.changed",
        tr("what the manifest says of `{app}` changed meanwhile", app=name),
        hint=tr("run the same command again"),
    )


def digest(app: App) -> str:
    """64 hex digits for all that the manifest says of the app; secrets count by their names."""
    text = json.dumps(_plain(app), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def variables(name: str, app: App, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The app's own variables, with the secrets' values. Raises `Precondition` for those that are not set."""
    environ = os.environ if environ is None else environ
    missing = [each.env for each in app.env.values() if isinstance(each, Secret) and each.env not in environ]
    if missing:
        raise Precondition(
            "app.secret",
            tr("`{app}` needs variables that are not set: {names}", app=name, names=", ".join(missing)),
            hint=tr("set them where you run this command"),
            names=missing,
        )
    return {key: environ[each.env] if isinstance(each, Secret) else each for key, each in app.env.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 -- frozen data of any kind, as JSON
    if hasattr(type(value), "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _objections(name: str, app: App) -> Iterable[str]:
    """What types cannot say."""

    def wrong(key: str, what: str) -> str:
        return f"`apps.{name}{key}` {what}"

    if not _NAME.fullmatch(name):
        yield wrong("", tr("should be a name of small letters, digits, `-`, `_` and `.`"))
    if app.artifact is not None and app.source is not None:
        yield wrong(".source", tr("cannot stand beside `{other}`", other="artifact"))
    if app.artifact is not None:
        yield from (wrong(f".artifact{key}", what) for key, what in _of_artifact(app))
    if app.health is not None and sum(map(bool, (app.health.command, app.health.http, app.health.tcp))) != 1:
        yield wrong(".health", tr("should have one of `command`, `http` and `tcp`"))
    if app.health is not None and (app.health.retries < 1 or app.health.interval.seconds <= 0):
        yield wrong(".health", tr("should ask more often than never"))
    if app.log.files < 1:
        yield wrong(".log.files", tr("should be 1 or more"))
    for key in app.env:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
            yield wrong(f".env.{key}", tr("should be the name of a variable"))


def _of_artifact(app: App) -> Iterable[tuple[str, str]]:
    made = app.artifact
    if made is None:
        return
    if bool(made.path) == bool(made.url):
        yield "", tr("should have one of `path` and `url`")
    if made.url and not made.url.startswith(("https://", "http://")):
        yield ".url", tr("should begin with https:// or http://")
    if made.url and not made.sha256:
        yield ".sha256", tr("is missing")
    if made.sha256 and not re.fullmatch(r"[0-9a-f]{64}", made.sha256):
        yield ".sha256", tr("should be 64 small hex digits")
    if made.version and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", made.version):
        yield ".version", tr("should be one word")
    if not 0 <= made.strip <= _MOST_STRIPPED:
        yield ".strip", tr("should be from 0 to 9")
