"""The system writes less than it was given, and interrupts calls all the time: no record is ever truncated (row 39)."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from installer import journal
from installer.engine import Engine, Setting
from installer.model import RelPath
from installer.store import Store
from tests.engine.toys import TOYS, picture, whole_plan
from tests.power.lab import furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def interrupted() -> Iterator[list[int]]:
    """A signal every half millisecond, handled; how many came is in the list."""
    came: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: came.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    yield came
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_short_writes_and_interrupted_calls_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: list[int]
) -> None:
    real: Callable[[int, bytes], int] = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:5]))
    root = tmp_path / "project"
    furnish(root)
    before = picture(root)

    def machine(kind: str) -> Engine:
        store = Store(root, RelPath(".surefoot"))
        return Engine(store, order=("first", "second"), actions=TOYS, plan=whole_plan, setting=Setting(kind=kind))

    assert machine("install").run().state == "done"
    reading = journal.read(root / ".surefoot" / "checkpoints" / "journal.jsonl")
    assert (reading.torn, len(reading.entries) > 20) == (False, True)
    assert machine("rollback").rollback().problems == ()
    assert picture(root) == before
    assert len(interrupted) > 10
