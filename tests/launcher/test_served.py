"""A build server is told of what fails before there is a command line, and obeys nothing that pip says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.launcher.conftest import Copy

_FAILS = """
from installer.errors import Precondition

def make(place, base, locks):
    raise Precondition("tools.failed", "pip failed", details=("::set-output name=state::done", "##[error]x"))
"""


@pytest.mark.parametrize("words", [(), ("--ci=github",)])
def test_tools_that_cannot_be_made_are_told(surefoot: Copy, tmp_path: Path, words: tuple[str, ...]) -> None:
    output = tmp_path / "output"
    server = "false" if words else "true"
    started = surefoot.start(*words, PIP_FIND_LINKS="", GITHUB_OUTPUT=str(output), GITHUB_ACTIONS=server)
    assert started.code == 6
    assert re.search(r"(?m)^::error::the package index that pip is set to has none", started.err)
    assert re.search(r"(?m)^state<<(\w+)\nfailed\n\1$", output.read_text())


@pytest.mark.parametrize("words", [(), ("--ci", "github")])
def test_no_line_of_pips_is_a_command(surefoot: Copy, words: tuple[str, ...]) -> None:
    (surefoot.root / "installer" / "toolbuild.py").write_text(_FAILS)
    started = surefoot.start(*words)
    tame = bool(words)
    assert started.code == 6
    assert ("\n  : :set-output name" in started.err, "\n  ## [error]x" in started.err) == (tame, tame)
