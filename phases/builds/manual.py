"""What is left for a person to do where a build could not be begun: the command, the link, the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr
from phases.builds import memory

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json

COMMAND = "manage.py build trigger"
HELP = "manage.py build --help"
DOCUMENTATION = {
    "github": "https://docs.github.com/actions/using-workflows/manually-running-a-workflow",
    "gitlab": "https://docs.gitlab.com/ci/pipelines/#run-a-pipeline-manually",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """`reason` is a sentence, `hint` what mends it, `link` the page where a build is begun by hand (may be empty).

    `documentation` says how: a page of the provider's, or a command.
    """

    reason: str
    hint: str = ""
    link: str = ""
    command: str = COMMAND
    documentation: str = HELP

    def as_json(self) -> Json:
        """For scripts."""
        return {
            "reason": self.reason,
            "hint": self.hint,
            "link": self.link,
            "command": self.command,
            "documentation": self.documentation,
        }

    def lines(self) -> list[str]:
        """For people."""
        first = tr("⚠️ The build could not be begun: {reason}", reason=self.reason)
        second = tr("💡 Begin it by hand, or push: `{command}`", command=self.command)
        lines = [first, *([f"   {self.hint}"] if self.hint else []), second]
        third = tr("how that is done: {page}", page=self.documentation)
        return [*lines, *([f"   {self.link}"] if self.link else []), f"   {third}"]


def action(state: Path) -> Manual | None:
    """What is open, as the state folder has it; None where nothing is, or where a build stands."""
    note = memory.read(state)
    if note is None or not note.is_open:
        return None
    reason = str(note.error.get("message", "")) or tr("it was cut short before {host} answered", host=note.host or "?")
    documentation = DOCUMENTATION.get(note.provider, HELP)
    return Manual(reason=reason, hint=str(note.error.get("hint", "")), link=note.page, documentation=documentation)
