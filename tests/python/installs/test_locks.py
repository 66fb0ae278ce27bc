from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import InstallerError, Refused, StepFailed
from phases.python import locks, pylock, requirement_hashes
from phases.python.locks.entry import pin

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = {"python_version": "3.11", "python_full_version": "3.11.7", "sys_platform": "linux", "os_name": "posix"}
POETRY = """
[[package]]
name = "click"
version = "8.1.7"
python-versions = ">=3.7"
files = [{file = "click.whl", hash = "sha256:aa"}]

[[package]]
name = "numpy"
version = "1.24.4"
python-versions = ">=3.8"
markers = "python_version < '3.9'"
files = []

[[package]]
name = "numpy"
version = "1.26.4"
python-versions = ">=3.9"
files = []

[package.source]
type = "legacy"
url = "https://wheels.example/cpu"
reference = "cpu"

[[package]]
name = "mine"
version = "0.1"
python-versions = "*"
[package.source]
type = "git"
url = "git@git.example:me/mine.git"
reference = "main"
resolved_reference = "0123abcd"

[[package]]
name = "here"
version = "0.1"
python-versions = "*"
[package.source]
type = "directory"
url = "libs/here"

[metadata]
lock-version = "2.1"
"""
PDM = """
[[package]]
name = "click"
version = "8.1.7"
requires_python = ">=3.7"
files = [{file = "click.whl", hash = "sha256:aa"}]

[[package]]
name = "tomli"
version = "2.0.1"
marker = "python_version < \\"3.11\\""
files = [{file = "tomli.whl", hash = "sha256:bb"}]

[[package]]
name = "mine"
version = "0.1"
git = "https://git.example/me/mine.git"
ref = "main"
revision = "0123abcd"

[[package]]
name = "here"
version = "0.1"
path = "./libs/here"
"""
UV = """
version = 1
[[package]]
name = "click"
version = "8.1.7"
source = { registry = "https://pypi.example/simple" }
sdist = { url = "https://x/click.tar.gz", hash = "sha256:cc" }
wheels = [{ url = "https://x/click.whl", hash = "sha256:aa" }]

[[package]]
name = "mine"
version = "0.1"
source = { git = "https://git.example/me/mine.git?subdirectory=py&rev=main#0123abcd" }

[[package]]
name = "here"
version = "0.1"
source = { editable = "." }
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "some.lock"


def test_a_poetry_lock_pins_for_this_interpreter(place: Path) -> None:
    place.write_text(POETRY)
    pinned = pin(locks.read("poetry", place), MARKERS)
    assert pinned.pins == ("click==8.1.7", "numpy==1.26.4")
    assert pinned.overrides == ("mine @ git+ssh://git@git.example/me/mine.git@0123abcd",)
    assert pinned.indexes == ("https://wheels.example/cpu",)


def test_a_poetry_lock_of_format_1_has_its_hashes_at_the_end(place: Path) -> None:
    place.write_text(
        '[[package]]\nname = "six"\nversion = "1.16.0"\npython-versions = "*"\n'
        '[metadata.files]\nsix = [{file = "six.whl", hash = "sha256:aa"}]\n'
    )
    assert locks.read("poetry", place)[0].hashes == {"sha256:aa"}


def test_a_pdm_lock_is_read(place: Path) -> None:
    place.write_text(PDM)
    pinned = pin(locks.read("pdm", place), MARKERS)
    assert pinned.pins == ("click==8.1.7", "tomli==2.0.1")
    assert pinned.overrides == ("mine @ git+https://git.example/me/mine.git@0123abcd",)


def test_a_uv_lock_is_read_for_pip(place: Path) -> None:
    place.write_text(UV)
    entries = locks.read("uv", place)
    pinned = pin(entries, MARKERS)
    assert pinned.pins == ("click==8.1.7",)
    assert pinned.overrides == ("mine @ git+https://git.example/me/mine.git@0123abcd#subdirectory=py",)
    assert entries[0].hashes == {"sha256:aa", "sha256:cc"}


@pytest.mark.parametrize("text", ["[[package", "[[package]]\nversion = 1\n", "package = 3\n", b"\xff\xfe"])
def test_a_malformed_lock_is_a_clear_error(place: Path, text: str | bytes) -> None:
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StepFailed) as caught:
        locks.read("poetry", place)
    assert caught.value.code in {"lock.unreadable", "lock.shape"}


LOCK = """lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "six"
version = "1.16.0"
sdist = { url = "https://x/six.tar.gz", upload-time = 2021-05-05T14:18:18Z, hashes = { sha256 = "bb" } }
wheels = [{ url = "https://x/six.whl", size = 11053, hashes = { sha256 = "aa" } }]

[[packages]]
name = "idna"
version = "3.6"
marker = "python_version < '3.9'"
wheels = [{ url = "https://x/idna.whl", hashes = { sha256 = "cc" } }]

[[packages]]
name = "here"
directory = { path = "../libs/here", editable = true }
"""


def test_a_lock_survives_being_read_and_written() -> None:
    document = pylock.parse(LOCK)
    assert pylock.parse(pylock.write(document)) == document


def test_any_text_survives_being_written() -> None:
    document = {**pylock.parse(LOCK), "tool": {"us": {"a key": ['"\\\n\t\x01é']}}}
    assert pylock.parse(pylock.write(document)) == document


def test_an_empty_lock_survives_being_written() -> None:
    document = {"lock-version": "1.0", "packages": []}
    assert pylock.parse(pylock.write(document)) == document


def test_what_has_a_marker_is_not_listed() -> None:
    assert pylock.listed(LOCK) == {"six": "1.16.0", "here": ""}


def test_only_allowed_files_are_left() -> None:
    document = pylock.restrict(pylock.parse(LOCK), {"six": frozenset({"sha256:aa"})}, origin="x")
    six = document["packages"][0]
    assert ("sdist" in six, len(six["wheels"])) == (False, 1)


def test_no_allowed_file_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        pylock.restrict(pylock.parse(LOCK), {"six": frozenset({"sha256:dd"})}, origin="requirements.txt")
    assert (caught.value.exit_code, caught.value.facts["name"]) == (9, "six")


def test_where_every_file_must_be_listed_a_name_without_a_hash_is_no_tampering() -> None:
    with pytest.raises(Refused) as caught:
        pylock.restrict(pylock.parse(LOCK), {"idna": frozenset({"sha256:aa"})}, origin="x", every=True, hint="list it")
    assert (caught.value.exit_code, caught.value.code) == (6, "python.no-hash")
    assert (caught.value.message, caught.value.hint) == ("x gives no hash for `six`", "list it")


def test_local_folders_keep_their_place(tmp_path: Path) -> None:
    document = pylock.absolute(pylock.parse(LOCK), tmp_path / "scratch")
    assert document["packages"][2]["directory"]["path"] == str(tmp_path / "libs" / "here")


def test_a_file_of_another_kind_is_no_pylock() -> None:
    with pytest.raises(InstallerError) as caught:
        pylock.parse("version = 1\n")
    assert caught.value.code == "lock.shape"


def test_hashes_are_read_with_continuations_comments_and_inclusions(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "# comment\nSix==1.16.0 \\\n    --hash=sha256:AA \\\n    --hash=sha256:bb  # why\n-r b.txt\n--index-url https://x\n"
    )
    (tmp_path / "b.txt").write_text("idna==3.6 --hash=sha256:cc\n-r a.txt\n")
    listed = requirement_hashes.read([tmp_path / "a.txt"])
    assert listed.hashes == {"six": {"sha256:aa", "sha256:bb"}, "idna": {"sha256:cc"}}
    assert listed.complete


def test_one_requirement_without_a_hash_makes_them_incomplete(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("six==1.16.0 --hash=sha256:aa\nidna\n")
    assert not requirement_hashes.read([tmp_path / "a.txt"]).complete
