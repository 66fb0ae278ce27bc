"""Errors say in which file and line they are, for servers that point there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.model import Finished
from installer.show import places
from installer.show.github import annotation
from installer.show.places import Place
from phases.python.failures import explain

if TYPE_CHECKING:
    from pathlib import Path

SAID = {
    "no such package": "Because nonesuch was not found in the package registry and you require nonesuch, we can",
    "no such version": "Because there is no version of nonesuch==9 and you require nonesuch==9, we can conclude",
    "another file": "Hash mismatch for `nonesuch==1`\n\nExpected:\n  sha256:0\n",
    "no wheel builds": "Failed to build `nonesuch==1`\nThe build backend returned an error",
    "a line that is no requirement": (
        "error: Couldn't parse requirement in `.surefoot/scratch/requirements.in` at position 0\n"
        '  cause: no such comparison operator "===="\n         nonesuch ==== 3\n                  ^^^^^^\n'
    ),
    "a line that is none for pip": "ERROR: Invalid requirement: 'nonesuch === ': Expected (from line 3 of a.txt)",
    "requirements that exclude each other": (
        "× No solution found when resolving dependencies:\n"
        "╰─▶ Because other==1 depends on nonesuch<2 and you require nonesuch>=2, we can conclude that"
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_what_an_installer_says_of_a_package_leads_to_the_line_that_asks_for_it(what: str) -> None:
    finished = Finished(argv=("uv",), status=1, stdout="", stderr=SAID[what])
    error = explain(finished, "resolve", lambda name: "requirements.txt:7" if name == "nonesuch" else "")
    assert places.of(error.as_json()) == (Place(file="requirements.txt", line=7),)


def test_an_error_that_names_no_line_is_nowhere() -> None:
    finished = Finished(argv=("uv",), status=1, stdout="", stderr="Failed to build `x @ file:///p`\nbackend returned")
    assert places.of(explain(finished, "install", lambda _: "libs/x").as_json()) == (places.NOWHERE,)


def test_a_file_is_named_from_the_clone_on(tmp_path: Path) -> None:
    project = tmp_path / "clone" / "sub, project"
    project.mkdir(parents=True)
    place, root = Place(file="req:1.txt", line=2, column=3), str(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_WORKSPACE", str(tmp_path / "clone"))
        told = annotation("error", "100 %\nwrong", place, root)
        assert told == "::error file=sub%2C project/req%3A1.txt,line=2,col=3::100 %25%0Awrong"
        patch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
        assert annotation("warning", "x", place, root) == "::warning file=req%3A1.txt,line=2,col=3::x"
        patch.setenv("GITHUB_WORKSPACE", root)
        assert annotation("warning", "x", Place(file="../a", line=1), root) == "::warning file=../a,line=1::x"
