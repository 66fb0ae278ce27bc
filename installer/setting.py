"""What a run is given besides its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from installer.frozen import dataclass, field
from installer.model import Json, Options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OnPhaseFailure = Literal["phase", "keep", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run is given besides its plan.

    kind        "install", "restore", "clean-env", …: what `history` calls it
    skip        trees that no guard looks into (environments)
    shown       names that the project gives its phases
    facts       what goes into `Opened`: mode, environment, tool version
    on_failure  what is taken back when a phase fails: the phase, only the failed step ("keep"), or the whole run
    until, passed_over  the last phase to run; phases to leave out
    rehearsal   no command that takes back what lies outside the tree is run
    lock        the descriptor of the project's lock, for children to hold; -1 for none
    """

    kind: str = "install"
    options: Options = field(default_factory=Options)
    skip: tuple[Path, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    on_failure: OnPhaseFailure = "phase"
    until: str = ""
    passed_over: tuple[str, ...] = ()
    rehearsal: bool = False
    lock: int = -1
