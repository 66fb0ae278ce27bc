"""Telling a person elsewhere: the project is ready, its build failed, a rollback is incomplete.

`[tool.surefoot] notify` names variables that hold addresses for apprise. A notice never fails what it tells of; what
went wrong with it is a sentence for whoever sits here.
"""

from __future__ import annotations

import os
import re
import warnings
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from installer import files
from installer.errors import Precondition
from installer.extras import need
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Action, Context, Effect, RelPath, Step
from installer.redact import redact_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from installer.manifest import Manifest
    from installer.model import Facts

_MARK = RelPath("builds/notice")  # below the state folder: the run whose notice may have been sent
_SHORTEST = 4  # a part of an address that is shorter is no secret, but part of ordinary words


class Event(StrEnum):
    """What happened. The value is what a program is told."""

    READY = "project_ready"
    BUILD_FAILED = "build_failed"
    ROLLBACK_FAILED = "rollback_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told: `link` leads to more of it, `detail` is a sentence of ours; neither holds a secret."""

    event: Event
    project: str
    link: str = ""
    detail: str = ""

    @property
    def title(self) -> str:
        """The headline."""
        match self.event:
            case Event.READY:
                return tr("The project is ready")
            case Event.BUILD_FAILED:
                return tr("The build failed")
            case Event.ROLLBACK_FAILED:
                return tr("Not everything could be taken back")

    @property
    def body(self) -> str:
        """The sentence, then detail and link, each on a line of its own."""
        match self.event:
            case Event.READY:
                first = tr("{project} is ready", project=self.project)
            case Event.BUILD_FAILED:
                first = tr("the build of {project} failed", project=self.project)
            case Event.ROLLBACK_FAILED:
                first = tr("a rollback of {project} is incomplete", project=self.project)
        return "\n".join(filter(None, (first, self.detail, self.link)))


def send(notice: Notice, names: Iterable[str], environ: Mapping[str, str] | None = None) -> list[str]:
    """Send `notice` to the addresses in the variables `names`; returns a sentence for each that it did not reach.

    Tries each once and waits for some seconds at most. Raises nothing.
    """
    environ = os.environ if environ is None else environ
    complaints = []
    for name in names:
        if not (value := environ.get(name, "").strip()):
            complaints.append(tr("no notice was sent: the variable {name} is not set", name=name))
        elif why := _tell(notice, value):
            complaints.append(tr("the notice to {name} was not delivered: {reason}", name=name, reason=why))
    return complaints


def ready_steps(phase: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """The last step of an installation that did something, where the project wants notices."""
    if not manifest.notify or not facts.results:
        return
    yield Step(
        id=f"{phase}.99.notice",
        phase=phase,
        title=tr("Tell that the project is ready"),
        action="notices.send",
        args={"event": Event.READY.value, "project": facts.root.name, "names": list(manifest.notify)},
        effect=Effect(lasting=tr("a message that was sent stays sent"), repeatable=True),
        on_failure="warn",
    )


def _send(args: Mapping[str, Any], context: Context) -> None:
    """Send it once in a run: who is cut off after the service heard it, and goes on, does not send it again."""
    mark, own = context.root / context.state / _MARK, context.install_id.encode()
    with suppress(OSError):
        if files.content(mark, most=len(own) + 1) == own:
            context.warn(tr("the notice may have been sent before the run was cut short: it is not sent again"))
            return
    files.make_folder(mark.parent)
    files.replace(mark, own)
    notice = Notice(event=Event(args["event"]), project=args["project"])
    for complaint in send(notice, args["names"]):
        context.warn(complaint)


def _tell(notice: Notice, addresses: str) -> str:
    """Send it to what one variable holds; empty for success, else why not, without any part of an address."""
    try:
        apprise = need("builds", "apprise")
    except Precondition as error:
        return f"{error.message}; {error.hint}"
    kind = "success" if notice.event is Event.READY else "failure"
    asset = apprise.AppriseAsset(
        app_id="Surefoot", app_desc="Surefoot", app_url="", async_mode=False, storage_mode="memory"
    )
    try:
        with warnings.catch_warnings(), apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as log:
            warnings.simplefilter("ignore")  # it imports the plugins of all services, and some are old
            bell = apprise.Apprise(asset=asset)
            if not bell.add(addresses):
                return tr("it holds no address that apprise understands")
            if bell.notify(title=notice.title, body=notice.body, notify_type=kind):
                return ""
            said = log.getvalue()
    except Exception as error:  # noqa: BLE001 -- a hundred services' plugins: none of them may fail what it tells of
        said = type(error).__name__
    lines = [line for line in redact_output(said).splitlines() if line.strip() and not _leaks(line, addresses)]
    return lines[-1].strip() if lines else tr("the service did not take it")


def _leaks(line: str, addresses: str) -> bool:
    """Is a part of an address in it that may be its secret? Whatever is between its signs may be."""
    parts = (part for part in re.split(r"[\s:/@?&=,+]+", addresses) if len(part) >= _SHORTEST)
    return any(each in line for part in parts for each in (part, unquote(part)))


ACTIONS: Mapping[str, Action] = {"notices.send": _send}
