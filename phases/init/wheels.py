"""The wheel that lies beside a project's launcher, where no index has it: it comes, moves and goes with the pin.

A wheel is ours where the launcher beside it, as we wrote it, pins these very bytes; any other is the user's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import DISTRIBUTION, files
from installer.errors import Precondition
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import Context, Effect, Json, RelPath, Step
from phases.init import drafts
from phases.init.drafts import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.init.drafts import Draft
    from phases.init.pin import Pin


def beside(root: Path, launcher: Draft | None, pin: Pin) -> list[Json]:
    """What becomes of wheels when `launcher` comes to pin `pin`, as it is noted with the run; most often nothing.

    Where the launcher stays as it is, somebody saw to them already. Raises `Conflict` for a file of the user's.
    """
    if launcher is None:
        return []
    noted, old = [], _pinned(launcher.held(root))
    if pin.source:
        before = drafts.standing(root, RelPath(pin.name))
        if before not in {ABSENT, pin.sha256, old.get(pin.name)}:
            raise drafts.taken((pin.name,))
        noted.append({"path": pin.name, "source": pin.source, "sha256": pin.sha256, "before": before})
    brought = pin.name if pin.source else ""
    return noted + [
        {"path": name, "before": held}
        for name, held in old.items()
        if name != brought and held != pin.sha256 and drafts.standing(root, RelPath(name)) == held
    ]


def _pinned(launcher: str) -> dict[str, str]:
    """The name and the SHA-256 of the wheel that our `launcher` pins; empty for none, or an edited one."""
    version, digest = (re.findall(rf'(?m)^{mark} = "([\w.]+)"\r?$', launcher) for mark in ("VERSION", "SHA256"))
    if not (version and digest and drafts.is_ours(launcher)):
        return {}
    return {f"{DISTRIBUTION}-{version[0]}-py3-none-any.whl": digest[0]}


def stands(root: Path, noted: Json) -> bool:
    """Is it as it is to be? Raises `Conflict` for what is neither that nor what was agreed to."""
    now = drafts.standing(root, RelPath(noted["path"]))
    if now == noted.get("sha256", ABSENT):
        return True
    if now == noted.get("before", ABSENT):
        return False
    raise drafts.taken((noted["path"],))


def step(name: str, path: RelPath, noted: Json) -> Step:
    """Bring the wheel, in place of an older one or not, or take one away."""
    brings = "source" in noted
    title = tr("Bring {path} along", path=path) if brings else tr("Remove {path}, which is no longer pinned", path=path)
    action = "init.bring" if brings else "init.drop"
    return Step(id=name, phase="init", title=title, action=action, args=dict(noted), effect=Effect(touches=(path,)))


def bring(args: Mapping[str, Any], context: Context) -> None:
    """Copy the wheel out of the cache. Raises `Precondition` if it is not there any more, or another."""
    source = Path(args["source"])
    data = source.read_bytes() if source.is_file() else b""
    if sha256(data).hexdigest() != args["sha256"]:
        raise Precondition(
            "init.wheel-gone",
            tr("the wheel {path} is not the one that was agreed to", path=source),
            hint=tr("`manage.py rollback` takes the run back; then begin anew"),
        )
    drafts.must_stand(args, context)
    files.replace(files.below(context.root, args["path"]), data, mode=0o644)


def drop(args: Mapping[str, Any], context: Context) -> None:
    """Remove the wheel that was pinned before."""
    drafts.must_stand(args, context)
    files.remove(files.below(context.root, args["path"]))
