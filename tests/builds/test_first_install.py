"""The first verified installation begins a build, once, where the manifest says so; it never fails with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builds import kit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builds.forge import Forge
    from tests.builds.kit import Clone
    from tests.ended import Ended

pytestmark = pytest.mark.slow  # they need npm, and install

MANIFEST = '[packages]\nmembers = []\n[build]\ntrigger = "first-install"\n'


def install(clone: Clone, *words: str, **variables: str) -> Ended:
    return clone.run("-y", *words, door="quickstart", **variables)


def test_the_first_installation_begins_a_build_and_no_other_does(clone: Clone, forge: Forge) -> None:
    clone.manifest(MANIFEST)
    ended = install(clone)
    assert ended.status == 0, ended.err
    assert len(forge.dispatches()) == 1
    assert "the build has begun" in ended.err
    (clone.root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "2"\n')
    assert install(clone).status == 0
    assert clone.manage("rollback", "--yes").status == 0
    assert install(clone).status == 0
    assert len(forge.dispatches()) == 1


def test_a_build_that_cannot_be_begun_is_a_warning_of_a_good_installation(clone: Clone, forge: Forge) -> None:
    clone.manifest(MANIFEST)
    ended = install(clone, GITHUB_TOKEN="")
    assert ended.status == 0, ended.err
    assert "there is no token for github.com" in ended.out + ended.err
    assert (clone.root / ".venv" / "pyvenv.cfg").is_file()
    shown = clone.manage("status")
    assert "⚠️ The build could not be begun: there is no token for github.com" in shown.out
    assert "Nothing to do." in install(clone).out
    assert clone.manage("build", "trigger").status == 0
    assert "⚠️" not in clone.manage("status").out
    assert len(forge.dispatches()) == 1


def test_a_folder_that_is_no_clone_installs_as_well(tmp_path: Path, forge: Forge) -> None:
    clone = kit.Clone(tmp_path, url="")
    clone.manifest(MANIFEST)
    ended = install(clone)
    assert ended.status == 0, ended.err
    assert "the clone has no remote `origin`" in ended.out + ended.err
    assert forge.requests == []


def test_in_a_continuous_integration_nothing_is_begun(clone: Clone, forge: Forge) -> None:
    clone.manifest(MANIFEST)
    assert install(clone, CI="true").status == 0
    assert forge.requests == []
