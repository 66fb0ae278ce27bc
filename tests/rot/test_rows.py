"""State that is missing, older, newer, hostile, or of something else: what each of the faults 42 to 56 must come to."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from installer import journal, store
from installer.errors import Damaged
from installer.journal import Journal
from installer.model import Closed, Delete, Done, Effect, Intent, Opened, Record, RelPath, Restore, Step
from installer.store import Store
from tests.engine.plug import run_script
from tests.engine.toys import picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.rot.lab import Ended, Lab

WAYS = (("quickstart",), ("resume", "-y"), ("rollback", "--yes"), ("rollback", "--all", "--yes"))


def call(lab: Lab, words: tuple[str, ...]) -> Ended:
    return lab.quickstart(*words[1:]) if words[0] == "quickstart" else lab.manage(*words)


def refused(lab: Lab, code: int, *said: str) -> None:
    """Every way on ends with `code` and these words, and touches nothing."""
    before = lab.picture(whole=True)
    for way in WAYS:
        ended = call(lab, way)
        assert ended.status == code, (way, ended.said)
        for each in said:
            assert each in ended.said, (way, ended.said)
    assert lab.picture(whole=True) == before


def mended(lab: Lab) -> None:
    """After `checkpoint repair` every command works, and the project installs."""
    repaired = lab.manage("checkpoint", "repair", "--yes")
    assert repaired.status == 0, repaired.said
    assert lab.manage("status").status == 0
    assert lab.manage("checkpoint", "repair", "--yes").said.strip() == "The journal is whole."
    ended = lab.quickstart()
    assert ended.status == 0, ended.said
    assert (lab.root / "env").exists()


# -- 42: no progress file, no journal, neither ------------------------------------------------------------------------


def test_an_empty_progress_file_is_rebuilt(lab: Lab) -> None:
    lab.prepare("finished")
    whole = lab.store.progress.read_bytes()
    lab.store.progress.write_bytes(b"")
    assert lab.quickstart().status == 0
    assert json.loads(lab.store.progress.read_bytes()) == json.loads(whole)


@pytest.mark.parametrize("gone", ["emptied", "deleted"])
def test_a_journal_that_is_gone_is_missed_as_long_as_a_view_tells_of_it(lab: Lab, gone: str) -> None:
    lab.prepare("finished")
    lab.store.journal.write_bytes(b"") if gone == "emptied" else lab.store.journal.unlink()
    refused(lab, 4, "the journal cannot be trusted", "checkpoint repair")
    lost = lab.manage("checkpoint", "repair", "--dry-run")
    assert f"Lines that cannot be trusted: {_count(lab.shelf)}" in lost.said
    mended(lab)
    assert lab.picture() == picture(lab.shelf), "nothing that was installed is taken away"


def _count(project: Path) -> int:
    return (project / ".surefoot" / "checkpoints" / "journal.jsonl").read_bytes().count(b"\n")


def test_with_journal_and_views_gone_the_tree_is_an_unknown_one(lab: Lab) -> None:
    lab.prepare("finished")
    shutil.rmtree(lab.store.checkpoints)
    assert lab.quickstart().status == 0
    assert lab.manage("rollback", "--all", "--yes").status == 0
    assert lab.picture() == picture(lab.shelf)


# -- 45, 54: a good record after a bad one; an older copy --------------------------------------------------------------


def test_a_good_record_after_a_bad_one_is_not_dropped_in_silence(lab: Lab) -> None:
    lab.prepare("finished")
    lines = lab.store.journal.read_bytes().splitlines(keepends=True)
    lines[3] = b"{}\n"
    lab.store.journal.write_bytes(b"".join(lines))
    refused(lab, 4, "line 4")
    mended(lab)


@pytest.mark.parametrize("state", ["finished", "cut", "between", "cut back"])
def test_an_older_copy_of_the_journal_is_noticed_at_every_record_that_a_way_back_needs(lab: Lab, state: str) -> None:
    lab.prepare(state)
    lines = lab.store.journal.read_bytes().splitlines(keepends=True)
    anchor = lab.store.current().anchor
    assert anchor is not None
    for count in range(anchor.seq):
        lab.store.journal.write_bytes(b"".join(lines[:count]))
        with pytest.raises(Damaged, match=r"older copy|is not in it"):
            lab.store.current()
    refused(lab, 4, "the journal cannot be trusted")
    assert "Lines that cannot be trusted: " in lab.manage("checkpoint", "repair", "--dry-run").said
    assert lab.manage("checkpoint", "repair", "--yes").status == 0
    assert lab.manage("status").status == 0
    back = lab.manage("rollback", "--yes")
    assert back.status in {0, 5, 10}, back.said
    _nothing_is_lost(lab)


def _nothing_is_lost(lab: Lab) -> None:
    """Whatever the user had is in its place, or somewhere below the project."""
    there = {word[2] for word in picture(lab.root, without=()).values()}
    assert {word[2] for word in lab.before.values()} <= there


def test_the_journal_of_an_earlier_run_in_place_of_the_last_is_noticed(lab: Lab) -> None:
    lab.prepare("finished")
    older = lab.store.journal.read_bytes()
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.quickstart().status == 0
    lab.store.journal.write_bytes(older)
    refused(lab, 4, "is not in it")
    mended(lab)


def test_an_earlier_run_that_is_taken_back_by_us_is_no_older_copy(lab: Lab) -> None:
    """`rollback --all` makes an archived journal the current one: a cut then leaves views of the later run."""
    lab.prepare("finished")
    first = lab.store.current().install_id
    lab.store.archive()
    views = {path: path.read_bytes() for path in (lab.store.progress, lab.store.script)}
    _make_room(lab)
    assert lab.quickstart().status == 0
    assert lab.store.current().install_id != first
    lab.store.archive()
    lab.store.unarchive(first)
    assert lab.store.current().install_id == first
    for path, data in views.items():
        path.write_bytes(data)
    assert lab.manage("status").status == 0


def _make_room(lab: Lab) -> None:
    """The toy steps can be done again."""
    (lab.root / "hollow" / "z").unlink()
    (lab.root / "src" / "old.txt").write_text("old")
    shutil.rmtree(lab.root / "src" / "build")
    (lab.root / "env").rename(lab.root / "earlier")


def test_a_run_that_was_put_away_and_forgotten_is_not_missed(lab: Lab) -> None:
    lab.prepare("finished")
    assert lab.manage("checkpoint", "archive").status == 0
    assert lab.manage("status").status == 0
    assert lab.manage("checkpoint", "prune", "--keep", "0", "--yes").status == 0
    assert lab.manage("status").status == 0
    assert lab.quickstart().status == 0


def test_clean_env_is_a_way_out_of_a_journal_that_is_gone(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.journal.unlink()
    ended = lab.manage("clean-env", "--yes")
    assert ended.status == 0, ended.said
    assert lab.quickstart().status == 0


# -- 46, 47: written by a newer, by an older version -------------------------------------------------------------------


def test_a_newer_journal_is_refused_with_the_version_it_needs_and_status_still_tells(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "FORMAT", 7)
        lab.prepare("cut")
    refused(lab, 4, "newer version (format 7, this one reads up to 1)", "hint: update Surefoot to ")
    before = lab.picture(whole=True)
    for words in (("status",), ("status", "--json")):
        told = lab.manage(*words)
        assert (told.status, "newer version (format 7" in told.said) == (0, True), told.said
        assert json.loads(lab.store.progress.read_bytes())["install_id"] in told.said
    assert lab.manage("checkpoint", "repair", "--yes").status == 4, "a newer journal is whole: it is not to be cut"
    assert lab.picture(whole=True) == before


def test_an_older_journal_is_read_and_kept_before_anything_newer_is_added(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the next version will do: its reader turns each record into one of its own."""
    lab.prepare("cut")
    old = lab.store.journal.read_bytes()
    monkeypatch.setattr(journal, "FORMAT", 2)
    monkeypatch.setattr(journal, "_UPGRADES", {1: lambda record: {**record, "v": 2}})
    assert lab.manage("status").status == 0
    assert lab.store.journal.read_bytes() == old, "reading changes nothing"
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before
    kept = lab.store.checkpoints / "journal.format-1.jsonl"
    assert kept.read_bytes() == old
    assert lab.store.journal.read_bytes().startswith(old)
    assert [entry.version for entry in journal.read(lab.store.journal).entries][-1] == 2


# -- 48: a file of somebody else's -------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b'{"mine": 1}\n', b"# my notes\n", b"\xff\xfe\x00", b'{"v":"mine"}\n{"v":1}\n'])
def test_a_foreign_file_of_the_journals_name_is_left_as_it_is(lab: Lab, content: bytes) -> None:
    lab.store.prepare()
    lab.store.journal.write_bytes(content)
    refused(lab, 4, "it was not written by Surefoot")


# -- 49: hostile values, checksums and all -----------------------------------------------------------------------------

STEP: dict[str, Any] = {"id": "a.01", "phase": "a", "title": "t", "action": "files.write"}
OPENED: dict[str, Any] = {"type": "Opened", "install_id": "20251115_143000", "kind": "install", "facts": {}}
DEEP = json.loads("[" * 400 + "]" * 400)
HOSTILE: dict[str, dict[str, Any]] = {
    "no type": {},
    "unknown type": {"type": "Exploded"},
    "a run within the run": OPENED,
    "done, never begun": {"type": "Done", "step": "x", "seconds": 0.0},
    "not a number": {"type": "Checkpoint", "name": "x", "seconds": float("nan")},
    "a text for a number": {"type": "Checkpoint", "name": "x", "seconds": "1"},
    "a list for a text": {"type": "Checkpoint", "name": ["x"], "seconds": 1.0},
    "deep": {"type": "Failed", "step": "", "phase": "a", "error": DEEP},
    "a text for an object": {"type": "Failed", "step": "", "phase": "a", "error": "x"},
    "a step that leads out": {"type": "Intent", "step": {**STEP, "id": "../../../precious"}, "attempt": 1, "undo": []},
    "an absolute step": {"type": "Intent", "step": {**STEP, "id": "/precious"}, "attempt": 1, "undo": []},
    "no id": {"type": "Intent", "step": {**STEP, "id": "."}, "attempt": 1, "undo": []},
    "an undo that leads out": {
        "type": "Intent",
        "step": STEP,
        "attempt": 1,
        "undo": [{"type": "Delete", "path": "../precious", "scratch": True}],
    },
    "an absolute undo": {
        "type": "Intent",
        "step": STEP,
        "attempt": 1,
        "undo": [{"type": "Delete", "path": "/precious"}],
    },
    "an undo of no kind": {"type": "Intent", "step": STEP, "attempt": 1, "undo": [{"type": "Format", "path": "x"}]},
    "an undo that is a text": {"type": "Intent", "step": STEP, "attempt": 1, "undo": "Delete"},
    "a pair of three": {
        "type": "Intent",
        "step": {**STEP, "effect": {"moves": [["a"]]}},
        "attempt": 1,
        "undo": [],
    },
    "digests that are none": {"type": "Failed", "step": "", "phase": "a", "error": {}, "digests": {"a": 1}},
}


def forged(*bodies: dict[str, Any]) -> bytes:
    """A journal with these records and checksums that hold: anybody can compute one."""
    lines, before = [], ""
    for number, body in enumerate(bodies, 1):
        text = json.dumps(
            {"v": 1, "seq": number, "time": "2025-11-15T14:30:00.000+00:00"} | body, separators=(",", ":")
        )
        before = journal._checksum(before, text)  # noqa: SLF001 -- the format itself
        lines.append(f'{text[:-1]},"sum":"{before}"}}\n')
    return "".join(lines).encode()


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_values_are_refused_before_anything_is_done(lab: Lab, what: str) -> None:
    (lab.root.parent / "precious").write_text("mine")
    lab.store.prepare()
    lab.store.journal.write_bytes(forged(OPENED, HOSTILE[what]))
    refused(lab, 4)
    assert lab.manage("status").status == 4
    assert (lab.root.parent / "precious").read_text() == "mine"
    assert lab.manage("checkpoint", "repair", "--yes").status == 0


@pytest.mark.parametrize(
    "line",
    [b'["v",1]', b'{"v":"1","seq":1}', b'{"v":1}', b'{"v":0,"seq":1,"time":"x"}', b"[" * 100_000, b'{"v":1,"seq":[]}'],
)
def test_a_line_that_is_no_record_is_refused_whatever_its_checksum(lab: Lab, line: bytes) -> None:
    lab.store.prepare()
    text = line.decode() + "}"
    body = f'{line.decode()},"sum":"{journal._checksum("", text)}"}}\n'.encode()  # noqa: SLF001 -- the format itself
    lab.store.journal.write_bytes(body * 2)
    refused(lab, 4)


def test_names_of_folders_are_not_taken_from_anybody(lab: Lab) -> None:
    for name in ("../../x", "/x", "", "."):
        lab.store.prepare()
        lab.store.journal.write_bytes(forged({**OPENED, "install_id": name}))
        refused(lab, 4)


def test_what_is_huge_is_not_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.prepare("finished")
    with lab.store.journal.open("r+b") as stream:
        stream.truncate(1 << 40)
    for words in WAYS:
        ended = call(lab, words)
        assert (ended.status, "File too large" in ended.said) == (4, True)
    lab.again()
    with lab.store.progress.open("r+b") as stream:
        stream.truncate(1 << 40)
    assert lab.manage("status").status == 0
    lab.again()
    monkeypatch.setattr("installer.files.LARGEST", 1 << 20)
    folder = lab.store.runs / "20200101_000000"
    folder.mkdir()
    (folder / "journal.jsonl.gz").write_bytes(gzip.compress(bytes(1 << 22)))
    with pytest.raises(Damaged, match="too large"):
        lab.store.archived(folder.name)


def test_a_deep_progress_file_is_one_that_says_nothing(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.progress.write_bytes(b"[" * 200_000 + b"]" * 200_000)
    for words in (("status",), ("doctor",), ("quickstart",)):
        assert call(lab, words).status in {0, 6}
    assert json.loads(lab.store.progress.read_bytes())["state"] == "done"


# -- 50: of another project, or another machine ------------------------------------------------------------------------


def elsewhere(lab: Lab, name: str) -> Path:
    """The project is at another path from now on; the folder that it was in is still there."""
    there = lab.root.with_name(name)
    shutil.copytree(lab.root, there, symlinks=True)
    lab.root = there
    lab.keep()
    return there


def test_a_moved_project_goes_on_as_if_nothing_was(lab: Lab) -> None:
    lab.prepare("cut")
    lab.root = lab.root.rename(lab.root.with_name("moved"))
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before


def test_a_project_brought_back_to_its_place_goes_on(lab: Lab) -> None:
    lab.prepare("cut")
    lab.again()
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before


def test_of_a_copy_nothing_is_gone_on_with_until_it_is_adopted(lab: Lab) -> None:
    lab.prepare("cut")
    original = lab.root
    wanted = picture(original, without=())
    elsewhere(lab, "copy")
    refused(lab, 4, "were made for another folder or machine", str(original), "checkpoint repair --adopt")
    told = lab.manage("status")
    assert (told.status, "another folder or machine" in told.said) == (0, True)
    assert lab.manage("checkpoint", "repair").status == 4
    shown = lab.manage("checkpoint", "repair", "--adopt", "--dry-run")
    assert (shown.status, str(original) in shown.said) == (0, True)
    refused(lab, 4)
    adopted = lab.manage("checkpoint", "repair", "--adopt", "--yes")
    assert adopted.status == 0, adopted.said
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before
    assert picture(original, without=()) == wanted, "the original is not touched by its copy"


def test_in_a_copy_of_a_finished_project_a_run_begins_anew_and_only_that_is_taken_back(lab: Lab) -> None:
    lab.prepare("finished")
    elsewhere(lab, "copy")
    _make_room(lab)
    between = lab.picture()
    ended = lab.quickstart()
    assert ended.status == 0, ended.said
    refused_all = lab.manage("rollback", "--all", "--yes")
    assert (refused_all.status, "another folder or machine" in refused_all.said) == (4, True)
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == between
    assert lab.manage("rollback", "--yes").status == 4, "what is left to take back was done elsewhere"


def test_adopting_takes_all_earlier_runs_along(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.archive()
    assert lab.manage("checkpoint", "create", "a point").status == 0
    elsewhere(lab, "copy")
    assert lab.manage("rollback", "--all", "--yes").status == 4
    assert lab.manage("checkpoint", "repair", "--adopt", "--yes").status == 0
    assert lab.manage("checkpoint", "repair", "--adopt", "--yes").said.strip() == "The records are of this folder."
    back = lab.manage("rollback", "--all", "--yes")
    assert back.status == 0, back.said
    assert lab.picture() == lab.before


def test_a_state_folder_put_into_another_project_changes_nothing_there(lab: Lab) -> None:
    lab.prepare("cut")
    other = lab.root.with_name("other")
    (other / "src").mkdir(parents=True)
    for name in ("config.ini", "src/version.txt", "src/mine.txt", "env", "data"):
        (other / name).write_text("of the other project")
    shutil.copytree(lab.root / ".surefoot", other / ".surefoot", symlinks=True)
    lab.root = other
    lab.keep()
    refused(lab, 4, "were made for another folder or machine")
    before = lab.picture()
    cleaned = lab.manage("clean-env", "--yes")
    assert cleaned.status == 0, cleaned.said
    assert lab.picture() == before, "the records are put aside, the project stays"
    assert list((other / ".surefoot" / "damaged").iterdir())


def test_a_checkpoint_folder_that_two_projects_share_is_not_mixed_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CHECKPOINT_DIR", str(lab.root.parent / "shared"))
    lab.prepare("cut")
    other = lab.root.with_name("other")
    other.mkdir()
    (other / "config.ini").write_text("of the other project")
    lab.root = other
    lab.keep()
    for words in (("quickstart",), ("rollback", "--yes")):
        ended = call(lab, words)
        assert (ended.status, "another folder or machine" in ended.said) == (4, True), ended.said
    assert picture(other) == {"config.ini": ("file", 0o644, b"of the other project")}


def test_the_machine_counts_where_the_folder_is_not_the_same(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.prepare("cut")
    lab.again()
    monkeypatch.setattr("installer.identity.machine", lambda: "another")
    refused(lab, 4, "another folder or machine")


def test_a_repository_that_brings_a_state_folder_runs_nothing(lab: Lab) -> None:
    """Its author can compute checksums, but cannot know which folder on which machine it will be cloned to."""
    undo = [{"type": "Command", "argv": ["touch", str(lab.root / "PWNED")]}]
    for root in ({}, {"path": str(lab.root)}, {"path": str(lab.root), "machine": ""}, str(lab.root), None):
        facts = {} if root is None else {"root": root}
        lab.store.prepare()
        step = {**STEP, "effect": {"inverse": ["touch", "PWNED"]}}
        data = forged({**OPENED, "facts": facts}, {"type": "Intent", "step": step, "attempt": 1, "undo": undo})
        lab.store.journal.write_bytes(data)
        refused(lab, 4, "another folder or machine")
        assert not (lab.root / "PWNED").exists()


# -- 51, 52: the disk and the progress file do not agree ---------------------------------------------------------------


def test_what_the_progress_file_calls_done_is_done_again_if_the_disk_says_not(lab: Lab) -> None:
    lab.prepare("between")
    (lab.root / "a" / "b" / "new.txt").unlink()
    told = json.loads(lab.store.progress.read_bytes())
    told["completed_phases"] = [phase["name"] for phase in told["phases"]]
    lab.store.progress.write_text(json.dumps(told))
    assert lab.quickstart().status == 0
    assert (lab.root / "a" / "b" / "new.txt").read_text() == "made"


def test_what_is_done_is_not_done_again_though_the_progress_file_says_not(lab: Lab) -> None:
    lab.prepare("between")
    inode = (lab.root / "a" / "b" / "new.txt").stat().st_ino
    told = json.loads(lab.store.progress.read_bytes())
    lab.store.progress.write_text(json.dumps(told | {"completed_phases": []}))
    assert lab.quickstart().status == 0
    assert (lab.root / "a" / "b" / "new.txt").stat().st_ino == inode


# -- 53: a backup is missing, or another -------------------------------------------------------------------------------


def _delete(path: Path) -> None:
    path.unlink()


def _flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def _link(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.symlink_to("aside")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("rot", [_delete, _flip, _link, _pipe, _folder])
@pytest.mark.parametrize("by", ["tool", "script"])
def test_a_lost_backup_keeps_one_file_from_coming_back_and_nothing_is_deleted(
    lab: Lab, rot: Callable[[Path], None], by: str
) -> None:
    lab.prepare("finished")
    (undo,) = (
        undo
        for state in lab.store.current().standing
        for undo in state.undo
        if isinstance(undo, Restore) and undo.path == "config.ini"
    )
    rot(lab.root / undo.backup)
    if by == "tool":
        ended = lab.manage("rollback", "--yes")
        assert ended.status == 5, ended.said
        assert "config.ini: its backup" in ended.said
    else:
        assert run_script(lab.root).returncode == 5
    after = lab.picture()
    assert after.pop("config.ini") == ("file", 0o600, b"new")
    assert after == {name: word for name, word in lab.before.items() if name != "config.ini"}


# -- 55: no state folder -----------------------------------------------------------------------------------------------


def test_without_the_state_folder_an_environment_of_ours_is_named_and_stays(lab: Lab) -> None:
    lab.prepare("finished")
    (lab.root / ".venv").mkdir()
    (lab.root / ".venv" / "surefoot-generation").write_text("20251115_143000\nkey\nroot\n")
    shutil.rmtree(lab.root / ".surefoot")
    before = lab.picture()
    told = lab.manage("status")
    assert (told.status, "`.venv` was made by the run 20251115_143000, whose records are gone" in told.said) == (
        0,
        True,
    )
    for words in (("quickstart",), ("rollback", "--all", "--yes"), ("resume", "-y")):
        assert call(lab, words).status == 0
    assert lab.picture() == before


# -- 56: something else in place of a file -----------------------------------------------------------------------------

STATE_FILES = (
    "checkpoints/journal.jsonl",
    "checkpoints/install_progress.json",
    "checkpoints/rollback.sh",
    "checkpoints/reserve",
    "checkpoints/rolled-back-by-script",
    "lock",
    "lock.json",
    "fingerprint",
    ".gitignore",
    "dissolving",
)


def _in_place(path: Path, kind: str, victim: Path) -> None:
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    match kind:
        case "link":
            path.symlink_to(victim)
        case "pipe":
            os.mkfifo(path)
        case "device":
            os.mknod(path, 0o20600, os.makedev(1, 3)) if os.geteuid() == 0 else os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "file":
            path.write_text("mine")


@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder"])
def test_what_is_no_file_in_place_of_a_state_file_is_refused_and_never_waited_for(lab: Lab, kind: str) -> None:
    lab.prepare("cut")
    victim = lab.root.parent / "victim"
    victim.write_text("mine")
    for name in STATE_FILES:
        lab.again()
        _in_place(lab.root / ".surefoot" / name, kind, victim)
        refused(lab, 9, name, "hint: ")
        assert lab.manage("status").status == 9
        assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", ["runs", "stash", "logs", "generations", "kept", "staging", "scratch", "damaged"])
def test_a_file_in_place_of_a_folder_of_the_state_is_refused(lab: Lab, name: str) -> None:
    lab.prepare("cut")
    _in_place(lab.root / ".surefoot" / name, "file", lab.root)
    refused(lab, 9, name, "hint: ")


def test_pipes_where_earlier_runs_are_kept_are_damage_and_never_waited_for(lab: Lab) -> None:
    lab.prepare("finished")
    name = "20200101_000000"
    folder = lab.store.runs / name
    folder.mkdir()
    os.mkfifo(folder / "journal.jsonl.gz")
    with pytest.raises(Damaged):
        Store(lab.root, RelPath(".surefoot")).archived(name)
    assert lab.manage("history").status == 4


# -- a fixture of this version, for those to come ---------------------------------------------------------------------

_FIXTURE: tuple[Record, ...] = (
    Opened(install_id="20251115_143000", kind="install", facts={"mode": "dev", "tool_version": "0.1.0"}),
    Intent(
        step=Step(
            id="one.01.do", phase="one", title="Do", action="files.write", effect=Effect(touches=(RelPath("a"),))
        ),
        attempt=1,
        undo=(Delete(path=RelPath("a")),),
    ),
    Done(step="one.01.do", seconds=0.5, digests={"a": "sha256:" + "0" * 64}),
    Closed(outcome="done"),
)


def test_the_journal_of_format_1_is_read_for_ever(request: pytest.FixtureRequest) -> None:
    path = request.path.with_name("format-1") / "journal.jsonl"
    assert tuple(entry.record for entry in journal.read(path).entries) == _FIXTURE
    assert {entry.version for entry in journal.read(path).entries} == {1}


def make_fixture(path: Path) -> None:
    """How `format-1/journal.jsonl` was made, by the version whose format it is."""
    made = Journal(path)
    for record in _FIXTURE:
        made.append(record)
    made.close()


def test_ids_are_in_order(lab: Lab) -> None:
    """The order of runs tells a journal that is older from one that is newer."""
    names = ["", "20251115_143000", "20251115_143000_2", "20251115_143000_10", "20251115_143001"]
    assert sorted(names, key=store._by_time) == names  # noqa: SLF001 -- what the check of the journal stands on
