"""A pyproject.toml in which any one thing is of another shape than it should be: an error in our words, or none."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator  # noqa: TC003 - as in all tests
from typing import Any

import pytest

from installer.errors import InstallerError

WHOLE: dict[str, Any] = {
    "build-system": {"requires": ["setuptools"], "build-backend": "setuptools.build_meta"},
    "dependency-groups": {"dev": ["x", {"include-group": "lint"}], "lint": ["y"]},
    "tool": {
        "uv": {
            "package": True,
            "dev-dependencies": ["x"],
            "default-groups": ["dev"],
            "conflicts": [[{"extra": "a"}, {"group": "dev"}]],
            "sources": {"b": {"path": "b"}, "c": [{"path": "c"}]},
            "workspace": {"members": ["b"], "exclude": ["c"]},
        },
        "pdm": {"distribution": True, "dev-dependencies": {"test": ["x", "-e file:///${PROJECT_ROOT}/b"]}},
        "setuptools": {"packages": ["a"], "dynamic": {"dependencies": {"file": ["requirements.txt"]}}},
        "hatch": {"build": {"x": 1}},
        "flit": {"metadata": {"module": "a", "requires": ["x"], "requires-extra": {"a": ["x"]}}},
    },
}
STANDARD: dict[str, Any] = {
    "project": {
        "name": "a",
        "requires-python": ">=3.8",
        "dependencies": ["six"],
        "optional-dependencies": {"a": ["x"]},
        "dynamic": ["dependencies"],
        "classifiers": ["Programming Language :: Python :: 3.9"],
    }
}
POETRY: dict[str, Any] = {
    "poetry": {
        "name": "a",
        "package-mode": True,
        "packages": [{"include": "a"}],
        "classifiers": ["x"],
        "dependencies": {
            "python": "^3.8",
            "x": {"version": "^1", "extras": ["a"], "python": "^3", "platform": "linux", "optional": True},
            "y": [{"version": "1", "markers": "x"}],
            "z": {"git": "https://h/x", "tag": "1", "subdirectory": "s"},
            "b": {"path": "b"},
        },
        "extras": {"a": ["x"]},
        "dev-dependencies": {"x": "*"},
        "group": {"docs": {"dependencies": {"x": "^1 || ^2"}}},
    }
}
ODD: tuple[Any, ...] = (3, "../..", "^", [], [3], [[]], {"x": 3}, {"x": []})


def changed(value: Any) -> Iterator[Any]:
    """`value` with each of its parts in turn replaced by each odd one."""
    yield from ODD
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        for odd in changed(part):
            other = copy.copy(value)
            other[key] = odd
            yield other


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def complaint(needs: Any, document: Any, file: str = "pyproject.toml") -> str:
    """What is said of `document`; a crash is no answer."""
    text = "\n".join(f"{json.dumps(key)} = {toml(part)}" for key, part in document.items())
    text = json.dumps(document) if file.endswith(".lock") else text
    try:
        needs({file: text, "requirements.txt": "six", "b/setup.py": "setup(name='b')"}, "full")
    except InstallerError as error:
        return error.message
    return ""


def test_no_shape_of_a_standard_project_makes_it_crash(needs: Any) -> None:
    answers = [complaint(needs, odd) for odd in changed(WHOLE | STANDARD) if isinstance(odd, dict)]
    assert len(answers) > 300
    assert all(len(answer) < 300 for answer in answers)


def test_no_shape_of_a_poetry_project_makes_it_crash(needs: Any) -> None:
    poetry = {"tool": POETRY, "build-system": {"build-backend": "poetry.core.masonry.api"}}
    answers = [complaint(needs, odd) for odd in changed(poetry) if isinstance(odd, dict)]
    assert len(answers) > 300


PIPFILE: dict[str, Any] = {
    "packages": POETRY["poetry"]["dependencies"] | {"r": {"git": "https://h/x", "ref": "1", "os_name": "== 'nt'"}},
    "dev-packages": {"x": "*"},
    "requires": {"python_version": "3.8", "python_full_version": "3.8.1"},
    "tools": {"python": ["3.8", {"version": "3.9"}]},
}
PIPFILE_LOCK: dict[str, Any] = {
    "default": {
        "x": {"version": "==1", "extras": ["a"], "markers": "x"},
        "y": {"git": "https://h/x", "ref": "1"},
        "z": {"path": "b"},
    },
    "develop": {"x": {"version": "==1"}},
}


@pytest.mark.parametrize(
    ("file", "whole"), [("Pipfile", PIPFILE), ("mise.toml", PIPFILE), ("Pipfile.lock", PIPFILE_LOCK)]
)
def test_no_shape_of_other_files_makes_it_crash(needs: Any, file: str, whole: dict[str, Any]) -> None:
    needs({"Pipfile": ""})
    for odd in changed(whole):
        if isinstance(odd, dict):
            complaint(needs, odd, file)


def test_the_whole_one_is_right(needs: Any) -> None:
    assert complaint(needs, WHOLE | STANDARD) == ""
