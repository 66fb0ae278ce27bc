"""Can the modules be imported? Tried in the environment's own Python; a failure is laid at the right door."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr
from phases.python.environments import places, programs
from phases.python.environments.verdicts import Trouble, Verdict, Wanted, judge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from installer.model import Context, Json

PROBE = Path(__file__).with_name("import_probe.py")
SECONDS = 60  # that the import of one module may take


def attempt(env: Path, wanted: Wanted, context: Context) -> list[Trouble]:
    """Try all; a crash, an exit or a hang costs only the module that did it."""
    answers: dict[tuple[str, str], Json] = {}
    todo = {("import", name) for name in wanted.imports} | {("find", name) for name in wanted.finds}
    for number in range(len(todo)):
        if not todo - answers.keys():
            break
        answers |= _try(env, todo - answers.keys(), context, number=number)
        context.report(len(answers), len(todo))
    failed = {key: answer for key, answer in sorted(answers.items()) if not answer["ok"]}
    return [judge(module, answer, wanted, places.version(env)) for (_, module), answer in failed.items()]


def _try(env: Path, todo: Collection[tuple[str, str]], context: Context, *, number: int) -> dict[tuple[str, str], Json]:
    """One process. At least the first module of `todo` has an answer afterwards."""
    name = f"{env.name}-{number}"
    request, report = context.scratch / f"{name}.request.json", context.scratch / f"{name}.report.jsonl"
    named = {kind: sorted(module for each, module in todo if each == kind) for kind in ("import", "find")}
    request.write_text(json.dumps({**named, "seconds": SECONDS}), encoding="utf-8")
    argv = [str(places.python(env)), "-I", "-B", str(PROBE), str(request), str(report)]
    finished = context.run(argv, cwd=context.scratch, env=programs.variables(env), check=False, quiet=True)
    answers, begun = _read(report)
    if begun and begun not in answers:
        answers[begun] = _cut_off(finished.status, finished.stderr)
    if not answers:
        raise StepFailed(
            "verification.python",
            tr("the Python of the environment does not run: {path}", path=places.python(env)),
            details=finished.tail,
        )
    return answers


def _read(report: Path) -> tuple[dict[tuple[str, str], Json], tuple[str, str] | None]:
    """The answers, and the module that was begun last."""
    answers: dict[tuple[str, str], Json] = {}
    begun = None
    try:
        lines = report.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        told = json.loads(line)
        if "begin" in told:
            begun = (told["kind"], told["begin"])
        else:
            answers[told["kind"], told["module"]] = told
    return answers, begun


def _cut_off(status: int, stderr: str) -> Json:
    if "Timeout (" in stderr:
        return {"ok": False, "error": "hang", "text": tr("its import did not end within {seconds} s", seconds=SECONDS)}
    if status < 0:
        name = signal.Signals(-status).name
        return {"ok": False, "error": "crash", "text": tr("its import was ended by {signal}", signal=name)}
    return {
        "ok": False,
        "error": "exit",
        "text": tr("its import ended the program with status {status}", status=status),
    }


def regressions(env: Path, troubles: Iterable[Trouble], context: Context) -> frozenset[str]:
    """Those modules in trouble that the environment in use can import: switching away from it would be a loss."""
    names = tuple(trouble.module for trouble in troubles)
    if not names or not places.python(env).exists():
        return frozenset()
    try:
        still = attempt(env, Wanted(imports=names), context)
    except StepFailed:
        return frozenset()
    return frozenset(names) - {trouble.module for trouble in still}


def sentence(trouble: Trouble) -> str:
    """The trouble, for people."""
    return tr("`import {module}` fails: {text}", module=trouble.module, text=trouble.text)


def by_verdict(troubles: Iterable[Trouble]) -> Mapping[Verdict, list[Trouble]]:
    """The troubles, sorted by what they mean."""
    found: dict[Verdict, list[Trouble]] = {"wrong": [], "doubtful": [], "odd": []}
    for trouble in troubles:
        found[trouble.verdict].append(trouble)
    return found
