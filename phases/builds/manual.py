"""What is left for a person to do where a build could not be begun: the command, the link, the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr
from phases.builds import memory

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json
    from phases.builds.memory import Note

COMMAND = "manage.py build trigger"
WRITING = "manage.py build init-workflow"
HELP = "manage.py build --help"
DOCUMENTATION = {
    "github": "https://docs.github.com/actions/using-workflows/manually-running-a-workflow",
    "gitlab": "https://docs.gitlab.com/ci/pipelines/#run-a-pipeline-manually",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """`reason` is a sentence, `hint` what mends it, `link` the page where a build is begun by hand (may be empty).

    `missing`: there is no such page, as the project has no workflow. `documentation` says how: a page of the
    provider's, or a command.
    """

    reason: str
    hint: str = ""
    link: str = ""
    command: str = COMMAND
    documentation: str = HELP
    missing: bool = False

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
        where = (
            tr("the project has no workflow yet: `{command}` writes one", command=WRITING)
            if self.missing
            else self.link
        )
        return [*lines, *([f"   {where}"] if where else []), f"   {third}"]


def action(state: Path, root: Path) -> Manual | None:
    """What is open, as the state folder has it; None where nothing is, or where a build stands.

    A page of a workflow whose file the project at `root` does not have is none: then the command that writes one is it.
    """
    note = memory.read(state)
    if note is None or not note.is_open:
        return None
    missing = _is_missing(note, root)
    reason = str(note.error.get("message", "")) or tr("it was cut short before {host} answered", host=note.host or "?")
    return Manual(
        reason=reason,
        hint=str(note.error.get("hint", "")),
        link="" if missing else note.page,
        documentation=DOCUMENTATION.get(note.provider, HELP),
        missing=missing,
    )


def _is_missing(note: Note, root: Path) -> bool:
    """Is the workflow's file not in the project? Its number says nothing of that."""
    section = note.args.get("section")
    name = str(section.get("workflow", "")) if isinstance(section, dict) else ""
    if note.provider != "github" or not name or name.isdecimal():
        return False
    return not (root / ".github" / "workflows" / name).exists()
