"""The phase under the real engine: journaled, side by side, taken back as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.engine import Engine, Setting
from installer.manifest import Manifest
from installer.model import Options, RelPath
from installer.store import Store
from phases import submodule_sync
from phases.submodule_sync import Section

if TYPE_CHECKING:
    from pathlib import Path

    from tests.git.conftest import Lab


def _engine(root: Path, section: Section | None = None) -> Engine:
    store = Store(root, RelPath(".surefoot"))
    store.prepare()
    manifest = Manifest(sections={Section: section} if section else {})
    options = Options(allow_file_submodules=True, jobs=4, retries=0)
    return Engine(
        store,
        order=("submodule_sync",),
        actions=submodule_sync.ACTIONS,
        plan=lambda _, facts: submodule_sync.plan(manifest, facts),
        setting=Setting(options=options, until="submodule_sync"),
    )


def _project(lab: Lab) -> Path:
    inner, middle = lab.repository("inner"), lab.repository("middle")
    lab.add(middle, inner, "inner")
    origin = lab.repository("origin")
    lab.add(origin, middle, "libs/middle")
    for path in ("libs/one", "libs/two", "private"):
        lab.add(origin, lab.repository(f"up/{path}"), path)
    return lab.clone(origin)


def test_all_come_then_rollback_leaves_every_byte_as_it_was(lab: Lab) -> None:
    root = _project(lab)
    before = lab.snapshot(root)
    assert _engine(root).run().state == "done"
    assert lab.git(root, "submodule", "status", "--recursive").count("\n") == 4
    assert lab.git(root, "status", "--porcelain") == ""
    outcome = _engine(root).rollback()
    assert (outcome.state, outcome.problems, outcome.conflicts) == ("rolled back", (), ())
    assert lab.snapshot(root) == before


def test_one_that_fails_takes_the_phase_back(lab: Lab) -> None:
    root = _project(lab)
    (lab.base / "up/private").rename(lab.base / "gone")
    before = lab.snapshot(root)
    outcome = _engine(root).run()
    assert outcome.error is not None
    assert (outcome.state, outcome.error.code, outcome.error.exit_code) == ("failed", "submodule.unreachable", 7)
    assert lab.snapshot(root) == before


def test_after_the_cause_is_mended_the_same_command_ends_well(lab: Lab) -> None:
    root = _project(lab)
    (lab.base / "up/private").rename(lab.base / "gone")
    assert _engine(root).run().state == "failed"
    (lab.base / "gone").rename(lab.base / "up/private")
    assert _engine(root).run().state == "done"
    assert (root / "private/file.txt").is_file()


def test_one_that_may_fail_costs_only_itself(lab: Lab) -> None:
    root = _project(lab)
    before = lab.snapshot(root)
    (lab.base / "up/private").rename(lab.base / "gone")
    outcome = _engine(root, Section(optional=("private",))).run()
    assert (outcome.state, [each["step"] for each in outcome.warnings]) == ("done", ["submodule_sync.05.private"])
    assert (root / "libs/two/file.txt").is_file()
    _engine(root).rollback()
    assert lab.snapshot(root) == before


def test_what_the_user_did_in_a_fetched_submodule_is_set_aside_commits_included(lab: Lab) -> None:
    root = _project(lab)
    before = lab.snapshot(root)
    assert _engine(root).run().state == "done"
    one, two, nested = root / "libs" / "one", root / "libs" / "two", root / "libs" / "middle" / "inner"
    for number, folder in enumerate((one, two, nested)):
        (folder / "added.txt").write_text(f"added {number}")
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "mine.txt").write_text(f"deep {number}")
    tracked = next(path for path in sorted(one.iterdir()) if path.is_file() and path.name not in {".git", "added.txt"})
    tracked.write_text("edited by the user")
    lab.git(two, "add", "added.txt")
    lab.git(two, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "mine")
    commit = lab.git(two, "rev-parse", "HEAD").strip()
    outcome = _engine(root).rollback()
    assert (outcome.state, outcome.problems) == ("rolled back", ())
    assert lab.snapshot(root) == before
    kept = [path for path in (root / ".surefoot" / "kept").rglob("*") if path.is_file()]
    texts = {path.read_text() for path in kept if path.suffix != "" or path.name == tracked.name}
    wanted = {f"{word} {number}" for number in range(3) for word in ("added", "deep")} | {"edited by the user"}
    assert wanted <= texts
    assert any(path.parent.name + path.name == commit for path in kept), "a commit of the user's is an object of git's"
