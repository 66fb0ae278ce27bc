"""Undo actions: newest first, all of them, whatever fails, also after a crash."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from installer.checkpoint import RollbackManager, new_rollback_manager
from installer.errors import Conflict, Locked, UsageError
from installer.model import Delete, Lasting, RelPath
from installer.rollback_manager import AlreadyGone, Result, RollbackFailed
from installer.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]

Note = Callable[[str], Callable[[], None]]


@pytest.fixture
def undone() -> list[str]:
    return []


@pytest.fixture
def note(undone: list[str]) -> Note:
    """An undo that notes that it ran."""
    return lambda name: lambda: undone.append(name)


def fail(error: BaseException) -> Callable[[], None]:
    def undo() -> None:
        raise error

    return undo


def test_one_action_is_taken_back(undone: list[str], note: Note) -> None:
    manager = new_rollback_manager()
    manager.add_action("volume", "data", "Create the data volume", note("data"))
    assert manager.count() == 1
    (result,) = manager.rollback()
    assert (undone, result.outcome, manager.count(), manager.state) == (["data"], "undone", 0, "rolled back")


def test_several_actions_are_taken_back_newest_first(undone: list[str], note: Note) -> None:
    manager = RollbackManager()
    for kind, name in (("database", "a"), ("volume", "b"), ("config", "c"), ("container", "d"), ("custom", "e")):
        manager.add_action(kind, name, name, note(name))
    assert [each.action.resource for each in manager.rollback()] == ["e", "d", "c", "b", "a"]
    assert undone == ["e", "d", "c", "b", "a"]


def test_clear_forgets_the_actions(undone: list[str], note: Note) -> None:
    manager = RollbackManager()
    manager.add_action("volume", "data", "", note("data"))
    manager.clear()
    assert (manager.count(), manager.state, manager.rollback(), undone) == (0, "cleared", (), [])


def test_success_clears(undone: list[str], note: Note) -> None:
    with RollbackManager() as manager:
        manager.add_action("volume", "data", "", note("data"))
    assert (undone, manager.count(), manager.state) == ([], 0, "cleared")


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_anything_raised_rolls_back_and_goes_on_up(undone: list[str], note: Note, error: BaseException) -> None:
    manager = RollbackManager()
    manager.add_action("volume", "a", "", note("a"))
    manager.add_action("volume", "b", "", note("b"))
    with pytest.raises(type(error)), manager:
        raise error
    assert (undone, manager.state) == (["b", "a"], "rolled back")


def test_a_failing_action_does_not_stop_the_others(undone: list[str], note: Note) -> None:
    manager = RollbackManager()
    manager.add_action("volume", "a", "Create a", note("a"))
    manager.add_action("container", "b", "Create b", fail(ValueError("busy")))
    manager.add_action("config", "c", "Write c", note("c"))
    manager.add_action("custom", "d", "Do d", fail(SystemExit("even this")))
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    assert undone == ["c", "a"]
    assert failed.value.message == "2 of 4 resources could not be taken back"
    assert failed.value.details == (
        "custom d (Do d): failed: SystemExit: even this",
        "container b (Create b): failed: ValueError: busy",
    )
    assert [type(each) for each in failed.value.exceptions] == [SystemExit, ValueError]
    assert isinstance(failed.value.__cause__, BaseExceptionGroup)
    assert (manager.state, manager.count(), failed.value.exit_code) == ("rollback incomplete", 2, 5)


def test_what_failed_can_be_tried_again(undone: list[str], note: Note) -> None:
    ready: list[bool] = []

    def undo() -> None:
        if not ready:
            raise OSError("busy")
        undone.append("late")

    manager = RollbackManager()
    manager.add_action("volume", "late", "", undo)
    manager.add_action("volume", "early", "", note("early"))
    with pytest.raises(RollbackFailed):
        manager.rollback()
    ready.append(True)
    manager.rollback()
    assert (undone, manager.count(), manager.state) == (["early", "late"], 0, "rolled back")


def test_a_second_rollback_does_nothing(undone: list[str], note: Note) -> None:
    manager = RollbackManager()
    manager.add_action("volume", "a", "", note("a"))
    manager.rollback()
    assert (manager.rollback(), undone) == ((), ["a"])


def test_a_resource_that_is_gone_counts_as_undone(tmp_path: Path) -> None:
    gone = tmp_path / "gone.ini"
    manager = RollbackManager()
    manager.add_action("config", str(gone), "", gone.unlink)
    manager.add_action("volume", "v", "", fail(AlreadyGone()))
    says = (sys.executable, "-c", "import sys; sys.exit('Error: No such volume: w')")
    manager.add_action("volume", "w", "", says, gone=("No such volume",))
    assert [each.outcome for each in manager.rollback()] == ["gone", "gone", "gone"]


def test_another_missing_file_is_a_failure(tmp_path: Path) -> None:
    manager = RollbackManager()
    manager.add_action("config", str(tmp_path / "mine"), "", (tmp_path / "another").unlink)
    manager.add_action("container", "c", "", ("no-such-program-anywhere", "rm", "c"))
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    assert len(failed.value.exceptions) == 2


def test_a_callable_that_does_not_end_costs_its_timeout_only(undone: list[str], note: Note) -> None:
    never = threading.Event()
    manager = RollbackManager()
    manager.add_action("volume", "a", "", note("a"))
    manager.add_action("container", "b", "", never.wait, timeout=0.01)
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    never.set()
    assert undone == ["a"]
    assert isinstance(failed.value.exceptions[0], TimeoutError)


def test_a_command_that_does_not_end_is_killed() -> None:
    manager = RollbackManager(timeout=0.2)
    manager.add_action("container", "b", "", (sys.executable, "-c", "import signal; signal.pause()"))
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    assert isinstance(failed.value.exceptions[0], TimeoutError)


def test_an_error_in_a_thread_of_its_own_is_told() -> None:
    manager = RollbackManager(timeout=60)
    manager.add_action("custom", "x", "", fail(ValueError("in a thread")))
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    assert str(failed.value.exceptions[0]) == "in a thread"


def test_without_a_timeout_an_undo_runs_in_the_callers_thread() -> None:
    where: list[int] = []
    manager = RollbackManager()
    manager.add_action("database", "x", "", lambda: where.append(threading.get_ident()))
    manager.rollback()
    assert where == [threading.get_ident()]


def test_the_alert_is_called_when_the_rollback_itself_fails() -> None:
    alerts: list[RollbackFailed] = []
    manager = RollbackManager(alert=alerts.append)
    manager.add_action("custom", "x", "", fail(ValueError()))
    with pytest.raises(RollbackFailed) as failed:
        manager.rollback()
    assert alerts == [failed.value]


def test_a_failed_rollback_does_not_hide_the_error_that_caused_it() -> None:
    alerts: list[RollbackFailed] = []
    manager = RollbackManager(alert=alerts.append)
    manager.add_action("custom", "x", "Do x", fail(ValueError("why")))
    with pytest.raises(ZeroDivisionError) as raised, manager:
        raise ZeroDivisionError
    assert raised.value.__notes__ == [
        "1 of 1 resources could not be taken back\ncustom x (Do x): failed: ValueError: why"
    ]
    assert len(alerts) == 1


def test_hooks_that_fail_stop_nothing(undone: list[str], note: Note) -> None:
    def broken(_: object) -> None:
        raise RuntimeError

    manager = RollbackManager(alert=broken, observer=broken)
    manager.add_action("custom", "a", "", note("a"))
    manager.add_action("custom", "b", "", fail(ValueError()))
    with pytest.raises(RollbackFailed):
        manager.rollback()
    assert undone == ["a"]


def test_the_log_has_the_count_and_every_action(note: Note, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Result] = []
    manager = RollbackManager(observer=seen.append)
    manager.add_action("volume", "a", "Create a", note("a"))
    manager.add_action("config", "b", "Write b", fail(ValueError("no")))
    with caplog.at_level(logging.INFO, "surefoot.rollback"), pytest.raises(RollbackFailed):
        manager.rollback()
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("INFO", "rollback: 2 actions"),
        ("ERROR", "config b (Write b): failed: ValueError: no"),
        ("INFO", "volume a (Create a): undone"),
        ("ERROR", "rollback incomplete: 1 of 2 taken back"),
    ]
    assert [each.outcome for each in seen] == ["failed", "undone"]


def test_a_nested_failure_takes_back_its_part_only(undone: list[str], note: Note) -> None:
    with RollbackManager() as outer:
        outer.add_action("volume", "outer", "", note("outer"))
        inner = outer.nested()
        inner.add_action("volume", "inner", "", note("inner"))
        with pytest.raises(ValueError, match="part"), inner:
            raise ValueError("part")
        assert (undone, outer.count()) == (["inner"], 1)


def test_a_nested_success_is_taken_back_with_the_outer(undone: list[str], note: Note) -> None:
    outer = RollbackManager()
    outer.add_action("volume", "first", "", note("first"))
    with outer.nested() as inner:
        inner.add_action("volume", "second", "", note("second"))
        with inner.nested() as innermost:
            innermost.add_action("volume", "third", "", note("third"))
    outer.add_action("volume", "fourth", "", note("fourth"))
    with pytest.raises(ValueError, match="whole"), outer:
        raise ValueError("whole")
    assert undone == ["fourth", "third", "second", "first"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"action_type": "volumes"},
        {"undo": ()},
        {"undo": ("rm", 1)},
        {"undo": "rm -rf /"},
        {"timeout": 0},
    ],
)
def test_an_action_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    manager = RollbackManager()
    right: dict[str, object] = {"action_type": "volume", "resource_id": "v", "description": "", "undo": ("true",)}
    given = right | wrong
    with pytest.raises(UsageError):
        manager.add_action(**given)  # type: ignore[arg-type]  # it is what is tested
    assert manager.count() == 0


# -- journaled: survives the program ----------------------------------------------------------------------------------

_PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from installer.checkpoint import RollbackManager
from installer.model import Delete, RelPath
manager = RollbackManager(journal=sys.argv[2], root=sys.argv[3])
def made(kind, name, undo):
    open(os.path.join(sys.argv[3], name), "w").close()
    manager.add_action(kind, name, "Create " + name, undo)
made("volume", "one", ("rm", "--", "one"))
made("config", "two", Delete(path=RelPath("two")))
made("custom", "$(touch pwned) it's\\n", ("rm", "--", "$(touch pwned) it's\\n"))
{then}
"""


def run_and_die(tmp_path: Path, then: str = "os.kill(os.getpid(), signal.SIGKILL)") -> Path:
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    journal = tmp_path / "resources.jsonl"
    program = _PROGRAM.replace("{then}", then)
    done = subprocess.run(
        [sys.executable, "-c", program, str(REPOSITORY), str(journal), str(root)], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(os.listdir(root)) == 3
    return journal


def test_after_a_kill_another_process_takes_the_resources_back(tmp_path: Path) -> None:
    journal = run_and_die(tmp_path)
    manager = RollbackManager.recover(journal, root=tmp_path / "root")
    assert manager.count() == 3
    assert [each.action.type for each in manager.rollback()] == ["custom", "config", "volume"]
    assert os.listdir(tmp_path / "root") == []
    assert RollbackManager.recover(journal).count() == 0


def test_a_rollback_that_was_killed_is_finished(tmp_path: Path) -> None:
    then = "manager._observer = lambda result: os.kill(os.getpid(), signal.SIGKILL)\nmanager.rollback()"
    root = tmp_path / "root"
    root.mkdir()
    (root / "other").touch()
    journal = tmp_path / "resources.jsonl"
    program = _PROGRAM.replace("{then}", then)
    subprocess.run([sys.executable, "-c", program, str(REPOSITORY), str(journal), str(root)], check=False)
    assert sorted(os.listdir(root)) == ["one", "other", "two"]
    RollbackManager.recover(journal, root=root).rollback()
    assert os.listdir(root) == ["other"]


def test_the_next_program_is_told_of_what_is_left(tmp_path: Path) -> None:
    journal = run_and_die(tmp_path)
    with pytest.raises(Conflict) as left:
        RollbackManager(journal=journal)
    assert left.value.message.startswith("3 resources of an earlier program are still there")
    RollbackManager.recover(journal, root=tmp_path / "root").rollback()
    RollbackManager(journal=journal).clear()


def test_what_was_cleared_is_not_recovered(tmp_path: Path) -> None:
    with RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path) as manager:
        manager.add_action("volume", "a", "", ("false",))
    assert RollbackManager.recover(tmp_path / "j.jsonl").count() == 0


def test_a_manager_can_be_used_again_after_it_ended(tmp_path: Path) -> None:
    manager = RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path)
    manager.add_action("volume", "a", "", ("true",))
    manager.clear()
    manager.add_action("volume", "b", "", ("true",))
    assert [each.action.resource for each in manager.rollback()] == ["b"]


def test_what_could_not_be_taken_back_is_still_recoverable(tmp_path: Path) -> None:
    manager = RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path)
    manager.add_action("volume", "a", "", ("test", "-e", str(tmp_path / "now")))
    manager.add_action("volume", "b", "", ("true",))
    with pytest.raises(RollbackFailed):
        manager.rollback()
    (tmp_path / "now").touch()
    again = RollbackManager.recover(tmp_path / "j.jsonl", root=tmp_path)
    assert [each.action.resource for each in again.rollback()] == ["a"]


def test_a_callable_cannot_be_recovered_and_says_so(tmp_path: Path, note: Note) -> None:
    manager = RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path)
    manager.add_action("database", "a", "Create the record", note("a"))
    manager._journal.close()  # type: ignore[union-attr]  # noqa: SLF001 -- as if the program had been killed
    with pytest.raises(RollbackFailed) as failed:
        RollbackManager.recover(tmp_path / "j.jsonl", root=tmp_path).rollback()
    assert "only the program that made it knows how to take it back: Create the record" in failed.value.details[0]


def test_a_journal_has_one_user_at_a_time(tmp_path: Path) -> None:
    manager = RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path)
    manager.add_action("volume", "a", "", ("true",))
    with pytest.raises(Locked):
        RollbackManager.recover(tmp_path / "j.jsonl")
    manager.rollback()


def test_a_nested_manager_is_journaled_with_the_outer(tmp_path: Path) -> None:
    manager = RollbackManager(journal=tmp_path / "j.jsonl", root=tmp_path)
    with manager.nested() as inner:
        inner.add_action("volume", "a", "", ("true",))
    second = manager.nested()
    second.add_action("volume", "b", "", ("true",))
    with pytest.raises(ValueError, match="no"), second:
        raise ValueError("no")
    manager._journal.close()  # type: ignore[union-attr]  # noqa: SLF001 -- as if the program had been killed
    again = RollbackManager.recover(tmp_path / "j.jsonl", root=tmp_path)
    assert [each.action.resource for each in again.rollback()] == ["a"]


def test_a_projects_store_may_hold_the_journal(tmp_path: Path) -> None:
    store = Store(tmp_path, RelPath(".surefoot"))
    manager = RollbackManager(journal=store, root=tmp_path)
    (tmp_path / "file").touch()
    manager.add_action("config", "file", "", Delete(path=RelPath("file")))
    manager.add_action("custom", "mail", "", Lasting(reason="a sent mail cannot be unsent"))
    with pytest.raises(RollbackFailed, match="1 of 2"):
        manager.rollback()
    assert not (tmp_path / "file").exists()
    assert (tmp_path / ".surefoot" / "resources" / "journal.jsonl").exists()
