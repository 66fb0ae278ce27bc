"""The tree guard: what a tree of the user's held before a third-party command, and bringing it back to that.

A build backend writes where it likes (`build/`, `*.egg-info`, a compiled `.so` beside its source). `note` lists the
tree and copies what it holds, up to a limit; `changes` says afterwards what came, changed or went; `revert` undoes it.
A guard cannot tell a build's file from one that the user saved in the same minute: what came is moved to the kept
folder, but for names that only build tools use.
"""

from installer.guard.aside import ARTEFACTS, is_artefact, move_aside, outermost
from installer.guard.capture import Changes, Copies, changes, identities, identity, left_behind, note
from installer.guard.listing import Entry, Listing, is_looked_into, load
from installer.guard.undo import Outcome, revert

__all__ = [
    "ARTEFACTS",
    "Changes",
    "Copies",
    "Entry",
    "Listing",
    "Outcome",
    "changes",
    "identities",
    "identity",
    "is_artefact",
    "is_looked_into",
    "left_behind",
    "load",
    "move_aside",
    "note",
    "outermost",
    "revert",
]
