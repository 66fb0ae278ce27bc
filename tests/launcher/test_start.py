"""From any interpreter, in any folder, to the command line on the tool's own packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.launcher.conftest import Copy, Wheels

PREPARING = "Preparing Surefoot's own tools (once) …\n"


def test_the_first_start_makes_the_tools_and_the_second_uses_them(surefoot: Copy) -> None:
    first, second = surefoot.start(), surefoot.start()
    (made,) = surefoot.made
    assert (first.err, second.err) == (PREPARING, "")
    assert first.told == second.told
    assert first.told["prefix"] == str(made)
    assert first.told["isolated"] == 1
    assert first.told["launched_by"] == sys.executable


def test_once_made_the_tools_need_no_index(surefoot: Copy) -> None:
    surefoot.start()
    again = surefoot.start(PIP_FIND_LINKS="/nowhere")
    assert (again.told["door"], again.err) == ("quickstart", "")


def test_arguments_and_the_exit_code_pass_through(surefoot: Copy) -> None:
    arguments = ["--x", "a b", "", "ünïcode", 'it\'s "quoted"', "new\nline", "-"]
    started = surefoot.start(*arguments, script="manage.py")
    assert (started.code, started.told["door"], started.told["argv"]) == (7, "manage", arguments)


def test_it_runs_in_the_folder_it_was_started_in(surefoot: Copy, tmp_path: Path) -> None:
    project = tmp_path / "my project's \n ünïcode"
    project.mkdir()
    assert surefoot.start(cwd=project).told["cwd"] == str(project)


def test_its_own_folder_may_have_any_name(surefoot: Copy, tmp_path: Path) -> None:
    odd = tmp_path / "odd 'name' \n ünïcode"
    surefoot.root.rename(odd)
    (tmp_path / "surefoot").symlink_to(odd)
    assert surefoot.start().told["door"] == "quickstart"


def test_a_link_to_the_script_starts_it(surefoot: Copy, tmp_path: Path) -> None:
    link = tmp_path / "anywhere"
    link.symlink_to(surefoot.root / "manage.py")
    child = subprocess.run([sys.executable, link], env=surefoot.variables(), cwd=tmp_path, check=False)
    assert child.returncode == 7


def test_an_environment_starts_it_through_its_base_interpreter(surefoot: Copy, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    direct = surefoot.start()
    python = str(tmp_path / "venv" / "bin" / "python")
    child = subprocess.run([python, *surefoot.command()[1:]], env=surefoot.variables(), capture_output=True, check=True)
    assert child.stderr == b""
    assert len(surefoot.made) == 1
    assert direct.told["prefix"].encode() in child.stdout
    assert f'"launched_by": "{python}"'.encode() in child.stdout


def test_an_isolated_interpreter_starts_it(surefoot: Copy) -> None:
    command = [sys.executable, "-I", "-S", *surefoot.command()[1:]]
    assert subprocess.run(command, env=surefoot.variables(), cwd="/", check=False).returncode == 0


def test_nothing_to_do_is_said_without_tools(surefoot: Copy) -> None:
    surefoot.fast_path("Nothing to do")
    started = surefoot.start("-y")
    assert (started.code, started.out, started.err, surefoot.made) == (0, "Nothing to do\n", "", [])


def test_nothing_to_do_costs_no_further_import(surefoot: Copy) -> None:
    surefoot.fast_path("Nothing to do")
    bare = _imported([sys.executable, "-X", "importtime", "-c", "pass"], surefoot)
    fast = _imported([sys.executable, "-X", "importtime", *surefoot.command()[1:]], surefoot)
    ours = {"__future__", "installer", "installer.door", "installer.launcher", "installer.fingerprint"}
    assert fast - bare == ours


def _imported(command: list[str], surefoot: Copy) -> set[str]:
    child = subprocess.run(command, env=surefoot.variables(), capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in child.stderr.splitlines() if line.startswith("import time:")}


def test_a_fast_path_that_cannot_read_leaves_the_word_to_the_full_path(surefoot: Copy) -> None:
    source = "def nothing_to_do(argv):\n    raise ValueError('damaged')\n"
    (surefoot.root / "installer" / "fingerprint.py").write_text(source)
    assert surefoot.start().told["door"] == "quickstart"


def test_maintenance_has_no_fast_path(surefoot: Copy) -> None:
    surefoot.fast_path("Nothing to do")
    assert surefoot.start(script="manage.py").told["door"] == "manage"


def test_what_would_divert_imports_is_left_behind(surefoot: Copy, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("hashlib", "tiny", "venv", "pip", "json", "glob", "ensurepip", "click", "installer"):
        (trap / f"{name}.py").write_text("raise SystemExit('trapped')")
    started = surefoot.start(cwd=trap, PYTHONPATH=str(trap), PYTHONSTARTUP=str(trap / "pip.py"), PYTHONWARNINGS="error")
    assert started.told["names"] == ["SUREFOOT_LAUNCHED_BY"]
    assert started.told["modules"]["tiny"].startswith(started.told["prefix"])


def test_what_would_divert_an_installation_is_left_behind(surefoot: Copy, tmp_path: Path) -> None:
    away, pip = tmp_path / "away", surefoot.home / ".config" / "pip"
    pip.mkdir(parents=True)
    settings = ["[global]", "dry-run = true", "[install]", f"prefix = {away}", "no-binary = :all:", "user = yes"]
    (pip / "pip.conf").write_text("\n".join(settings))
    (tmp_path / "constraint.txt").write_text("tiny==2.0\n")
    constraint = str(tmp_path / "constraint.txt")
    started = surefoot.start(PIP_TARGET=str(away), PIP_USER="1", PIP_CONSTRAINT=constraint, PIP_REQUIRE_VIRTUALENV="0")
    assert started.told["door"] == "quickstart"
    assert not away.exists()


def test_the_users_own_index_is_asked(surefoot: Copy) -> None:
    links = surefoot.environment.pop("PIP_FIND_LINKS")
    surefoot.environment.pop("PIP_NO_INDEX")
    pip = surefoot.home / ".config" / "pip"
    pip.mkdir(parents=True)
    (pip / "pip.conf").write_text(f"[global]\nno-index = true\n[install]\nfind-links =\n    /nowhere\n    {links}\n")
    assert surefoot.start().told["door"] == "quickstart"


@pytest.mark.parametrize(
    ("variables", "settings"),
    [
        ({"UV_DEFAULT_INDEX": "mine={url}"}, ""),
        ({"UV_INDEX_URL": "{url}"}, ""),
        ({}, 'index-url = "{url}"'),
        ({}, '[[index]]\nurl = "http://127.0.0.1:9"\n[[index]]\nname = "mine"\nurl = "{url}"\ndefault = true'),
    ],
)
def test_the_index_of_a_user_of_uv_is_asked(
    surefoot: Copy, wheels: Wheels, tmp_path: Path, variables: dict[str, str], settings: str
) -> None:
    page = tmp_path / "simple" / "tiny" / "index.html"
    page.parent.mkdir(parents=True)
    (wheel,) = wheels.folder.glob("tiny-*.whl")
    page.write_text(f"<!DOCTYPE html><a href='{wheel.as_uri()}'>{wheel.name}</a>")
    url = page.parent.parent.as_uri()
    surefoot.environment.clear()
    surefoot.environment.update({name: value.format(url=url) for name, value in variables.items()})
    uv = surefoot.home / ".config" / "uv" / "uv.toml"
    uv.parent.mkdir(parents=True)
    uv.write_text(settings.format(url=url))
    assert surefoot.start().told["door"] == "quickstart"


@pytest.mark.parametrize(
    ("variable", "value", "place"),
    [
        ("SUREFOOT_CACHE_DIR", "{home}/mine", "mine/tools"),
        ("XDG_CACHE_HOME", "{home}/xdg", "xdg/surefoot/tools"),
        ("XDG_CACHE_HOME", "relative", ".cache/surefoot/tools"),
    ],
)
def test_the_tools_are_where_the_platform_has_caches(surefoot: Copy, variable: str, value: str, place: str) -> None:
    surefoot.environment[variable] = value.format(home=surefoot.home)
    assert Path(surefoot.start().told["prefix"]).parent == surefoot.home / place


def test_another_lock_gives_another_environment(surefoot: Copy) -> None:
    first = surefoot.start()
    lock = surefoot.root / "locks" / "tool.txt"
    lock.write_text(lock.read_text() + "# changed\n")
    second = surefoot.start()
    assert {first.told["prefix"], second.told["prefix"]} == {str(path) for path in surefoot.made}


def test_the_tools_are_private(surefoot: Copy) -> None:
    surefoot.start()
    for path in (surefoot.cache, surefoot.cache / "lock", *surefoot.made):
        assert path.stat().st_mode & 0o077 == 0


def test_only_programs_that_work_are_kept(surefoot: Copy) -> None:
    prefix = Path(surefoot.start().told["prefix"])
    assert not shutil.which("tiny", path=prefix / "bin")
    assert (prefix / "bin" / "python").exists()
