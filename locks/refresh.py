"""Refresh the locks beside this file from pyproject.toml: `python3 locks/refresh.py [--upgrade]`. Needs `uv` on PATH.

tool.txt is what the launcher installs (the project's dependencies); `<extra>.txt` is what an extra adds to it; dev.txt
is all of that and the group `dev`; backend.txt is what builds our wheel. They agree with each other, hold for every
platform and every supported Python, with the hashes of every file, and name no index: whose index is asked is the
business of whoever installs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = "# Made by `python3 locks/refresh.py` from pyproject.toml; do not edit.\n"
COMPILE = (
    "uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate"
    " --no-emit-index-url --no-build --no-config --quiet"
).split()


def main(arguments: list[str]) -> int:
    """Write all locks, or leave the old ones where uv fails; return uv's exit code."""
    document = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
    extras = sorted(document["project"]["optional-dependencies"])
    known = "".join(path.read_text() for path in (HERE / f"{name}.txt" for name in ("tool", *extras)) if path.exists())
    with tempfile.TemporaryDirectory() as folder:
        tool, everything, backend = (Path(folder, name) for name in ("tool.txt", "everything.txt", "backend.in"))
        backend.write_text("".join(f"{each}\n" for each in document["build-system"]["requires"]))
        own, agreeing = "pyproject.toml", ["--constraints", str(everything)]
        steps: list[tuple[Path, list[str]]] = [
            (tool, [own]),
            (
                everything,
                [own, "--all-extras", "--constraints", str(tool)],
            ),  # so that no two extras contradict each other
            *((Path(folder, f"{name}.txt"), [own, "--extra", name, *agreeing]) for name in extras),
            (Path(folder, "dev.txt"), [own, "--group", "dev", "--all-extras", *agreeing]),
            (Path(folder, "backend.txt"), [str(backend), *agreeing]),
        ]
        for path, selection in steps:
            old = HERE / path.name
            if "--upgrade" not in arguments:  # uv keeps the versions that it finds there
                path.write_text(old.read_text() if path.stem in {"dev", "backend"} and old.exists() else known)
            command = [*COMPILE, *selection, *arguments, "--output-file", str(path)]
            code = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, check=False).returncode
            if code:
                return code
        base = set(entries(tool.read_text()))
        for path in (each for each, _ in steps if each != everything):
            lines = [each for each in entries(path.read_text()) if path.stem not in extras or each not in base]
            fresh = HERE / f"{path.stem}.new"
            fresh.write_text(HEADER + "".join(lines))
            fresh.replace(HERE / path.name)
    return 0


def entries(lock: str) -> list[str]:
    """The packages of a lock, each with the lines of its hashes; comments are left out."""
    text = "".join(line for line in lock.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    return re.findall(r"^\S.*\n(?:[ \t]+.*\n)*", text, re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
