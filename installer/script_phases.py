"""The phases of somebody else's installer: what they may be called, which there are, whether all are completed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily, messages
from installer.errors import Conflict, Precondition, UsageError
from installer.i18n import tr
from installer.ledger import KIND, PHASES, phases_of
from installer.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.ledger import Glance, Ledger, Project
    from installer.state import Run

_NAME = lazily.pattern(r"(?!start\Z|point-)\w[\w.-]{0,63}", re.ASCII)


def named(of: Project, phases: Sequence[str] | None) -> tuple[str, ...]:
    """The own names of `phases`, by default Surefoot's six. Raises `UsageError` for names that cannot be."""
    names = PHASES if phases is None else tuple(of.own_name(each) for each in phases)
    complaints = [f"`{messages.sentence(each)}`" for each in names if not _NAME.fullmatch(each)]
    if not names or complaints or len(set(names)) != len(names):
        raise UsageError(
            "checkpoint.phases",
            tr("the phases should be different words of letters, digits, `_`, `-` and `.`"),
            details=tuple(complaints),
            hint=tr("`start` and `point-…` are the names of rollback points"),
        )
    return names


def known(ledger: Ledger | Glance, phase: str) -> str:
    """The own name of `phase` in the open run. Raises `UsageError`, `Precondition`, `Conflict`."""
    if not ledger.is_open:
        raise Precondition("checkpoint.none", tr("no installation is under way here"), hint=first())
    must_be_ours(ledger)
    there_are = phases_of(ledger.run)
    name = ledger.project.own_name(phase)
    if name not in there_are:
        shown = [ledger.project.shown(each) for each in there_are]
        near = nearest(phase, shown)
        hint = tr("did you mean `{near}`?", near=near) if near else tr("there are: {names}", names=", ".join(shown))
        raise UsageError("checkpoint.phase", tr("there is no phase `{name}`", name=messages.sentence(phase)), hint=hint)
    return name


def must_be_ours(ledger: Ledger | Glance) -> None:
    """Raises `Conflict` while a run of another kind is unfinished: its phases are not the script's to record."""
    if ledger.is_open and ledger.run.kind != KIND:
        raise Conflict(
            "checkpoint.busy",
            tr("the installation {install_id} of Surefoot's own is unfinished here", install_id=ledger.run.install_id),
            hint=tr("`manage.py resume` goes on with it, `manage.py rollback` takes it back"),
        )


def first() -> str:
    """What to do where no installation is under way."""
    return tr("init_checkpoint_system comes first")


def all_completed(run: Run) -> bool:
    """Is nothing left to do?"""
    return all(name in run.phases and run.phases[name].status == "completed" for name in phases_of(run))
