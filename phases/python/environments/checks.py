"""What is checked in a finished environment before it is switched in: the actions of phase verification."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import StepFailed
from installer.frozen import replace
from installer.i18n import tr
from phases.python import looks, records
from phases.python.environments import consistency, entry_points, import_proofs, imports, modules, places, programs
from phases.python.environments.verdicts import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from installer.model import Action, Context, Json
    from phases.python.environments.modules import Distribution
    from phases.python.environments.verdicts import Trouble

_TOOLS = frozenset(("pip", "setuptools", "wheel"))  # what virtualenv may have put there
_MOST = 60  # modules of other people's that are tried


def check_records(args: Mapping[str, Any], context: Context) -> Json:
    """Every file of every distribution is there, with its size; with `deep`, with its hash."""
    env = context.root / args["environment"]
    sites = places.site_packages(env)
    only = _only(args, context)
    look = looks.last(env) if places.layout(env) is None else None
    seen = look.files if look else {}
    problems = [each for site in sites for each in records.check(site, deep=args["deep"], only=only, seen=seen)]
    if problems:
        raise failed(tr("the environment is not what was installed"), map(str, problems))
    return {"distributions": sum(len(records.installed(site)) for site in sites)}


def check_dependencies(args: Mapping[str, Any], context: Context) -> Json:
    """Every requirement of every distribution is satisfied, but for what is known to be left out.

    Where the project's own lock decides, what it has against the words of others' packages is only told; what the
    local packages themselves ask for must be there all the same.
    """
    env = context.root / args["environment"]
    installed = modules.distributions(places.site_packages(env))
    absent = [name for name, path in args["members"] if _member(installed, name, context.root / path) is None]
    if absent:
        raise failed(tr("local packages are not installed"), absent)
    excused = frozenset(args["left_out"])
    local = {each.name for each in _members(env, args["members"], context)}
    unmet = [each for each in consistency.unmet(env, context) if not {each.name, each.by} & excused]
    if (only := _only(args, context)) is not None:
        for each in unmet:
            if each.by not in only and each.name in only:
                context.warn(
                    tr("nothing declares {name}, and it does not fit any more: {what}", name=each.by, what=each)
                )
        unmet = [each for each in unmet if each.by in only]
    wrong = [
        each for each in unmet if not args["locked"] or (each.by in local and not each.found and not args["overridden"])
    ]
    if wrong:
        raise failed(tr("the packages do not fit together"), map(str, wrong))
    for each in unmet:
        context.warn(tr("the lock is at odds with the packages' own words: {what}", what=each))
    return {"unmet": [str(each) for each in unmet]}


def check_imports(args: Mapping[str, Any], context: Context) -> Json:
    """The local packages, or where there are none what was asked for, can be imported.

    What works only in part is written down for `check_doubts`; what is odd is said.
    """
    env = context.root / args["environment"]
    wanted = _wanted(env, args, context)
    troubles = _tried(env, wanted, args, context)
    sorted_troubles = imports.by_verdict(troubles)
    partly = sorted_troubles["doubtful"] + sorted_troubles["odd"]
    worse = imports.regressions(context.root / args["used"], partly, context) if args["used"] else frozenset()
    wrong = sorted_troubles["wrong"] + [trouble for trouble in partly if trouble.module in worse]
    if wrong:
        hint = tr("mend them, or name those that may fail in `skip-imports` of `[tool.surefoot.verification]`")
        raise failed(tr("modules cannot be imported"), map(imports.sentence, wrong), hint=hint)
    for trouble in sorted_troubles["odd"]:
        context.warn(imports.sentence(trouble))
    doubts = context.root / args["doubts"]
    files.make_folder(doubts.parent)
    told = json.dumps([imports.sentence(each) for each in sorted_troubles["doubtful"]]).encode()
    files.replace(doubts, told, lasting="nothing")  # it is in `touches`, which the engine makes durable
    return {"imported": len(set(wanted.imports) - {trouble.module for trouble in troubles})}


def _tried(env: Path, wanted: Wanted, args: Mapping[str, Any], context: Context) -> list[Trouble]:
    """Import what is wanted, unless it was imported on this machine from the same bytes before."""
    trees = tuple(context.root / path for _, path in args["members"])
    proof = import_proofs.of(env, trees, looks.last(env) if places.layout(env) is None else None)
    if not context.options.deep and proof.covers(wanted):
        return []
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=1) as pool:
        holds = pool.submit(proof.holds)  # meanwhile: another process does the imports, and hashing needs no lock
        troubles = imports.attempt(env, replace(wanted, known=_known(env)), context)
        if not troubles:
            proof.keep(wanted, holds=holds.result())
    return troubles


def check_doubts(args: Mapping[str, Any], context: Context) -> Json:
    """Modules that work only in part cost the run its full marks, not the environment."""
    doubts: list[str] = json.loads((context.root / args["doubts"]).read_bytes())
    if doubts:
        raise failed(tr("not all of it works: {what}", what="; ".join(doubts)), doubts)
    return {}


def check_commands(args: Mapping[str, Any], context: Context) -> Json:
    """The commands that local packages promise are in the environment."""
    env = context.root / args["environment"]
    missing = [
        tr("the command `{command}` of {name} is not there", command=command.name, name=distribution.name)
        for distribution in _members(env, args["members"], context)
        for command in entry_points.commands(distribution)
        if not command.extra and not entry_points.is_there(env, command)
    ]
    if missing:
        raise failed(tr("commands are missing"), missing)
    return {}


def run_command(args: Mapping[str, Any], context: Context) -> Json:
    """A command of the manifest's, in the project's root, as if the environment were active; it must exit 0."""
    env = context.root / args["environment"]
    argv = [programs.resolve(env, args["argv"][0]), *args["argv"][1:]]
    finished = context.run(argv, env=programs.variables(env), check=False)
    if finished.status != 0:
        shown = " ".join(args["argv"])
        raise failed(tr("`{command}` ended with status {status}", command=shown, status=finished.status), finished.tail)
    return {}


def _only(args: Mapping[str, Any], context: Context) -> frozenset[str] | None:
    """The distributions that are looked at in an environment that holds others of the user's; None: all."""
    if "only" not in args:
        return None
    from phases.python.active import transfer

    return frozenset(transfer.read(context.root / args["only"])["wanted"])


def failed(message: str, details: Iterable[str], *, hint: str = "") -> StepFailed:
    """The refusal of an environment. The one in use is untouched."""
    return StepFailed("verification.failed", message, details=tuple(details), hint=hint)


def _wanted(env: Path, args: Mapping[str, Any], context: Context) -> Wanted:
    skip = frozenset(args["skip"])
    members = _members(env, args["members"], context)
    local = bool(args["members"])
    tried = (
        members if local else [each for each in consistency.roots(env, _only(args, context)) if each.name not in _TOOLS]
    )
    names = [name for distribution in tried for name in modules.provided(distribution) if name not in skip]
    targets = {command.module for each in members for command in entry_points.commands(each) if not command.extra}
    return Wanted(
        imports=tuple(sorted({*args["demanded"], *(names if local else names[:_MOST])})),
        finds=tuple(sorted(name for name in targets if name.partition(".")[0] not in skip and name not in skip)),
        demanded=frozenset(args["demanded"]),
        local=local,
    )


def _known(env: Path) -> frozenset[str]:
    """The modules that the distributions of the environment give."""
    everything = modules.distributions(places.site_packages(env)).values()
    return frozenset(name for distribution in everything for name in modules.provided(distribution))


def _members(env: Path, members: Iterable[tuple[str, str]], context: Context) -> list[Distribution]:
    installed = modules.distributions(places.site_packages(env))
    return list(filter(None, (_member(installed, name, context.root / path) for name, path in members)))


def _member(installed: Mapping[str, Distribution], name: str, folder: Path) -> Distribution | None:
    """The local package as it is installed. Its name may be known only since it was built: then its folder tells."""
    return installed.get(name) or next((each for each in installed.values() if each.comes_from(folder)), None)


ACTIONS: Mapping[str, Action] = {
    "environment.check_records": check_records,
    "environment.check_dependencies": check_dependencies,
    "environment.check_imports": check_imports,
    "environment.check_doubts": check_doubts,
    "environment.check_commands": check_commands,
    "environment.run_command": run_command,
}
