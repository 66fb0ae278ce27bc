"""The steps that bring a project's submodules to their commits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.frozen import replace
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from installer.redact import redact
from phases.git import command, config, footprint, modules, places, state
from phases.git.fetching import with_transport
from phases.git.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from installer.model import Facts, Planned
    from phases.git.modules import Level, Problem, Submodule
    from phases.git.wishes import Wishes

PHASE = "submodule_sync"
REGISTER = f"{PHASE}.01.register"


def steps(noted: Wishes, facts: Facts) -> Planned:
    """One step that registers addresses, then one for each submodule that is not in place, side by side.

    Raises what `phases.submodule_sync.plan` promises.
    """
    survey = Survey(noted.with_options(facts.options))
    level = modules.read(command.open_repository(facts.root), survey.wishes)
    level.refuse(survey.wishes)
    todo = {  # a step that this run has done is planned again: who no longer plans it wants it undone
        step_id: each
        for step_id, each in _numbered(level.modules)
        if step_id in facts.results or not survey.is_settled(level.git, each)
    }
    if todo:
        footprint.refuse_elsewhere(facts.root)
        survey.object(level.git, todo.values())
    registration = _registration(level, noted, facts, todo.values()) if todo else ()
    yield from registration
    if todo or level.problems:
        needs = tuple(step.id for step in registration)
        updates = (_update(level, each, step_id, survey, noted, needs) for step_id, each in todo.items())
        yield (*updates, *map(_refused, level.problems))


def for_archive(root: Path, noted: Wishes) -> Planned:
    """An unpacked archive cannot fetch its submodules: where they are missing, that is said."""
    try:
        text = (root / modules.FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    found = re.findall(r"^[ \t]*path[ \t]*=[ \t]*(\S+)[ \t]*$", text, re.MULTILINE)
    paths = [each for each in found if not noted.is_skipped(each, each) and ".." not in each.split("/")]
    if empty := sorted(each for each in paths if state.is_empty(root / each)):
        yield Step(
            id=f"{PHASE}.01.missing",
            phase=PHASE,
            title=tr("Look for the submodules of an unpacked archive"),
            action="submodules.missing",
            args={"folders": empty},
            effect=Effect(repeatable=True),
            on_failure="warn",
        )


def _numbered(wanted: tuple[Submodule, ...]) -> list[tuple[str, Submodule]]:
    """The steps' ids: the same as long as `.gitmodules` is, whatever is done already."""
    return [(f"{PHASE}.{number:02}.{_word(each.name)}", each) for number, each in enumerate(wanted, start=2)]


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)


def _registration(level: Level, noted: Wishes, facts: Facts, todo: Iterable[Submodule]) -> tuple[Step, ...]:
    """The one step that writes `.git/config`. It makes the folders that several submodules lie in, too."""
    absent = footprint.outermost_absent(facts.root, places.shared_folders(level.modules))
    if not absent and REGISTER not in facts.results and not any(each.fresh for each in todo):
        return ()
    step = Step(
        id=REGISTER,
        phase=PHASE,
        title=tr("Register {count} submodules", count=len(level.modules)),
        action="submodules.register",
        args={"wishes": noted.noted(), "addresses": {each.name: redact(each.url) for each in level.modules}},
        effect=Effect(touches=(RelPath(".git/config"), *absent)),
    )
    return (step,)


def _update(
    level: Level, module: Submodule, step_id: str, survey: Survey, noted: Wishes, needs: tuple[str, ...]
) -> Step:
    # Whether it may fail is the plan's business: its commit is what the step is about.
    others = tuple(each for each in noted.optional if each not in {module.name, module.path})
    return Step(
        id=step_id,
        phase=PHASE,
        title=tr("Bring the submodule {path} to {commit}", path=module.path, commit=module.commit[:10]),
        action="submodules.update",
        args={
            "name": module.name,
            "path": module.path,
            "commit": module.commit,
            "url": redact(module.url),
            "protocols": list(with_transport(level.git, module).protocols),
            "patience": config.PATIENCE[0] in level.git.settings,
            "wishes": replace(noted, optional=others).noted(),
        },
        effect=footprint.of(level, module, survey),
        on_failure="warn" if survey.wishes.is_optional(module.name, module.path) else "stop",
        needs=needs,
    )


def _refused(problem: Problem) -> Step:
    """An optional submodule that must not be trusted: the run goes on, and says so."""
    return Step(
        id=f"{PHASE}.99.{_word(problem.path)}",
        phase=PHASE,
        title=tr("Leave out a submodule that must not be trusted"),
        action="submodules.refused",
        args={"path": problem.path, "why": problem.why},
        effect=Effect(repeatable=True),
        on_failure="warn",
    )
