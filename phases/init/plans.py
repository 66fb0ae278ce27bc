"""The plan of `manage.py init`: what to write, decided once and noted with the run; then a step a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import installer
from installer import actions, files
from installer.errors import Conflict
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import Action, Context, Effect, Json, Planned, RelPath, Step
from phases.init import drafts, manifest_text, wheels, workflows
from phases.init.drafts import ABSENT, Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from installer.model import Facts
    from phases.init.pin import Pin
    from phases.init.survey import Findings

KIND = "init"
QUICKSTART = ("quickstart.py", "quickstart_surefoot.py")
MANAGE = ("manage.py", "manage_surefoot.py")
# No module can be called so: setuptools passes these over, where it would take any other for a module of the project.
NO_MODULES = ("quickstart-surefoot.py", "manage-surefoot.py")

_MANAGE = '''\
#!/usr/bin/env python3
"""Look after what `{quickstart}` beside it installed: `python3 {manage} --help`. The pin is in that file."""

import os
import runpy

BESIDE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "{quickstart}")

if __name__ == "__main__":
    runpy.run_path(BESIDE, run_name="manage")
'''


def decide(
    root: Path, manifest: Manifest, findings: Findings, pin: Pin, servers: tuple[str, ...], *, in_pyproject: bool
) -> list[Draft]:
    """Every file that is to be written, in the order of writing. Raises `Conflict`, `UsageError`."""
    found = [manifest_text.draft(root, manifest, findings, in_pyproject=in_pyproject)]
    first = tr("installs the project, by the one Surefoot that it pins: {version}", version=pin.version)
    names = _names(root, QUICKSTART, NO_MODULES[:1] if findings.takes_modules else QUICKSTART)
    if findings.takes_modules and names[0] in NO_MODULES:
        first += tr("; setuptools would take `quickstart.py` for a module, as no `py-modules` says which are")
    found.append(drafts.draft(root, names, lambda path: launcher(pin, path), first, mode=0o755))
    quickstart = found[1].path if found[1] else drafts.place(root, names)[0]
    second = tr("looks after what was installed")
    names = _names(root, MANAGE, (MANAGE[0], NO_MODULES[1]) if findings.takes_modules else MANAGE)
    found.append(drafts.draft(root, names, lambda path: companion(quickstart, path), second, mode=0o755))
    manage = found[2].path if found[2] else drafts.place(root, names)[0]
    words = workflows.words(quickstart, manage, manifest.environment, findings.requires)
    return [*(each for each in found if each), *workflows.of(root, servers, words)]


def _names(root: Path, usual: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The one that has ours already, where `init` was here before; else `wanted`."""
    ours = [name for name in (*usual, *NO_MODULES) if name.startswith(usual[0][:-3]) and drafts.has_ours(root, name)]
    return tuple(ours[:1]) or wanted


def launcher_in(root: Path) -> str:
    """What the launcher is called that we wrote; the usual name where there is none."""
    return _names(root, QUICKSTART, QUICKSTART)[0]


def companion_in(root: Path) -> str:
    """What the other door is called that we wrote; the usual name where there is none."""
    return _names(root, MANAGE, MANAGE)[0]


def launcher(pin: Pin, name: str) -> str:
    """The project's own launcher, to be called `name`."""
    text = (Path(installer.__path__[0]) / "project_launcher.py").read_text(encoding="utf-8")
    for mark, value in (("VERSION", pin.version), ("SHA256", pin.sha256)):
        text, count = re.subn(rf'(?m)^{mark} = "[^"]*"$', f'{mark} = "{value}"', text)
        assert count == 1, mark  # noqa: S101 -- a launcher that pins nothing must not be written
    return text.replace("python3 quickstart.py", f"python3 {name}")


def companion(quickstart: str, manage: str) -> str:
    """The file `manage`, by which the launcher `quickstart` opens its other door."""
    return _MANAGE.format(quickstart=quickstart, manage=manage)


def wheels_of(root: Path, found: list[Draft], pin: Pin) -> list[Json]:
    """What becomes of the wheels beside the launcher, as it is noted with the run. Raises `Conflict`."""
    return wheels.beside(root, next((each for each in found if each.path in (*QUICKSTART, *NO_MODULES[:1])), None), pin)


def as_args(found: list[Draft]) -> list[Json]:
    """The drafts, as they are noted with the run."""
    return [
        {
            "path": each.path,
            "text": each.text,
            "mode": each.mode,
            "before": each.before,
            "appends": each.appends,
            "sha256": _hash(each.text),
        }
        for each in found
    ]


def plan(noted: list[Json], facts: Facts) -> Planned:
    """A step for every file of `noted` that is not as it is to be. Raises `Conflict` for one that was touched since."""
    for number, each in enumerate(noted):
        name = f"{KIND}.{number + 1:02}.{each['path'].rpartition('/')[2]}"
        made, stands = (_step, _stands) if "text" in each else (wheels.step, wheels.stands)
        step = made(name, RelPath(each["path"]), each)
        if step.id in facts.results or not stands(facts.root, each):
            yield step


def _stands(root: Path, noted: Json) -> bool:
    """Is it there already? Raises `Conflict` for what is neither that nor what was agreed to."""
    if _hash(noted["text"]) != noted["sha256"]:  # a secret of this machine occurs in it, and was not noted
        raise Conflict(
            "init.text",
            tr("what is to be written to {path} was not noted word for word", path=noted["path"]),
            hint=tr("`manage.py rollback` takes the run back; then begin anew"),
        )
    now = drafts.standing(root, RelPath(noted["path"]))
    if now == noted["before"]:
        return False
    if now == noted["sha256"] and not noted["appends"]:
        return True
    raise drafts.taken((noted["path"],))


def _step(name: str, path: RelPath, noted: Json) -> Step:
    if noted["before"] == ABSENT:
        title = tr("Write {path}", path=path)
    elif noted["appends"]:
        title = tr("Add `[tool.surefoot]` to {path}", path=path)
    else:
        title = tr("Renew {path}", path=path)
    action = "init.append" if noted["appends"] else "init.write"
    args = {key: noted[key] for key in ("path", "text", "mode", "before")}
    return Step(id=name, phase=KIND, title=title, action=action, args=args, effect=Effect(touches=(path,)))


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _write(args: Mapping[str, Any], context: Context) -> None:
    drafts.must_stand(args, context)
    actions.ACTIONS["files.write"](args, context)


def _append(args: Mapping[str, Any], context: Context) -> None:
    drafts.must_stand(args, context)
    path = files.below(context.root, args["path"])
    old = files.content(path).decode("utf-8")
    files.replace(path, drafts.after(old, args["text"]).encode(), mode=path.lstat().st_mode & 0o7777)


ACTIONS: Mapping[str, Action] = {
    **actions.ACTIONS,
    "init.write": _write,
    "init.append": _append,
    "init.bring": wheels.bring,
    "init.drop": wheels.drop,
}
