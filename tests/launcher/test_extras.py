"""Extras: heavy libraries in an environment beside the plain one; a missing one is a sentence."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer import extras, toolenv
from installer.errors import Precondition

if TYPE_CHECKING:
    from tests.launcher.conftest import Copy, Wheels

ROOT = Path(__file__).resolve().parents[2]
PREPARING = "Preparing Surefoot's own tools (once) …\n"


@pytest.fixture
def more(surefoot: Copy, wheels: Wheels) -> Copy:
    """A copy whose extra `more` adds one package, and whose lock of `gone` wants one that nobody has."""
    wheel = wheels.folder / "more-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in (
            ("more.py", "ANSWER = 43\n"),
            ("more-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: more\nVersion: 1.0\n"),
            ("more-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("more-1.0.dist-info/RECORD", ""),
        ):
            archive.writestr(zipfile.ZipInfo(name), text)  # the same bytes in every test
    locks = surefoot.root / "locks"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (locks / "more.txt").write_text(f"more==1.0 \\\n    --hash=sha256:{digest}\n")
    (locks / "again.txt").write_text(f"more==1.0 \\\n    --hash=sha256:{digest}\n{wheels.lock}")
    (locks / "gone.txt").write_text(f"gone==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    return surefoot


def record(copy: Copy, *names: str) -> None:
    folder = copy.home / ".config" / "surefoot"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extras").write_text("".join(f"{name}\n" for name in names))


def test_recorded_ones_are_in_an_environment_beside_the_plain_one(more: Copy) -> None:
    plain = more.start().told["prefix"]
    record(more, "more")
    more.stand_in("tiny", "more")
    first, second = more.start(), more.start()
    assert (first.err, second.err) == (PREPARING, "")
    assert first.told["prefix"] == second.told["prefix"] != plain
    assert {str(path) for path in more.made} == {plain, first.told["prefix"]}
    record(more)
    more.stand_in("tiny")
    again = more.start()
    assert (again.err, again.told["prefix"]) == ("", plain)


def test_the_variable_outranks_the_record(more: Copy) -> None:
    more.stand_in("tiny", "more")
    wanted = more.start(SUREFOOT_EXTRAS="more")
    record(more, "more")
    assert more.start().told["prefix"] == wanted.told["prefix"]
    more.stand_in("tiny")
    assert more.start(SUREFOOT_EXTRAS="").told["prefix"] != wanted.told["prefix"]


def test_extras_that_share_a_package_are_installed_together(more: Copy) -> None:
    more.stand_in("tiny", "more")
    started = more.start(SUREFOOT_EXTRAS="more, again")
    assert (started.code, started.err) == (0, PREPARING)


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "dev", "tool"])
def test_the_variable_may_only_name_what_there_is(more: Copy, name: str) -> None:
    started = more.start(SUREFOOT_EXTRAS=name)
    assert (started.code, more.made) == (2, [])
    assert f"error: there is no extra `{name}`\n\nhint: there are: again, gone, more\n" == started.err


def test_a_recorded_one_that_this_copy_does_not_know_is_passed_over(more: Copy) -> None:
    record(more, "of-a-newer-surefoot")
    assert more.start().code == 0


def test_the_tool_goes_on_without_recorded_ones_that_cannot_be_had(more: Copy) -> None:
    plain = more.start().told["prefix"]
    record(more, "gone")
    started = more.start()
    assert started.told["prefix"] == plain
    assert "warning: going on without the extras" in started.err
    assert more.start(SUREFOOT_EXTRAS="gone").code == 6


def test_two_starts_at_once_make_it_once(more: Copy) -> None:
    record(more, "more")
    children = [more.begin(), more.begin()]
    said = [child.communicate()[1] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert sum(text.count(PREPARING) for text in said) == len(more.made) == 1


def test_nothing_to_do_does_not_even_look_for_them(more: Copy) -> None:
    more.fast_path("nothing to do")
    record(more, "gone")
    started = more.start(SUREFOOT_EXTRAS="nonsense")
    assert (started.code, started.out, started.err) == (0, "nothing to do\n", "")


def test_the_plain_environments_name_does_not_change_with_extras_there(more: Copy) -> None:
    base = toolenv.base_interpreter()
    locks = tuple(str(more.root / "locks" / f"{name}.txt") for name in ("tool", "more", "again"))
    keys = [toolenv.key_of(locks[:1], base), toolenv.key_of(locks[:2], base), toolenv.key_of(locks[::2], base)]
    assert len(set(keys)) == 3


def test_pyproject_the_table_and_the_locks_name_the_same_extras() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(declared) == set(extras.EXTRAS) == set(toolenv.known_extras(str(ROOT)))


def test_a_lock_of_an_extra_repeats_nothing_of_the_tools() -> None:
    names = {
        path.stem: {line.split("==")[0] for line in path.read_text().splitlines() if "==" in line}
        for path in (ROOT / "locks").glob("*.txt")
    }
    for name in extras.EXTRAS:
        assert names[name]
        assert names[name] & names["tool"] == set()
        assert names[name] <= names["dev"]


def test_a_missing_library_is_a_sentence_with_its_command() -> None:
    with pytest.raises(Precondition) as raised:
        extras.need("cloud", "never_written")
    assert raised.value.exit_code == 6
    assert raised.value.message == "this needs the extra `cloud` of Surefoot (`never_written` is not installed)"
    assert raised.value.hint == "install it with `python3 manage.py extras add cloud`"


@pytest.mark.parametrize(
    ("sign", "command"),
    [
        ("uv-receipt.toml", "uv tool install 'surefoot[cloud]'"),
        ("pipx_metadata.json", "pipx inject surefoot 'fsspec>=2025.3'"),
        ("pyvenv.cfg", "-m pip install 'surefoot[cloud]'"),
    ],
)
def test_an_installed_wheel_is_told_its_own_installers_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str, command: str
) -> None:
    (tmp_path / sign).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(extras, "clone", lambda: "")
    monkeypatch.setattr(extras, "usable", lambda name: name == "cloud")  # whatever the tester's own has
    monkeypatch.setattr("importlib.metadata.requires", lambda _: ["click", "fsspec>=2025.3; extra == 'cloud'"])
    assert extras.remedy("cloud").endswith(command)


@pytest.mark.slow
def test_from_a_clone_they_are_added_used_offline_and_removed(real_surefoot: Copy) -> None:
    copy = real_surefoot
    for name in ("cloud.txt",):
        (copy.root / "locks" / name).write_bytes((ROOT / "locks" / name).read_bytes())
    # the real phases are not in the copy, and the command line needs them
    subprocess.run(["cp", "-r", str(ROOT / "phases"), str(copy.root)], check=True)

    def manage(*words: str, **extra: str) -> tuple[int, str, str]:
        started = replace(copy, environment=copy.environment | extra).start(*words, script="manage.py")
        return started.code, started.out, started.err

    def cloud(listed: str) -> list[str]:
        """Its line, of which the columns are as wide as those of the others ask for."""
        line = next(line for line in listed.splitlines() if line.startswith("cloud "))
        return re.split(" {2,}", line)

    absent = ["cloud", "not installed", "checkpoint push, checkpoint pull"]
    assert cloud(manage("extras")[1]) == absent
    plain = copy.made
    said = manage("extras", "add", "cloud", "--dry-run", "--detailed-exitcode")
    assert said == (11, "would add the extra cloud\n\nA dry run: nothing was changed.\n", "")
    assert (copy.made, os.path.exists(copy.home / ".config" / "surefoot")) == (plain, False)
    failed = manage("extras", "add", "cloud", PIP_NO_INDEX="1", PIP_CACHE_DIR=str(copy.home / "none"))
    assert failed[0] == 6
    assert not (copy.home / ".config" / "surefoot" / "extras").exists()
    assert manage("extras", "add", "cloud") == (0, "added: cloud\n", PREPARING)
    assert manage("extras", "add", "cloud") == (0, "Nothing to do.\n", "")
    offline = {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    listed = json.loads(manage("extras", "list", "--json", **offline)[1])
    assert ("cloud", True, True) in [(each["name"], each["added"], each["usable"]) for each in listed["extras"]]
    assert manage("extras", "remove", "cloud", **offline) == (0, "removed: cloud\n", "")
    assert cloud(manage("extras", **offline)[1]) == absent
    assert manage("extras", "add", "clod")[0] == 2
