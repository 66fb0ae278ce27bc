"""Another interpreter of this machine, where the dependencies refuse the one that was chosen."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import InstallerError, StepFailed
from installer.frozen import replace
from installer.i18n import tr
from phases.python.discovery import specifiers, wanted
from phases.python.failures import BuildFailed
from phases.python.needs import Interpreter, PythonWish
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phases.python.resolving import Resolved, Resolver

_MOST = 4
_OLDER = lazily.pattern(
    r"No module named '?(?:imp|distutils|asyncore|asynchat|smtpd|cgi|pipes|telnetlib|lib2to3|audioop|imghdr)\b"
    r"|module 'configparser' has no attribute 'SafeConfigParser'|module 'inspect' has no attribute 'getargspec'"
    r"|cannot import name '\w+' from 'collections'|module 'collections' has no attribute '\w+'"
    r"|_PyUnicode|‘?PyThreadState|struct _frame|tp_print|ob_digit|longintrepr\.h|_PyLong_AsByteArray"
    r"|_PyGen_SetStopIterationValue"
    r"|module 'pkgutil' has no attribute 'ImpImporter'"
    r"|Cannot install on Python version|only versions? [<>=]|PyO3's maximum supported version"
)


def with_another(resolver: Resolver, error: StepFailed) -> tuple[Resolved, str]:
    """Resolve with the next interpreter that accepts all of it, and name that one. Raises `error` if there is none."""
    binary = _may_help(resolver, error)
    if binary is None:
        raise error
    tried = 0
    contradiction: InstallerError | None = None
    for interpreter in _others(resolver, older=isinstance(error, BuildFailed)):
        if tried == _MOST:
            break
        tried += 1
        again = replace(resolver, python=interpreter.executable, binary=binary)
        try:
            resolved = again.best()
        except InstallerError as other:
            if other.code in {"python.conflict", "python.not_found"}:
                contradiction = other  # it was not the interpreter
            continue
        version = ".".join(map(str, interpreter.version))
        resolver.context.warn(
            tr("{message}; Python {version} is taken instead", message=error.message, version=version)
        )
        return resolved, interpreter.executable
    raise contradiction or error


def that_suits(resolver: Resolver, sites: Iterable[Path]) -> tuple[Resolved, str] | None:
    """Resolve with an interpreter that every installed distribution says it is for, and name that; None if need not be.

    uv passes over the upper bounds that distributions set for Python. They count where this machine has another
    interpreter within them, and neither the project nor a lock decided for the present one.
    """
    from phases.python import interpreters

    if resolver.installer.name != "uv" or resolver.wishes.args["lock"]:
        return None
    current = interpreters.probe(resolver.python)
    if current is None:
        return None
    bounds = {name: bound for name, bound in _bounds(sites) if not specifiers.admits(bound, current.version)}
    if not bounds or any(wanted.parse(each).admits_version(current.version) for each in _prefers(resolver)):
        return None
    for interpreter in _others(resolver, older=False):
        if not all(specifiers.admits(bound, interpreter.version) for bound in bounds.values()):
            continue
        try:
            resolved = replace(resolver, python=interpreter.executable).best()
        except InstallerError:
            continue
        name, bound = next(iter(bounds.items()))
        now, then = (".".join(map(str, each.version)) for each in (current, interpreter))
        resolver.context.warn(
            tr("{message}; Python {version} is taken instead", message=_not_for(name, bound, now), version=then)
        )
        return resolved, interpreter.executable
    return None


def _not_for(name: str, bound: str, version: str) -> str:
    return tr("Python {version} is not for `{name}`, which wants {needs}", version=version, name=name, needs=bound)


def _bounds(sites: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """The distributions that say for which Python they are, and for which."""
    for site in sites:
        for file in sorted(site.glob("*.dist-info/METADATA")):
            with file.open(encoding="utf-8", errors="replace") as stream:
                head = list(takewhile(str.strip, stream))
            if found := next((line for line in head if line.lower().startswith("requires-python:")), ""):
                yield normalise(file.parent.name.partition("-")[0]), found.partition(":")[2].strip().replace(" ", "")


def _prefers(resolver: Resolver) -> list[str]:
    return [each for each in resolver.wishes.args["python"][1:] if each]


def _may_help(resolver: Resolver, error: StepFailed) -> tuple[str, ...] | None:
    """None if not; else the distributions that must come as a wheel for it to be worth the while."""
    if error.code == "python.unsuitable":
        return ()
    if not isinstance(error, BuildFailed) or (error.lack is not None and error.lack.provider is not None):
        return None
    if _OLDER.search(error.output):
        return ()
    name = error.name.split("==")[0]
    members = {member for member, _, _ in resolver.wishes.args["members"]}
    return (name,) if name and name not in members and "==" in error.name else None


def _others(resolver: Resolver, *, older: bool) -> tuple[Interpreter, ...]:
    """The other minor versions that the project accepts; with `older` those before the present one, latest first."""
    from phases.python import interpreters

    requires, *prefers = resolver.wishes.args["python"]
    wish = PythonWish(requires=requires, prefers=tuple(prefers))
    current = interpreters.probe(resolver.python)
    found = interpreters.find(resolver.context.root, wish, explicit=resolver.context.options.python)
    others = {each.version[:2]: each for each in reversed(found) if current and each.version[:2] != current.version[:2]}
    if older and current:
        return tuple(others[version] for version in sorted(others, reverse=True) if version < current.version[:2])
    return tuple(others[version] for version in dict.fromkeys(each.version[:2] for each in found) if version in others)
