"""Getting an artifact from its address: goes on where it was cut, and is believed only with its hash."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import InstallerError, NotAllowed, Precondition, Refused, StepFailed, Unavailable
from installer.i18n import tr
from installer.redact import redact
from phases.containers.apps.places import APPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from installer.model import RelPath

MOST = 20 << 30  # bytes of an artifact
_BLOCK = 1 << 18
_TIMEOUT = 60.0  # seconds without a byte
_WAIT = 1.0  # seconds before the first repetition; doubled each time
_PARTIAL, _UNSATISFIABLE = 206, 416

Report = "Callable[[int, int], None]"


def place(state: RelPath, sha256: str) -> RelPath:
    """Where the artifact with this hash is kept: a cache, so that nothing takes it back."""
    return state / APPS / ".downloads" / sha256


def fetch(url: str, sha256: str, target: Path, *, retries: int, report: Callable[[int, int], None]) -> None:
    """Have the artifact at `target`. What an earlier attempt got is kept beside it, and gone on with.

    Raises `Unavailable` (7), `NotAllowed` (8), `Precondition` (6: it is not there), `Refused` (9: another hash).
    """
    if target.exists() and files.sha256(target) == sha256:
        return
    files.make_folder(target.parent)
    part = target.with_name(target.name + ".part")
    for attempt in range(retries + 1):
        try:
            _once(url, sha256, part, report)
            break
        except Unavailable:
            if attempt == retries:
                raise
            time.sleep(_WAIT * 2**attempt)
    files.remove(target)
    files.rename(part, target)


def _once(url: str, sha256: str, part: Path, report: Callable[[int, int], None]) -> None:
    """One attempt; a part that turns out to belong to something else is begun anew once."""
    begun = part.stat().st_size if part.exists() else 0
    _download(url, part, begun, report)
    if files.sha256(part) == sha256:
        return
    files.remove(part)
    if begun:
        _download(url, part, 0, report)
        if files.sha256(part) == sha256:
            return
        files.remove(part)
    raise Refused(
        "artifact.hash",
        tr("what is at {url} has another hash than the manifest says", url=redact(url)),
        hint=tr("check `sha256`; nothing of it was unpacked"),
    )


def _download(url: str, part: Path, begun: int, report: Callable[[int, int], None]) -> None:
    """Append to `part` what it lacks."""
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "surefoot"})  # noqa: S310 -- https or http, checked
    if begun:
        request.add_header("Range", f"bytes={begun}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 -- as above
            _append(answer, part, begun if answer.status == _PARTIAL else 0, report)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _UNSATISFIABLE and begun:
            return  # nothing is lacking; the hash decides
        raise _refused(url, error.code) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", "") or error
        raise _cut(url, str(reason)) from error


def _append(answer: Any, part: Path, begun: int, report: Callable[[int, int], None]) -> None:  # noqa: ANN401 -- http's
    left = answer.headers.get("Content-Length", "")
    total = begun + int(left) if left.isdecimal() else 0
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, begun)
        os.lseek(descriptor, begun, os.SEEK_SET)
        done = begun
        while block := answer.read(_BLOCK):
            files.write_all(descriptor, block)
            done += len(block)
            report(done, total)
            if done > MOST:
                raise Refused("artifact.large", tr("the artifact is larger than {most} GB", most=MOST >> 30))
        files.sync(descriptor)
    finally:
        os.close(descriptor)
    if total and done < total:
        raise _cut(str(answer.url), tr("the connection ended too early"))


def _cut(url: str, reason: str) -> Unavailable:
    return Unavailable(
        "artifact.network",
        tr("{url} cannot be fetched: {reason}", url=redact(url), reason=redact(reason)),
        hint=tr("run the same command again; what came already is kept"),
    )


def _refused(url: str, status: int) -> InstallerError:
    text = tr("{url} cannot be fetched: {reason}", url=redact(url), reason=f"HTTP {status}")
    if status in {401, 403, 407}:
        return NotAllowed("artifact.denied", text)
    if status in {404, 410}:
        return Precondition("artifact.missing", text, hint=tr("check the address in the manifest"))
    if status in {408, 425, 429} or status >= 500:  # noqa: PLR2004 -- HTTP's own
        return Unavailable("artifact.network", text, hint=tr("run the same command again; what came already is kept"))
    return StepFailed("artifact.answer", text)


def checked(path: Path, sha256: str) -> None:
    """Raise `Refused` if the file at `path` has another hash."""
    if sha256 and hashlib.file_digest(path.open("rb"), "sha256").hexdigest() != sha256:
        raise Refused("artifact.hash", tr("{path} has another hash than the manifest says", path=path.name))
