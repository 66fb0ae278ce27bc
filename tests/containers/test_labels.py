"""What carries our labels is ours, and nobody else's."""

from __future__ import annotations

from pathlib import Path

from phases.containers import labels


def test_two_projects_that_begin_in_the_same_second_have_no_mark_in_common() -> None:
    made = {labels.of(Path(root), "20260101_000000", "images.c00.create")[labels.STEP] for root in ("/one", "/two")}
    assert len(made) == 2
