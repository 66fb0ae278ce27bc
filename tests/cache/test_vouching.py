"""What the seal vouches for beside the RECORDs: that commands may be executed, and the RECORDs themselves."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING

from phases.python.environments import contents, proving

if TYPE_CHECKING:
    from pathlib import Path

_ABOUT = "tool-1.dist-info"


def sealed(env: Path) -> contents.Contents:
    """An environment with a package that has a command, and one command that is in no RECORD."""
    site = env / "lib" / "python3.12" / "site-packages"
    (site / _ABOUT).mkdir(parents=True)
    (env / "bin").mkdir()
    (env / "pyvenv.cfg").touch()
    for name in ("tool", "other"):
        (env / "bin" / name).write_bytes(b"#!python\n")
        (env / "bin" / name).chmod(0o755)
    (env / "bin" / "activate").write_bytes(b"")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"#!python\n").digest()).rstrip(b"=").decode()
    (site / _ABOUT / "RECORD").write_text(f"../../../bin/tool,sha256={digest},9\n{_ABOUT}/RECORD,,\n")
    held = contents.observe(env, asked={})
    (env / contents.CONTENTS).write_bytes(contents.as_bytes(held))
    found = contents.read(env)
    assert found == held
    assert proving.of(env, found).whole
    return found


def touched(env: Path) -> None:
    """An answer is remembered for as long as no folder of the environment changes."""
    (env / "new").touch()
    os.unlink(env / "new")


def test_a_package_whose_command_may_not_be_executed_is_broken(tmp_path: Path) -> None:
    held = sealed(tmp_path)
    (tmp_path / "bin" / "tool").chmod(0o644)
    touched(tmp_path)
    proof = proving.of(tmp_path, held)
    assert (dict(proof.broken), dict(proof.sound), proof.strange) == ({"tool": 1}, {}, ())


def test_a_command_of_no_package_that_may_not_be_executed_is_strange(tmp_path: Path) -> None:
    held = sealed(tmp_path)
    (tmp_path / "bin" / "other").chmod(0o644)
    touched(tmp_path)
    proof = proving.of(tmp_path, held)
    assert (dict(proof.broken), proof.strange) == ({}, ("bin/other",))


def test_a_record_that_lost_a_line_makes_its_package_no_sound_one(tmp_path: Path) -> None:
    held = sealed(tmp_path)
    record = next(tmp_path.rglob("RECORD"))
    record.write_text("".join(record.read_text().splitlines(keepends=True)[1:]))
    touched(tmp_path)
    assert dict(proving.of(tmp_path, held).broken) == {"tool": 1}


def test_a_seal_of_an_earlier_version_vouches_for_no_more_than_it_says(tmp_path: Path) -> None:
    sealed(tmp_path)
    place = tmp_path / contents.CONTENTS
    lines = place.read_text().replace('"commands"', '"_"').replace('"records"', '"__"')
    place.write_text(lines)
    held = contents.read(tmp_path)
    assert held is not None
    (tmp_path / "bin" / "tool").chmod(0o644)
    touched(tmp_path)
    assert proving.of(tmp_path, held).whole
