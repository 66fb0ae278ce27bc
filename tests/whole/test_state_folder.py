"""The state folder goes with the last run; what another start made in its place meanwhile is not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer import files
from installer.model import RelPath
from installer.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path, RelPath(".surefoot"))
    made.prepare()
    return made


def test_a_folder_in_which_nothing_was_done_goes_again(store: Store) -> None:
    with store.lock(wait=False, waiting=print):
        pass
    assert not store.folder.exists()


def test_what_another_start_made_in_the_place_of_a_dissolved_folder_stays(store: Store) -> None:
    with store.lock(wait=False, waiting=print):
        store.dissolve()
        assert not store.folder.exists()
        store.prepare()  # as another start does, which holds its own new lock file
        (store.folder / "lock").touch()
    assert (store.folder / "checkpoints").is_dir()


def test_while_the_folder_is_dissolved_its_lock_is_there_to_the_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    real = files.remove_tree

    def remove_tree(path: Path, *, durable: bool = True) -> None:
        removed.append(path.name)
        assert (store.folder / "lock").exists(), "nobody else may begin before everything is gone"
        real(path, durable=durable)

    with store.lock(wait=False, waiting=print):
        monkeypatch.setattr(files, "remove_tree", remove_tree)
        store.dissolve()
    assert {"checkpoints", "runs", "logs"} <= set(removed)
    assert not store.folder.exists()


def test_a_dissolving_that_was_cut_short_is_finished_with_the_lock_in_hand(store: Store) -> None:
    (store.folder / "dissolving").touch()
    (store.folder / "stash" / "x").mkdir(parents=True)
    with store.lock(wait=False, waiting=print):
        assert (store.folder / "lock").exists()
        assert sorted(path.name for path in store.folder.iterdir()) == sorted(
            [".gitignore", "checkpoints", "lock", "lock.json", "logs", "runs"]
        )
