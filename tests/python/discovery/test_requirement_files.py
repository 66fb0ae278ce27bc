"""Requirement files as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from installer.model import RelPath
from phases.python import texts
from phases.python.discovery import requirement_files
from phases.python.discovery.tree import Tree

LINES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "comments go": (
        "six # why\n# all of it\n\nx @ https://h/x.whl#sha256=1",
        ("six", "x @ https://h/x.whl#sha256=1"),
        (),
    ),
    "lines are joined": (
        "six==1 \\\n  --hash=sha256:0 \\\n  --hash=sha256:1\nx",
        ("six==1 --hash=sha256:0 --hash=sha256:1", "x"),
        (),
    ),
    "the last line may be left open": ("six \\", ("six",), ()),
    "options": (
        "--index-url https://h/simple\n-f wheels\n--pre\nsix",
        ("six",),
        ("--index-url https://h/simple", "-f wheels", "--pre"),
    ),
    "an editable repository is no project of the tree": (
        "-e git+https://h/x.git#egg=x",
        ("-e git+https://h/x.git#egg=x",),
        (),
    ),
    "archives are none either": ("./wheels/x-1.whl\nhttps://h/y.zip", ("./wheels/x-1.whl", "https://h/y.zip"), ()),
    "included files": ("-r more.txt\nsix", ("x", "six"), ()),
    "without a space": ("-rmore.txt", ("x",), ()),
    "spelt out": ("--requirement=more.txt", ("x",), ()),
    "in a circle": ("-r circle.txt\nsix", ("y", "six"), ()),
    "from afar": ("-r https://h/r.txt", (), ("-r https://h/r.txt",)),
}


@pytest.mark.parametrize("case", LINES)
def test_a_requirement_file_is_read_as_pip_does(write: Any, case: str) -> None:
    text, requirements, options = LINES[case]
    root = write({"requirements.txt": text, "more.txt": "x", "circle.txt": "-r requirements.txt\ny"})
    found = requirement_files.read(Tree(root), RelPath("requirements.txt"))
    assert (found.requirements, found.options) == (requirements, options)


@pytest.mark.parametrize(
    ("line", "folder", "extras"),
    [
        ("-e .", ".", ()),
        (".", ".", ()),
        ("-e .[dev, Test_it]", ".", ("dev", "test-it")),
        ("./lib", "lib", ()),
        ("lib/", "lib", ()),
        ("--editable=./lib[a] ; python_version > '3'", "lib", ("a",)),
        ("file:lib", "lib", ()),
        ("lib @ file:./lib", "lib", ()),
    ],
)
def test_projects_of_the_tree_are_told_from_packages(
    write: Any, line: str, folder: str, extras: tuple[str, ...]
) -> None:
    root = write({"setup.py": "", "lib/pyproject.toml": "", "requirements/r.txt": line})
    found = requirement_files.read(Tree(root), RelPath("requirements/r.txt"))
    assert [(each.path, each.extras) for each in found.local] == [(folder, extras)]
    assert found.text == ""


def test_a_file_with_a_hash_for_each_is_hashed(write: Any) -> None:
    root = write({"a.txt": "x==1 --hash=sha256:0\n", "b.txt": "x==1 --hash=sha256:0\ny"})
    read = [requirement_files.read(Tree(root), RelPath(name)) for name in ("a.txt", "b.txt")]
    assert [each.hashed for each in read] == [True, False]


TEXT = "flask==2.0  # größer\nsix\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("latin-1"),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_text_is_read_whatever_its_encoding(data: bytes) -> None:
    assert texts.decode(data) == TEXT


def test_a_declared_coding_is_followed() -> None:
    assert texts.decode("# -*- coding: cp1251 -*-\nsix # Привет".encode("cp1251")).endswith("Привет")


@pytest.mark.parametrize("name", ["no-such-codec", "rot13", "hex", "zlib"])
def test_a_coding_that_is_none_is_passed_over(name: str) -> None:
    assert texts.decode(f"# coding: {name}\nsix".encode()).endswith("six")


def test_a_utf_16_list_is_what_the_project_needs(needs: Any) -> None:
    assert needs({"requirements.txt": "six==1.16\r\n".encode("utf-16")}).requirement_files == ("requirements.txt",)
