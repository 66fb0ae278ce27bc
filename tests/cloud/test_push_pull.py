from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from installer.cli.meter import Meter
from installer.cli.options import Asked
from installer.cloud.secrets import scrub, shown
from tests.cloud.conftest import Clone, clone, earlier

if TYPE_CHECKING:
    from pathlib import Path

STORE = "memory://share/"


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return STORE if request.param == "memory" else f"file://{tmp_path}/share/"


def names(store: str) -> list[str]:
    system, path = fsspec.core.url_to_fs(store)
    return sorted(each.rpartition("/")[2] for each in system.ls(path, detail=False))


def test_another_machine_goes_on_with_a_checkpoint(here: Clone, there: Clone, store: str) -> None:
    before = here.everything()
    assert "Pushed: 2" in here.well("checkpoint", "push", store)
    assert here.everything() == before
    assert names(store) == ["demo.tar.gz"]
    assert "Completed: fetch\n" in there.well("checkpoint", "pull", store)
    assert there.journal.read_bytes() == here.journal.read_bytes()
    assert there.well("checkpoint", "check-resume") == "fetch\n"
    there.well("checkpoint", "rollback", "point-1")
    assert (there.root / "config.ini").read_text() == "one"
    there.well("checkpoint", "update", "build", "completed")
    there.well("checkpoint", "push", store)


def test_a_pulled_run_is_in_history_beside_the_pull_itself(here: Clone, there: Clone) -> None:
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    runs = json.loads(there.well("history", "--json"))["runs"]
    assert [each["kind"] for each in runs] == ["script", "pull"]
    assert (there.state / "checkpoints" / "rollback.sh").exists()
    progress = json.loads((there.state / "checkpoints" / "install_progress.json").read_text())
    assert (progress["install_id"], progress["completed_phases"]) == (runs[0]["install_id"], ["fetch"])


def test_the_pull_never_takes_the_id_of_what_it_brings(
    here: Clone, there: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.well("checkpoint", "push", STORE)
    with monkeypatch.context() as patch:
        patch.setattr("installer.clock.second", earlier)  # the very second in which the run began
        there.well("checkpoint", "pull", STORE)
    ids = [each["install_id"] for each in json.loads(there.well("history", "--json"))["runs"]]
    assert ids == ["20260102_030405", "20260102_030405_2"]
    assert there.journal.read_bytes() == here.journal.read_bytes()


def test_the_pull_itself_can_be_taken_back(here: Clone, there: Clone) -> None:
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    there.well("rollback", "--all", "--yes")
    assert (there.root / "config.ini").read_text() == "one"
    assert not (there.state / "runs").exists() or not os.listdir(there.state / "runs")


def test_taking_everything_back_takes_the_pulled_run_before_its_pull(here: Clone, there: Clone) -> None:
    here.well("checkpoint", "update", "build", "completed")
    (here.root / "config.ini").write_text("one")
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    there.well("checkpoint", "init", "--phase", "later")
    there.well("checkpoint", "update", "later", "completed")
    before = (there.root / "config.ini").read_text()
    there.well("rollback")
    there.well("rollback")
    assert [each["state"] for each in json.loads(there.well("history", "--json"))["runs"]].count("done") == 1
    there.well("rollback")
    assert len(json.loads(there.well("history", "--json"))["runs"]) == 2
    assert (there.root / "config.ini").read_text() == before


def test_pushing_and_pulling_again_is_nothing_to_do(here: Clone, there: Clone, store: str) -> None:
    here.well("checkpoint", "push", store)
    assert here.well("checkpoint", "push", store) == "Nothing to do.\n"
    there.well("checkpoint", "pull", store)
    before = there.everything()
    assert there.well("checkpoint", "pull", store) == "Nothing to do.\n"
    after = there.everything()
    for noted in (".surefoot", ".surefoot/lock.json"):  # who holds the lock is noted anew
        before.pop(noted)
        after.pop(noted)
    assert after == before


def test_dry_runs_write_nothing_anywhere(here: Clone, there: Clone, store: str) -> None:
    os.makedirs(store.removeprefix("file://"), exist_ok=True) if store.startswith("file") else None
    fsspec.filesystem("memory").makedirs("/share", exist_ok=True)
    ours = here.everything()
    code, out, _ = here.manage("checkpoint", "push", store, "--dry-run", "--detailed-exitcode")
    assert (code, out.startswith("would push 2"), names(store), here.everything()) == (11, True, [], ours)
    here.well("checkpoint", "push", store)
    theirs = there.everything()
    code, out, _ = there.manage("checkpoint", "pull", store, "--dry-run", "--detailed-exitcode")
    assert (code, out.startswith("would pull 2"), there.everything()) == (11, True, theirs)


def test_a_later_state_is_never_overwritten_silently(here: Clone, there: Clone, store: str) -> None:
    here.well("checkpoint", "push", store)
    there.well("checkpoint", "pull", store)
    there.well("checkpoint", "update", "build", "started")
    there.well("checkpoint", "push", store)
    code, _, err = here.manage("checkpoint", "push", store)
    assert (code, "is further than the run here" in err) == (10, True)
    here.well("checkpoint", "update", "build", "failed", "another way")
    here.well("checkpoint", "update", "build", "started")
    code, _, err = here.manage("checkpoint", "push", store)
    assert (code, "went apart" in err) == (10, True)
    here.well("checkpoint", "push", store, "--replace")
    assert names(store) == ["demo.tar.gz"]


def test_an_unfinished_run_is_never_replaced(here: Clone, there: Clone) -> None:
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "init", "--phase", "other")
    before = there.journal.read_bytes()
    code, _, err = there.manage("checkpoint", "pull", STORE)
    assert (code, "is unfinished here, and is not replaced" in err) == (10, True)
    assert there.journal.read_bytes() == before


def test_a_finished_run_makes_way_and_stays_in_history(here: Clone, there: Clone) -> None:
    there.well("checkpoint", "init", "--phase", "other")
    there.well("checkpoint", "update", "other", "completed")
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    kinds = [each["kind"] for each in json.loads(there.well("history", "--json"))["runs"]]
    assert sorted(kinds) == ["pull", "script", "script"]


def test_a_later_state_of_a_finished_run_is_taken_over(here: Clone, there: Clone) -> None:
    here.well("checkpoint", "update", "build", "completed")
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    here.well("checkpoint", "create", "After")
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    assert there.journal.read_bytes() == here.journal.read_bytes()
    assert "After" in there.well("checkpoint", "list")
    there.well("checkpoint", "create", "Later")
    code, _, err = there.manage("checkpoint", "pull", STORE)
    assert (code, "is further here than in the checkpoint" in err) == (10, True)


def test_another_projects_checkpoint_needs_a_choice(
    here: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = clone(tmp_path / "other", capsys, name="Some.Other")
    here.well("checkpoint", "push", STORE + "one.tar.gz")
    before = other.everything()
    code, _, err = other.manage("checkpoint", "pull", STORE + "one.tar.gz")
    assert (code, "is of the project demo, this is some-other" in err) == (10, True)
    assert other.everything() == before
    other.well("checkpoint", "pull", STORE + "one.tar.gz", "--adopt")
    other.well("checkpoint", "init")
    code, _, err = clone(tmp_path / "third", capsys, name="third").manage("checkpoint", "push", STORE + "one.tar.gz")
    assert code == 6  # it has no checkpoint yet


def test_there_is_nothing_to_pull_and_nothing_to_push(here: Clone, there: Clone) -> None:
    assert there.manage("checkpoint", "push", STORE)[0] == 6
    assert there.manage("checkpoint", "pull", STORE)[0] == 2
    assert here.manage("checkpoint", "push", STORE, "--run", "20200101_000000")[0] == 2
    assert not there.state.exists()


def test_without_the_extra_or_the_driver_the_command_is_named(here: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = here.manage("checkpoint", "push", "s3://bucket/x")
    assert (code, "uv tool install --with s3fs 'surefoot[cloud]" in err) == (6, True)
    code, _, err = here.manage("checkpoint", "push", "nonsense://bucket/x")
    assert (code, "begin with `nonsense:`" in err) == (6, True)

    monkeypatch.setitem(sys.modules, "fsspec", None)  # as if it were not installed
    code, _, err = here.manage("checkpoint", "push", STORE)
    assert (code, "hint: install it with `python3 manage.py extras add cloud`" in err) == (6, True)


@pytest.mark.parametrize("url", ["http://example.org/x.tar.gz", "ftp://user:pw@example.org/x"])
def test_nobody_is_asked_in_the_clear(here: Clone, url: str) -> None:
    assert here.manage("checkpoint", "push", url)[0] == 9


class Broken(MemoryFileSystem):  # type: ignore[misc]
    """A store that fails as drivers do: with the whole address in its words."""

    protocol = "broken"
    error: type[Exception] = OSError

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.rpartition("/")[2]

    def _open(self, *_: object, **__: object) -> object:
        text = "cannot reach broken://user:hunter2hunter2@host/x?X-Signature=cafebabe0123 (password hunter2hunter2)"
        raise self.error(text)


@pytest.mark.parametrize(("error", "code"), [(OSError, 7), (TimeoutError, 7), (PermissionError, 8), (RuntimeError, 7)])
@pytest.mark.parametrize("verb", ["push", "pull"])
def test_a_stores_failure_has_its_exit_code_and_no_secret(
    here: Clone, monkeypatch: pytest.MonkeyPatch, error: type[Exception], code: int, verb: str
) -> None:
    fsspec.register_implementation("broken", Broken, clobber=True)
    monkeypatch.setattr(Broken, "error", error)
    url = "broken://user:hunter2hunter2@host/x?X-Signature=cafebabe0123"
    for flags in ((), ("--json",), ("-vv", "--debug")):
        ended, out, err = here.manage("checkpoint", verb, url, *flags)
        assert ended == code, err
        assert "hunter2" not in out + err
        assert "cafebabe" not in out + err


def test_a_driver_that_calls_every_failure_a_missing_file_is_not_believed(
    here: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise FileNotFoundError("x") from ConnectionRefusedError("no route")

    monkeypatch.setattr(MemoryFileSystem, "_open", fail)
    assert here.manage("checkpoint", "pull", STORE)[0] == 7
    assert here.manage("checkpoint", "push", STORE)[0] == 7


def test_a_credential_of_the_address_is_written_nowhere(here: Clone, there: Clone, tmp_path: Path) -> None:
    url = "memory://user:hunter2hunter2@share/demo.tar.gz"
    said = [here.manage("checkpoint", "push", url, *flags) for flags in (("--dry-run",), (), ("--json",))]
    said += [there.manage("checkpoint", "pull", url, *flags) for flags in (("--dry-run",), ("--json", "-v"))]
    assert [code for code, _, _ in said] == [0] * 5
    assert "hunter2" not in "".join(out + err for _, out, err in said)
    found = subprocess.run(["grep", "-rl", "hunter2", tmp_path], capture_output=True, text=True, check=False).stdout
    assert found == ""
    assert "memory://****@share/demo.tar.gz" in said[1][1]


def test_an_address_is_shown_without_its_secrets() -> None:
    url = "s3://key:s3cr3t-s3cr3t@host/b/x.gz?sig=abcdef012345&b=1"
    assert shown(url) == "s3://****@host/b/x.gz?****"
    assert shown("s3://key:p@ss'word@host/x") == "s3://****@host/x"
    assert scrub(f"GET {url}: s3cr3t-s3cr3t, sig abcdef012345", url) == "GET s3://****@host/b/x.gz?****: ****, sig ****"


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://user:pw@index.example/simple\n",
        "--index-url https://TOKEN@index.example/simple\n",
        "token = ghp_" + "a" * 36,
        "deep-secret-value",
    ],
)
def test_what_holds_a_credential_is_not_pushed(here: Clone, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MY_SECRET", "deep-secret-value")
    (here.root / "config.ini").write_text(text)
    here.well("checkpoint", "create", "With a secret", "config.ini")
    code, out, err = here.manage("checkpoint", "push", STORE)
    assert (code, "holds a credential, and is not pushed" in err) == (9, True)
    assert text.strip() not in out + err
    assert not fsspec.filesystem("memory").exists("/share/demo.tar.gz")


def test_names_of_users_and_variables_are_no_credentials(here: Clone) -> None:
    (here.root / "config.ini").write_text("git+ssh://git@host/x.git https://${TOKEN}@host/simple https://host/@scope/x")
    here.well("checkpoint", "create", "Harmless", "config.ini")
    here.well("checkpoint", "push", STORE)


def test_a_failed_upload_leaves_the_old_one_and_nothing_beside_it(here: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    here.well("checkpoint", "push", STORE)
    memory = fsspec.filesystem("memory")
    old = memory.cat("/share/demo.tar.gz")
    here.well("checkpoint", "update", "build", "started")

    def no(*_: object, **__: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "mv", no)
        assert here.manage("checkpoint", "push", STORE)[0] == 7
    assert (memory.cat("/share/demo.tar.gz"), names(STORE)) == (old, ["demo.tar.gz"])


def test_who_pushes_at_the_same_time_is_noticed(here: Clone, there: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    there.well("checkpoint", "init", "--phase", "x")
    pushed: list[int] = []

    real = Meter.__call__

    def meddle(meter: Meter, done: int, total: int) -> None:
        if not pushed:
            pushed.append(1)
            pushed.append(there.manage("checkpoint", "push", STORE, "--replace")[0])
        real(meter, done, total)

    monkeypatch.setattr(Meter, "__call__", meddle)
    code, _, err = here.manage("checkpoint", "push", STORE)
    assert (pushed, code, "at the same time" in err) == ([1, 0], 10, True)
    assert names(STORE) == ["demo.tar.gz"]


def test_temporary_files_are_gone_afterwards(here: Clone, there: Clone, tmp_path: Path) -> None:
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "pull", STORE)
    there.manage("checkpoint", "pull", STORE + "none")
    assert os.listdir(tmp_path / "temporary") == []


def test_a_transfer_says_how_far_it_is_once_it_takes_over_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    meter = Meter(Asked(), "push")
    meter(1_000_000, 4_000_000)
    assert capsys.readouterr().err == ""
    meter.since -= 2
    meter(2_000_000, 4_000_000)
    meter(3_000_000, 4_000_000)
    assert capsys.readouterr().err == "moved: 2.0/4.0 MB\n"
    meter.since -= 2
    replace(meter, asked=Asked(as_json=True))(3, 0)
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["action"], event["done"], event["total"]) == ("checkpoint", "push", 3, 0)
