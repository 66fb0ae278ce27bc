"""A copy of the launcher with a stand-in behind it, a wheel of our own, and the means to start it all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """
import json, os, sys
{imports}

def tell(door, argv):
    names = sorted(name for name in os.environ if name.startswith(("PYTHON", "SUREFOOT_")))
    modules = {{name: sys.modules[name].__file__ for name in {modules!r}}}
    print(json.dumps(dict(door=door, argv=argv, prefix=sys.prefix, isolated=sys.flags.isolated, cwd=os.getcwd(),
        launched_by=os.environ.get("SUREFOOT_LAUNCHED_BY"), names=names, modules=modules)))

def quickstart(argv):
    tell("quickstart", argv)
    return 0

def manage(argv):
    tell("manage", argv)
    return 7
"""


@dataclass(frozen=True)
class Started:
    """What a start did."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:  # what the stand-in printed; its shape is the test's business
        """The stand-in's own account."""
        assert self.code in {0, 7}, self.err
        account: dict[str, Any] = json.loads(self.out)
        return account


@dataclass(frozen=True)
class Copy:
    """A copy of Surefoot's launcher in `root`, and the world that it is started in."""

    root: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    @property
    def cache(self) -> Path:
        """Where it keeps its own environments."""
        return self.home / ".cache" / "surefoot" / "tools"

    @property
    def made(self) -> list[Path]:
        """Everything there but the lock."""
        return sorted(path for path in self.cache.glob("*") if path.name != "lock")

    def variables(self, **extra: str) -> dict[str, str]:
        """An environment of its own: nothing of the machine's pip settings but the certificates."""
        kept = {name: os.environ[name] for name in ("PATH", "SSL_CERT_FILE", "PIP_CERT") if name in os.environ}
        return {**kept, "HOME": str(self.home), **self.environment, **extra}

    def command(self, *arguments: str, script: str = "quickstart.py") -> list[str]:
        """How it is started by hand."""
        return [self.python, str(self.root / script), *arguments]

    def start(self, *arguments: str, script: str = "quickstart.py", cwd: Path | None = None, **extra: str) -> Started:
        """Start it and wait for its end."""
        child = subprocess.run(
            self.command(*arguments, script=script),
            cwd=cwd or self.home,
            env=self.variables(**extra),
            capture_output=True,
            text=True,
            check=False,
        )
        return Started(child.returncode, child.stdout, child.stderr)

    def begin(self, **extra: str) -> subprocess.Popen[str]:
        """Start it and leave it running."""
        return subprocess.Popen(
            self.command(),
            cwd=self.home,
            env=self.variables(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stand_in(self, *modules: str) -> None:
        """Put a command line behind the launcher that needs `modules` and tells what it sees."""
        imports = "\n".join(f"import {module}" for module in modules)
        main = self.root / "installer" / "cli" / "main.py"
        main.write_text(STAND_IN.format(imports=imports, modules=modules))

    def fast_path(self, text: str | None) -> None:
        """Let the fast path answer `text`."""
        source = f"def nothing_to_do(argv):\n    return {text!r}\n"
        (self.root / "installer" / "fingerprint.py").write_text(source)


@dataclass(frozen=True)
class Wheels:
    """A folder with one wheel of a package named `tiny`, and the lock for it."""

    folder: Path
    digest: str

    @property
    def lock(self) -> str:
        """As `uv pip compile` writes it."""
        return f"tiny==1.0 \\\n    --hash=sha256:{self.digest}\n"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("wheels")
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "ANSWER = 42\n")
        archive.writestr("click.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/entry_points.txt", "[console_scripts]\ntiny = tiny:main\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return Wheels(folder, hashlib.sha256(wheel.read_bytes()).hexdigest())


def copy_launcher(root: Path) -> None:
    shutil.copytree(ROOT / "installer", root / "installer", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "locks").mkdir()
    for script in ("quickstart.py", "manage.py"):
        shutil.copy(ROOT / script, root)


@pytest.fixture
def surefoot(tmp_path: Path, wheels: Wheels) -> Copy:
    """A copy whose lock holds one small package, served from a folder: nothing here needs a network."""
    root, home = tmp_path / "surefoot", tmp_path / "home"
    copy_launcher(root)
    home.mkdir()
    (root / "locks" / "tool.txt").write_text(wheels.lock)
    copy = Copy(root, home, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels.folder)})
    copy.stand_in("tiny")
    copy.fast_path(None)
    return copy


@pytest.fixture
def real_surefoot(tmp_path: Path) -> Copy:
    """A copy with the real lock, an empty home and the machine's own index settings."""
    root, home = tmp_path / "surefoot", tmp_path / "home"
    copy_launcher(root)
    home.mkdir()
    shutil.copy(ROOT / "locks" / "tool.txt", root / "locks")
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    copy = Copy(root, home, passed_on)
    copy.fast_path(None)
    return copy
