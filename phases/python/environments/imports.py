"""Can the modules be imported? Tried in the environment's own Python; a failure is laid at the right door.

An environment is wrong when another one would have been right: a module that is installed, or local, and does not
work. What only the machine lacks (a system library, a variable), or what nothing declares, is not its fault.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from installer.errors import StepFailed
from installer.i18n import tr
from phases.python.environments import places, programs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from installer.model import Context, Json

Verdict = Literal["wrong", "doubtful", "odd"]

PROBE = Path(__file__).with_name("import_probe.py")
SECONDS = 60  # that the import of one module may take
_GONE = {  # modules of the standard library, by the Python that no longer has them
    "3.12": "asynchat asyncore distutils imp smtpd",
    "3.13": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd"
    " sunau telnetlib uu xdrlib",
}
_LIBRARY = re.compile(r"(\S+): cannot open shared object file|DLL load failed|Library not loaded: (\S+)")
_ATTRIBUTE = re.compile(r"module '([\w.]+)' has no attribute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A module that cannot be imported.

    "wrong": the environment's fault; "doubtful": it works only in part; "odd": worth a word.
    """

    module: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be tried. `known` are the modules that are local or that a distribution gives.

    `local`: what is tried is the project's own, not what it depends on.
    """

    imports: tuple[str, ...] = ()
    finds: tuple[str, ...] = ()
    demanded: frozenset[str] = frozenset()
    local: bool = True
    known: frozenset[str] = field(default_factory=frozenset)


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


def judge(module: str, answer: Json, wanted: Wanted, version: str) -> Trouble:
    """Whose fault is it?"""
    text = str(answer["text"])
    if module in wanted.demanded:
        return Trouble(module=module, verdict="wrong", text=text)
    if answer["error"] == "crash" or answer["error"] in ("SyntaxError", "IndentationError", "TabError"):
        return Trouble(module=module, verdict="wrong", text=text)
    if answer.get("import_error"):
        return _import_error(module, answer, wanted, version)
    attribute = _ATTRIBUTE.search(text)
    if attribute and _is_known(attribute[1], wanted.known | sys.stdlib_module_names):
        return Trouble(module=module, verdict="wrong", text=text)
    return Trouble(module=module, verdict="odd", text=text)


def _import_error(module: str, answer: Json, wanted: Wanted, version: str) -> Trouble:
    name, text, inner = str(answer["name"]), str(answer["text"]), str(answer["inner"])
    if library := _LIBRARY.search(inner):
        lacks = tr("the system lacks the library {library}", library=next(filter(None, library.groups()), text))
        return Trouble(module=module, verdict="doubtful", text=lacks)
    if name == module or _is_known(name, wanted.known):
        return Trouble(module=module, verdict="wrong", text=inner)
    top = name.partition(".")[0]
    if since := next(
        (since for since, names in _GONE.items() if top in names.split() and _at_least(version, since)), ""
    ):
        gone = tr(
            "it needs `{name}`, which Python {since} no longer has; this is {version}",
            name=top,
            since=since,
            version=version,
        )
        return Trouble(module=module, verdict="wrong", text=gone)
    if answer["missing"] and top in sys.stdlib_module_names:
        lacks = tr("this Python was built without `{name}`", name=top)
        return Trouble(module=module, verdict="doubtful", text=lacks)
    if answer["missing"]:
        lacks = tr("it needs `{name}`, which nothing declares", name=top)
        return Trouble(module=module, verdict=_partly(wanted), text=lacks)
    return Trouble(module=module, verdict=_partly(wanted), text=text)


def _partly(wanted: Wanted) -> Verdict:
    """A package of somebody else's that works only with more than it asks for is worth a word, no more."""
    return "doubtful" if wanted.local else "odd"


def _is_known(name: str, known: Iterable[str]) -> bool:
    return bool(name) and any(
        name == each or name.startswith(f"{each}.") or each.startswith(f"{name}.") for each in known
    )


def _at_least(version: str, since: str) -> bool:
    return [int(part) for part in version.split(".")[:2]] >= [int(part) for part in since.split(".")]


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
