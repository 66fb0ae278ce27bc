"""The course of a selftest: copy, two undisturbed runs, then point by point."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files, i18n
from installer.cli import selftest_words as words
from installer.copying import copy_tree
from installer.errors import InstallerError, Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from installer.selftest import pictures, points
from installer.selftest.results import MOST, Tried, Verdict
from installer.selftest.trial import Place, Trials, Way
from installer.settings import KEYS
from phases.python.timeless import timeless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.cli.selftest_voice import Voice
    from installer.cli.session import Session
    from installer.copying import Extent
    from installer.selftest.killing import Ended
    from installer.selftest.points import Point
    from installer.selftest.trace import Trace
    from installer.selftest.workshop import Workshop

_LARGE = 1 << 30
_SCRIPTED = 3  # every so manieth point is taken back by rollback.sh as well
_OWN = frozenset({"yes", "no_wait", "lang"})  # settings of this command, not of the runs in the copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The project, and what of it is not copied."""

    root: Path
    without: frozenset[str]
    named: frozenset[str]

    def copy_to(self, target: Path) -> None:
        """Make the copy: a project, and a repository, of its own."""
        from phases.git.standalone import stand_alone

        copy_tree(self.root, target, without=self.without, named=self.named)
        stand_alone(self.root, target)


class Work:
    """One selftest."""

    def __init__(self, session: Session, workshop: Workshop, voice: Voice, source: Source) -> None:
        self._session = session
        self._workshop = workshop
        self._voice = voice
        self._source = source
        self._place = _place(session, workshop.folder)
        state = frozenset({session.manifest.state_dir})
        environment = session.manifest.environment  # it may lie in the state folder
        self._camera = pictures.Camera(self._place.root, state, but=environment, essence=timeless)

    def prove(self, wishes: Sequence[str], *, samples: int, seed: int, extent: Extent) -> Verdict:
        """All of it. Raises `Precondition` if the undisturbed run fails, `InstallerError` if its rollback does."""
        started = time.monotonic()
        marks = pictures.marks(self._source.root)
        self._tell(extent)
        files.make_folder(self._workshop.folder / "temporary")
        trials = Trials(self._place, self._camera, self._source.copy_to)
        trace = self._undisturbed(trials)
        everything = points.population(trace)
        stretches = points.stretches(everything)
        own = [self._session.own_phase(wish) for wish in wishes]
        chosen = points.choose(everything, own, trace, samples=samples, seed=seed)
        self._voice.begun(stretches, chosen, seed)
        tried = [self._try(trials, point, number, len(chosen)) for number, point in enumerate(chosen)]
        return Verdict(
            stretches=stretches,
            seed=seed,
            variable=len(trials.variable),
            tried=tuple(tried),
            meddled=_meddled(self._source.root, marks),
            seconds=time.monotonic() - started,
        )

    def _tell(self, extent: Extent) -> None:
        if extent.size > _LARGE:
            self._voice.line(tr("the project is large: {size} are copied", size=words.size(extent.size)))
        self._voice.busy(tr("copying {count} files ({size})", count=extent.count, size=words.size(extent.size)))

    def _undisturbed(self, trials: Trials) -> Trace:
        """Two runs that nobody disturbs: what they leave is the reference, what differs between them does not count.

        Each has a copy of its own, so that what depends on times and inodes differs, too.
        """
        found = []
        for number in (1, 2):
            trials.renew()
            self._voice.busy(tr("undisturbed run {number} of 2", number=number))
            ended = self._must(trials.install(noted=True), tr("the undisturbed run fails on the copy already"))
            found.append(trials.picture())
            self._must(trials.verify(), tr("what the undisturbed run installed is not whole"))
            back = trials.roll_back()
            left = pictures.differences(trials.before, trials.picture())
            if back.status != 0 or left:
                raise self._not_back(trials, left, back)
            self._voice.undisturbed(number, ended.seconds)
        trials.reference, trials.variable = found[1], pictures.variable(*found)
        return ended.trace

    def _must(self, ended: Ended, sentence: str) -> Ended:
        if ended.status == 0:
            return ended
        raise Precondition(
            "selftest.reference", sentence, details=ended.said, hint=tr("mend that first; then run the selftest again")
        )

    def _not_back(self, trials: Trials, left: Sequence[pictures.Difference], back: Ended) -> InstallerError:
        wreck = trials.set_aside("undisturbed-rollback")
        self._workshop.kept = "wrecks"
        return InstallerError(
            "selftest.rollback",
            tr("the rollback of an undisturbed run does not bring everything back"),
            details=(
                *(each.sentence() for each in pictures.outermost(left)[:MOST]),
                *back.said,
                tr("what it left is in {path}", path=wreck),
            ),
        )

    def _try(self, trials: Trials, point: Point, number: int, total: int) -> Tried:
        names = ["resume", "rollback", *(["script"] if number % _SCRIPTED == 0 else [])]
        ways: list[Way] = []
        for name in names:
            self._voice.busy(words.trying(point, name, number + 1, total))
            ways.append(trials.way(name, point))
        tried = Tried(point=point, ways=tuple(ways))
        self._voice.tried(tried, number + 1, total)
        return tried


def _place(session: Session, folder: Path) -> Place:
    """Where the copy is. It has the project's name: some packages take theirs from it."""
    variables = dict(os.environ) | {"TMPDIR": str(folder / "temporary")}  # what a killed build leaves there goes, too
    name = f"{session.manifest.env_prefix}_CHECKPOINT_DIR"
    elsewhere = folder / "checkpoints" if session.store.elsewhere else None
    for each in (name, "SUREFOOT_CHECKPOINT_DIR"):
        variables.pop(each, None)
    if elsewhere is not None:
        variables[name] = str(elsewhere)
    return Place(
        root=folder / "copy" / session.root.name,
        notes=folder / "notes",
        log=folder / "said",
        state=str(session.manifest.state_dir),
        victim=Path(__file__).with_name("victim.py"),
        words=("--lang", i18n.language(), *options(session)),
        variables=variables,
        program=os.path.basename(sys.argv[0]),
        elsewhere=elsewhere,
    )


def options(session: Session) -> list[str]:
    """The options of this command that are for the runs in the copy, as the user gave them."""
    asked, said = session.asked, list[str]()
    for key in KEYS:
        value = asked.flags.get(key.name)
        if key.name in _OWN or value is None:
            continue
        said += [key.flag] if value is True else [key.flag, str(value)]
    said += ["--until", asked.until] if asked.until else []
    for phase in asked.skip:
        said += ["--skip", phase]
    return said


def _meddled(root: Path, before: pictures.Marks) -> tuple[str, ...]:
    """What changed in the project itself since `before`."""
    after = pictures.marks(root)
    names = (path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return tuple(sorted(os.path.relpath(path, root) for path in names))
