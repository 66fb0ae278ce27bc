"""Real environments that are active in tests: virtual ones, and installations like conda's, with their own library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from phases.python import records
from phases.python.environments import places

LIBRARY = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
BASE = Path(sys.base_prefix)


def uv(*words: str) -> str:
    """Run uv, with the tester's own index settings."""
    from uv import find_uv_bin

    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIRTUAL_ENV")}
    done = subprocess.run([find_uv_bin(), *words], check=True, capture_output=True, text=True, env=kept)
    return done.stdout


def virtual(folder: Path, *packages: str, python: str = str(BASE / "bin" / "python3")) -> Path:
    """A virtual environment with these packages."""
    uv("venv", "--python", python, str(folder))
    if packages:
        uv("pip", "install", "--python", str(folder / "bin" / "python"), *packages)
    return folder


def installation(folder: Path, *packages: str) -> Path:
    """A Python installed in a folder of its own, as conda's are: no virtual environment, its own site-packages."""
    library = folder / LIBRARY
    (library / "site-packages").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "conda-meta").mkdir()
    for entry in (BASE / LIBRARY).iterdir():
        if entry.name not in {"site-packages", "dist-packages", "__pycache__", "EXTERNALLY-MANAGED"}:
            (library / entry.name).symlink_to(entry)
    shutil.copy2((BASE / "bin" / "python3").resolve(), folder / "bin" / "python")
    if packages:
        uv("pip", "install", "--python", str(folder / "bin" / "python"), *packages)
    return folder


def versions(env: Path) -> dict[str, str]:
    """Every distribution with its version, as the environment's own interpreter sees it."""
    code = (
        "import importlib.metadata as m, json, re; print(json.dumps("
        "{re.sub('[-_.]+', '-', d.metadata['Name']).lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([env / "bin" / "python", "-I", "-B", "-c", code], capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return told


def site(env: Path) -> Path:
    """Its folder of distributions."""
    return places.site_packages(env)[0]


def broken(env: Path) -> list[str]:
    """What does not hold of the RECORDs of all distributions, contents compared."""
    return [str(each) for each in records.check(site(env), deep=True)]


def files(env: Path) -> dict[str, bytes]:
    """Every file of the environment but compiled ones and the installer's lock, with its content."""
    found = {}
    for path in sorted(env.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix != ".pyc" and path.name != ".lock":
            found[path.relative_to(env).as_posix()] = path.read_bytes()
    return found
