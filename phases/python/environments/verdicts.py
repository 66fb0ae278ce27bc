"""Whose fault is it that a module cannot be imported?

An environment is wrong when another one would have been right: a module that is installed, or local, and does not
work. What only the machine lacks (a system library, a variable), or what nothing declares, is not its fault.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from installer import lazily
from installer.frozen import dataclass, field
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.model import Json

Verdict = Literal["wrong", "doubtful", "odd"]

_GONE = {  # modules of the standard library, by the Python that no longer has them
    "3.12": "asynchat asyncore distutils imp smtpd",
    "3.13": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd"
    " sunau telnetlib uu xdrlib",
}
_CERTAIN = frozenset(("crash", "SyntaxError", "IndentationError", "TabError"))
_LIBRARY = lazily.pattern(r"(\S+): cannot open shared object file|DLL load failed|Library not loaded: (\S+)")
_ATTRIBUTE = lazily.pattern(r"module '([\w.]+)' has no attribute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A module that cannot be imported.

    "wrong": the environment's fault; "doubtful": it works only in part; "odd": worth a word.
    """

    module: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be tried. `known` are the modules that are local or that a distribution gives.

    `local`: what is tried is the project's own, not what it depends on.
    """

    imports: tuple[str, ...] = ()
    finds: tuple[str, ...] = ()
    demanded: frozenset[str] = frozenset()
    local: bool = True
    known: frozenset[str] = field(default_factory=frozenset)


def judge(module: str, answer: Json, wanted: Wanted, version: str) -> Trouble:
    """Whose fault is it?"""
    text = str(answer["text"])
    if module in wanted.demanded or answer["error"] in _CERTAIN:
        verdict: Verdict = "wrong"
    elif answer.get("import_error"):
        verdict, text = _import_error(module, answer, wanted, version)
    else:
        attribute = _ATTRIBUTE.search(text)
        known = attribute is not None and _is_known(attribute[1], wanted.known | sys.stdlib_module_names)
        verdict = "wrong" if known else "odd"
    return Trouble(module=module, verdict=verdict, text=text)


def _import_error(module: str, answer: Json, wanted: Wanted, version: str) -> tuple[Verdict, str]:
    name, inner = str(answer["name"]), str(answer["inner"])
    if answer["kind"] == "find" and name == module:
        return "odd", tr("a command leads to it, and it is not there")  # the project's own slip, in any environment
    if library := _LIBRARY.search(inner):
        return "doubtful", tr(
            "the system lacks the library {library}", library=next(filter(None, library.groups()), inner)
        )
    if name == module or _is_known(name, wanted.known):
        return "wrong", inner
    if answer["missing"]:
        return _missing(name.partition(".")[0], wanted, version)
    return _partly(wanted), str(answer["text"])


def _missing(name: str, wanted: Wanted, version: str) -> tuple[Verdict, str]:
    """A module that is nowhere: no distribution gives it, and it is not local."""
    for since, names in _GONE.items():
        if name in names.split() and _at_least(version, since):
            said = tr("it needs `{name}`, which Python {since} no longer has", name=name, since=since)
            return "wrong", tr("{what}; this is {version}", what=said, version=version)
    if name in sys.stdlib_module_names:
        return "doubtful", tr("this Python was built without `{name}`", name=name)
    return _partly(wanted), tr("it needs `{name}`, which nothing declares", name=name)


def _partly(wanted: Wanted) -> Verdict:
    """A package of somebody else's that works only with more than it asks for is worth a word, no more."""
    return "doubtful" if wanted.local else "odd"


def _is_known(name: str, known: Iterable[str]) -> bool:
    return bool(name) and any(
        name == each or name.startswith(f"{each}.") or each.startswith(f"{name}.") for each in known
    )


def _at_least(version: str, since: str) -> bool:
    return [int(part) for part in version.split(".")[:2]] >= [int(part) for part in since.split(".")]
