"""The action of the packages phase: one local project, built from the tree, put into the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from installer import lazily
from installer.errors import InstallerError, StepFailed
from installer.i18n import tr
from installer.model import Context, Json, RelPath
from phases.python import bare, environment, products, records
from phases.python.backends import Installer, Local, backend, from_tree
from phases.python.dependencies import recorded_remedies
from phases.python.failures import BuildFailed
from phases.python.remedying import Remedied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NO_EDITABLE = lazily.pattern(
    r"does(?:n't| not) support (?:PEP 660|editable)|missing (?:the )?'?build_editable|has no attribute 'build_editable"
    r"|editable (?:mode|installs?) (?:is|are) not supported|build backend is missing the 'build_editable' hook"
    r"|has no attribute '(?:prepare_metadata_for_build|get_requires_for_build)_editable'",
    re.IGNORECASE,
)


def install(args: Mapping[str, Any], context: Context) -> Json:
    """Install the member, `editable` where its backend can, with remedies where its build needs them, and prove it.

    Raises `StepFailed` with the end of the build's log; it names the system package that lacks, or the empty submodule.
    """
    installer = backend(args["backend"])
    staging = context.root / args["environment"]
    local = Local(name=args["name"], path=RelPath(args["path"]))
    remedied = Remedied(context, (local.name,), from_tree(context.root, args["build_siblings"]))
    remedied.learn(recorded_remedies(context))
    before, tree = _installed(staging), products.look(context.root / local.path)
    try:
        with bare.completed(context.root, (local.path, *(path for _, path in args["build_siblings"]))):
            way = _either_way if args["editable"] else _as_copy
            editable = way(context, installer, str(environment.python(staging)), local, remedied)
    except BuildFailed as error:
        raise _without_submodule(context.root, local, error) from error
    _prove(staging, local, deep=context.options.deep)
    after = _installed(staging)
    return {
        "packages": {name: version for name, version in after.items() if before.get(name) != version},
        "editable": editable,
        "products": products.left(tree, products.look(context.root / local.path)),
        "remedies": [name for name, _ in remedied.record],
    }


def _either_way(context: Context, installer: Installer, python: str, local: Local, remedied: Remedied) -> bool:
    """Editable if that can be; says which it was."""
    try:
        remedied.attempt(lambda build: installer.install_member(context, python, local, build, editable=True))
    except InstallerError as error:
        said = error.output if isinstance(error, BuildFailed) else "\n".join(error.details)
        if not _NO_EDITABLE.search(said):
            raise
        return _as_copy(context, installer, python, local, remedied)
    return True


def _as_copy(context: Context, installer: Installer, python: str, local: Local, remedied: Remedied) -> bool:
    why = tr(
        "{name} cannot be installed editable: its build backend does not know how; a copy is installed", name=local.name
    )
    context.warn(why)
    remedied.attempt(lambda build: installer.install_member(context, python, local, build, editable=False))
    return False


def _without_submodule(root: Path, local: Local, error: BuildFailed) -> StepFailed:
    """A header that is not found while a submodule's folder is empty means the submodule, not a library."""
    missing = error.lack is not None and error.lack.kind == "header"
    for path in _submodules(root):
        folder = root / path
        inside = path.within(local.path) or local.path.within(path) or missing
        if inside and (not folder.is_dir() or not any(folder.iterdir())) and (missing or path in error.output):
            lacking = error.lack.what if error.lack else path
            return StepFailed(
                "python.submodule_missing",
                tr(
                    "`{name}` could not be built: `{what}` is missing, and the submodule {path} is empty",
                    name=local.name,
                    what=lacking,
                    path=path,
                ),
                details=error.details,
                hint=tr("fetch it: git submodule update --init -- {path}", path=path),
                path=path,
                name=local.name,
            )
    return error


def _submodules(root: Path) -> list[RelPath]:
    """The paths that .gitmodules gives, those that leave the project left out."""
    try:
        text = (root / ".gitmodules").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = re.findall(r"^\s*path\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    return [
        RelPath(path)
        for path in found
        if not path.startswith(("/", '"', "..")) and "/.." not in path and "\\" not in path
    ]


def _prove(staging: Path, local: Local, *, deep: bool) -> None:
    """The RECORDs hold, of this member and of all that it may have damaged."""
    problems = [problem for site in environment.site_packages(staging) for problem in records.check(site, deep=deep)]
    if problems:
        raise StepFailed(
            "python.records",
            tr(
                "installing `{name}` left {count} files that are not what their RECORD says",
                name=local.name,
                count=len(problems),
            ),
            details=tuple(map(str, problems[:20])),
        )


def _installed(staging: Path) -> dict[str, str]:
    return {
        name: version
        for site in environment.site_packages(staging)
        for name, version in records.installed(site).items()
    }
