"""The last wish for a build and what became of it, kept below the state folder: for its repetition, and `status`.

The journal is what a run goes on by. This outlives it: a wish whose answer never came is the next run's, too.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from installer import files
from installer.frozen import dataclass, field
from installer.redact import HIDDEN, redact_json
from phases.builds.model import BuildRun, BuildState

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json

Stage = Literal["wanted", "sent", "begun", "failed"]

_SCHEMA = 1
_MOST = 1 << 18  # bytes that such a file may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The wish, and how far it came.

    install_id  the run that noted it; `args` are its step's, which the same run plans again word for word
    key, since  the wish's own, as in `model.Wish`
    stage       "wanted", "sent" (the request may have been carried out), "begun" (accepted), or "failed"
    run         the build, where it is known; `error` what was in the way
    page, name, host  where a person finds it
    digest      of the `args` as they were before `redact`, to compare a wish with
    """

    install_id: str
    args: Json
    key: str
    since: str
    stage: Stage
    provider: str = ""
    host: str = ""
    name: str = ""
    page: str = ""
    ref: str = ""
    commit: str = ""
    run: BuildRun | None = None
    error: Json = field(default_factory=dict)
    digest: str = ""

    @property
    def is_open(self) -> bool:
        """Is there no answer to it yet?"""
        return self.stage != "begun"

    @property
    def may_have_left(self) -> bool:
        """Is there no answer, and may the request have been carried out?"""
        return self.stage == "sent" or (self.is_open and bool(self.error.get("sent")))

    @property
    def is_redacted(self) -> bool:
        """Did the args lose a secret's text on their way to the file? Then they are not what is to be sent."""
        return HIDDEN in json.dumps(self.args)


def read(state: Path) -> Note | None:
    """What is noted in the state folder; None for nothing, or for what cannot be read: it is only a memory."""
    try:
        told: Any = json.loads(files.content(_path(state), most=_MOST))
        if told.pop("schema") != _SCHEMA:
            return None
        run = told.pop("run")
        return Note(**told, run=BuildRun(**{**run, "state": BuildState(run["state"])}) if run else None)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write(state: Path, note: Note) -> None:
    """Keep `note`, durably."""
    files.make_folder(_path(state).parent)
    text = json.dumps({"schema": _SCHEMA, **redact_json(asdict(note))}, indent=1, sort_keys=True)
    files.replace(_path(state), text.encode())


def _path(state: Path) -> Path:
    return state / "builds" / "last.json"
