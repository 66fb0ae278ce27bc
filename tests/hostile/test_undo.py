"""Journals, listings and manifests that somebody else wrote: nothing outside of the project is ever changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from installer import codec, files, guard, journal, rollback, script, sealed
from installer.errors import Damaged, InstallerError, Refused, UsageError
from installer.manifest import load
from installer.model import Effect, Opened, RelPath, Restore, Step
from installer.state import Run, StepState
from installer.store import Store
from tests.engine.toys import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Names for use as paths, in listings, accounts and undos. `way` is a link to a folder outside of the project.
NAMES = (
    "a", "src/old.txt", "src", ".", "..", "../victim", "../../victim", "/victim", "way", "way/victim", "way/../victim",
    "src/../../victim", "src/./old.txt", "./../victim", "", "src/", "a\0b", "a\nb", "-rf", "\udcff", ".surefoot",
    ".surefoot/stash/x", ".git", ".git/config", "src//x", "loop/loop/x", "a" * 300,
)  # fmt: skip
CHANGES = frozenset(
    "os.rename os.remove os.unlink os.rmdir os.mkdir os.link os.symlink os.chmod os.chown os.truncate os.utime "
    "shutil.rmtree shutil.move shutil.copyfile subprocess.Popen os.system os.exec os.posix_spawn os.fork".split()
)

# What is named from an open folder: where its path and the descriptors are. The event of `os.open` does not tell it.
RELATIVE = {
    "os.remove": (0, (1,)), "os.rmdir": (0, (1,)), "os.mkdir": (0, (2,)), "os.symlink": (1, (2,)),
    "os.chmod": (0, (2,)), "os.utime": (0, (3,)), "os.rename": (0, (2, 3)), "os.link": (0, (2, 3)),
}  # fmt: skip


class Sentry:
    """An audit hook: notes every change, or program, that is not below `root` while it is awake."""

    def __init__(self) -> None:
        self.root = ""
        self.seen: list[str] = []
        self.thread = 0
        self._folder: int | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, root: Path) -> Iterator[list[str]]:
        self.root, self.seen, self.thread = os.path.realpath(root), [], threading.get_ident()
        real = os.open

        def named(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            self._folder = dir_fd
            try:
                return real(path, flags, mode, dir_fd=dir_fd)
            finally:
                self._folder = None

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "open", named)
            try:
                yield self.seen
            finally:
                self.root = ""

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        paths: list[str | bytes]
        if not self.root or threading.get_ident() != self.thread:
            return
        if event in CHANGES:
            first, folders = RELATIVE.get(event, (0, ()))
            paths = [each for each in args[first:2] if isinstance(each, str | bytes)]
            held = [args[each] for each in folders]
            if event.startswith(("subprocess", "os.exec", "os.fork", "os.posix", "os.system")):
                self.seen.append(f"{event} {args!r}")
        elif event == "open" and isinstance(args[0], str | bytes) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            paths, held = [args[0]], [self._folder]
        else:
            return
        root, self.root = self.root, ""  # what we ask here is no change
        for number, path in enumerate(paths):
            folder = held[number] if number < len(held) else None
            base = os.readlink(f"/proc/self/fd/{folder}") if folder is not None and folder >= 0 else ""
            text = os.path.join(base, os.fsdecode(path))
            place = os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))
            if not (os.path.normpath(place) + "/").startswith(root + "/"):
                self.seen.append(f"{event} {text}")
        self.root = root


@pytest.fixture(scope="module")
def sentry() -> Sentry:
    """There is no way to take an audit hook away: one for all tests."""
    return Sentry()


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """The project, beside a folder that must not be touched."""
    return _set_scene(tmp_path)


def _set_scene(folder: Path) -> Path:
    for name in ("project", "outside"):
        shutil.rmtree(folder / name, ignore_errors=True)
    root = folder / "project"
    (root / "src").mkdir(parents=True)
    (root / ".surefoot" / "stash").mkdir(parents=True)
    (folder / "outside").mkdir()
    for path in (folder / "outside" / "victim", folder / "victim", root / "src" / "old.txt"):
        path.write_text("mine")
    (root / "way").symlink_to(folder / "outside")
    (root / "src" / "way").symlink_to(folder / "outside")
    (root / "loop").symlink_to(".")
    return root


def _place(root: Path) -> rollback.Place:
    return rollback.Place(
        root=root,
        state=RelPath(".surefoot"),
        install_id="20260101_000000",
        skip=frozenset({root / ".surefoot"}),
        copies=guard.Copies(),
    )


names = st.sampled_from(NAMES)
kinds = st.sampled_from(["file", "link", "folder", "special"])
entries = st.fixed_dictionaries(
    {"kind": kinds},
    optional={"target": names, "copy": names, "sha256": st.just("0" * 64), "mode": st.integers(0, 0o7777),
              "identity": st.sampled_from(["0:0", "4:1", "x", ""])},
)  # fmt: skip
listings = st.fixed_dictionaries(
    {"entries": st.dictionaries(names, entries, max_size=4), "skipped": st.lists(names, max_size=2),
     "uncopied": st.just(0)}, optional={"mode": st.integers(0, 0o7777)},
)  # fmt: skip
undos = st.fixed_dictionaries({
    "type": st.sampled_from(["Delete", "Restore", "Move", "Exchange", "Prune", "Guard"]), "path": names,
    "empty_parents": st.lists(names, max_size=2), "scratch": st.booleans(), "backup": names, "kind": kinds,
    "sha256": st.just("0" * 64), "mode": st.integers(0, 0o777), "target": names, "home": names, "first": names,
    "second": names, "mark": st.just(""), "keep": st.lists(names, max_size=2),
    "listing": st.just(".surefoot/stash/listing.json"),
})  # fmt: skip
left_words = st.sampled_from(
    ["", "absent", "folder", "tree:.surefoot/stash/account.json", "guard:.surefoot/stash/account.json"]
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(undo=undos, listing=listings, account=st.dictionaries(names, names, max_size=4), left=left_words)
def test_no_undo_of_anothers_reaches_out(
    tmp_path: Path, sentry: Sentry, undo: dict[str, Any], listing: dict[str, Any], account: dict[str, str], left: str
) -> None:
    root = _set_scene(tmp_path)
    (root / ".surefoot/stash/listing.json").write_text(json.dumps(listing))
    (root / ".surefoot/stash/account.json").write_text(json.dumps(account))
    before = picture(tmp_path / "outside")
    with sentry.watching(root) as seen:
        try:
            known = codec.undo_from_json(undo)
        except (InstallerError, TypeError, KeyError, ValueError):
            return
        rollback.perform(known, {str(undo["path"]): left}, Effect(), _place(root), lambda argv: seen.append(str(argv)))
    assert seen == []
    assert picture(tmp_path / "outside") == before
    assert (tmp_path / "victim").read_text() == "mine"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(undo=undos, listing=listings, account=st.dictionaries(names, names, max_size=4), left=left_words)
def test_no_script_of_anothers_undos_reaches_out(
    tmp_path: Path, undo: dict[str, Any], listing: dict[str, Any], account: dict[str, str], left: str
) -> None:
    root = _set_scene(tmp_path)
    (root / ".surefoot/stash/listing.json").write_text(json.dumps(listing))
    (root / ".surefoot/stash/account.json").write_text(json.dumps(account))
    before = picture(tmp_path / "outside")
    try:
        known = codec.undo_from_json(undo)
    except (InstallerError, TypeError, KeyError, ValueError):
        return
    step = Step(id="first.01.x", phase="first", title="x", action="x")
    state = StepState(
        step=step, attempt=1, undo=(known,), status="done" if left else "open", digests={undo["path"]: left}, seq=1
    )
    target = root / ".surefoot" / "checkpoints" / "rollback.sh"
    target.parent.mkdir()
    script.write(Run(install_id="20260101_000000", attempts=(state,)), _place(root), target)
    done = subprocess.run(
        ["dash", str(target)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False, cwd="/"
    )
    assert done.returncode in {0, 5, 10}, done.stderr
    assert picture(tmp_path / "outside") == before
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize("path", [".", ".git", ".git/objects"])
def test_the_project_and_its_history_are_never_taken_away(scene: Path, path: str) -> None:
    (scene / ".git" / "objects").mkdir(parents=True)
    undo = codec.undo_from_json({"type": "Delete", "path": path, "scratch": True})
    outcome = rollback.perform(undo, {}, Effect(), _place(scene), lambda _: None)
    assert "will not take" in outcome.problems[0]
    assert (scene / ".git" / "objects").is_dir()
    assert (scene / "src" / "old.txt").is_file()


@pytest.mark.parametrize("name", ["../victim", "/victim", "src/../../victim", ".."])
def test_a_listing_with_a_name_that_leaves_is_damaged(scene: Path, name: str) -> None:
    listing = scene / ".surefoot/stash/listing.json"
    listing.write_bytes(sealed.dump({"entries": {name: {"kind": "folder"}}, "skipped": [], "uncopied": 0}))
    with pytest.raises(ValueError, match="leaves the tree"):
        guard.load(listing)
    listing.write_bytes(sealed.dump({"names": {name: "folder"}}))
    with pytest.raises(ValueError, match="leaves the tree"):
        rollback.accounts("tree:.surefoot/stash/listing.json", scene)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | names | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "undo", "step", "id", "touches", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    record=st.dictionaries(
        st.sampled_from(["type", "step", "undo", "attempt", "phase", "digests", "facts", "kind", "install_id"]),
        JUNK,
        max_size=6,
    ),
    kind=st.sampled_from(["Opened", "Intent", "Done", "Failed", "Undone", "Checkpoint", "Closed", "Nothing"]),
)
def test_a_record_with_a_right_checksum_and_wrong_content_is_damage_or_nothing(
    tmp_path: Path, record: dict[str, Any], kind: str
) -> None:
    path = tmp_path / "journal.jsonl"
    first, line = journal.encode(Opened(install_id="20260101_000000", kind="install", facts={}), None)
    body = {"v": 1, "seq": 2, "time": first.time, **record, "type": kind}
    text = json.dumps(body, separators=(",", ":"))
    check = journal._checksum(first.checksum, text)  # noqa: SLF001 -- whoever wrote it could compute it
    path.write_bytes(line + f'{text[:-1]},"sum":"{check}"}}\n'.encode() + b"")
    with suppress(Damaged, Refused):
        journal.read(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        '{"v":1,"v":1,"type":"Opened"}',
        "NaN",
        '{"type":"Opened","facts":NaN}',
        "\0" * 1000,
        "9" * 100_000,
    ],
    ids=["deep lists", "deep objects", "a key twice", "NaN", "NaN inside", "NULs", "a long number"],
)
def test_hostile_json_in_place_of_the_state_is_damage_and_costs_little(scene: Path, text: str) -> None:
    store = Store(scene, RelPath(".surefoot"))
    store.checkpoints.mkdir()
    _, line = journal.encode(Opened(install_id="20260101_000000", kind="install", facts={}), None)
    store.journal.write_bytes(text.encode() + b"\n" + line)
    with pytest.raises(Damaged):
        store.current()


def test_a_line_of_the_journal_that_does_not_end_is_damage(scene: Path) -> None:
    store = Store(scene, RelPath(".surefoot"))
    store.checkpoints.mkdir()
    _, line = journal.encode(Opened(install_id="20260101_000000", kind="install", facts={}), None)
    store.journal.write_bytes(b'{"a":"' + b"x" * (9 << 20) + b'"}\n' + line)
    with pytest.raises(Damaged):
        store.current()


TOML = st.recursive(
    st.sampled_from(
        [
            '"../x"',
            '"/etc"',
            '"a"',
            "3",
            "true",
            "[]",
            '"way/x"',
            '".git/x"',
            '"-rf"',
            '"$(x)"',
            '"\\u0000"',
            "nan",
            '"~/x"',
            '"C:/x"',
        ]
    ),
    lambda inner: st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]"),
    max_leaves=3,
)
KEYS = ("state-dir", "environment", "name", "env-prefix", "mode", "test", "language")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    head=st.dictionaries(st.sampled_from(KEYS), TOML, max_size=3),
    step=st.dictionaries(
        st.sampled_from(["phase", "title", "run", "undo", "inputs", "outputs", "check", "after"]), TOML, max_size=8
    ),
)
def test_a_manifest_of_anothers_is_a_usage_error_or_stays_inside(
    tmp_path: Path, sentry: Sentry, head: dict[str, str], step: dict[str, str]
) -> None:
    root = _set_scene(tmp_path)
    lines = [f"{key} = {value}" for key, value in head.items()]
    lines += ["[[steps]]", *(f"{key} = {value}" for key, value in step.items())] if step else []
    (root / "surefoot.toml").write_text("\n".join(lines))
    with sentry.watching(root) as seen:
        try:
            made = load(root)
        except UsageError:
            return
    assert seen == []
    for each in (made.state_dir, *(path for one in made.steps for path in (*one.inputs, *one.outputs))):
        assert files.is_below(each)
    assert made.environment == "active" or files.is_below(made.environment)


def test_a_state_folder_that_came_along_with_a_link_is_refused(scene: Path) -> None:
    shutil.rmtree(scene / ".surefoot")
    (scene / ".surefoot").symlink_to(scene.parent / "outside")
    with pytest.raises(Refused):
        Store(scene, RelPath(".surefoot")).prepare()
    with pytest.raises(Refused):
        Store(scene, RelPath("way/state")).prepare()


# -- links that were there before us -----------------------------------------------------------------------------------


def test_links_planted_where_our_files_are_written_first_are_replaced(scene: Path) -> None:
    victim = scene.parent / "victim"
    for target in (scene / "made", scene / "copied"):
        files.temporary(target).symlink_to(victim)
    files.replace(scene / "made", b"new")
    files.copy(scene / "src" / "old.txt", scene / "copied")
    assert victim.read_text() == "mine"
    assert (scene / "made").read_bytes() == b"new"


def test_a_link_in_place_of_the_lock_or_its_note_is_not_followed(scene: Path) -> None:
    victim = scene.parent / "victim"
    store = Store(scene, RelPath(".surefoot"))
    for name in ("lock", "lock.json"):
        store.prepare()
        (store.folder / name).unlink(missing_ok=True)
        (store.folder / name).symlink_to(victim)
        with pytest.raises((Refused, OSError)):
            store.prepare()
        (store.folder / name).unlink()
    assert victim.read_text() == "mine"


def test_a_backup_is_a_copy_that_a_hard_link_cannot_change(scene: Path) -> None:
    os.link(scene / "src" / "old.txt", scene / "second")
    files.copy(scene / "src" / "old.txt", scene / "backup")
    (scene / "second").write_text("changed")
    assert (scene / "backup").read_text() == "mine"
    assert (scene / "backup").stat().st_nlink == 1


def test_putting_back_a_file_breaks_a_hard_link_and_never_writes_through_it(scene: Path) -> None:
    outside = scene.parent / "outside" / "victim"
    (scene / "config").unlink(missing_ok=True)
    os.link(outside, scene / "config")
    backup = scene / ".surefoot" / "stash" / "1"
    digest = files.copy(scene / "src" / "old.txt", backup)
    backup.write_text("mine")
    outside.write_text("theirs")
    undo = Restore(path=RelPath("config"), backup=RelPath(".surefoot/stash/1"), sha256=digest)
    now = files.digest(scene / "config")
    assert not rollback.perform(undo, {"config": now}, Effect(), _place(scene), lambda _: None).problems
    assert (scene / "config").read_text() == "mine"
    assert outside.read_text() == "theirs"
