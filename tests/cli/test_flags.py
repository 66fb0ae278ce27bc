"""Every command that changes something takes --dry-run, --yes, --json and --no-wait; a dry run changes nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click
import pytest

from installer.cli.tree import command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Project

# A command that is not here is taken to change something: a new one cannot forget its flags.
READING = frozenset(
    {
        "status",
        "history list",
        "history show",
        "history diff",
        "logs",
        "config",
        "cache-key",
        "verify-rollback",
        "apps status",
        "apps list",
        "apps stats",
        "apps health",
        "apps logs",
        "apps compose",
        "apps metrics",
        "checkpoint list",
        "checkpoint check-resume",
        "checkpoint completed",
        "checkpoint verify",
        "test",
        "bench",
        "build status",
        "build watch",
        "build logs",
        "build check-token",
        "shell-api",
        "completion",
        "extras list",
        "volumes list",
        "servers list",
        "images affected",
        "images validate",
        "images status",
        "images check-updates",
        "images info",
        "images compare",
        "images history",
    }
)
FLAGS = frozenset({"--dry-run", "--yes", "--json", "--no-wait", "--detailed-exitcode"})


def leaves(found: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    if not isinstance(found, click.Group):
        yield " ".join(path), found
        return
    context = click.Context(found)
    for name in found.list_commands(context):
        below = found.get_command(context, name)
        assert below is not None
        yield from leaves(below, (*path, name))


COMMANDS = {**dict(leaves(command("manage"))), "quickstart": command("quickstart")}


def options(found: click.Command) -> set[str]:
    return {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - READING))
def test_a_command_that_changes_something_has_every_flag(name: str) -> None:
    assert FLAGS - options(COMMANDS[name]) == set()


@pytest.mark.parametrize("name", sorted(READING & COMMANDS.keys()))
def test_a_command_that_only_reads_offers_no_dry_run(name: str) -> None:
    assert options(COMMANDS[name]) & FLAGS == {"--json"}


def test_no_command_is_listed_that_does_not_exist() -> None:
    assert READING - COMMANDS.keys() == set()


def everything(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """All there is in the project, our own folder included: kind, mode, times and bytes."""
    found = {}
    for path in sorted((root, *root.rglob("*"))):
        about = path.lstat()
        held = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(root))] = (about.st_mode, about.st_mtime_ns, held)
    return found


def script_under_way(project: Project) -> None:
    """A script's run with one phase completed and files that differ from what its checkpoints keep."""
    project.manage("checkpoint", "init", "--phase", "fetch", "--phase", "build")
    project.manage("checkpoint", "update", "fetch", "completed")
    (project.root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "2"\n')


def finished(project: Project) -> None:
    """A finished installation."""
    assert project.quickstart().code == 0


def two_runs(project: Project) -> None:
    """A run that was put away."""
    finished(project)
    assert project.manage("checkpoint", "archive").code == 0


def damaged(project: Project) -> None:
    """A finished installation whose journal lost a byte."""
    finished(project)
    journal = project.root / ".surefoot" / "checkpoints" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"seq"', b'"sep"', 3))


def no_progress(project: Project) -> None:
    """A finished installation whose progress file is gone."""
    finished(project)
    (project.root / ".surefoot" / "checkpoints" / "install_progress.json").unlink()


def nothing(_project: Project) -> None:
    """A project as it was cloned."""


WOULD = (
    (nothing, ("checkpoint", "init", "--phase", "fetch"), "would begin a run with the phases: fetch"),
    (script_under_way, ("checkpoint", "init", "--restart", "--phase", "fetch"), "would take back the run 2"),
    (nothing, ("checkpoint", "create", "Before"), "would keep: pyproject.toml"),
    (script_under_way, ("checkpoint", "create", "Before"), "would keep: pyproject.toml"),
    (script_under_way, ("checkpoint", "update", "build", "failed", "no disk"), "would note build: failed no disk"),
    (script_under_way, ("checkpoint", "rollback"), "would take back: Keep the configuration at fetch"),
    (finished, ("checkpoint", "archive"), "would put away: 2"),
    (two_runs, ("checkpoint", "prune", "--keep", "0"), "would delete: 2"),
    (damaged, ("checkpoint", "repair"), "Lines that cannot be trusted: "),
    (no_progress, ("doctor", "--fix"), "would mend: progress file"),
    (finished, ("rollback",), "Write verification"),
    (nothing, ("resume",), None),
)


@pytest.mark.parametrize(("before", "words", "said"), WOULD, ids=[" ".join(words) for _, words, _ in WOULD])
def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    project: Project, before: object, words: tuple[str, ...], said: str | None
) -> None:
    assert callable(before)
    before(project)
    held = everything(project.root)
    ended = project.manage(*words, "--dry-run")
    pending = project.manage(*words, "--dry-run", "--detailed-exitcode", "--json", "--yes", "--no-wait")
    assert everything(project.root) == held
    if said is not None:
        assert said in ended.out, ended.err
        assert (ended.code, pending.code) == (0, 11)
        assert all(isinstance(json.loads(line), dict) for line in pending.out.splitlines())


def test_without_a_change_a_dry_run_has_nothing_pending(project: Project) -> None:
    ended = project.manage("checkpoint", "archive", "--dry-run", "--detailed-exitcode")
    assert (ended.code, ended.out) == (0, "Nothing to do.\n")
    assert not (project.root / ".surefoot").exists()


def test_a_dry_run_complains_as_the_command_would(project: Project) -> None:
    assert project.manage("checkpoint", "update", "fetch", "started", "--dry-run").code == 6
    script_under_way(project)
    assert project.manage("checkpoint", "update", "fetsh", "started", "--dry-run").code == 2
    assert project.manage("checkpoint", "update", "fetch", "begun", "--dry-run").code == 2
    assert project.manage("checkpoint", "rollback", "nowhere", "--dry-run").code == 2
    assert project.manage("checkpoint", "create", "x", "../outside", "--dry-run").code == 9


@pytest.mark.parametrize("words", [("create", "Before"), ("init",), ("archive",), ("rollback",)], ids=" ".join)
def test_no_wait_is_exit_3_while_another_run_holds_the_project(project: Project, words: tuple[str, ...]) -> None:
    from installer.model import RelPath
    from installer.store import Store

    finished(project)
    with Store(project.root, RelPath(".surefoot")).lock(wait=False, waiting=lambda _: None):
        assert project.manage("checkpoint", *words, "--no-wait").code == 3


def test_a_switched_off_checkpoint_system_is_not_even_locked(project: Project) -> None:
    assert project.manage("checkpoint", "create", "x", SUREFOOT_DISABLE_CHECKPOINT="1").code == 0
    assert not (project.root / ".surefoot").exists()
