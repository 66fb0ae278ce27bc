"""`test`: run the project's own tests in its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from installer.cli.interpreter import interpreter
from installer.cli.options import Asked, verb
from installer.cli.session import Session, open_session
from installer.errors import Precondition
from installer.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path


@verb(
    tr(
        "Run the project's tests in its environment; what follows `--` is passed on.\n\n"
        "The command is `test` in the manifest, else pytest, else unittest."
    ),
    example="manage.py test -- -x tests/unit",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(asked: Asked, arguments: tuple[str, ...]) -> int:
    """Run the project's tests; the exit code is theirs."""
    session = open_session(asked)
    command = _command(session)
    sys.stdout.flush()
    finished = subprocess.run([*command, *arguments], cwd=session.root, env=_environment(session), check=False)
    if command[1:] == _UNITTEST and finished.returncode == _NONE_FOUND:
        raise _nothing_to_test_with()
    return finished.returncode if finished.returncode >= 0 else 128 - finished.returncode


def _command(session: Session) -> list[str]:
    """What runs the tests. Raises `Precondition` where there is no environment or nothing to test with."""
    python = interpreter(session)
    if session.manifest.test:
        first, *rest = session.manifest.test
        own = python.parent / first
        return [str(python) if first in {"python", "python3"} else str(own) if own.exists() else first, *rest]
    if _has(python, "pytest"):
        return [str(python), "-m", "pytest"]
    if wants_pytest(session.root):
        raise Precondition(
            "test.pytest",
            tr("the project's tests need pytest, which is not in `{path}`", path=session.manifest.environment),
            hint=tr("name what brings it in the manifest, for example [modes.dev] requirements = [FILE]")
            if session.store.current().facts.get("mode") in {"dev", "full"}
            else tr("`quickstart.py --dev` installs what developing the project needs"),
        )
    if any(session.root.glob("test*")):
        return [str(python), *_UNITTEST]
    raise _nothing_to_test_with()


def _nothing_to_test_with() -> Precondition:
    return Precondition(
        "test.none",
        tr("there is nothing to test with: no pytest in the environment, no tests found"),
        hint=tr('name the command in the manifest: test = ["python", "-m", "pytest"]'),
    )


def wants_pytest(root: Path) -> bool:
    """Does the project say that its tests are pytest's?"""
    if (root / "pytest.ini").is_file() or any(root.glob("conftest.py")) or any(root.glob("*/conftest.py")):
        return True
    return any(mark in _text(root / name) for name, mark in _PYTEST_SECTIONS.items())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _has(python: Path, module: str) -> bool:
    finder = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-I", "-c", finder], check=False).returncode == 0


def _environment(session: Session) -> dict[str, str]:
    """As if the environment were active."""
    python = interpreter(session)
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    path = os.pathsep.join((str(python.parent), os.environ.get("PATH", os.defpath)))
    if session.manifest.environment == "active" and not os.environ.get("VIRTUAL_ENV"):
        return kept | {"PATH": path}
    return kept | {"VIRTUAL_ENV": str(python.parent.parent), "PATH": path}


_PYTEST_SECTIONS = {"pyproject.toml": "[tool.pytest", "setup.cfg": "[tool:pytest]", "tox.ini": "[pytest]"}
_NONE_FOUND = 5  # what pytest, and unittest since 3.12, exit with
_UNITTEST = [  # as `python -m unittest`, but before 3.12, too, no tests are no success
    "-c",
    (
        "import sys, unittest; found = unittest.main(module=None, exit=False).result; "
        f"sys.exit(not found.wasSuccessful() if found.testsRun or found.skipped else {_NONE_FOUND})"
    ),
]
