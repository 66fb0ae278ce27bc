"""An empty environment, put down again as uv made it once: some twenty files that depend on uv, interpreter and prompt.

uv writes the same bytes wherever a relocatable environment is; where they did name their place, none is remembered.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

from installer import files
from installer.hashing import sha256
from phases.python import memory

if TYPE_CHECKING:
    from pathlib import Path

KIND = "blanks"
_FORMAT = 2  # raise it when what an earlier version remembered must not be believed
_MOST = 100  # names in one: another installer's environment is none of these


def key(program: str, interpreter: str, prompt: str) -> str:
    """The name of what the uv at `program` makes; "" where that is not known."""
    real = os.path.realpath(interpreter)
    stamps = (memory.stamp(os.path.realpath(program)), memory.stamp(real))
    if not all(stamps):
        return ""
    told = [_FORMAT, *(stamp.decode() for stamp in stamps), interpreter, real, prompt]
    return sha256(json.dumps(told).encode("utf-8", "surrogateescape")).hexdigest()


def observe(env: Path) -> bytes:
    """All of `env`, to be put down elsewhere; empty where it is of a kind that cannot."""
    folders: list[str] = []
    contents: dict[str, str] = {}
    links: dict[str, str] = {}
    for name, entry in files.walk(env):
        if entry.is_symlink():
            links[name] = os.readlink(entry.path)
        elif entry.is_dir():
            folders.append(name)
        else:
            data = (env / name).read_bytes()
            if os.fsencode(env) in data or entry.stat().st_mode & 0o111:
                return b""
            contents[name] = base64.b64encode(data).decode()
    if len(folders) + len(contents) + len(links) > _MOST or any(str(env) in target for target in links.values()):
        return b""
    return json.dumps({"folders": folders, "files": contents, "links": links}).encode("utf-8", "surrogateescape")


def put(told: bytes, env: Path) -> None:
    """Put down what was observed at `env`, where nothing is. The seal makes it durable."""
    parts = json.loads(told)
    files.make_folder_unsynced(env)
    mode = env.stat().st_mode & 0o666  # as the umask has it now
    for name in sorted(parts["folders"]):
        files.make_folder_unsynced(env / name)
    for name, text in parts["files"].items():
        files.replace(env / name, base64.b64decode(text), mode=mode, lasting="nothing")
    for name, target in parts["links"].items():
        files.link(target, env / name, durable=False)
