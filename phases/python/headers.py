"""Which system package provides a header, program or library that a build did not find."""

from __future__ import annotations

from installer import lazily
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python.providers import HEADER_FOLDERS, HEADERS, LIBRARIES, PROGRAMS, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a build did not find. `provider` is None where we do not know who has it."""

    what: str
    kind: str
    provider: Provider | None


def find(output: str) -> Lack | None:
    """The first thing of the system's that `output` says is not there."""
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(output):
            what = next(group for group in found.groups() if group)
            provider = _provider(what, kind)
            if kind == "program" and provider is None:
                continue
            return Lack(what=what, kind=kind, provider=provider)
    return None


def advice(provider: Provider) -> str:
    """The commands that bring it."""
    commands = []
    if provider.debian:
        commands.append(f"apt-get install {provider.debian}")
    if provider.fedora:
        commands.append(f"dnf install {provider.fedora}")
    if provider.brew:
        commands.append(f"brew install {provider.brew}")
    return tr("install it: {commands}", commands=" | ".join(commands))


def _provider(what: str, kind: str) -> Provider | None:
    table = {"header": HEADERS, "program": PROGRAMS, "library": LIBRARIES}[kind]
    if what in table:
        return table[what]
    folder = what.partition("/")[0]
    return HEADER_FOLDERS.get(folder) if kind == "header" and "/" in what else None


_PATTERNS = (
    (
        "header",
        lazily.pattern(
            r"fatal error: '?([\w./+-]+\.(?:h|hpp|hh|hxx|H))'?(?::| file not found)"
            r"|[Cc]annot open include file: '([^']+)'"
            r"|Cannot find ([\w./]+\.h)\b"
        ),
    ),
    (
        "library",
        lazily.pattern(
            r"cannot find -l([\w.+-]+)|library '?-?l?([\w.+-]+)'? not found|ld: library not found for -l([\w.+-]+)"
        ),
    ),
    (
        "program",
        lazily.pattern(
            r"(?:No such file or directory|not found|Unknown compiler\(s\)|[Cc]ould not find|unable to execute|"
            r"failed to find|[Cc]annot find|command)[^\n]{0,60}?['\"`\[ ]{1,3}([\w.+-]+)['\"`\]]"
            r"|([\w.+-]+)(?: executable)?(?:: command)? not found"
            r"|error: command '([^']+)' failed: No such file"
            r"|([\w.+-]+)(?: is)? (?:required|needed) to build"
        ),
    ),
)
