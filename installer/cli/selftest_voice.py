"""Who says how a selftest goes on: a live line on a terminal, plain lines elsewhere, JSON lines for scripts."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from installer.cli import selftest_words as words
from installer.cli.output import emit
from installer.cli.session import can_draw
from installer.i18n import tr
from installer.show.words import duration, marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.status import Status

    from installer.cli.session import Session
    from installer.selftest.points import Point, Stretch
    from installer.selftest.results import Tried


class Voice(Protocol):
    """What a selftest tells while it works."""

    def line(self, text: str) -> None:
        """Say a sentence that stays."""

    def busy(self, text: str) -> None:
        """Say what is being done now."""

    def undisturbed(self, number: int, seconds: float) -> None:
        """An undisturbed run was installed, verified and taken back."""

    def begun(self, stretches: Sequence[Stretch], chosen: Sequence[Point], seed: int) -> None:
        """The points are known."""

    def tried(self, one: Tried, number: int, total: int) -> None:
        """A point was tried."""


class Lines:
    """Lines on standard error; on a terminal with a live one below them."""

    def __init__(self, session: Session, status: Status | None) -> None:
        self._session = session
        self._status = status
        self._quiet = session.asked.volume == "quiet"

    def line(self, text: str) -> None:
        """Say it."""
        if self._status is not None:
            from rich.text import Text

            self._status.console.print(Text(text))
        else:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def busy(self, text: str) -> None:
        """Shown where a line can be taken back; elsewhere only to those who want to know all."""
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(text))
        elif self._session.asked.volume == "verbose":
            self.line(f"  {marks(sys.stderr)['running']} {text}")

    def undisturbed(self, number: int, seconds: float) -> None:
        """Say it."""
        if not self._quiet:
            text = tr("undisturbed run {number}: verified, and taken back", number=number)
            self.line(f"{marks(sys.stderr)['done']} {text} ({duration(seconds)})")

    def begun(self, stretches: Sequence[Stretch], chosen: Sequence[Point], seed: int) -> None:
        """Say it."""
        for each in () if self._quiet else words.begun(self._session, stretches, chosen, seed):
            self.line(each)

    def tried(self, one: Tried, number: int, total: int) -> None:
        """Say it; a failure always."""
        if not self._quiet or not one.well:
            self.line(words.tried(self._session, one, number, total))


class Events:
    """One JSON object a line."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def line(self, text: str) -> None:
        """As a note."""
        emit("note", level="info", text=text)

    def busy(self, text: str) -> None:
        """Nothing: the points tell."""

    def undisturbed(self, number: int, seconds: float) -> None:
        """As an event."""
        emit("selftest_reference", run=number, seconds=round(seconds, 3))

    def begun(self, stretches: Sequence[Stretch], chosen: Sequence[Point], seed: int) -> None:
        """As an event."""
        phases = [
            {
                "phase": self._session.phase_name(each.phase),
                "first": each.first,
                "last": each.last,
                "timed": each.timed,
                "programs": each.programs,
            }
            for each in stretches
        ]
        total = sum(each.size for each in stretches)
        emit("selftest_started", seed=seed, points=total, phases=phases, chosen=[each.name for each in chosen])

    def tried(self, one: Tried, number: int, total: int) -> None:
        """As an event."""
        emit("selftest_point", number=number, total=total, **one.as_json())


@contextmanager
def voice(session: Session) -> Iterator[Voice]:
    """The voice that fits where standard error, or with --json standard output, goes to."""
    if session.asked.as_json:
        yield Events(session)
    elif can_draw() and session.asked.volume != "quiet":
        from rich.console import Console

        console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
        with console.status("") as status:
            console.show_cursor(show=True)  # as the other displays: a kill must not leave it hidden
            yield Lines(session, status)
    else:
        yield Lines(session, None)
