"""Make an environment that knows where it was made into one that works wherever it is moved.

uv makes such environments itself. virtualenv writes the absolute path into the activation scripts, and pip into the
first line of every command.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.i18n import tr
from installer.model import Action, Context, Effect, Json, RelPath, Step
from phases.python import records
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Mapping

# What uv writes too: the shell runs the second line, Python sees a string. It needs no path of its own, and no limit
# on the length of one.
_POLYGLOT = """#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")"/'{name}' "$0" "$@"
' '''
"""

_FOLDER = b"bin"  # programs of Windows hold their path within themselves: they are not rewritten


def relocate_step(phase: str, staging: RelPath, environment: str) -> Step:
    """A step that makes `staging` movable, and its activation scripts speak of `environment`."""
    return Step(
        id=f"{phase}.00.relocate",
        phase=phase,
        title=tr("Make the environment movable"),
        action="environment.relocate",
        args={"environment": staging, "place": environment},
        effect=Effect(scratch=(staging,)),
    )


def relocate(args: Mapping[str, Any], context: Context) -> Json:
    """Rewrite what names the old place, and the RECORDs that list it. Once more changes nothing."""
    env = context.root / args["environment"]
    texts = [*_texts(places.scripts(env)), env / "pyvenv.cfg"]  # virtualenv notes its own command line in that one
    changed = {path for path in texts if path.is_file() and _rewrite(path, args["environment"], args["place"])}
    for site in places.site_packages(env):
        records.amend(site, frozenset(changed))
    return {"rewritten": len(changed)}


def _texts(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False))


def _rewrite(path: Path, old: str, new: str) -> bool:
    before = path.read_bytes()
    after = _first_line(before, old)
    if after.find(b"\0") < 0:  # a program has no path of ours, and must not be cut about
        after = after.replace(b"/" + os.fsencode(old), b"/" + os.fsencode(new))
    if after == before:
        return False
    files.replace(path, after, mode=path.stat().st_mode & 0o7777)
    return True


def _first_line(content: bytes, old: str) -> bytes:
    """`#!/…/bin/python` by the form that finds its interpreter beside itself.

    The other form is what is written where the path is long, or has spaces.
    """
    inside = re.escape(os.fsencode(f"/{old}/") + _FOLDER) + rb"/([\w.-]+)"
    plain = re.match(rb"#![^\n]*" + inside + rb"[^\n]*\n", content)
    found = plain or re.match(rb"#!/bin/sh\n'''exec' [^\n]*" + inside + rb"[^\n]*\n' '''\n", content)
    if found is None:
        return content
    return _POLYGLOT.format(name=os.fsdecode(found[1])).encode() + content[found.end() :]


ACTIONS: Mapping[str, Action] = {"environment.relocate": relocate}
