"""What others wrote cannot steer the terminal; a question to nobody is no yes; a foreign process is never ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from installer.model import RelPath
from installer.store import Store
from tests.whole.kit import differences, picture, run, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\r\u202e"


def test_no_text_of_the_projects_steers_the_terminal(tmp_path: Path) -> None:
    code = f"import sys; print({STEERING!r} + 'said'); print({STEERING!r} + 'cried', file=sys.stderr); sys.exit(3)"
    title = "x" + json.dumps(STEERING)[1:-1]
    step = {"phase": "environment_setup", "title": "named", "run": [sys.executable, "-c", code]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in step.items()]
    name = json.dumps(f"x{STEERING}")
    write(
        tmp_path,
        {
            "surefoot.toml": f"name = {name}\n[[steps]]\n" + "\n".join(lines).replace("named", title),
            "requirements.txt": "six==1.16.0\n",
        },
    )
    for words in (("-y", "-v"), ("--dry-run", "-y")):
        ended = run("quickstart.py", *words, cwd=tmp_path)
        controls = {sign for sign in ended.said if (ord(sign) < 32 or 127 <= ord(sign) < 160) and sign not in "\n\t"}
        assert controls | (set(ended.said) & {"\u202e"}) == set(), (words, ended.said)
    logs = [path.read_text() for path in (tmp_path / ".surefoot").rglob("*.log")]
    assert logs
    assert not any("\x1b" in text for text in logs)


def test_a_question_to_nobody_is_no_yes(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "six==1.16.0\n"})
    assert run("quickstart.py", "-y", cwd=tmp_path).status == 0
    before = picture(tmp_path, without=(".surefoot",))
    ended = run("manage.py", "clean-env", "--all", cwd=tmp_path)
    assert ended.status == 2, ended.said
    assert "--yes" in ended.said
    assert differences(before, picture(tmp_path, without=(".surefoot",))) == []


def test_a_note_that_names_a_foreign_process_costs_it_nothing(tmp_path: Path) -> None:
    """The lock's note holds the number of a process that lives and is not ours: the kernel's lock alone decides."""
    with subprocess.Popen(["sleep", "60"]) as foreign:
        store = Store(tmp_path, RelPath(".surefoot"))
        store.prepare()
        note = {"pid": foreign.pid, "host": os.uname().nodename, "started": "2020-01-01T00:00:00+00:00"}
        (store.folder / "lock.json").write_text(json.dumps(note))
        write(tmp_path, {"requirements.txt": "six==1.16.0\n"})
        ended = run("quickstart.py", "-y", "--no-wait", cwd=tmp_path)
        assert ended.status == 0, ended.said
        assert foreign.poll() is None
        foreign.kill()
