"""Run by the Python of an environment: imports modules one by one and reports on each. Plain Python 3.6.

usage: python -I -B import_probe.py REQUEST REPORT

REQUEST is JSON: {"import": [modules], "find": [modules], "seconds": for each}. REPORT gets a line of JSON when a module
is begun and one when it is done, so that a crash, an exit or a hang can be laid at the right door.
"""

# ruff: noqa: UP006, UP035, UP045 (the Python of an environment may be older than ours)

import faulthandler
import gc
import importlib
import importlib.util
import json
import os
import sys
from typing import Any, Callable, Dict, List, Optional

Answer = Dict[str, Any]  # JSON
DEEPEST = 10  # of a chain of exceptions


def main() -> None:
    """Try all that the request names."""
    with open(sys.argv[1], encoding="utf-8") as stream:
        request = json.load(stream)
    gc.disable()  # compiling much source is a fifth faster so, and the process is short-lived
    report = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for kind, attempt in (("find", find), ("import", importlib.import_module)):
        for module in request[kind]:
            tell(report, {"begin": module, "kind": kind})
            faulthandler.dump_traceback_later(request["seconds"], exit=True)
            answer = judge(attempt, module)
            faulthandler.cancel_dump_traceback_later()
            tell(report, dict(answer, module=module, kind=kind))
    sys.stdout.flush()
    os._exit(0)  # threads and exit handlers of what was imported are none of ours


def find(module: str) -> None:
    """Can it be found? Its parents are imported on the way."""
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(f"No module named '{module}'", name=module)


def judge(attempt: Callable[[str], object], module: str) -> Answer:
    """The attempt, and how it went."""
    try:
        attempt(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 -- an import may raise anything, SystemExit too
        return describe(error)
    return {"ok": True}


def describe(error: "Optional[BaseException]") -> Answer:
    """The error and what it came from: the innermost ImportError names the module that is at fault."""
    chain: List[BaseException] = []
    while error is not None and len(chain) < DEEPEST:
        chain.append(error)
        error = error.__cause__ or error.__context__
    named = [each for each in chain if isinstance(each, ImportError) and each.name]
    inner = named[-1] if named else chain[0]
    return {
        "ok": False,
        "error": type(chain[0]).__name__,
        "import_error": isinstance(chain[0], ImportError),
        "text": line(chain[0]),
        "inner": line(inner),
        "missing": isinstance(inner, ModuleNotFoundError),
        "name": getattr(inner, "name", "") or "",
    }


def line(error: BaseException) -> str:
    """The error in a line."""
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001 -- an exception of somebody else's, whose own code may be broken
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def tell(report: int, what: Answer) -> None:
    """Append a line at once: the next import may be the last."""
    os.write(report, json.dumps(what).encode("ascii") + b"\n")


if __name__ == "__main__":
    main()
