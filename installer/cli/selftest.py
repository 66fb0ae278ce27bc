"""`selftest`: the project's own proof. Kills runs in a copy of it and shows that each resumed or reverted."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from installer.cli import selftest_words as words
from installer.cli.options import Asked, verb
from installer.cli.output import PENDING, emit, say
from installer.cli.session import Session, open_session
from installer.errors import Locked, Precondition, UsageError
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.copying import Extent
    from installer.selftest.results import Verdict

_SAMPLES = 12
_FAILED = 1
# What makes no difference to an installation, or is made anew by it, and may be large.
_LEFT_OUT = frozenset({"node_modules", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The verb's own options."""

    kill_at: tuple[str, ...]
    samples: int  # 0: all
    seed: int
    keep: bool
    junit: str


@verb(
    tr(
        "Prove on a copy of this project that a run killed at any instant resumes or reverts.\n\n"
        "The copy is installed undisturbed first. Then runs are killed (SIGKILL, with all their programs) at chosen "
        "or random points; each must resume to the same verified state, and be taken back to the same tree, byte for "
        "byte. The project itself is only read. Exit 0: all held; 1: a point failed; 6: the undisturbed run fails."
    ),
    example="manage.py selftest --kill-at python_deps --samples 5",
    changing=True,
    installing=True,
)
@click.option(
    "--kill-at",
    metavar="PHASE|N",
    multiple=True,
    help=tr("Only points inside this phase, or this very point; may be repeated."),
)
@click.option("--samples", type=click.IntRange(min=1), metavar="K", help=tr("How many points are tried (12)."))
@click.option("--all", "everything", is_flag=True, help=tr("Try every point."))
@click.option("--seed", type=int, metavar="N", help=tr("Choose the same random points again."))
@click.option("--keep", is_flag=True, help=tr("Keep the copy."))
@click.option("--junit", metavar="FILE", default="", help=tr("Write a JUnit report for CI."))
def selftest(
    asked: Asked,
    *,
    kill_at: tuple[str, ...],
    samples: int | None,
    everything: bool,
    seed: int | None,
    keep: bool,
    junit: str,
) -> int:
    """Kill runs in a copy; exit 1 if one neither resumed nor reverted."""
    if samples and everything:
        raise UsageError("usage", tr("--samples and --all exclude each other"))
    wish = Wish(
        kill_at=kill_at,
        samples=0 if everything else samples or _SAMPLES,
        seed=random.SystemRandom().randrange(10**6) if seed is None else seed,
        keep=keep,
        junit=junit,
    )
    session = open_session(asked)
    _must_be_possible(session)
    extent = _extent(session)
    if asked.dry_run:
        return _preview(session, extent)
    if session.manifest.steps:
        session.must_agree(
            tr(
                "The project's own {count} steps will be run, killed and undone many times, for real. Go on? [y/N]",
                count=len(session.manifest.steps),
            )
        )
    verdict = _prove(session, wish, extent)
    if wish.junit:
        from installer.cli.selftest_junit import write

        write(Path(wish.junit), verdict)
    if asked.as_json:
        emit("selftest", exit_code=0 if verdict.well else _FAILED, **verdict.as_json())
    else:
        say(*words.closing(session, verdict))
    return 0 if verdict.well else _FAILED


def _must_be_possible(session: Session) -> None:
    if not hasattr(os, "WUNTRACED"):
        raise Precondition("selftest.system", tr("a selftest stops and kills programs as only POSIX systems can"))
    if session.manifest.environment == "active":
        raise Precondition(
            "selftest.active",
            tr("the active environment is not part of the project: a copy of the project would change it, too"),
            hint=tr("set `environment` in the manifest to a folder of the project"),
        )
    if _is_held(session.store.folder / "lock"):
        raise Locked("lock.held", tr("another run holds this project; a copy of it now would be half of something"))


def _is_held(lock: Path) -> bool:
    """Does a run hold the project? Asked without writing anything."""
    import fcntl

    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _without(session: Session) -> frozenset[str]:
    """What is not copied: the environment, and what this tool keeps."""
    return frozenset({session.manifest.environment, str(session.manifest.state_dir)})


def _extent(session: Session) -> Extent:
    from installer.copying import measure

    return measure(session.root, without=_without(session), named=_LEFT_OUT)


def _preview(session: Session, extent: Extent) -> int:
    from installer.cli import installing

    count, size = extent.count, words.size(extent.size)
    note = tr(
        "A dry run: nothing was changed. A selftest would copy {count} files ({size}), install the copy twice as "
        "above, and kill further runs; where they can be killed shows only when they run.",
        count=count,
        size=size,
    )
    current = tr(
        "A dry run: nothing was changed. A selftest would copy {count} files ({size}) without the environment, which "
        "is up to date, install the copy twice, and kill further runs; where they can be killed shows only when they "
        "run.",
        count=count,
        size=size,
    )
    code = installing.preview(session, note=note, nothing=current)
    return PENDING if session.asked.detailed and not code else code


def _prove(session: Session, wish: Wish, extent: Extent) -> Verdict:
    from installer.cli.selftest_voice import voice
    from installer.cli.selftest_work import Source, Work
    from installer.selftest.workshop import workshop

    source = Source(root=session.root, without=_without(session), named=_LEFT_OUT)
    with voice(session) as speaker, workshop(session.root) as work:
        verdict = Work(session, work, speaker, source).prove(
            wish.kill_at, samples=wish.samples, seed=wish.seed, extent=extent
        )
        work.kept = "all" if wish.keep else "wrecks" if verdict.failed else ""
        if wish.keep:
            speaker.line(tr("the copy is kept in {path}", path=work.folder))
    return verdict
