"""Text files as people leave them: with byte order marks, as UTF-16, in the code page of some old machine."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from installer import lazily

if TYPE_CHECKING:
    from pathlib import Path

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = lazily.pattern(rb"#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263, which pip reads in requirement files too


def read(path: Path) -> str:
    """The text of `path`, its line ends as a single line feed. Raises `OSError`."""
    return decode(path.read_bytes())


def decode(data: bytes) -> str:
    """`data` as text. By its byte order mark, else a declared coding, else UTF-8, else as it looks; never fails."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lines(data[len(mark) :].decode(encoding, "replace"))
    for encoding in (*_declared(data), *_looks_like(data), "utf-8", "latin-1"):
        try:
            return _lines(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    raise AssertionError("latin-1 decodes every byte")


def _declared(data: bytes) -> list[str]:
    found = (_DECLARED.match(line) for line in data.splitlines()[:2])
    return [match[1].decode("ascii") for match in found if match and _is_text_codec(match[1].decode("ascii"))]


def _is_text_codec(name: str) -> bool:
    """`rot13` and `hex` are codecs too, but not of text files."""
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, UnicodeError, TypeError):
        return False
    return True


def _looks_like(data: bytes) -> list[str]:
    """UTF-16 without a mark: in mostly ASCII text every other byte is zero."""
    if b"\0" not in data or len(data) % 2:
        return []
    half = len(data) // 4
    if data[1::2].count(0) > half:
        return ["utf-16-le"]
    return ["utf-16-be"] if data[0::2].count(0) > half else []


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
