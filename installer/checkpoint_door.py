"""`manage.py checkpoint init|update|check-resume|completed|create|rollback` for shells: no parser but this one.

A shell script calls these many times, so they skip what a command line for people needs. Only calls in the form that
`shell-api` writes, `checkpoint VERB --plain …`, come here; all others are the full command line's.
"""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

from installer import i18n
from installer.errors import InstallerError, UsageError
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_FLAGS = frozenset(("--show", "--restart"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A plain call: the verb's own words, the project, and flags."""

    words: tuple[str, ...]
    root: str | None
    flags: frozenset[str]


def open_door(argv: Sequence[str]) -> int | None:
    """Run a plain call and return its exit code; None if it is no plain call, or this interpreter lacks a package."""
    match list(argv):
        case ["checkpoint", str(verb), "--plain", *rest]:
            pass
        case _:
            return None
    try:
        return _run(verb, _read(rest))
    except ModuleNotFoundError:
        return None
    except InstallerError as error:
        return _complain(error)


def _run(verb: str, call: Call) -> int:
    low, high, work = _VERBS.get(verb, (1, 0, _init))
    if not low <= len(call.words) <= high:
        raise UsageError("usage", tr("`{verb}` cannot be called so", verb=verb), hint=_USAGE.get(verb, ""))
    return work(call)


def _read(argv: Sequence[str]) -> Call:
    words, flags, root = list[str](), set[str](), None
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif word == "-C":
            root = next(rest, None)
        elif word == "--lang":
            i18n.use(i18n.choose(next(rest, "")))
        elif word in _FLAGS:
            flags.add(word)
        else:
            raise UsageError("usage", tr("there is no option `{word}` in a plain call", word=word))
    return Call(words=tuple(words), root=root, flags=frozenset(flags))


def _init(call: Call) -> int:
    from installer.checkpoint import init_checkpoint_system

    init_checkpoint_system(call.root, phases=call.words or None, restart="--restart" in call.flags)
    return 0


def _update(call: Call) -> int:
    from installer.checkpoint import update_checkpoint

    update_checkpoint(*call.words, root=call.root)
    return 0


def _check_resume(call: Call) -> int:
    from installer.checkpoint import check_resume_install, resume_state

    if not check_resume_install(call.root):
        return 1
    if "--show" in call.flags:
        state = resume_state(call.root)
        lines = (
            tr("🔍 An unfinished installation was found"),
            tr("Install ID: {install_id}", install_id=state.install_id),
            tr("Current phase: {phase}", phase=state.current_phase or "-"),
            tr("Completed: {phases}", phases=", ".join(state.completed) or "-"),
        )
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _completed(call: Call) -> int:
    """Without a phase: list them. With one: the status says whether it is completed."""
    from installer.checkpoint import completed_phases

    done = completed_phases(call.root)
    if call.words:
        return 0 if call.words[0] in done else 1
    sys.stdout.write("".join(f"{name}\n" for name in done))
    return 0


def _create(call: Call) -> int:
    from installer.checkpoint import create_rollback_point

    name = create_rollback_point(call.words[0], call.words[1:], root=call.root)
    sys.stdout.write(f"{name}\n" if name else "")
    return 0


def _rollback(call: Call) -> int:
    from installer.checkpoint import execute_rollback

    outcome = execute_rollback(call.words[0] if call.words else None, root=call.root)
    for path in outcome.kept:
        sys.stderr.write(tr("set aside: {path}", path=path.encode("utf-8", "backslashreplace").decode()) + "\n")
    return 0


def _complain(error: InstallerError) -> int:
    details = [f"  {line}" for line in error.details]
    hint = ["", tr("hint: {hint}", hint=error.hint)] if error.hint else []
    text = "\n".join((tr("error: {message}", message=error.message), *details, *hint, ""))
    sys.stderr.write(text.encode("utf-8", "backslashreplace").decode())
    return error.exit_code


_MANY = 10_000
_USAGE = MappingProxyType(
    {
        "update": "update_checkpoint PHASE started|completed|failed [DATA]",
        "completed": "checkpoint_completed PHASE",
        "create": "create_rollback_point DESCRIPTION [FILE...]",
        "rollback": "execute_rollback [NAME]",
    }
)
_VERBS: Mapping[str, tuple[int, int, Callable[[Call], int]]] = MappingProxyType(
    {
        "init": (0, _MANY, _init),
        "update": (2, 3, _update),
        "check-resume": (0, 0, _check_resume),
        "completed": (0, 1, _completed),
        "create": (1, _MANY, _create),
        "rollback": (0, 1, _rollback),
    }
)
