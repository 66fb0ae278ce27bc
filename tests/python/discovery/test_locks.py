"""Which lock decides."""

from __future__ import annotations

from typing import Any

import pytest

from installer.errors import UsageError
from installer.model import RelPath
from phases.python.needs import Lock, LockFormat

PROJECT = '[project]\nname = "app"\n[build-system]\nrequires = []\nbuild-backend = "own"\n'
POETRY = '[tool.poetry]\nname = "app"\n[build-system]\nrequires = []\nbuild-backend = "own"\n'
UV, PYLOCK = "version = 1\n", 'lock-version = "1.0"\n'
PACKAGE = '[[package]]\nname = "x"\npython-versions = ">=3.99"\nrequires_python = ">=3.99"\n'
POETRY_LOCK = PACKAGE + '\n[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\ncontent-hash = "x"\n'
PDM_LOCK = '[metadata]\ngroups = ["default"]\nrequires_python = ">=3.9"\n\n[[metadata.targets]]\n\n' + PACKAGE


def lock(form: LockFormat, path: str) -> Lock:
    return Lock(format=form, path=RelPath(path))


DECIDES: dict[str, tuple[dict[str, str], str, Lock | None]] = {
    "uv": ({"pyproject.toml": PROJECT, "uv.lock": UV}, "standard", lock("uv", "uv.lock")),
    "poetry": ({"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK}, "standard", lock("poetry", "poetry.lock")),
    "pdm": ({"pyproject.toml": PROJECT, "pdm.lock": PDM_LOCK}, "standard", lock("pdm", "pdm.lock")),
    "pylock alone": ({"pylock.toml": PYLOCK}, "standard", lock("pylock", "pylock.toml")),
    "pylock first": (
        {"pyproject.toml": PROJECT, "pylock.toml": PYLOCK, "uv.lock": UV},
        "standard",
        lock("pylock", "pylock.toml"),
    ),
    "uv before poetry": (
        {"pyproject.toml": PROJECT, "poetry.lock": POETRY_LOCK, "uv.lock": UV},
        "standard",
        lock("uv", "uv.lock"),
    ),
    "that of the mode": ({"pylock.toml": PYLOCK, "pylock.dev.toml": PYLOCK}, "dev", lock("pylock", "pylock.dev.toml")),
    "not that of another": ({"pylock.dev.toml": PYLOCK, "requirements.txt": ""}, "standard", None),
    "the only named one": ({"pylock.linux.toml": PYLOCK}, "standard", lock("pylock", "pylock.linux.toml")),
    "the manifest's": (
        {
            "pyproject.toml": PROJECT,
            "uv.lock": UV,
            "locks/pylock.x.toml": PYLOCK,
            "surefoot.toml": '[dependencies]\nlock = "locks/pylock.x.toml"',
        },
        "standard",
        lock("pylock", "locks/pylock.x.toml"),
    ),
    "the manifest says none": (
        {"pyproject.toml": PROJECT, "uv.lock": UV, "surefoot.toml": "[dependencies]\nlock = false"},
        "standard",
        None,
    ),
}


@pytest.mark.parametrize("case", DECIDES)
def test_the_first_lock_that_belongs_decides(needs: Any, case: str) -> None:
    files, mode, expected = DECIDES[case]
    assert needs(files, mode).lock == expected


@pytest.mark.parametrize(
    ("files", "warning"),
    [
        ({"requirements.txt": "", "uv.lock": UV}, "uv.lock is passed over: there is no pyproject.toml"),
        ({"setup.py": "", "poetry.lock": POETRY_LOCK}, "poetry.lock is passed over: there is no pyproject.toml"),
        ({"setup.py": "", "pyproject.toml": "[tool.black]", "poetry.lock": POETRY_LOCK}, "poetry.lock is passed over"),
        (
            {"requirements.txt": "", "pyproject.toml": "[tool.black]", "uv.lock": UV},
            "uv.lock is passed over: pyproject.toml holds no project",
        ),
    ],
)
def test_a_lock_that_does_not_belong_is_passed_over_aloud(needs: Any, files: dict[str, str], warning: str) -> None:
    found = needs(files)
    assert (found.lock, [warning in each for each in found.warnings]) == (None, [True])


@pytest.mark.parametrize(
    ("files", "requires"),
    [
        ({"pyproject.toml": PROJECT, "uv.lock": 'version = 1\nrequires-python = ">=3.10, <3.13"\n'}, ">=3.10,<3.13"),
        ({"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK}, ">=3.9,<4"),
        ({"pyproject.toml": PROJECT, "pdm.lock": PDM_LOCK}, ">=3.9"),
        ({"pylock.toml": PYLOCK + 'requires-python = ">=3.11"\n'}, ">=3.11"),
    ],
)
def test_what_a_lock_was_made_for_must_hold(needs: Any, files: dict[str, str], requires: str) -> None:
    assert needs(files).python.requires == requires


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"uv\.lock, line 1: this is no lock file"),
        ("hello\n", r"uv\.lock, line 1: this is no lock file"),
        ("version = 1\n<<<<<<< HEAD\n", r"uv\.lock, line 2: an unfinished merge"),
    ],
)
def test_what_is_no_lock_is_named(needs: Any, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        needs({"pyproject.toml": PROJECT, "uv.lock": text})


@pytest.mark.parametrize(
    ("name", "message"), [("gone.lock", "which does not exist"), ("other.txt", "is no lock that we can read")]
)
def test_the_manifests_lock_must_be_one(needs: Any, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        needs({"pyproject.toml": PROJECT, "other.txt": "", "surefoot.toml": f'[dependencies]\nlock = "{name}"'})


def test_a_huge_lock_is_not_read_whole(needs: Any) -> None:
    text = UV + 'requires-python = ">=3.10"\n' + "# filler\n" * 3_000_000
    assert needs({"pyproject.toml": PROJECT, "uv.lock": text}).python.requires == ">=3.10"
