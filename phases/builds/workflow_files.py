"""The files that make a provider build an image: what they would say, how that differs from what is there, the steps.

GitHub has one file, GitLab a file of ours and a line in `.gitlab-ci.yml` that includes it.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from installer import looking
from installer.actions import write_file
from installer.errors import Conflict, UsageError
from installer.frozen import dataclass
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import RelPath

if TYPE_CHECKING:
    from installer.model import Facts, Json, Planned

PHASE = "workflow"
PROVIDERS = ("github", "gitlab")
NAME = "build-project-image.yml"  # S3.9

_TEMPLATES = Path(__file__).with_name("templates")
_ENTRY = RelPath(".gitlab-ci.yml")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*\.ya?ml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file as it is (None: there is none) and as it would be."""

    path: RelPath
    before: str | None
    after: str

    @property
    def changes(self) -> bool:
        """Is there anything to write?"""
        return self.before != self.after

    @property
    def replaces(self) -> bool:
        """Is a file of the user's written over?"""
        return self.changes and self.before is not None

    def diff(self) -> list[str]:
        """What changes, as `diff -u` says it; empty where nothing does."""
        old = [] if self.before is None else self.before.splitlines()
        there = "/dev/null" if self.before is None else f"a/{self.path}"
        return list(difflib.unified_diff(old, self.after.splitlines(), there, f"b/{self.path}", lineterm=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The drafts, and sentences on what is left to a person."""

    drafts: tuple[Draft, ...]
    notes: tuple[str, ...] = ()

    def seen(self) -> Json:
        """By what the plan tells that the files are still those that were shown: path to SHA-256, "" for none."""
        return {each.path: _digest(each.before) for each in self.drafts}


def guess(root: Path) -> str:
    """Who `origin` is by name, "github" or "gitlab", else whose pipelines are there; empty for neither or both."""
    host = _host_of_origin(root)
    named = [provider for provider in PROVIDERS if provider in host]
    theirs = {"github": root / ".github" / "workflows", "gitlab": root / _ENTRY}
    found = named or [provider for provider, path in theirs.items() if path.exists()]
    return found[0] if len(found) == 1 else ""


def propose(root: Path, provider: str, name: str = NAME) -> Proposal:
    """What `provider` ("github" or "gitlab") needs in the project at `root`.

    Raises `UsageError` for a name that is none, `Conflict` where something else than a file is in the way.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("workflow.name", tr("`{name}` is no name of a workflow's file (`NAME.yml`)", name=name))
    notes = () if (root / "Dockerfile").exists() else (tr("there is no `Dockerfile` yet, which the build needs"),)
    own = RelPath((".github/workflows/" if provider == "github" else ".gitlab/") + name)
    text = (_TEMPLATES / f"{provider}.yml").read_text(encoding="utf-8")
    drafts = (Draft(path=own, before=_read(root, own), after=text),)
    if provider == "github":
        return Proposal(drafts=drafts, notes=notes)
    entry, further = _entry(_read(root, _ENTRY), own)
    return Proposal(drafts=(*drafts, *entry), notes=(*notes, *further))


def plan(args: Json, facts: Facts) -> Planned:
    """A step for each file that is not yet as it should be; nothing where all are.

    `args` are {"provider", "file", "seen"}. Raises `Conflict` if a file is no longer the one that was shown.
    """
    for number, draft in enumerate(propose(facts.root, args["provider"], args["file"]).drafts, 1):
        if not draft.changes:
            continue
        if _digest(draft.before) != args["seen"].get(draft.path, ""):
            raise Conflict(
                "workflow.changed",
                tr("{path} was changed meanwhile; it stays as you left it", path=draft.path),
                hint=tr("run the same command again to see what would change now"),
            )
        yield write_file(
            PHASE, f"{number:02}.write", path=draft.path, text=draft.after, title=tr("Write {path}", path=draft.path)
        )


def _host_of_origin(root: Path) -> str:
    """Without what may be a user, a password or a name of somebody's; empty without git, clone or remote."""
    from phases.git import command, config, state

    if state.git_folder(root) is None or command.find(root) is None:
        return ""
    _, settings = config.read(command.open_repository(root))
    url = settings.rewritten(settings.last("remote.origin.url"))
    return re.sub(r"^\w+://", "", url).partition("/")[0].rpartition("@")[2].partition(":")[0].lower()


def _entry(before: str | None, own: RelPath) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """How `.gitlab-ci.yml` comes to include the file `own`; what has an `include` already is left to its owner."""
    line = f"- local: {own}"
    if before is None:
        return (Draft(path=_ENTRY, before=None, after=f"include:\n  {line}\n"),), ()
    if re.search(rf"^[^#\n]*(?<![\w.-])/?{re.escape(own)}(?![\w.-])", before, re.MULTILINE):
        return (), ()
    if re.search(r"^include\s*:", before, re.MULTILINE):
        return (), (tr("`{file}` has an `include` already: add the line `{line}` to it", file=_ENTRY, line=line),)
    end = "\r\n" if "\r\n" in before else "\n"
    begun = before if not before or before.endswith("\n") else before + end
    stages = re.search(r"^stages\s*:(.*(?:\n[ \t-].*)*)", before, re.MULTILINE)
    notes: tuple[str, ...] = ()
    if stages and not re.search(r"\bbuild\b", stages[1]):
        notes = (tr("`{file}` names its stages: add `build` to them", file=_ENTRY),)
    after = f"{begun}{end if begun else ''}include:{end}  {line}{end}"
    return (Draft(path=_ENTRY, before=before, after=after),), notes


def _read(root: Path, path: RelPath) -> str | None:
    """Its text; bytes that are no text come as single surrogates. Raises `Refused` behind a link."""
    place = looking.below(root, path)
    kind = looking.digest(place)
    if kind == "absent":
        return None
    if not kind.startswith("sha256:"):
        raise Conflict("workflow.path", tr("{path} is a link, or no file: it stays", path=path))
    return place.read_bytes().decode("utf-8", "surrogateescape")


def _digest(text: str | None) -> str:
    return "" if text is None else sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
