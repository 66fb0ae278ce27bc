"""Observers: what shows a run while it happens. The table names them; each is imported when it is first used.

An observer is called with every `Event`, from any thread, one at a time. It is also a context manager: what it holds
(a live display, an open file) is let go at the end. Only this room and `installer.cli` write to the terminal.
"""

from __future__ import annotations

import importlib
from _thread import allocate_lock  # without `threading`, which is not needed for a lock
from contextlib import AbstractContextManager, ExitStack
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, TextIO, cast

from installer.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from installer.model import Event

OBSERVERS: Mapping[str, str] = MappingProxyType(
    {
        "terminal": "installer.show.terminal:Terminal",
        "plain": "installer.show.plain:Plain",
        "github": "installer.show.github:GitHub",
        "gitlab": "installer.show.gitlab:GitLab",
        "json": "installer.show.jsonlines:JsonLines",
        "log": "installer.show.logfile:LogFile",
    }
)

Volume = Literal["quiet", "normal", "verbose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where and how an observer shows.

    stream  the text stream for people or scripts
    phases  the names of all phases, in order
    names   the names that people see, where they differ
    titles  the titles of steps that began before, by id
    before  the phases that were completed before, in a run that goes on
    logs    the folder for log files; None: write none
    root    the project, which the files of annotations are below
    alone   the step is all there is: nothing goes on without it
    """

    stream: TextIO
    phases: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    volume: Volume = "normal"
    logs: Path | None = None
    install_id: str = ""
    root: str = ""
    alone: bool = False


class Watcher(AbstractContextManager["Watcher"], Protocol):
    """What every entry of the table makes from a `Stage`."""

    def __call__(self, event: Event) -> None:
        """Show `event`."""


def observer(kind: str, stage: Stage) -> Watcher:
    """The observer `kind` of the table. Raises `KeyError` for one that is not there."""
    module, _, name = OBSERVERS[kind].partition(":")
    return cast("Watcher", getattr(importlib.import_module(module), name)(stage))


class Audience(ExitStack):
    """Several observers as one, called by one thread at a time.

    One that fails is dismissed: no display may cost the run.
    """

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        super().__init__()
        self._lock = allocate_lock()
        self._watchers = [self.enter_context(watcher) for watcher in watchers]

    def __call__(self, event: Event) -> None:
        """Show `event` to all."""
        with self._lock:
            for watcher in tuple(self._watchers):
                try:
                    watcher(event)
                except (OSError, ValueError):  # a closed pipe, a full disk, a closed stream
                    self._watchers.remove(watcher)
