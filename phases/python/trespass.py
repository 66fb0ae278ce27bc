"""What no distribution may bring: files outside of the environment, or those that make it an environment.

Both installers refuse most of such archives themselves (`failure_kinds`). What they let through is found here: uv
leaves such entries out with no more than a line in its trace, and takes them out of RECORD; pip believes RECORD.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import Refused
from installer.i18n import tr
from phases.python.environments.places import site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

# What uv is asked to say, as RUST_LOG: names that it left out, and lines of RECORD that it took out.
TRACE = "uv_extract=warn,uv_install_wheel::wheel=debug"

_LEFT_OUT = lazily.pattern(r"^WARN Skipping unsafe file name: (.*)$", re.MULTILINE)
_TAKEN_OUT = lazily.pattern(
    r"^DEBUG Files (?P<files>`.*`) are listed in `RECORD` but missing from the wheel archive for `(?P<name>[^`=]+)",
    re.MULTILINE,
)
_ABOVE = lazily.pattern(r'^"?(?=\.\.[/\\]|/|[A-Za-z]:)([^\n]*)', re.MULTILINE)
_RESERVED = lazily.pattern(
    r"pyvenv\.cfg|surefoot-\w+|lib64|(?:bin|scripts)/(?:pythonw?[\d.]*|activate(?:\.\w+|_this\.py)?|deactivate\.\w+)(?:\.exe)?",
    re.IGNORECASE,
)


def refuse(python: str) -> None:
    """Raise `Refused` if a RECORD in the environment of `python` lists what is not in it, or what makes it one.

    To be asked before anything in the environment is run: a script called `python` may be in its place.
    """
    environment = Path(python).parent.parent
    found = [
        f"{folder}: {path}"
        for site in site_packages(environment)
        for folder, path in _listed(site)
        if _is_bad(environment, site, path)
    ]
    if found:
        raise refusal(found)


def left_out(output: str) -> tuple[list[str], list[str]]:
    """What uv would not unpack, and the names of the distributions as far as they are known; `output` is its trace."""
    files, names = _LEFT_OUT.findall(output), []
    for found in _TAKEN_OUT.finditer(output):
        above = [each for each in found["files"].strip("`").split("`, `") if _ABOVE.match(each)]
        if above:
            names.append(found["name"])
            files += above
    return list(dict.fromkeys(files)), list(dict.fromkeys(names))


def refusal(found: list[str]) -> Refused:
    """The error for archives with such names."""
    return Refused(
        "python.trespass",
        tr("a distribution would put files where none of its own belong"),
        details=tuple(found[:20]),
        hint=tr("nothing of it was kept; find out who published it before you ask for it again"),
    )


def _listed(site: Path) -> Iterator[tuple[str, str]]:
    """(metadata folder, path) of every line of a RECORD that leads out of site-packages."""
    for folder in sorted(site.glob("*.dist-info")):
        try:
            text = (folder / "RECORD").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue  # `records.check` speaks of it
        for line in _ABOVE.findall(text):
            yield folder.name, line.rsplit(",", 2)[0].rstrip('"')


def _is_bad(environment: Path, site: Path, path: str) -> bool:
    place = os.path.relpath(os.path.normpath(site / path.replace("\\", "/")), environment)
    return place.startswith("..") or os.path.isabs(place) or bool(_RESERVED.fullmatch(place.replace(os.sep, "/")))
