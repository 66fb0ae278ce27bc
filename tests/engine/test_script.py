"""rollback.sh: in every shell, with every name, run twice, killed half-way; and the user's work is his."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from installer import actions
from installer.engine import Engine, Setting
from installer.model import Facts, Planned, RelPath, Step
from installer.store import SCRIPT_NOTE, Store
from tests.engine.plug import run_script
from tests.engine.toys import Picture, picture
from tests.engine.toys import step as toy

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Engine]
BACK = Setting(kind="rollback")
SHELLS = [
    shell
    for shell in (
        ("dash",),
        ("bash", "--posix"),
        ("bash",),
        ("busybox", "sh"),
        ("sh",),
        ("ksh",),
        ("zsh", "--emulate", "sh"),
    )
    if shutil.which(shell[0])
]
HOSTILE = [
    "-rf",
    "--",
    "*",
    "a b",
    "it's",
    'do"uble',
    "$(touch pwned)",
    "`x`",
    "\\",
    "new\nline",
    " ",
    "#",
    "~",
    "\udcff",
    "!x",
    "[a]",
]


def plan_of(*steps: Step) -> Callable[[str, Facts], Planned]:
    return lambda phase, _facts: (each for each in steps if each.phase == phase)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_shell_takes_back_every_name_twice(engine_of: Make, project: Path, shell: tuple[str, ...]) -> None:
    for name in HOSTILE:
        (project / "src" / name).write_text("old")
        (project / "src" / f"{name} folder").mkdir()
    was = picture(project)

    def build(args: object, context: object) -> None:
        for name in HOSTILE:
            (project / "src" / name).write_text("changed")
            (project / "src" / f"{name} folder").rmdir()
            (project / "src" / f"{name} new").write_text("new")

    def cut(args: object, context: object) -> None:
        for name in HOSTILE:
            (project / "src" / name).write_text("half")
            (project / "src" / f"{name} half").write_text("new")
        raise KeyboardInterrupt

    writes = [
        actions.write_file("first", f"0{n}", path=RelPath(name), text="made")
        for n, name in enumerate(HOSTILE)
        if "\\" not in name
    ]
    builds = [toy("second", f"0{n}", f"toy.{n}", {}, guards=(RelPath("src"),)) for n in (1, 2)]
    engine = engine_of(plan_of(*writes, *builds))
    engine.actions = {**engine.actions, "toy.1": build, "toy.2": cut}
    with pytest.raises(KeyboardInterrupt):
        engine.run()
    for _ in range(2):
        done = run_script(project, shell)
        assert (done.returncode, done.stderr) == (0, "")
        assert picture(project) == was


def test_the_script_has_nothing_that_a_linter_warns_of(engine_of: Make, project: Path) -> None:
    engine_of().run()
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "-S", "warning", str(script)], capture_output=True, text=True, check=False)
        assert done.stdout == ""


def test_a_run_that_has_begun_since_and_changed_nothing_is_no_reason_to_take_back_another(
    engine_of: Make, project: Path
) -> None:
    engine_of().run()
    installed = picture(project)
    upgrade = engine_of()
    upgrade._logbook.begin(upgrade.store.new_id())  # noqa: SLF001 -- killed before its first step
    upgrade._logbook.close()  # noqa: SLF001
    done = run_script(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing is taken back" in done.stdout
    assert picture(project) == installed
    assert engine_of().rollback().undone == 0
    assert picture(project) == installed


def test_what_the_user_did_since_is_left_by_the_script_too(engine_of: Make, project: Path) -> None:
    install_id = engine_of().run().install_id
    for name in ("config.ini", "src/version.txt", "a/b/new.txt", "src/generated.txt"):
        (project / name).write_text("mine")
    (project / "data" / "mine.txt").write_text("mine")
    (project / "hollow" / "mine.txt").write_text("mine")
    done = run_script(project)
    assert done.returncode == 10, done.stderr
    assert (project / "config.ini").read_text() == "mine"
    assert (project / f"config.ini.before-{install_id}").read_text() == "old"
    assert stat.S_IMODE((project / f"config.ini.before-{install_id}").stat().st_mode) == 0o640
    assert (project / "src" / "version.txt").read_text() == "mine"
    assert (project / "src" / f"version.txt.before-{install_id}").read_text() == "1"
    assert (project / "a" / "b" / "new.txt").read_text() == "mine"
    kept = project / ".surefoot" / "kept" / install_id
    assert {path.name for path in kept.rglob("*") if path.is_file() and path.read_text() == "mine"} == {
        "mine.txt",
        "generated.txt",
    }
    assert engine_of(setting=BACK).rollback().undone == 0


def test_a_link_that_the_user_made_a_folder_stays(engine_of: Make, project: Path) -> None:
    def relink(args: object, context: object) -> None:
        (project / "src" / "link").unlink()
        (project / "src" / "link").symlink_to("old.txt")

    engine = engine_of(plan_of(toy("first", "01", "toy.relink", {}, touches=(RelPath("src/link"),))))
    engine.actions = {"toy.relink": relink}
    engine.run()
    (project / "src" / "link").unlink()
    (project / "src" / "link").mkdir()
    (project / "src" / "link" / "mine").write_text("mine")
    assert run_script(project).returncode == 10
    assert (project / "src" / "link" / "mine").read_text() == "mine"


@pytest.mark.parametrize("then", ["script", "rollback"])
def test_killed_half_way_the_script_is_run_again_or_the_tool_goes_on(
    engine_of: Make, project: Path, before: Picture, tmp_path: Path, then: str
) -> None:
    """The programs that it calls are counted; the N-th kills the shell instead."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cp", "mv", "rm", "mkdir", "rmdir", "chmod", "ln"):
        (tools / name).write_text(
            f'#!/bin/sh\nread n < "$COUNT"\necho $((n - 1)) > "$COUNT"\n[ "$n" -gt 0 ] || kill -9 "$PPID"\n'
            f'[ "$n" -gt 0 ] && exec {shutil.which(name)} "$@"\n'
        )
        (tools / name).chmod(0o755)
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    for number in range(0, 40, 2):
        engine_of().run()
        (tmp_path / "count").write_text(f"{number}\n")
        killed = subprocess.run(
            ["sh", str(script)],
            env={"PATH": f"{tools}:/usr/bin:/bin", "COUNT": str(tmp_path / "count")},
            capture_output=True,
            check=False,
        )
        if then == "script":
            assert run_script(project).returncode == 0
        elif killed.returncode:
            outcome = engine_of(setting=BACK).rollback()
            assert (outcome.problems, outcome.conflicts) == ((), ())
        assert picture(project) == before, number
        engine_of(setting=BACK).rollback()
        if killed.returncode == 0:
            break
    assert number > 10


def test_one_thing_that_cannot_be_taken_back_does_not_stop_the_others(engine_of: Make, project: Path) -> None:
    engine_of().run()
    for path in (project / ".surefoot" / "stash").rglob("1"):
        if path.is_file():
            path.write_bytes(b"rotten")
    done = run_script(project)
    assert done.returncode == 5
    assert "its backup is missing or damaged" in done.stderr
    assert not (project / "data").exists()
    assert not (project / "env").exists()
    assert (project / "config.ini").read_text() == "new"


def test_a_copy_of_the_project_takes_back_itself(
    engine_of: Make, project: Path, tmp_path: Path, before: Picture
) -> None:
    engine_of().run()
    here = picture(project)
    shutil.copytree(project, tmp_path / "copy", symlinks=True)
    done = run_script(tmp_path / "copy")
    assert (done.returncode, done.stderr) == (0, "")
    assert picture(tmp_path / "copy") == before
    assert picture(project) == here


def test_a_parent_that_became_a_link_is_not_passed(engine_of: Make, project: Path, tmp_path: Path) -> None:
    engine_of().run()
    (project / "src").rename(tmp_path / "elsewhere")
    (project / "src").symlink_to(tmp_path / "elsewhere")
    outside = picture(tmp_path / "elsewhere")
    assert run_script(project).returncode == 5
    assert picture(tmp_path / "elsewhere") == outside


def test_an_umask_of_the_user_changes_no_mode(engine_of: Make, project: Path, before: Picture) -> None:
    for mask in (0, 0o077):
        old = os.umask(mask)
        try:
            engine_of().run()
            assert run_script(project).returncode == 0
            assert picture(project) == before
            engine_of().run()
            engine_of(setting=BACK).rollback()
            assert picture(project) == before
        finally:
            os.umask(old)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_file_that_is_as_it_was_is_not_touched_so_that_git_and_make_notice_nothing(
    engine_of: Make, project: Path, shell: tuple[str, ...]
) -> None:
    source = project / "src"
    for name, mode in {"plain": 0o644, "program": 0o755, "secret": 0o600, "read": 0o444, "write": 0o624}.items():
        (source / name).write_text("same")
        (source / name).chmod(mode)
    (source / "folder").mkdir(mode=0o750)

    def cut(args: object, context: object) -> None:
        (source / "secret").chmod(0o644)
        (source / "folder").chmod(0o700)
        (source / "new").write_text("new")
        raise KeyboardInterrupt

    def status() -> dict[str, tuple[int, int]]:
        found = {path.name: path.lstat() for path in source.iterdir()}
        return {name: (stat.S_IMODE(each.st_mode), each.st_ctime_ns) for name, each in found.items()}

    engine = engine_of(plan_of(toy("second", "01.build", "toy.1", {}, guards=(RelPath("src"),))))
    engine.actions = {**engine.actions, "toy.1": cut}
    before = status()
    with pytest.raises(KeyboardInterrupt):
        engine.run()
    done = run_script(project, shell)
    assert (done.returncode, done.stderr) == (0, "")
    after = status()
    assert {name: each[0] for name, each in after.items()} == {name: each[0] for name, each in before.items()}
    assert {name for name in after if after[name] != before[name]} == {"secret", "folder"}


def test_while_another_run_holds_the_project_the_script_does_not_begin(
    engine_of: Make, project: Path, before: Picture
) -> None:
    engine_of().run()
    after = picture(project)
    with Store(project, RelPath(".surefoot")).lock(wait=False, waiting=print):
        done = run_script(project)
        assert (done.returncode, picture(project)) == (3, after)
    assert run_script(project).returncode == 0
    assert picture(project) == before


def test_what_the_script_did_is_on_the_disk_before_its_note_is(engine_of: Make, project: Path, tmp_path: Path) -> None:
    engine_of().run()
    checkpoints, programs = project / ".surefoot" / "checkpoints", tmp_path / "programs"
    programs.mkdir()
    (programs / "sync").write_text('#!/bin/sh\n[ ! -e "$NOTE" ] && [ ! -e "$NEW" ] && : > "$SYNCED"\n')
    (programs / "sync").chmod(0o755)
    named = {"NOTE": str(checkpoints / SCRIPT_NOTE), "NEW": str(project / "env"), "SYNCED": str(tmp_path / "synced")}
    subprocess.run(
        ["sh", str(checkpoints / "rollback.sh")], env={"PATH": f"{programs}:/usr/bin:/bin"} | named, check=True
    )
    assert (tmp_path / "synced").exists()
    assert (checkpoints / SCRIPT_NOTE).exists()


def test_a_script_that_says_the_same_is_left_and_one_that_somebody_touched_is_written_anew(
    engine_of: Make, project: Path
) -> None:
    """Each writing is two syncs; a check has nothing to take back, so the script knows nothing of it."""
    script, seen = project / ".surefoot" / "checkpoints" / "rollback.sh", []

    def look(_args: object, _context: object) -> None:
        seen.append((script.stat().st_ino, script.read_text()))
        if len(seen) == 2:
            script.write_text("not what we wrote")

    make = toy("first", "01.make", "toy.fill", {"path": "env", "names": ["a"]}, touches=(RelPath("env"),))
    checks = [toy("second", f"0{number}.look", "toy.look", {}) for number in range(1, 4)]
    engine = engine_of(plan_of(make, *checks))
    engine.actions = {**engine.actions, "toy.look": look}
    assert engine.run().state == "done"
    assert seen[0] == seen[1], "nothing was to be said, and it was written again"
    assert seen[2][1] == seen[0][1]
    assert "second.01.look" not in seen[0][1]
    assert run_script(project).returncode == 0
    assert not (project / "env").exists()
