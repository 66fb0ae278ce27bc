"""The Pythons of this machine that a project can use, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from phases.python.discovery import probing, searching, specifiers
from phases.python.discovery.wanted import Wanted, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.python.needs import Interpreter, PythonWish

probe = probing.probe
_OLDEST = (3,)  # Python 2 only for those who ask for it


def find(
    root: Path, wish: PythonWish, *, explicit: str = "", reject: frozenset[str] = frozenset()
) -> tuple[Interpreter, ...]:
    """All interpreters that satisfy `wish`, best first: as it prefers, then the tool's own, then the newest.

    `explicit` is the user's word: a version, specifiers, a path or a name like `pypy3.10`. `reject` excludes versions
    (`3.12`), specifiers (`>=3.12`) or executables that a resolution refused. The first of the result has been started
    once; it runs. Raises `Precondition` where there is none, with the command that mends it.
    """
    asked = parse(explicit, root)
    there = _there(asked)
    fitting = [each for each in there if _fits(each, wish, asked) and not _is_rejected(each, reject)]
    fitting = _starting(sorted(fitting, key=lambda each: _rank(each, wish)))
    if fitting:
        return tuple(fitting)
    raise _none(wish, asked, there, reject)


def _there(asked: Wanted) -> list[Interpreter]:
    if not asked.path:
        return list(searching.everywhere())
    found = probe(asked.path)
    if found is None:
        raise Precondition(
            "python.unusable",
            tr("{path} is no Python that starts", path=asked.path),
            hint=tr("name another with --python, or a version like 3.12"),
            path=asked.path,
        )
    return [found]


def _fits(python: Interpreter, wish: PythonWish, asked: Wanted) -> bool:
    if not specifiers.admits(wish.requires, python.version):
        return False
    if asked.text:
        return bool(asked.path) or asked.admits(python)
    wishes = [parse(each) for each in wish.prefers]
    if any(each.is_exact and each.admits(python) for each in wishes):
        return True
    return python.implementation == "cpython" and not python.prerelease and python.version >= _OLDEST


def _is_rejected(python: Interpreter, reject: frozenset[str]) -> bool:
    return python.executable in reject or any(parse(each).admits(python) for each in reject if "/" not in each)


def _rank(python: Interpreter, wish: PythonWish) -> tuple[object, ...]:
    """Small is good."""
    place: tuple[int, int] = (len(wish.prefers), 0)
    for index, text in enumerate(wish.prefers):
        wanted = parse(text)
        if wanted.admits(python):
            place = (index, 0)
            break
        if wanted.is_near(python):
            place = (index, 1)
            break
    is_own = python.executable == searching.own().executable
    return (
        *place,
        python.implementation != "cpython",
        python.prerelease,
        not is_own,
        tuple(-part for part in python.version),
        python.executable,
    )


def _starting(ranked: list[Interpreter]) -> list[Interpreter]:
    """`ranked` from the first on that really starts: what is known by its name may be broken, or gone since."""
    while ranked:
        first = ranked[0]
        if first.executable == searching.own().executable:
            return ranked
        known = probe(first.executable)
        if known is not None and known.version == first.version:
            return ranked
        ranked = ranked[1:]
    return ranked


def _none(wish: PythonWish, asked: Wanted, there: list[Interpreter], reject: frozenset[str]) -> Precondition:
    wanted = ", ".join(filter(None, (asked.text, wish.requires))) or "3"
    return Precondition(
        "python.missing",
        tr("no Python on this machine is {wanted}", wanted=wanted),
        details=tuple(_details(wish, asked, there, reject)),
        hint=tr(
            "`uv python install {version}` brings one, then run the same command again",
            version=_installable(wish, asked),
        ),
        requires=wish.requires,
        found=[".".join(map(str, each.version)) for each in there],
    )


def _details(wish: PythonWish, asked: Wanted, there: list[Interpreter], reject: frozenset[str]) -> Iterator[str]:
    if asked.text:
        yield tr("{what}: {why}", what=asked.text, why=tr("asked for on the command line or by a variable"))
    walls = set(wish.requires.split(","))
    yield from (
        tr("{what}: {why}", what=each.what, why=each.why) for each in wish.sources if set(each.what.split(",")) & walls
    )
    if reject:
        yield tr("refused by the packages that were asked for: {names}", names=", ".join(sorted(reject)))
    for python in sorted(there, key=lambda each: each.version, reverse=True):
        version = ".".join(map(str, python.version))
        name = version if python.implementation == "cpython" else f"{python.implementation} {version}"
        yield tr("found {version} at {path}", version=name, path=python.executable)


def _installable(wish: PythonWish, asked: Wanted) -> str:
    """The newest minor version that would satisfy all, to be named in a command."""
    if asked.implementation:
        return asked.text
    for minor in range(14, 5, -1):
        version = (3, minor, 99)
        if specifiers.admits(wish.requires, version) and (
            not asked.text or asked.path or asked.admits_version(version)
        ):
            return f"3.{minor}"
    return asked.text or wish.requires or "3"
