"""Garbage is searched for seldom, not all the time."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from installer import launcher
from installer.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


def test_the_command_line_runs_with_a_rarer_search_that_is_still_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before, told = gc.get_threshold(), []

    def manage(_argv: Sequence[str]) -> int:
        told.append((gc.get_threshold()[0], gc.isenabled()))
        return 0

    monkeypatch.setattr(main, "manage", manage)
    try:
        assert launcher._run("manage", "manage.py", []) == 0  # noqa: SLF001 -- the way in needs an environment of the tool's own
    finally:
        gc.set_threshold(*before)
    assert told == [(launcher.GARBAGE, True)]
