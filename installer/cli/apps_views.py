"""What is shown of apps: their state, use, health and logs. Nothing is changed, and no project is held."""

from __future__ import annotations

import os
import sys
import time
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from installer.cli.output import emit, say, table
from installer.frozen import fields
from installer.i18n import tr
from installer.show.words import clean, duration
from phases.containers.apps import config, modes
from phases.containers.apps.manager import AppManager, AppStatus, new_app_manager

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.cli.session import Session
    from phases.containers.apps.section import App


@runtime_checkable
class Several(Protocol):
    """A manager that tells of several apps at the price of one question."""

    def get_statuses(self, instance_ids: Iterable[str]) -> dict[str, AppStatus]:
        """How each one is."""


def status(session: Session, names: tuple[str, ...], mode: str) -> int:
    """All that is known of each. Apps that the manifest does not have any more are shown while they are up."""
    found = [each for each, _ in each_app(session, names, mode)]
    for each in found if session.asked.as_json else ():
        emit("app", **{field.name: getattr(each, field.name) for field in fields(each)})
    if not session.asked.as_json:
        head = (tr("app"), tr("mode"), tr("state"), tr("pid"), tr("since"), tr("restarts"), tr("version"), "")
        rows = [head, *map(_row, found)]
        say(*(table(rows) if found else [tr("The manifest names no apps.")]))
    return 0


def listing(session: Session, names: tuple[str, ...], mode: str) -> int:
    """One short line each."""
    found = [each for each, _ in each_app(session, names, mode)]
    for each in found if session.asked.as_json else ():
        emit("app", name=each.name, mode=each.mode, state=each.state, health=each.health, version=each.version)
    if not session.asked.as_json:
        say(*table([(each.name, each.mode, _state(each)) for each in found]))
    return 0


def stats(session: Session, names: tuple[str, ...], mode: str) -> int:
    """What each one uses."""
    rows = [(tr("app"), tr("memory"), tr("processor time"), tr("processes"))]
    for each, manager in each_app(session, names, mode):
        use = manager.usage(each.name)
        rows.append((each.name, f"{use.memory / (1 << 20):.1f} MiB", f"{use.seconds:.2f} s", str(use.processes)))
        if session.asked.as_json:
            emit("app", name=each.name, memory=use.memory, seconds=use.seconds, processes=use.processes)
    if not session.asked.as_json:
        say(*table(rows))
    return 0


def health(session: Session, names: tuple[str, ...], mode: str) -> int:
    """Each one's health; 1 if any that has a check is not healthy."""
    known = config.apps(session.manifest)
    worst, rows = 0, []
    for each, _ in each_app(session, names, mode):
        has_check = each.name in known and known[each.name].health is not None
        worst = worst or int(has_check and each.health != "healthy")
        rows.append((each.name, _word(each.health) if each.health else "-", _state(each)))
        if session.asked.as_json:
            emit("app", name=each.name, health=each.health, state=each.state, check=has_check)
    if not session.asked.as_json:
        say(*table(rows))
    return worst


def logs(session: Session, name: str, tail: int, *, follow: bool, mode: str) -> int:
    """The last lines; with `follow`, what comes after them, until an interruption."""
    app = config.chosen(session.manifest, [name])[name]
    lines = _manager(session, app, mode).logs(name, tail=tail, follow=follow)
    with suppress(KeyboardInterrupt) if follow else nullcontext():  # that is how it is ended
        for line in lines:
            if session.asked.as_json:
                emit("log", name=name, line=line)
            else:
                sys.stdout.write(clean(line) + "\n")
                sys.stdout.flush()
    return 0


def tell_moved(session: Session, names: tuple[str, ...], mode: str) -> None:
    """Say which containers are on another image than the name of theirs means by now."""
    chosen = config.chosen(session.manifest, names)
    mine = [
        name for name, app in chosen.items() if modes.of(app, session.manifest, session.root, flag=mode) == "docker"
    ]
    if not mine:
        return
    found = _statuses(new_app_manager("docker", session.root, session.store.state), mine)
    for each in found.values():
        if each.moved and session.asked.as_json:
            emit("moved", name=each.name, why=each.why)
        elif each.moved and session.asked.volume != "quiet":
            say(f"{each.name}: {clean(each.why)}")


def each_app(session: Session, names: tuple[str, ...], mode: str) -> Iterator[tuple[AppStatus, AppManager]]:
    """The apps that are meant; where none is named, those that the manifest has, and those that are up besides."""
    chosen = config.chosen(session.manifest, names)
    asked = {name: modes.of(app, session.manifest, session.root, flag=mode) for name, app in chosen.items()}
    managers = {
        each: new_app_manager(each, session.root, session.store.state) for each in dict.fromkeys(asked.values())
    }
    known: dict[str, AppStatus] = {}
    for each, manager in managers.items():
        of_it = [name for name in chosen if asked[name] == each]
        known |= _statuses(manager, of_it)
    yield from ((known[name], managers[asked[name]]) for name in chosen)
    if not names and os.name == "posix":
        managers.setdefault("process", new_app_manager("process", session.root, session.store.state))
    for manager in managers.values() if not names else ():
        others = (each.name for each in manager.list_apps() if each.name not in chosen)
        yield from ((found, manager) for name in others if (found := manager.get_status(name)).is_up)


def _statuses(manager: AppManager, names: list[str]) -> dict[str, AppStatus]:
    """How they are; at once, where the manager can."""
    if isinstance(manager, Several):
        return manager.get_statuses(names)
    return {name: manager.get_status(name) for name in names}


def _manager(session: Session, app: App, mode: str) -> AppManager:
    asked = modes.of(app, session.manifest, session.root, flag=mode)
    return new_app_manager(asked, session.root, session.store.state)


def _row(each: AppStatus) -> tuple[str, ...]:
    since = each.started if each.is_up else each.ended
    return (
        each.name,
        each.mode,
        _state(each),
        str(each.pid) if each.pid and each.is_up else "-",
        duration(max(0.0, time.time() - since)) if since else "-",
        str(each.restarts),
        each.version or "-",
        clean(each.why),
    )


def _state(each: AppStatus) -> str:
    """The state with what belongs to it: health, exit code."""
    word = _word(each.state)
    if each.health:
        return tr("{what} ({note})", what=word, note=_word(each.health))
    if each.state in {"failed", "exited", "waiting"} and each.exit_code is not None:
        return tr("{what} ({note})", what=word, note=each.exit_code)
    return word


def _word(word: str) -> str:
    words = {
        "absent": tr("never started"),
        "starting": tr("starting"),
        "running": tr("running"),
        "waiting": tr("waiting to start again"),
        "stopping": tr("stopping"),
        "stopped": tr("stopped"),
        "exited": tr("exited"),
        "failed": tr("failed"),
        "lost": tr("gone"),
        "unwatched": tr("running, nobody looks after it"),
        "healthy": tr("healthy"),
        "unhealthy": tr("unhealthy"),
    }
    return words[word]
