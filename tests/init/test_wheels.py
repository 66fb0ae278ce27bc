"""The wheel beside a launcher: it moves with the pin, goes back with it, and is never one of the user's."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from installer.model import Done, Intent
from phases.init import pin
from tests.engine.plug import Cut
from tests.engine.toys import picture
from tests.init import kit
from tests.init.test_killed import cut_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.init.kit import Project


def pins(monkeypatch: pytest.MonkeyPatch, folder: Path, version: str, data: bytes, *, along: bool = True) -> str:
    """From here on `init` finds a wheel of these bytes to be pinned, `along` if no index has it; its file name."""
    name = f"surefoot-{version}-py3-none-any.whl"
    source = folder / sha256(data).hexdigest() / name
    source.parent.mkdir()
    source.write_bytes(data)
    found = pin.Pin(version=version, sha256=kit.sha256(source), why="a test", source=str(source) if along else "")
    monkeypatch.setattr(pin, "choose", lambda _: found)
    return name


@pytest.mark.parametrize(("version", "along"), [("0.1.0", True), ("0.2.0", True), ("0.1.0", False), ("0.2.0", False)])
def test_the_wheel_moves_with_the_pin_and_back(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, *, along: bool
) -> None:
    old = pins(monkeypatch, tmp_path, "0.1.0", b"one")
    assert project.manage("init", "-y")[0] == 0
    assert (project.root / old).read_bytes() == b"one"
    before = picture(project.root)
    new = pins(monkeypatch, tmp_path, version, b"two", along=along)
    code, said, err = project.manage("init", "-y")
    assert code == 0, err
    wheels = {path.name: path.read_bytes() for path in project.root.glob("*.whl")}
    assert wheels == ({new: b"two"} if along else {})
    assert said.count(old) + said.count(new) >= 1
    assert project.manage("init", "-y")[:2] == (0, "Nothing to do.\n")
    assert project.manage("rollback", "-y")[0] == 0
    assert picture(project.root) == before


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])  # replaced; another brought, and this one removed
@pytest.mark.parametrize("kind", [Intent, Done])
def test_killed_while_it_moves_it_resumes_or_reverts(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, kind: type
) -> None:
    pins(monkeypatch, tmp_path, "0.1.0", b"one")
    assert project.manage("init", "-y")[0] == 0
    before = picture(project.root)
    new = pins(monkeypatch, tmp_path, version, b"two")
    for number in (2, 3) if version == "0.2.0" else (2,):  # the first is the launcher
        for way in ("rollback", "resume"):
            with monkeypatch.context() as patch:
                cut_at(patch, kind, number)
                with pytest.raises(Cut):
                    project.manage("init", "-y")
            assert project.manage(way, "-y")[0] == 0
            if way == "resume":
                assert {each.name: each.read_bytes() for each in project.root.glob("*.whl")} == {new: b"two"}
                assert project.manage("rollback", "-y")[0] == 0
            assert picture(project.root) == before


@pytest.mark.parametrize("edited", ["the wheel", "the launcher"])
def test_a_wheel_that_our_launcher_did_not_pin_is_the_users_and_told_before_the_question(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, edited: str
) -> None:
    name = pins(monkeypatch, tmp_path, "0.1.0", b"one")
    assert project.manage("init", "-y")[0] == 0
    with (project.root / (name if edited == "the wheel" else "quickstart.py")).open("a") as file:
        file.write("# mine\n")
    before = picture(project.root)
    pins(monkeypatch, tmp_path, "0.1.0", b"two")
    for words in (["-y"], ["--dry-run"], []):
        code, _, err = project.manage("init", *words)
        assert (code, name in err) == (10, True)
    assert picture(project.root) == before


def test_an_older_wheel_of_the_users_stays(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = pins(monkeypatch, tmp_path, "0.1.0", b"one")
    assert project.manage("init", "-y")[0] == 0
    (project.root / old).write_bytes(b"mine")
    new = pins(monkeypatch, tmp_path, "0.2.0", b"two")
    assert project.manage("init", "-y")[0] == 0
    assert [(project.root / name).read_bytes() for name in (old, new)] == [b"mine", b"two"]


def test_a_wheel_that_git_ignores_is_told(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project.write({".gitignore": "*.whl\n"})
    name = pins(monkeypatch, tmp_path, "0.1.0", b"one")
    said = project.manage("init", "-y")[1]
    assert f"git ignores {name}: a clone will not have them (`git add -f {name}`)" in said
    other = pins(monkeypatch, tmp_path, "0.2.0", b"two")
    said = project.manage("init", "-y")[1]  # the old one goes, which is nobody's concern
    assert f"git ignores {other}: a clone" in said
