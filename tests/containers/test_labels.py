"""What carries our labels is ours, and nobody else's."""

from __future__ import annotations

from pathlib import Path

from installer.model import Facts, Options, RelPath
from phases.containers import labels, taking_back


def test_two_projects_that_begin_in_the_same_second_have_no_mark_in_common() -> None:
    made = {labels.of(Path(root), "20260101_000000", "images.c00.create")[labels.STEP] for root in ("/one", "/two")}
    assert len(made) == 2


def test_the_undo_script_outlives_a_rollback_that_was_incomplete(tmp_path: Path) -> None:
    facts = Facts(root=tmp_path, state=RelPath(".surefoot"), install_id="20260101_000000", options=Options())
    effect = taking_back.prepare_step("images", facts, "Keep the way back").effect
    assert (effect.touches, effect.repeatable) == ((), True)
