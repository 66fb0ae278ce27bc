"""Compiled files that their Python would believe, and cannot read: a build server that saved one while it was written.

Python compares the head of such a file (size and time of its source) and dies of the rest; it makes none anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer import process
from installer.errors import Precondition, StepFailed
from phases.python.environments import places

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 600  # seconds
# What a head of 16 bytes is made of: PEP 552. Run by the very Python that would import them: others read other ones.
_READ = """\
import importlib.util, json, marshal, os, sys, types
torn = []
for site in sys.argv[1:]:
    for folder, _, names in os.walk(site):
        for name in names if os.path.basename(folder) == "__pycache__" else ():
            if not name.endswith(".pyc"):
                continue
            try:
                with open(os.path.join(folder, name), "rb") as stream:
                    data = stream.read()
                whole = data[:4] != importlib.util.MAGIC_NUMBER or len(data) < 16
                whole = whole or isinstance(marshal.loads(data[16:]), types.CodeType)
            except Exception:
                whole = False
            if not whole:
                torn.append(os.path.join(folder, name))
print(json.dumps(torn))
"""


def torn(env: Path) -> list[str]:
    """Their paths in `env`. Where that Python dies of one of them: the folders that it was to look into."""
    sites = [str(site) for site in places.site_packages(env)]
    if not any(each for site in places.site_packages(env) for each in site.rglob("__pycache__")):
        return []
    try:
        argv = [str(places.python(env)), "-I", "-S", "-B", "-c", _READ, *sites]
        found = json.loads(process.run(argv, cwd=env, timeout=_PATIENCE, check=False).stdout)
    except (OSError, ValueError, Precondition):
        found = sites
    except StepFailed as error:
        if error.code == "process.stopping":
            raise
        found = sites
    return [path[len(str(env)) + 1 :] for path in found]
