"""The hashes that requirement files list: what may be installed of each distribution they name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from installer import lazily
from installer.frozen import dataclass
from phases.python import texts
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = lazily.pattern(r"[A-Za-z0-9][\w.-]*")
_HASH = lazily.pattern(r"--hash[= ]([\w]+:[0-9a-fA-F]+)")
_NESTED = lazily.pattern(r"(?:-r|--requirement)[= ]*(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Normalised name to hashes, and whether every requirement has some."""

    hashes: dict[str, frozenset[str]]
    complete: bool


def read(paths: Iterable[Path]) -> Listed:
    """What `paths` and the files that they include list. A file that cannot be read lists nothing."""
    found: dict[str, frozenset[str]] = {}
    bare = 0
    pending, seen = list(paths), set[Path]()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        for line in _logical(path):
            if nested := _NESTED.match(line):
                pending.append(path.parent / nested[1])
            elif name := _NAME.match(line):
                hashes = frozenset(each.lower() for each in _HASH.findall(line))
                key = normalise(name[0])
                bare += not hashes
                if hashes:
                    found[key] = found.get(key, frozenset()) | hashes
    return Listed(hashes=found, complete=bool(found) and not bare)


def _logical(path: Path) -> list[str]:
    try:
        text = texts.read(path)
    except OSError:
        return []
    joined = re.sub(r"\\\r?\n", " ", text)
    return [stripped for line in joined.splitlines() if (stripped := re.sub(r"(?:^|\s)#.*", "", line).strip())]
