from __future__ import annotations

import io

import pytest

from installer.show.words import clean, clean_lines, duration, elapsed, marks, moment


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\n", "plain text"),
        ("a\ttab stays", "a\ttab stays"),
        ("\x1b[31mred\x1b[0m and \x1b[1;4mloud\x1b[m", "red and loud"),
        ("\x1b]0;your title\x07name", "name"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
        ("\x9b31mC1 colour", "C1 colour"),
        ("bell\x07 and back\x08space", "bell and backspace"),
        ("10%\r50%\r100%", "100%"),
        ("name\u202egnp.exe", "namegnp.exe"),
        ("\x1bP1$r q\x1b\\device", "device"),
        ("cut off \x1b[", "cut off "),
        ("numpy==9.9 — ✓ 中文", "numpy==9.9 — ✓ 中文"),
    ],
)
def test_text_of_others_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_no_control_character_gets_through() -> None:
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        assert set(clean(f"a{chr(code)}b")) <= {"a", "b", "\t"}


def test_lines_stay_lines() -> None:
    assert clean_lines("one\r\ntwo\x1b[m\nthree") == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (3840, "1 h 4 min")],
)
def test_times_are_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_growing_time_has_whole_seconds() -> None:
    assert (elapsed(0.9), elapsed(61.5)) == ("0 s", "1 min 1 s")


def test_moments_lose_their_milliseconds() -> None:
    assert moment("2025-11-15T14:30:00.123+08:00") == "2025-11-15 14:30:00+08:00"
    assert moment("2025-11-15T14:30:00+08:00") == "2025-11-15 14:30:00+08:00"


def test_marks_are_such_as_the_stream_can_show() -> None:
    assert marks(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))["done"] == "✓"
    assert marks(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))["done"] == "+"
    assert marks(io.StringIO())["done"] == "✓"
