"""Small words that all observers use: times, marks, and text of others made harmless."""

from __future__ import annotations

from typing import TextIO

from installer import lazily
from installer.i18n import tr

# C0 and C1 controls, and what turns the direction of text around; a tab stays
_CONTROL = lazily.pattern("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SEQUENCE = lazily.pattern(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
_FINE = 9.95  # seconds below which tenths are of interest
_MARKS = {"done": "✓", "failed": "✗", "kept": "–", "undone": "↺", "warning": "!", "running": "›"}
_ASCII = {"done": "+", "failed": "x", "kept": "-", "undone": "<", "warning": "!", "running": ">"}


def clean(text: str) -> str:
    """`text` of a third party on one line, without anything that would move the cursor, colour, or ring.

    A carriage return overwrites, as on a terminal: what was written last on the line stays.
    """
    if text.isprintable():  # as nearly all is: there is nothing of the kind in it, nor a line's end
        return text
    text = _SEQUENCE.sub("", text.rstrip("\r\n"))
    return _CONTROL.sub("", text.rpartition("\r")[2])


def clean_lines(text: str) -> list[str]:
    """The lines of `text`, each made harmless."""
    return [clean(line) for line in text.split("\n")]


def duration(seconds: float) -> str:
    """A time as people say it: `0.3 s`, `12 s`, `2 min 5 s`, `1 h 4 min`."""
    if seconds < _FINE:
        return tr("{seconds} s", seconds=f"{seconds:.1f}")
    return elapsed(round(seconds))


def elapsed(seconds: float) -> str:
    """A time that is still growing: whole seconds."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes:
        return tr("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)
    return tr("{seconds} s", seconds=seconds)


def moment(time: str) -> str:
    """`2025-11-15 14:30:00+08:00`, of a time as the journal notes it."""
    whole = time[:19] + time[23:] if time[19:20] == "." else time
    return whole.replace("T", " ")


def marks(stream: TextIO) -> dict[str, str]:
    """The marks that `stream` can show."""
    try:
        "".join(_MARKS.values()).encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return _ASCII
    return _MARKS
