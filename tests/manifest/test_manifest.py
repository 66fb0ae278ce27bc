from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import pytest

from installer.errors import UsageError
from installer.manifest import CustomStep, Manifest, Mode, load
from installer.model import RelPath

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTable:
    TABLE: ClassVar[str] = "python"

    requires: str = ""
    backend: Literal["uv", "pip"] = "uv"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesTable:
    TABLE: ClassVar[str] = "dependencies"

    requirements: tuple[RelPath, ...] = ()
    lock: RelPath | Literal[False] | None = None
    as_of: str = ""


SECTIONS = (PythonTable, FilesTable)
PHASES = ("python_deps", "packages", "verification")


def complaints(root: Path) -> list[str]:
    with pytest.raises(UsageError) as caught:
        load(root, SECTIONS, PHASES)
    assert caught.value.exit_code == 2
    return [caught.value.message, *caught.value.details]


def test_without_a_manifest_all_is_default(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "surefoot-user"\n')
    manifest = load(tmp_path, SECTIONS, PHASES)
    assert manifest == Manifest()
    assert (manifest.source, manifest.digest) == (None, "")
    assert manifest.section(PythonTable) == PythonTable()
    assert list(manifest.modes.items()) == [("minimal", None), ("standard", None), ("dev", None), ("full", None)]


def test_everything_a_manifest_may_say(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text("""\
name = "SAGE"
env-prefix = "SAGE"
state-dir = ".sage"
environment = ".sage/venv"
mode = "ci"
language = "zh"
test = ["python", "-m", "pytest"]

[phase-names]
packages = "sage_packages"

[modes.ci]
extras = ["test"]
requirements = ["ci/./requirements.txt"]

[python]
backend = "pip"

[dependencies]
lock = false
as-of = 2024-01-01

[[steps]]
phase = "packages"
title = "Build the docs"
run = ["make", "docs"]
after = "start"
""")
    manifest = load(tmp_path, SECTIONS, PHASES)
    assert manifest.section(PythonTable) == PythonTable(backend="pip")
    assert manifest.section(FilesTable) == FilesTable(lock=False, as_of="2024-01-01")
    assert manifest.modes["ci"] == Mode(extras=("test",), requirements=(RelPath("ci/requirements.txt"),))
    assert manifest.modes["dev"] is None
    assert manifest.steps == (
        CustomStep(phase="packages", title="Build the docs", run=("make", "docs"), after="start"),
    )
    assert (manifest.phase_name("packages"), manifest.phase_name("cleanup")) == ("sage_packages", "cleanup")
    assert manifest.source == "surefoot.toml"
    assert isinstance(manifest.state_dir, RelPath)
    assert (manifest.name, manifest.env_prefix, manifest.state_dir) == ("SAGE", "SAGE", ".sage")
    assert (manifest.environment, manifest.mode, manifest.language) == (".sage/venv", "ci", "zh")
    assert manifest.test == ("python", "-m", "pytest")


def test_all_complaints_come_together_each_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text("""\
nme = "x"
env-prefix = "sage"
state_dir = ".sage"
state-dir = ".git/surefoot"
environment = "../elsewhere"
mode = "stanard"
language = "fr"

[phase-names]
packges = "sage_packages"
verification = "two words"

[modes.ci]
extra = ["a"]
groups = "dev"

[python]
backend = "conda"
requres = 3

[dependencies]
requirements = [
    "../a",
    "b",
]
lock = 3
""")
    assert complaints(tmp_path) == [
        "the manifest `surefoot.toml` cannot be used",
        "surefoot.toml, line 1: `nme` is not known; did you mean `name`?",
        "surefoot.toml, line 2: `env-prefix` should be capital letters, digits and `_`",
        "surefoot.toml, line 3: `state_dir` is not known; did you mean `state-dir`?",
        "surefoot.toml, line 4: `state-dir` should be a folder of its own",
        "surefoot.toml, line 5: `environment` should be a path below the project, not '../elsewhere'",
        "surefoot.toml, line 6: `mode` should not be `stanard`; did you mean `standard`?",
        "surefoot.toml, line 7: `language` should be '', 'en' or 'zh'",
        "surefoot.toml, line 10: `phase-names.packges` is not known; did you mean `packages`?",
        "surefoot.toml, line 11: `phase-names.verification` should be one word",
        "surefoot.toml, line 14: `modes.ci.extra` is not known; did you mean `extras`?",
        "surefoot.toml, line 15: `modes.ci.groups` should be a list",
        "surefoot.toml, line 18: `python.backend` should be 'uv' or 'pip'",
        "surefoot.toml, line 19: `python.requres` is not known; did you mean `requires`?",
        "surefoot.toml, line 22: `dependencies.requirements[1]` should be a path below the project, not '../a'",
        "surefoot.toml, line 26: `dependencies.lock` should be a text or should be false",
    ]


def test_wrong_steps_are_named_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text("""\
[[steps]]
phase = "packages"
title = "x"
run = []

[[steps]]
phase = "verify"
title = "y"
run = ["a"]
""")
    assert complaints(tmp_path)[1:] == [
        "surefoot.toml, line 4: `steps[1].run` should name a command",
        "surefoot.toml, line 7: `steps[2].phase` should not be `verify`; did you mean `verification`?",
    ]
    (tmp_path / "surefoot.toml").write_text('[[steps]]\nphase = "packages"\ntitle = 1\nruns = ["a"]\n')
    assert complaints(tmp_path)[1:] == [
        "surefoot.toml, line 1: `steps[1].run` is missing",
        "surefoot.toml, line 3: `steps[1].title` should be a text",
        "surefoot.toml, line 4: `steps[1].runs` is not known; did you mean `run`?",
    ]


def test_lines_are_those_of_the_table_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("""\
[project]
name = "x"
description = '''
mode = "a line of text"
'''

[tool.surefoot]
mode = 3
python = { bckend = "uv" }
""")
    assert complaints(tmp_path)[1:] == [
        "pyproject.toml, line 8: `mode` should be a text",
        "pyproject.toml, line 9: `python.bckend` is not known; did you mean `backend`?",
    ]


def test_two_manifests_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.surefoot]\n")
    assert load(tmp_path).source == "pyproject.toml"
    (tmp_path / "surefoot.toml").write_text("")
    assert complaints(tmp_path) == [
        "both `surefoot.toml` and `[tool.surefoot]` in `pyproject.toml` say how to install this project"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = \n", ["`surefoot.toml` is not valid TOML", "Invalid value (at line 1, column 8)"]),
        (b'name = "\xff"\n', ["`surefoot.toml` is not UTF-8: invalid start byte at byte 8"]),
        (
            b'name = "a"\nname = "b"\n',
            ["`surefoot.toml` is not valid TOML", "Cannot overwrite a value (at line 2, column 11)"],
        ),
    ],
)
def test_what_is_not_toml_is_said_with_its_place(tmp_path: Path, content: bytes, said: list[str]) -> None:
    (tmp_path / "surefoot.toml").write_bytes(content)
    assert complaints(tmp_path) == said


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_bytes(b'\xef\xbb\xbfname = "x"\n')
    assert load(tmp_path).name == "x"


def test_a_table_that_is_no_table_is_said(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nsurefoot = 3\n")
    assert complaints(tmp_path) == ["`pyproject.toml`: `tool.surefoot` should be a table"]


def test_the_digest_is_of_the_wishes_and_not_of_their_spelling(tmp_path: Path) -> None:
    path = tmp_path / "surefoot.toml"
    path.write_text('mode = "dev"\nname = "x"\n')
    first = load(tmp_path).digest
    path.write_text('# a comment\nname = "x"\nmode   = "dev"\n')
    assert load(tmp_path).digest == first != ""
    path.write_text('name = "x"\nmode = "full"\n')
    assert load(tmp_path).digest != first


def test_the_real_sections_of_all_phases_can_be_checked(tmp_path: Path) -> None:
    import phases

    (tmp_path / "surefoot.toml").write_text(
        "".join(
            f"[{section.TABLE}{'.x' if hasattr(section, 'EACH') else ''}]\nnonsense = 1\n"
            for section in phases.SECTIONS
        )
    )
    with pytest.raises(UsageError) as caught:
        load(tmp_path, phases.SECTIONS, phases.ORDER)
    assert len(caught.value.details) == len(phases.SECTIONS)
    assert all(".nonsense` is not known" in detail for detail in caught.value.details)


def test_a_table_that_is_not_known_is_on_the_line_of_its_first_own_table(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text(
        'mode = "dev"\n\n[python]\nbackend = "uv"\n\n[app.worker]\ncommand = ["x"]\n'
    )
    with pytest.raises(UsageError) as caught:
        load(tmp_path, (PythonTable,))
    assert caught.value.details == ("surefoot.toml, line 6: `app` is not known",)
