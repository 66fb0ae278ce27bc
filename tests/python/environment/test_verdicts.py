"""Whose fault is a failed import? Cases that cannot be staged on every machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from phases.python.environments.verdicts import Wanted, judge

WANTED = Wanted(known=frozenset({"app", "numpy", "space.part"}))


def missing(name: str, **more: Any) -> dict[str, Any]:
    """The answer of the probe for a module that needs `name`, which is not there."""
    text = f"ModuleNotFoundError: No module named '{name}'"
    told = {"ok": False, "error": "ModuleNotFoundError", "import_error": True, "kind": "import", "missing": True}
    return {**told, "text": text, "inner": text, "name": name, **more}


@pytest.mark.parametrize(
    ("answer", "verdict", "text"),
    [
        (missing("numpy.rec"), "wrong", "ModuleNotFoundError: No module named 'numpy.rec'"),
        (missing("space"), "wrong", "ModuleNotFoundError: No module named 'space'"),
        (missing("distutils"), "wrong", "it needs `distutils`, which Python 3.12 no longer has; this is 3.12.1"),
        (missing("_tkinter"), "doubtful", "this Python was built without `_tkinter`"),
        (missing("torch"), "doubtful", "it needs `torch`, which nothing declares"),
        (
            missing(
                "cv2", missing=False, inner="ImportError: libGL.so.1: cannot open shared object file: No such file"
            ),
            "doubtful",
            "the system lacks the library libGL.so.1",
        ),
        (
            missing(
                "numpy._core",
                missing=False,
                text="ImportError: Error importing numpy",
                inner="ImportError: undefined symbol: x",
            ),
            "wrong",
            "ImportError: undefined symbol: x",
        ),
    ],
)
def test_a_failed_import_is_laid_at_the_right_door(answer: dict[str, Any], verdict: str, text: str) -> None:
    trouble = judge("app", answer, WANTED, "3.12.1")
    assert (trouble.verdict, trouble.text) == (verdict, text)


def test_what_others_forgot_to_declare_is_worth_a_word_only() -> None:
    assert judge("lib", missing("torch"), replace(WANTED, local=False), "3.12.1").verdict == "odd"


def test_what_is_demanded_must_import_whatever_the_reason() -> None:
    wanted = replace(WANTED, demanded=frozenset({"lib"}))
    assert judge("lib", missing("torch"), wanted, "3.12.1").verdict == "wrong"


def test_a_module_that_is_gone_only_later_is_not_gone_yet() -> None:
    assert judge("app", missing("distutils"), WANTED, "3.11.7").verdict == "doubtful"
