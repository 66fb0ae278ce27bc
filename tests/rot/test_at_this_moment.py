"""What is changed between the look at it and the deed; and what must not be done for real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import phases
from installer import rollback
from installer.model import Effect, RelPath, Step
from tests.engine.toys import picture
from tests.rot import lab as module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Facts
    from tests.rot.lab import Lab

MINE = "saved while the step began"


def _in_place(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        path.unlink(missing_ok=True)
        path.symlink_to("elsewhere")
    else:
        path.write_text(MINE)


@pytest.mark.parametrize("name", ["config.ini", "a/b/new.txt"])
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_saved_just_before_a_step_writes_it_stays_and_the_step_is_not_done(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    real = rollback.capture

    def capture(step: Any, attempt: int, place: Any) -> Any:
        undo = real(step, attempt, place)
        if name in step.effect.touches:
            _in_place(lab.root / name, kind)
        return undo

    with monkeypatch.context() as patch:
        patch.setattr(rollback, "capture", capture)
        ended = lab.quickstart()
    assert (ended.status, f"{name} was changed at this very moment" in ended.said) == (10, True), ended.said
    saved = picture(lab.root)[name]
    assert saved[2] in {MINE.encode(), b"elsewhere"}
    assert lab.manage("rollback", "--yes").status == 0
    wanted = {path: word for path, word in lab.before.items() if path != name}
    after = picture(lab.root)
    assert after.pop(name) == saved
    assert {path: word for path, word in after.items() if path not in {"a", "a/b"}} == wanted
    assert lab.quickstart().status == 0


def test_a_rehearsal_of_the_way_back_runs_no_command(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    undone = lab.root.parent / "undone"

    def plan(phase: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
        yield from module.plan(phase, manifest, facts)
        if phase == "packages":
            yield Step(
                id="packages.01.outside",
                phase=phase,
                title="Do something elsewhere",
                action="toy.fill",
                args={"path": "filled", "names": ["x"]},
                effect=Effect(touches=(RelPath("filled"),), inverse=("touch", str(undone))),
            )

    monkeypatch.setattr(phases, "plan", plan)
    assert lab.quickstart().status == 0
    assert lab.manage("verify-rollback").status == 0
    assert not undone.exists(), "what lies outside of the copy is real"
    assert lab.manage("rollback", "--yes").status == 0
    assert undone.exists()
