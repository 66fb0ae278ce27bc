"""Another interpreter of this machine, where the dependencies refuse the one that was chosen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from installer.errors import InstallerError, StepFailed
from installer.i18n import tr
from phases.python.failures import BuildFailed
from phases.python.needs import Interpreter, PythonWish

if TYPE_CHECKING:
    from phases.python.resolving import Resolved, Resolver

_MOST = 4
_OLDER = re.compile(
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
