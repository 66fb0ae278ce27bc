"""Does one job after the other, each in a process of its own, as a machine starts anew after a power cut.

Jobs come in, and results go out, as lines of JSON. A fork costs a hundredth of a start of Python.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, TypedDict

from installer import engine, logbook, store
from installer.engine import Engine, Setting
from installer.errors import InstallerError
from installer.model import RelPath
from installer.store import Store
from tests.engine.toys import TOYS, whole_plan
from tests.power.surge import Loss, Surge, lie


class Job(TypedDict):
    """What to do in `project`: "resume" or "rollback"; the power is cut `at` a change (0: never).

    `boot` is what tells this start of the machine from others; `lying`: no sync has any effect.
    """

    project: str
    way: str
    at: int
    loss: Loss
    boot: str
    lying: bool


def main() -> None:
    """Do the jobs until there are no more."""
    for line in sys.stdin:
        job: Job = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.write(writing, json.dumps(_safely(job)).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            said = stream.read()
        os.waitpid(child, 0)
        sys.stdout.write((said.decode() or '{"cut": true}') + "\n")
        sys.stdout.flush()


def _safely(job: Job) -> dict[str, Any]:
    try:
        return _do(job)
    except InstallerError as error:
        return {"error": error.code, "exit": error.exit_code, "message": error.message}
    except Exception:  # noqa: BLE001 -- the tester is told
        return {"error": "bug", "exit": 70, "message": traceback.format_exc()}


def _do(job: Job) -> dict[str, Any]:
    project = Path(job["project"])
    for module in (engine, logbook, store):
        module.boot_id = lambda: job["boot"]  # type: ignore[attr-defined]  # what each imported by name
    if job["lying"]:
        lie()
    surge = Surge(project.parent, at=job["at"], loss=job["loss"])
    place = Store(project, RelPath(".surefoot"))
    setting = Setting(kind="rollback" if job["way"] == "rollback" else "install")
    machine = Engine(place, order=("first", "second"), actions=TOYS, plan=whole_plan, setting=setting)
    if job["way"] == "resume" and place.current().outcome:
        return {"state": "nothing", "changes": 0}
    surge.arm()
    outcome = machine.rollback() if job["way"] == "rollback" else machine.run()
    told = [*outcome.problems, *outcome.conflicts]
    return {"state": outcome.state, "changes": surge.count, "told": told}


if __name__ == "__main__":
    main()
