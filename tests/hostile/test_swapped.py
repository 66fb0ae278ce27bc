"""A folder that is swapped for a link between our look and our deed: nothing is ever changed behind it."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import cycle, product
from typing import TYPE_CHECKING

import pytest

from installer import files, pins
from installer.errors import InstallerError
from tests.hostile.swapping import STEPS, Scene, Swapper, of_kind

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("src", "src/deep", ".surefoot")
SWAPS = 10_000


@pytest.fixture(scope="module")
def swapper() -> Swapper:
    """There is no way to take an audit hook away: one for all tests."""
    return Swapper()


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of deeds; no power cut comes into it."""
    for name in ("sync", "sync_tree"):
        monkeypatch.setattr(files, name, lambda _: None)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("done", [True, False], ids=["done", "cut short"])
@pytest.mark.parametrize("kind", STEPS)
def test_a_folder_swapped_before_any_call_of_a_rollback_leads_nothing_out(
    tmp_path: Path, swapper: Swapper, kind: str, folder: str, *, done: bool
) -> None:
    scene = Scene(tmp_path / "scene", folder)
    at, reached = 1, True
    while reached:
        scene.make()
        before = scene.inside()
        step = of_kind(kind, scene)
        step.do(done=done)
        outside = scene.double()
        with swapper.armed(at, scene.swap):
            step.take_back()
        reached = swapper.count >= at
        assert scene.outside() == outside, at
        scene.mend()
        assert (step.take_back(), scene.inside()) == ((), before), at
        at += 1
    assert at > 4, "there was a call to be before"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("kind", [kind for kind in STEPS if kind.startswith("files.")])
def test_a_folder_swapped_before_any_call_of_a_step_leads_nothing_out(
    tmp_path: Path, swapper: Swapper, kind: str, folder: str
) -> None:
    scene = Scene(tmp_path / "scene", folder)
    at, reached = 1, True
    while reached:
        scene.make()
        step = of_kind(kind, scene)
        outside = scene.double()
        with pins.pinned(scene.root), swapper.armed(at, scene.swap), suppress(InstallerError, OSError):
            step.do()
        reached = swapper.count >= at
        assert scene.outside() == outside, at
        at += 1
    assert at > 4, "there was a call to be before"


def test_a_folder_swapped_before_any_call_of_a_note_leads_nothing_out(tmp_path: Path, swapper: Swapper) -> None:
    scene = Scene(tmp_path / "scene", "src/deep")
    at, reached = 1, True
    while reached:
        scene.make()
        outside = scene.double()
        with pins.pinned(scene.root), swapper.armed(at, scene.swap), suppress(InstallerError):
            files.overwrite(scene.folder / "old.txt", b"renewed")
        reached = swapper.count >= at
        assert scene.outside() == outside, at
        at += 1
    assert (scene.folder / "old.txt").read_bytes() == b"renewed"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_flickers_leads_no_rollback_out(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(tmp_path / "scene", folder)
    swaps = tries = astray = 0
    for kind, done in cycle(product(STEPS, (True, False))):
        scene.make()
        step = of_kind(kind, scene)
        step.do(done=done)
        outside = scene.double()
        with scene.flickering() as swapped:
            while not swapped():  # the thread has begun
                time.sleep(0)
            astray += bool(step.take_back())
        assert scene.outside() == outside, (kind, done)
        swaps, tries = swaps + swapped(), tries + 1
        if swaps > SWAPS:
            break
    with capsys.disabled():
        print(f"\n{folder}: {swaps} swaps during {tries} rollbacks, {astray} of which refused or failed")  # noqa: T201
    assert astray, "some met the link, and said so"


def test_without_open_folders_the_same_rollback_is_led_out(
    tmp_path: Path, swapper: Swapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test of the tests: the swap is real, and the twin would show it."""
    monkeypatch.setattr(pins, "POSSIBLE", False)
    scene = Scene(tmp_path / "scene", "src")
    at, led_out = 1, False
    while not led_out:
        scene.make()
        step = of_kind("a file changed", scene)
        step.do()
        outside = scene.double()
        with swapper.armed(at, scene.swap):
            step.take_back()
        assert swapper.count >= at, "no swap led it out"
        led_out = scene.outside() != outside
        at += 1
