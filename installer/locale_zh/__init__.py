"""What we say, in Chinese. The keys are the English templates, word for word; the fields keep their names."""

from __future__ import annotations

from installer.locale_zh import (
    bench,
    checkpoint,
    cli,
    cloud,
    engine,
    environments,
    git,
    help_texts,
    packages,
    projects,
    push,
    room,
    rot,
    selftest,
)

SENTENCES: dict[str, str] = {
    **bench.SENTENCES,
    **checkpoint.SENTENCES,
    **cli.SENTENCES,
    **cloud.SENTENCES,
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
}
