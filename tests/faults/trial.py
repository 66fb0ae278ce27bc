"""One disturbed run, recovered both ways, and the account of many."""

from __future__ import annotations

import resource
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.points import SEED
from tests.whole.kit import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.interposer import Call, Fault
    from tests.faults.lab import Lab
    from tests.whole.kit import Ended

_SCRIPTED = 4  # every so-manieth is taken back by the script, and has all its packages imported


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass
class Account:
    """What was tried and what went wrong. `recoveries` counts resumes and reverts, each compared by contents."""

    name: str
    points: int = 0
    recoveries: int = 0
    problems: list[str] = field(default_factory=list)
    where: Counter[str] = field(default_factory=Counter)
    who: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=_seconds)

    def note(self, fault: Fault, hit: Call | None, phase: str, problems: list[str]) -> None:
        """Add one point, recovered twice."""
        self.points += 1
        self.recoveries += 2
        self.where[phase] += 1
        self.who["nobody" if hit is None else hit.program + ("/linking" if _is_linking(hit) else "")] += 1
        self.problems += [f"{fault} at {hit}, {phase}: {text}" for text in problems]

    def __str__(self) -> str:
        each = (_seconds() - self.began) / max(1, self.points)
        who = ", ".join(f"{name} {count}" for name, count in self.who.most_common())
        where = ", ".join(f"{name} {count}" for name, count in self.where.most_common())
        return (
            f"{self.name}: {self.points} points x 2 goals = {self.recoveries} recoveries, violations "
            f"{len(self.problems)}, seed {SEED}, {each:.1f} s of processor a point\n    by {who}\n    in {where}"
        )


def both_ways(lab: Lab, fault: Fault, account: Account, *, back: tuple[str, ...] = ("--all",)) -> None:
    """Disturb a run, resume it, and see that it came to the same; disturb it again and take it back.

    One disturbed run serves for both where a copy of what it left is as good: the tree guard knows files by inode.
    """
    number = account.points
    lab.fresh()
    lab.run(fault)
    hit, phase = lab.interposer.hit(), lab.phase()
    problems = [] if hit else ["the fault did not happen"]
    problems += lab.claims()
    ways: list[Callable[[], list[str]]] = [
        lambda: _resumed(lab, imports=number % _SCRIPTED == 0),
        lambda: _reverted(lab, back, by_script=number % _SCRIPTED == 0),
    ]
    if number % 2:
        ways.reverse()
    kept = lab.keep()
    problems += ways[0]()
    if kept:
        lab.put_back()
    else:
        lab.fresh()
        lab.run(fault)
    problems += ways[1]()
    account.note(fault, hit, phase, problems)


def orphaned(lab: Lab, fault: Fault, account: Account) -> None:
    """Kill the tool alone and run again at once: what is left of the first run is gone before the second changes."""
    lab.fresh()
    lab.run(fault, wait=False)
    hit, phase = lab.interposer.hit(), lab.phase()
    problems = [] if hit else ["the fault did not happen"]
    count = lab.interposer.count()
    problems += _resumed(lab, imports=False)
    problems += [f"an orphan is left: {lab.interposer.living()}"] if lab.interposer.living() else []
    problems += _reverted(lab, ("--all",), by_script=False)
    account.note(fault, hit, phase, [f"({count} changes before) {text}" for text in problems])


def endured(lab: Lab, fault: Fault, account: Account, *, back: tuple[str, ...] = ("--all",), said: str = "") -> None:
    """Let calls of a run fail; what it says is fit to be read; then the fault is lifted and the same command completes.

    Every second one is taken back at once instead. `said` must be in its words.
    """
    lab.fresh()
    ended = lab.run(fault)
    hit, phase = lab.interposer.hit(), lab.phase()
    problems = [] if hit else ["the fault did not happen"]
    problems += lab.claims()
    problems += _unfit(ended)
    problems += [] if said in ended.said else [f"`{said}` is not told"]
    if ended.status == 0:
        problems += [f"it said that all is well, but {text}" for text in differences(lab.after, lab.outcome())[:10]]
    if account.points % 2:
        problems += _resumed(lab, imports=False)
    problems += _reverted(lab, back, by_script=False)
    account.note(fault, hit, phase, [f"(status {ended.status}: {ended.said}) {text}" for text in problems])


def _unfit(ended: Ended) -> list[str]:
    """What must not be seen: our own bug (70), a trace, a status that says something else."""
    problems = [] if ended.status in {0, 1, 5, 6, 7} else [f"status {ended.status}"]
    ours = any(line.startswith("Traceback") for line in ended.said.splitlines())  # that of a command is set in
    return problems + (["a trace is shown"] if ours else [])


def _resumed(lab: Lab, *, imports: bool) -> list[str]:
    ended = lab.run()
    wrong = differences(lab.after, lab.outcome())
    problems = [f"resumed, but {text}" for text in wrong[:10]]
    if ended.status or wrong:
        problems.append(f"resumed with status {ended.status}: {ended.said}")
    return problems + (_imported(lab) if imports and not wrong else [])


def _reverted(lab: Lab, back: tuple[str, ...], *, by_script: bool) -> list[str]:
    if not lab.has_begun():
        return [f"not begun, but {text}" for text in differences(lab.before, lab.picture())[:10]]
    if by_script and (script := lab.script()) is not None:
        status, said = script.returncode, script.stdout + script.stderr
        quiet = not script.stderr
    else:
        ended = lab.rollback(*back)
        status, said, quiet = ended.status, ended.said, True
    wrong = differences(lab.before, lab.picture())
    problems = [f"taken back, but {text}" for text in wrong[:10]]
    if status or wrong or not quiet:
        problems.append(f"taken back with status {status}: {said}")
    return problems


def _imported(lab: Lab) -> list[str]:
    done = subprocess.run(lab.importing(), capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"resumed, but not importable: {done.stderr}"]


def _is_linking(hit: Call) -> bool:
    return hit.program == "uv" and "site-packages" in hit.path
