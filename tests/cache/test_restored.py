"""What a cache restored is proven before it is used: then it is used, repaired, or thrown away, and said which."""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cache.conftest import REQUIREMENTS, flip
from tests.whole import kit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cache.conftest import Server

pytestmark = pytest.mark.slow


def edit_seal(server: Server, **changed: str) -> None:
    """Let the seal tell of another machine."""
    path = server.env / "surefoot-contents"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changed))


def test_a_whole_environment_is_used_as_it_is(job: Server) -> None:
    before = kit.picture(job.env)
    said = job.quickstart()
    assert "Use the restored `.venv` as it is: it is proven (packages: 3)" in said
    assert kit.differences(before, _without_compiled(kit.picture(job.env))) == []
    back = kit.run("manage.py", "rollback", "-y", cwd=job.project, env=job.variables)
    assert back.status == 0, back.said
    assert kit.differences(before, _without_compiled(kit.picture(job.env))) == []


def test_links_that_were_made_anew_are_as_they_were_sealed(job: Server) -> None:
    """As by GitLab's own unpacking, which sets the times of files and folders, and of links none."""
    links = [path for path in job.env.rglob("*") if path.is_symlink()]
    assert len(links) > 1
    for path in links:
        os.utime(path, follow_symlinks=False)
    assert "Use the restored `.venv` as it is" in job.quickstart()


def _without_compiled(picture: dict[str, str]) -> dict[str, str]:
    return {name: word for name, word in picture.items() if "__pycache__" not in name}


def test_a_state_folder_that_came_along_is_no_proof(server: Server) -> None:
    server.clone()
    server.restore(".venv", ".surefoot")
    flip(server.site / "six.py")
    said = server.quickstart()
    assert "packages are not what was installed: six (files: 1); packages that are sound, and taken over: 2" in said


def test_a_state_folder_that_came_along_does_no_harm(server: Server) -> None:
    server.clone()
    server.restore(".venv", ".surefoot")
    assert "Use the restored `.venv` as it is" in server.quickstart()


def _flipped(job: Server) -> None:
    flip(job.site / "six.py")


def _missing(job: Server) -> None:
    (job.site / "idna" / "core.py").unlink()


def _gone(job: Server) -> None:
    shutil.rmtree(job.site / "attr")
    shutil.rmtree(next(job.site.glob("attrs-*.dist-info")))


def _added(job: Server) -> None:
    (job.site / "idna" / "mine.py").write_text("raise SystemExit\n")


def _led_elsewhere(job: Server) -> None:
    (job.site / "mine.pth").write_text("import os\n")


def _script(job: Server) -> None:
    path = job.env / "bin" / "activate"
    path.write_text(path.read_text() + "exit 1\n")


def _record(job: Server) -> None:
    next(job.site.glob("six-*.dist-info/RECORD")).write_text("")


def _shortened(job: Server) -> None:
    record = next(job.site.glob("idna-*.dist-info/RECORD"))
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if not line.startswith("idna/core.py")))
    (job.site / "idna" / "core.py").unlink()


def _torn(job: Server) -> None:
    compiled = Path(py_compile.compile(str(job.site / "six.py"), doraise=True) or "")
    version = "".join(map(str, sys.version_info[:2]))
    assert compiled.name == f"six.cpython-{version}.pyc", "the environment's Python is that of the tests"
    data = compiled.read_bytes()
    compiled.write_bytes(data[: len(data) // 2])


def _unreadable(job: Server) -> None:
    record = next(job.site.glob("six-*.dist-info/RECORD"))
    record.write_bytes(record.read_bytes() + b"s\0x.py,sha256=x,4\n")


@pytest.mark.parametrize(
    ("poison", "reason", "taken"),
    [
        (_flipped, "packages are not what was installed: six (files: 1)", 2),
        (_missing, "packages are not what was installed: idna (files: 1)", 2),
        (_gone, "packages are not what was installed: attrs (all of it)", 2),
        (_added, "files came or changed after it was sealed: lib/python3.", 3),
        (_led_elsewhere, "site-packages/mine.pth` was added by hand", 3),
        (_script, "files came or changed after it was sealed: bin/activate", 3),
        (_record, "packages are not what was installed: six (files: 1)", 2),
        (_shortened, "packages are not what was installed: idna (files: 1)", 2),
        (_torn, "files came or changed after it was sealed: lib/python3.", 3),
        (_unreadable, "packages are not what was installed: six (files: 1)", 2),
    ],
)
def test_what_is_not_whole_is_repaired(job: Server, poison: Callable[[Server], None], reason: str, taken: int) -> None:
    poison(job)
    said = job.quickstart()
    assert "Repair the restored `.venv`: " in said
    assert reason in said
    assert f"taken over from the restored environment: {taken}\n" in said


def test_of_other_requirements_what_is_the_same_is_taken_over(server: Server) -> None:
    server.clone(REQUIREMENTS.replace("3.6", "3.7"))
    server.restore(".venv")
    said = server.quickstart()
    assert "Repair the restored `.venv`: `requirements.txt` changed;" in said
    assert "taken over from the restored environment: 2\n" in said
    assert kit.version(server.project) == "3.7"


def test_what_nobody_asks_for_any_more_is_not_taken_over(server: Server) -> None:
    server.clone(REQUIREMENTS + "colorama==0.4.6\n")
    server.restore(".venv")
    (server.project / "requirements.txt").write_text("six==1.16.0\n")
    ended = kit.run("quickstart.py", "-y", cwd=server.project, env=server.variables)
    assert ended.status == 0, ended.said
    assert kit.versions(server.env) == {"six": "1.16.0"}


def test_one_of_another_path_is_repaired(server: Server) -> None:
    elsewhere = server.project.with_name("elsewhere")
    server.clone(at=elsewhere)
    server.restore(".venv", at=elsewhere)
    said = server.quickstart(at=elsewhere)
    assert f"Repair the restored `.venv`: the project was moved: it was at {server.project};" in said
    assert "taken over from the restored environment: 3\n" in said
    assert os.fsencode(server.project) not in (elsewhere / ".venv" / "bin" / "activate").read_bytes()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": "3.10.4"}, "its interpreter changed: 3.10.4 → 3."),
        ({"platform": "darwin-arm64-24"}, "it was made for another kind of machine: darwin-arm64-24, not "),
        ({"platform": ""}, "it was made by another version of this tool"),
    ],
)
def test_what_cannot_work_here_is_thrown_away(job: Server, changed: dict[str, Any], reason: str) -> None:
    edit_seal(job, **changed)
    said = job.quickstart()
    assert f"Throw the restored `.venv` away: {reason}" in said
    assert "taken over" not in said


def test_one_whose_interpreter_is_not_here_is_thrown_away(job: Server) -> None:
    python = job.env / "bin" / "python"
    python.unlink()
    python.symlink_to("/opt/hostedtoolcache/Python/3.12.4/x64/bin/python3.12")
    assert "Throw the restored `.venv` away: its interpreter is gone: " in job.quickstart()


def test_an_unfinished_journal_of_another_place_keeps_no_build_server_from_its_work(server: Server) -> None:
    elsewhere = server.project.with_name("cut-short")
    server.clone(at=elsewhere)
    stopped = kit.run("quickstart.py", "-y", "--until", "python_deps", cwd=elsewhere, env=server.variables)
    assert stopped.status == 0, stopped.said
    server.clone()
    server.restore(".venv")
    shutil.copytree(elsewhere / ".surefoot", server.project / ".surefoot", symlinks=True)
    journal = server.project / ".surefoot" / "checkpoints" / "journal.jsonl"
    before = journal.read_bytes()
    refused = kit.run("quickstart.py", "-y", cwd=server.project, env=server.variables)
    assert refused.status == 4, "on a person's machine it may be a copy of a project: they are asked"
    assert journal.read_bytes() == before
    said = server.quickstart(CI="true")
    assert "is of another place: its journal is put aside" in said
    assert [path.read_bytes() for path in (server.project / ".surefoot" / "damaged").iterdir()] == [before]


def test_what_is_the_users_in_one_that_goes_is_kept(server: Server) -> None:
    server.clone()
    (server.project / "surefoot.toml").write_text("[cleanup]\nkeep = 0\n")
    server.restore(".venv")
    (server.site / "idna" / "mine.py").write_text("precious\n")
    server.quickstart()
    kept = list((server.project / ".surefoot" / "kept").rglob("mine.py"))
    assert [path.read_text() for path in kept] == ["precious\n"]


def test_one_that_was_found_broken_is_not_gone_back_to(job: Server) -> None:
    flip(job.site / "six.py")
    first = (job.env / "surefoot-generation").read_text().split("\n")[0]
    job.quickstart()
    back = kit.run("manage.py", "restore", first, "-y", cwd=job.project, env=job.variables)
    assert back.status == 6
    assert "packages are not what was installed: six (files: 1)" in back.said
    job.must_be_sound(job.env)


def test_a_repair_is_taken_back_to_the_byte(job: Server) -> None:
    flip(job.site / "six.py")
    before = kit.picture(job.project)
    job.quickstart()
    back = kit.run("manage.py", "rollback", "-y", cwd=job.project, env=job.variables)
    assert back.status == 0, back.said
    assert kit.differences(before, kit.picture(job.project, without=(".surefoot",))) == []
