"""Which line of a TOML file a key stands on. The parser of the standard library does not tell."""

from __future__ import annotations

import re

from installer import lazily

Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = lazily.pattern(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ENTRY = lazily.pattern(rf"\s*({_DOTTED})\s*=\s*(.*)")
_INLINE = lazily.pattern(rf"[{{,]\s*({_DOTTED})\s*=")


def lines(text: str) -> dict[Path, int]:
    """Where each table and key of `text`, valid TOML, begins (the first line is 1).

    Keys of an inline table are found on the line that the table begins on. Good enough to point at, not a parser.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    closing = ""
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = "" if closing in line else closing
        elif header := _HEADER.match(line):
            table = _numbered(_split(header[2]), counts, last=header[1] == "[[")
            found.setdefault(table, number)
        elif entry := _ENTRY.match(line):
            path = table + _split(entry[1])
            found.setdefault(path, number)
            for inner in _INLINE.finditer(entry[2]):
                found.setdefault(path + _split(inner[1]), number)
            closing = _left_open(entry[2])
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest table around it; a table that has none is where its first key is."""
    for end in range(len(path), 0, -1):
        inside = [line for each, line in found.items() if each[:end] == path[:end]]
        if inside:
            return found.get(path[:end], min(inside))
    return 1


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted))


def _numbered(keys: tuple[str, ...], counts: dict[Path, int], *, last: bool) -> Path:
    """`keys` with the index of the element after each array of tables on the way."""
    path: Path = ()
    for position, key in enumerate(keys, 1):
        path += (key,)
        if last and position == len(keys):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _left_open(value: str) -> str:
    """The quotes that end a string of several lines which `value` begins, or nothing."""
    for quotes in ('"""', "'''"):
        if value.count(quotes) % 2:
            return quotes
    return ""
