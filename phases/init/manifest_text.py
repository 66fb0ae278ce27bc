"""The manifest that `init` writes: what was inferred stands in it as comments, so that it is still inferred anew."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from installer import files
from installer.errors import UsageError
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import RelPath
from installer.project import MANIFEST
from installer.redact import redact
from phases.init.drafts import ABSENT, Draft, after, standing, taken

if TYPE_CHECKING:
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.init.survey import Findings

PYPROJECT = RelPath("pyproject.toml")


def draft(root: Path, manifest: Manifest, findings: Findings, *, in_pyproject: bool) -> Draft | None:
    """The manifest; nothing where the project has one. Raises `UsageError` for a `pyproject.toml` that takes none."""
    if manifest.source is not None:
        return None
    why = tr("says how the project is installed; what it does not say is inferred")
    if in_pyproject:
        return Draft(
            path=PYPROJECT,
            text=text(manifest, findings, table="[tool.surefoot]\n"),
            why=why,
            before=_readable(root, text(manifest, findings, table="[tool.surefoot]\n")),
            appends=True,
        )
    path = RelPath(MANIFEST)
    if standing(root, path) != ABSENT:  # a manifest that can be read would have been read
        raise taken((MANIFEST,))
    return Draft(path=path, text=text(manifest, findings), why=why)


def text(manifest: Manifest, findings: Findings, *, table: str = "") -> str:
    """The manifest's text; `table` is its head within another file."""
    lines = [
        tr("# How Surefoot installs this project. What is not written here is inferred anew each time,"),
        tr("# and `python3 manage.py config` says from what. What was found when this was written:"),
        *(f"#   {_comment(what)} ({_comment(why)})" for what, why in findings.because),
    ]
    return "\n".join(lines) + f'\n{table}mode = "{manifest.mode}"\n'


def _comment(said: str) -> str:
    """One line without what TOML forbids in a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in redact(said))


def _readable(root: Path, addition: str) -> str:
    """The sha256 of a `pyproject.toml` that is TOML with `addition` as well."""
    try:
        old = files.content(root / PYPROJECT)
        tomllib.loads(after(old.decode("utf-8"), addition))
    except FileNotFoundError:
        raise UsageError(
            "init.no-pyproject", tr("there is no pyproject.toml to write to"), hint=tr("leave out --in-pyproject")
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(
            "init.pyproject",
            tr("`[tool.surefoot]` cannot be added to pyproject.toml: {reason}", reason=error),
            hint=tr("leave out --in-pyproject"),
        ) from None
    return sha256(old).hexdigest()
