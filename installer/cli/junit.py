"""Reports of the kind that every build server shows: a suite of cases, as JUnit writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from installer import lazily
from installer.frozen import dataclass
from installer.redact import redact
from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NO_XML = lazily.pattern("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 cannot say these at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One check: the group it belongs to, what it was, and each way in which it failed, as (kind, sentence)."""

    group: str
    name: str
    seconds: float = 0.0
    failures: tuple[tuple[str, str], ...] = ()


def write(path: Path, suite: str, cases: Sequence[Case], seconds: float) -> None:
    """Put the report at `path`. Raises `OSError`."""
    path.write_text("".join(f"{line}\n" for line in _lines(suite, cases, seconds)), encoding="utf-8")


def _lines(suite: str, cases: Sequence[Case], seconds: float) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    failed = sum(bool(case.failures) for case in cases)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0" time="{seconds:.3f}"'
    yield f"<testsuite name={_value(suite)} {counts}>"
    for case in cases:
        yield f'<testcase classname={_value(case.group)} name={_value(case.name)} time="{case.seconds:.3f}">'
        yield from (f"<failure type={_value(kind)} message={_value(what)}/>" for kind, what in case.failures)
        yield "</testcase>"
    yield "</testsuite>"


def _value(text: str) -> str:
    """`text` as an attribute: harmless, on one line, without secrets, and of nothing but what XML knows."""
    return quoteattr(_NO_XML.sub("\ufffd", clean(redact(text.replace("\n", " ")))))
