"""Which images a verb is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Locked, UsageError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cli.session import Session

_PLANS_THAT_FETCH = frozenset({"pull", "update"})


def managed(session: Session, references: tuple[str, ...]) -> tuple[str, ...]:
    """The images that are meant: those that were named, else all that the manifest requires or runs apps in."""
    from phases.containers.images.section import ImagesSection

    if references:
        return tuple(dict.fromkeys(references))
    return tuple(dict.fromkeys((*session.manifest.section(ImagesSection).required, *_of_apps(session))))


def _of_apps(session: Session) -> Iterator[str]:
    from phases.containers.apps import config, modes
    from phases.containers.apps.container import names

    for app in config.apps(session.manifest).values():
        if modes.of(app, session.manifest, session.root) == "docker":
            yield names.image(session.root, app)


def must_be_named(session: Session, references: tuple[str, ...]) -> tuple[str, ...]:
    """The same, for a verb that cannot do without. Raises `UsageError` where there are none."""
    names = managed(session, references)
    if not names:
        raise UsageError(
            "images.none",
            tr("no image was named, and the manifest requires none"),
            hint=tr("name one, or list them in `[images]` as `required`"),
        )
    return names


def being_pulled(session: Session) -> list[str]:
    """What another process is fetching for this project right now."""
    run = session.store.current()
    wish = run.facts.get("wish", {})
    if run.outcome or run.kind != "images" or wish.get("verb") not in _PLANS_THAT_FETCH:
        return []
    try:
        session.store.check_free()
    except Locked:
        done = {str(each.step.args.get("image", "")) for each in run.done.values()}
        return [name for name in wish["args"].get("images", ()) if name not in done]
    return []
