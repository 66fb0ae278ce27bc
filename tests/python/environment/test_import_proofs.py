"""What was imported once is believed only of the same bytes, on the same machine, by a proof that is whole and ours."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from phases.python import memory
from phases.python.environments import import_inputs, import_proofs, import_surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Project = Any  # conftest.Project: with importmode=importlib it has no name to import


@pytest.fixture(autouse=True)
def _a_cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "surefoot"))


@pytest.fixture
def counted(project: Project, tmp_path: Path) -> Callable[[], int]:
    """Makes a package that notes each of its imports, and an environment with it; says how often it was imported."""
    noted = tmp_path / "imported"
    project.wheel("alpha", files={"alpha/__init__.py": _noting(noted), "alpha/data.txt": "data"})
    assert project.quickstart().state == "done"
    assert noted.read_text() == "x"
    return lambda: len(noted.read_text())


def _noting(place: Path) -> str:
    return f"with open({str(place)!r}, 'a') as file:\n    file.write('x')\n"


def anew(project: Project, **options: Any) -> Any:
    """Another environment of the same packages."""
    project.write("requirements.txt", f"# {time.monotonic_ns()}\n")
    return project.quickstart(**options)


def word(env: Path, trees: tuple[Path, ...] = ()) -> str:
    """What is known of the inputs of its imports; empty where that is nothing."""
    inputs = import_inputs.of(env, trees)
    return inputs.by_inodes() + inputs.by_contents() if inputs else ""


def cached(tmp_path: Path, name: str) -> Path:
    """A file of a package as uv keeps it; environments have another name of the very same."""
    (found,) = (tmp_path / "cache").glob(f"archive-v0/*/{name}")
    return found


def test_the_same_bytes_are_imported_once(project: Project, counted: Callable[[], int]) -> None:
    assert anew(project).state == "done"
    assert counted() == 1


def test_deep_verification_imports_all_the_same(project: Project, counted: Callable[[], int]) -> None:
    assert anew(project, deep=True).state == "done"
    assert counted() == 2


def test_who_wants_nothing_remembered_has_all_imported(
    project: Project, counted: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUREFOOT_NO_CACHE", "1")
    kept = sorted(memory.folder(import_proofs.KIND).iterdir())
    project.wheel("beta")
    for number in (2, 3):
        assert anew(project).state == "done"
        assert counted() == number
    assert sorted(memory.folder(import_proofs.KIND).iterdir()) == kept


def test_a_changed_byte_is_noticed(project: Project, counted: Callable[[], int], tmp_path: Path) -> None:
    file = cached(tmp_path, "alpha/data.txt")
    assert file.stat().st_nlink > 1
    file.write_text("date")
    assert anew(project).state == "done"
    assert counted() == 2


def test_a_changed_byte_of_a_copied_file_is_noticed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_LINK_MODE", "copy")
    project.wheel("alpha", files={"alpha/__init__.py": "", "alpha/data.txt": "data"})
    assert project.quickstart().state == "done"
    before = word(project.env)
    (data,) = project.env.glob("lib/*/site-packages/alpha/data.txt")
    assert data.stat().st_nlink == 1
    status = data.stat()
    data.write_text("date")
    os.utime(data, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert word(project.env) != before
    data.write_text("data")
    assert word(project.env) == before


def test_after_a_start_of_the_machine_the_bytes_are_read(
    project: Project, counted: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_surroundings, "start", lambda: b"the next")
    assert anew(project).state == "done"
    assert counted() == 1
    file = cached(tmp_path, "alpha/data.txt")
    status = file.stat()
    file.write_text("date")  # as a power cut tears it: neither size nor time tells
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    monkeypatch.setattr(import_surroundings, "start", lambda: b"the one after")
    assert anew(project).state == "done"
    assert counted() == 2


def test_the_same_bytes_in_other_files_are_believed_once_they_are_read(
    project: Project, counted: Callable[[], int], tmp_path: Path
) -> None:
    before = cached(tmp_path, "alpha/data.txt").stat()
    shutil.rmtree(tmp_path / "cache")
    assert anew(project).state == "done"
    after = cached(tmp_path, "alpha/data.txt").stat()
    assert (before.st_ino, before.st_mtime_ns) != (after.st_ino, after.st_mtime_ns)
    assert counted() == 1


def test_what_is_not_as_its_record_says_proves_nothing_for_others(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.wheel("alpha", files={"alpha/__init__.py": "", "alpha/data.txt": "data"})
    assert project.quickstart().state == "done"
    shutil.rmtree(memory.folder(import_proofs.KIND))
    file = cached(tmp_path, "alpha/data.txt")
    status = file.stat()
    file.write_text("date")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert anew(project).state == "done"
    assert len(list(memory.folder(import_proofs.KIND).iterdir())) == 1  # for this very file, until the next start
    monkeypatch.setattr(import_surroundings, "start", lambda: b"")
    inputs = import_inputs.of(project.env)
    assert inputs is not None
    assert (inputs.by_inodes(), inputs.holds()) == ("", False)


def test_what_is_too_large_to_be_read_is_known_by_inode_only(
    project: Project, counted: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_inputs, "_MOST_LINKED", 3)
    assert anew(project).state == "done"
    assert counted() == 1
    inputs = import_inputs.of(project.env)
    assert inputs is not None
    assert (bool(inputs.by_inodes()), inputs.by_contents(), inputs.holds()) == (True, "", False)


def test_another_package_beside_it_is_noticed(project: Project, counted: Callable[[], int]) -> None:
    project.wheel("beta")
    assert anew(project).state == "done"
    assert counted() == 2


def test_a_package_that_no_longer_imports_is_refused_every_time(project: Project, counted: Callable[[], int]) -> None:
    project.member(code="import alpha, beta\n", requires="beta")
    project.wheel("beta")
    assert anew(project).state == "done"
    project.wheel("beta", "2.0", files={"beta/__init__.py": "import alpha.gone\n"})
    for _ in range(2):
        outcome = anew(project)
        assert outcome.error.code == "verification.failed"
        assert any("No module named 'alpha.gone'" in line for line in outcome.error.details)
    assert counted() == 4


def test_a_local_package_is_imported_again_when_a_file_of_it_changed(project: Project, tmp_path: Path) -> None:
    noted = tmp_path / "imported"
    project.member(code=_noting(noted))
    assert project.quickstart().state == "done"
    assert anew(project).state == "done"  # requirements.txt is a file of the project, too
    assert noted.read_text() == "xx"
    project.write("data.txt", "one")
    project.remove(".venv")
    assert project.quickstart().state == "done"
    assert noted.read_text() == "xxx"
    project.remove(".venv")
    assert project.quickstart().state == "done"
    assert noted.read_text() == "xxx"


def test_other_modules_than_those_proven_are_imported(project: Project, counted: Callable[[], int]) -> None:
    project.write("surefoot.toml", '[verification]\nimports = ["alpha", "json.tool"]\n')
    assert anew(project).state == "done"
    assert counted() == 2
    project.write("surefoot.toml", '[verification]\nimports = ["alpha", "json.gone"]\n')
    assert anew(project).error.code == "verification.failed"


def _tampered(proof: Path) -> None:
    proof.write_bytes(proof.read_bytes().replace(b"import alpha", b"import alphb"))


def _longer(proof: Path) -> None:
    proof.write_bytes(b"import beta\n" + proof.read_bytes())


def _empty(proof: Path) -> None:
    proof.write_bytes(b"")


def _zeros(proof: Path) -> None:
    proof.write_bytes(b"\0" * proof.stat().st_size)


def _foreign(proof: Path) -> None:
    os.chown(proof, 65534, 65534)


def _foreign_folder(proof: Path) -> None:
    os.chown(proof.parent, 65534, 65534)


def _writable(proof: Path) -> None:
    proof.chmod(0o622)


def _writable_folder(proof: Path) -> None:
    proof.parent.chmod(0o777)


def _linked(proof: Path) -> None:
    proof.rename(proof.with_name(f"{proof.name}x"))
    proof.symlink_to(f"{proof.name}x")


def _shared(proof: Path) -> None:
    proof.with_name(f"{proof.name}x").hardlink_to(proof)


def _pipe(proof: Path) -> None:
    proof.unlink()
    os.mkfifo(proof)


def _old(proof: Path) -> None:
    os.utime(proof, (0, 0))


def _ahead(proof: Path) -> None:
    os.utime(proof, (time.time() + 10**8,) * 2)


def _renamed(proof: Path) -> None:
    """That of another environment under this one's name."""
    other = "0" * 64
    data = proof.read_bytes().rpartition(b"\n")[0]
    checksum = memory._checksum(import_proofs.KIND, other, data)  # noqa: SLF001 -- as an honest proof of another name has it
    proof.write_bytes(data + b"\n" + checksum)


@pytest.mark.parametrize(
    "spoil",
    [
        _tampered, _longer, _empty, _zeros, _foreign, _foreign_folder, _writable, _writable_folder, _linked, _shared,
        _pipe, _old, _ahead, _renamed,
    ],
)  # fmt: skip
def test_a_proof_that_is_not_whole_or_not_ours_is_not_believed(
    project: Project, counted: Callable[[], int], spoil: Callable[[Path], None]
) -> None:
    folder = memory.folder(import_proofs.KIND)
    proofs = sorted(folder.iterdir())  # that by inodes, and that by contents
    assert [path.stat().st_mode & 0o777 for path in (folder, *proofs)] == [0o700, 0o600, 0o600]
    for proof in proofs:
        spoil(proof)
    assert anew(project).state == "done"
    assert counted() == 2


def test_a_cache_that_cannot_be_written_costs_only_time(project: Project, tmp_path: Path) -> None:
    (tmp_path / "surefoot").mkdir(exist_ok=True)
    (tmp_path / "surefoot" / "imports").write_text("in the way")
    project.wheel("alpha")
    assert project.quickstart().state == "done"
    assert anew(project).state == "done"


def test_proofs_do_not_pile_up(project: Project, counted: Callable[[], int]) -> None:
    for number in range(300):
        (memory.folder(import_proofs.KIND) / f"{number:064x}").write_text("old")
    project.wheel("beta")
    assert anew(project).state == "done"
    assert len(list(memory.folder(import_proofs.KIND).iterdir())) == 200
    assert anew(project).state == "done"
    assert counted() == 2


@pytest.mark.usefixtures("counted")
def test_another_machine_interpreter_start_or_variable_is_another_word(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = [word(project.env)]
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    words.append(word(project.env))
    monkeypatch.setattr("installer.identity.machine", lambda: "another")
    words.append(word(project.env))
    monkeypatch.setattr(import_surroundings, "start", lambda: b"another")
    words.append(word(project.env))
    python = tmp_path / "python3"
    python.write_text("another")
    monkeypatch.setattr("phases.python.environments.places.interpreter", lambda _: str(python))
    words.append(word(project.env))
    python.write_text("one more")
    words.append(word(project.env))
    assert all(words)
    assert len(set(words)) == len(words)


@pytest.mark.usefixtures("counted")
def test_an_environment_that_leads_elsewhere_has_no_word(project: Project, tmp_path: Path) -> None:
    assert word(project.env)
    (site,) = project.env.glob("lib/*/site-packages")
    (site / "more.pth").write_text(f"{tmp_path}\n")
    assert word(project.env) == ""
    assert word(project.env, (tmp_path / "my project",)) == ""
    (site / "more.pth").write_text(f"{project.root}\n")
    assert word(project.env, (project.root,))
    (site / "more.pth").unlink()
    (site / "alpha" / "linked").symlink_to(tmp_path)
    assert word(project.env) == ""
