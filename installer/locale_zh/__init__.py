"""What we say, in Chinese. The keys are the English templates, word for word; the fields keep their names."""

from __future__ import annotations

from installer.locale_zh import (
    apps,
    bench,
    checkpoint,
    cli,
    cloud,
    containers,
    docker_apps,
    engine,
    environments,
    git,
    help_texts,
    images,
    packages,
    projects,
    push,
    room,
    rot,
    selftest,
    updates,
    volumes,
)

SENTENCES: dict[str, str] = {
    **apps.SENTENCES,
    **bench.SENTENCES,
    **checkpoint.SENTENCES,
    **cli.SENTENCES,
    **cloud.SENTENCES,
    **containers.SENTENCES,
    **docker_apps.SENTENCES,
    **images.SENTENCES,
    **engine.SENTENCES,
    **help_texts.SENTENCES,
    **room.SENTENCES,
    **environments.SENTENCES,
    **git.SENTENCES,
    **packages.SENTENCES,
    **projects.SENTENCES,
    **push.SENTENCES,
    **rot.SENTENCES,
    **selftest.SENTENCES,
    **updates.SENTENCES,
    **volumes.SENTENCES,
}
