"""The engine, asked by the very code that takes things back; the scripts of that code, and the steps that keep them."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict, Unavailable
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from installer.redact import redact
from phases.containers import taking_back, undoing
from phases.containers.failures import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.model import Context, Facts, Json
    from phases.containers.client import Address

_OURS = "1.43"  # the newest version whose answers tell a container's own settings from what it was given at its start


@contextmanager
def asked(engine: Mapping[str, str]) -> Iterator[undoing.Engine]:
    """The engine at `engine` ({"url": …, "certificates": …}); what goes wrong within is said in our words.

    Raises `Unavailable` where nobody answers, and what `failures.said` makes of its refusals.
    """
    try:
        yield undoing.Engine(engine["url"], engine["certificates"], _version(engine))
    except undoing.InTheWay as problem:
        raise Conflict(
            "engine.conflict", tr("the engine says that it is in use: {text}", text=redact(str(problem)))
        ) from problem
    except undoing.Failed as problem:
        raise said(str(problem), problem.status) from problem
    except (http.client.HTTPException, ConnectionError, TimeoutError, FileNotFoundError) as problem:
        if isinstance(problem, FileNotFoundError) and problem.filename is not None:
            raise  # a file of ours, not the engine's socket
        text = tr("the Docker Engine at {url} does not answer: {reason}", url=engine["url"], reason=str(problem))
        raise Unavailable("engine.silent", text, hint=tr("is it running? `docker info` tells more")) from problem


def _version(engine: Mapping[str, str]) -> str:
    plain = undoing.Engine(engine["url"], engine["certificates"])
    plain.version = ""  # every engine answers, whichever it speaks
    found = plain.must("GET", "/version")
    newest, oldest = (_number(found.get(name, "")) for name in ("ApiVersion", "MinAPIVersion"))
    chosen = max(min(newest, _number(_OURS)), oldest)
    return "v" + ".".join(map(str, chosen))


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def as_args(engine: Address) -> dict[str, str]:
    """The engine as the arguments of a step have it."""
    return {"url": engine.url, "certificates": engine.certificates or "-"}


def prepare_step(phase: str, facts: Facts, title: str, **decided: Any) -> Step:  # noqa: ANN401 -- JSON
    """The first step of a plan: put the undo scripts where they outlive us. What was `decided` is its result, too.

    It touches nothing that is taken back: a rollback that was incomplete is tried again, and needs the scripts.
    """
    return Step(
        id=f"{phase}.00.prepare",
        phase=phase,
        title=title,
        action="volumes.prepare",
        args={"folder": _folder(facts), "decided": decided},
        effect=Effect(repeatable=True),
    )


def decided(phase: str, facts: Facts) -> Json | None:
    """What the plan's first step noted, in this very run: it outranks another look. None before that."""
    found = facts.results.get(f"{phase}.00.prepare")
    return dict(found) if found else None


def inverse(facts: Facts, engine: Address, *deeds: tuple[str, ...]) -> tuple[str, ...]:
    """As `taking_back.inverse`; the deeds may be those of `refilling`, too."""
    words = taking_back.inverse(facts, engine, *deeds)
    return tuple(_folder(facts) / "volumes.py" if word == taking_back.script(facts) else word for word in words)


def prepare(args: Mapping[str, Any], context: Context) -> Json:
    """Write the scripts."""
    from phases.containers.volumes import archives, refilling

    folder = context.root / RelPath(args["folder"])
    files.make_folder(folder)
    for name, module in zip(_SCRIPTS, (undoing, archives, refilling), strict=True):
        files.replace(folder / name, Path(str(module.__file__)).read_bytes())
    return dict(args["decided"])


def _folder(facts: Facts) -> RelPath:
    return taking_back.script(facts).parent


_SCRIPTS = ("engine.py", "archives.py", "volumes.py")
