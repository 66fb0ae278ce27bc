"""Bad input: each mistake has its exit code and says where it is; the old environment and the tree stay as they are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import again, differences, picture, run, version, write

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

STATE = (".surefoot",)
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["idna"]\n'
POETRY = '[tool.poetry]\nname = "x"\nversion = "1"\npackage-mode = false\n[tool.poetry.dependencies]\nidna = "*"\n'
SECRET = "hunter2secret"  # noqa: S105 -- the test's own
CLOSED = "127.0.0.1:9"  # the discard port, where nobody listens


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Files that somebody got wrong, the exit code, and words that must be said about them."""

    name: str
    files: dict[str, str]
    status: int
    words: tuple[str, ...]


MISTAKES = (
    Mistake(
        name="manifest: no TOML",
        files={"surefoot.toml": "[verification\ncommands = 3\n"},
        status=2,
        words=("`surefoot.toml` is not valid TOML", "at line 1", "mend it"),
    ),
    Mistake(
        name="manifest in pyproject.toml: no TOML",
        files={"pyproject.toml": '[project]\nname = "x"\nversion =\n\n[tool.surefoot]\n'},
        status=2,
        words=("`pyproject.toml` is not valid TOML", "at line 3"),
    ),
    Mistake(
        name="manifest: unknown key",
        files={"surefoot.toml": 'language = "en"\nenvironmnt = "x"\n'},
        status=2,
        words=("line 2: `environmnt` is not known; did you mean `environment`?",),
    ),
    Mistake(
        name="manifest: wrong types, all told at once",
        files={"surefoot.toml": 'environment = 3\n[submodules]\nretries = "no"\n'},
        status=2,
        words=("line 1: `environment` should be a text", "line 3: `submodules.retries` should be a whole number"),
    ),
    Mistake(
        name="uv.lock: no TOML",
        files={"pyproject.toml": PROJECT, "uv.lock": "version = 1\n[[package]\n"},
        status=1,
        words=("could not read uv.lock", "at line 2"),
    ),
    Mistake(
        name="uv.lock: something else",
        files={"pyproject.toml": PROJECT, "uv.lock": "hello = 1\n"},
        status=2,
        words=("uv.lock, line 1: this is no lock file",),
    ),
    Mistake(
        name="poetry.lock: no TOML",
        files={"pyproject.toml": POETRY, "poetry.lock": "[[package]\nname =\n"},
        status=1,
        words=("cannot read poetry.lock", "at line 1", "hint: mend it"),
    ),
    Mistake(
        name="poetry.lock: something else",
        files={"pyproject.toml": POETRY, "poetry.lock": "package = 3\n"},
        status=2,
        words=("poetry.lock, line 1: this is no lock file",),
    ),
    Mistake(
        name="pdm.lock: no TOML",
        files={"pyproject.toml": PROJECT, "pdm.lock": "[[package]\nname =\n"},
        status=1,
        words=("cannot read pdm.lock", "at line 1", "hint: mend it"),
    ),
    Mistake(
        name="pylock.toml: no TOML",
        files={"pylock.toml": "[[packages]\nname =\n"},
        status=1,
        words=("cannot read pylock.toml", "at line 1", "hint: mend it"),
    ),
    Mistake(
        name="pylock.toml: of the future",
        files={"pylock.toml": 'lock-version = "9.0"\ncreated-by = "x"\npackages = []\n'},
        status=1,
        words=("pylock.toml is not a pylock lock as we know it", "hint: mend it"),
    ),
    Mistake(
        name=".gitmodules: git cannot read it",
        files={".git/HEAD": "", ".gitmodules": '[submodule "x"\npath =\n'},
        status=2,
        words=("`.gitmodules` cannot be read", "line 2", "hint: mend it"),
    ),
    Mistake(
        name="a distribution that does not exist",
        files={"requirements.txt": "# first\nidna\n\nno-such-distribution-q9z==1.0\n"},
        status=1,
        words=("no index has `no-such-distribution-q9z` (requirements.txt:4)", "hint: mend the requirement"),
    ),
    Mistake(
        name="a version that does not exist",
        files={"requirements.txt": "idna==99.99\n"},
        status=1,
        words=("there is no version for `idna==99.99` (requirements.txt:1)",),
    ),
    Mistake(
        name="a line that is no requirement",
        files={"requirements.txt": "idna\nthis is not a requirement\n"},
        status=1,
        words=("requirements.txt", "this is not a requirement"),
    ),
    Mistake(
        name="an included file that is not there",
        files={"requirements.txt": "idna\n-r missing.txt\n"},
        status=2,
        words=("missing.txt, which requirements.txt includes, does not exist",),
    ),
    Mistake(
        name="a wrong hash",
        files={"requirements.txt": f"idna==3.6 --hash=sha256:{0:064d}\n"},
        status=9,
        words=("no file of `idna` 3.6 has a hash that requirements.txt lists", "hint: "),
    ),
    Mistake(
        name="a project without a name",
        files={"pyproject.toml": "[project]\nname = 3\n"},
        status=2,
        words=("pyproject.toml: [project] must have a name",),
    ),
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project with a working environment, and a copy of it to put it back from."""
    place = tmp_path_factory.mktemp("bad-input")
    project, pristine = place / "project", place / "pristine"
    write(project, {"requirements.txt": "idna==3.6\n"})
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    shutil.copytree(project, pristine, symlinks=True)
    return pristine, project


@pytest.fixture
def project(installed: tuple[Path, Path]) -> Path:
    """That project, fresh."""
    return again(*installed)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.name)
def test_a_mistake_is_named_and_costs_nothing(project: Path, mistake: Mistake) -> None:
    good = {name: (project / name).read_text() for name in mistake.files if (project / name).exists()}
    write(project, mistake.files)
    before = picture(project, without=STATE)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == mistake.status, ended.said
    assert [word for word in mistake.words if word not in ended.said] == [], ended.said
    assert "Traceback" not in ended.said
    assert differences(before, picture(project, without=STATE)) == []
    assert version(project) == "3.6"
    for name in mistake.files:
        (project / name).unlink()
    write(project, good)
    mended = run("quickstart.py", "-y", cwd=project)
    assert mended.status == 0, mended.said
    assert version(project) == "3.6"


def test_where_nothing_is_recognised_it_says_what_it_looked_for(tmp_path: Path) -> None:
    write(tmp_path, {"readme.txt": "hello\n"})
    ended = run("quickstart.py", "-y", cwd=tmp_path)
    assert ended.status == 2, ended.said
    for word in ("says which Python packages it needs", "pylock.toml, uv.lock", "requirements*.txt", "hint: "):
        assert word in ended.said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["readme.txt"]


def test_an_environment_for_conda_alone_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"environment.yml": "name: x\ndependencies: [python=3.11, numpy]\n"})
    ended = run("quickstart.py", "-y", cwd=tmp_path)
    assert ended.status in {2, 6}, ended.said
    assert "conda" in ended.said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["environment.yml"]


def test_a_build_that_fails_shows_the_end_of_its_log_and_where_the_rest_is(project: Path) -> None:
    setup = 'print("\\n".join(f"line {n}" for n in range(200)))\nopen("droppings", "w").close()\n'
    write(
        project,
        {
            "pyproject.toml": dedent(
                """\
                [project]
                name = "x"
                version = "1"
                dependencies = ["idna==3.6"]
                [build-system]
                requires = ["setuptools"]
                build-backend = "setuptools.build_meta"
                """
            ),
            "setup.py": setup + 'raise SystemExit("the build says no")\n',
        },
    )
    (project / "requirements.txt").unlink()
    before = picture(project, without=STATE)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 1, ended.said
    assert "error: `x` could not be built" in ended.said
    assert "the build says no" in ended.said
    assert "line 0\n" not in ended.said, "the end of the log, not all of it"
    (log,) = (line.split(" is in ")[1] for line in ended.said.splitlines() if "all that was said is in" in line)
    assert "line 0\n" in (project / log).read_text()
    assert differences(before, picture(project, without=STATE)) == []
    assert version(project) == "3.6"
    write(project, {"setup.py": "from setuptools import setup\nsetup(py_modules=[])\n"})
    mended = run("quickstart.py", "-y", cwd=project)
    assert mended.status == 0, mended.said


def test_an_index_that_does_not_answer_is_exit_7_and_its_password_is_nowhere(project: Path) -> None:
    write(project, {"requirements.txt": "six\n"})
    before = picture(project, without=STATE)
    closed = {"UV_DEFAULT_INDEX": f"http://user:{SECRET}@{CLOSED}/simple", "UV_HTTP_RETRIES": "0"}
    ended = run("quickstart.py", "-y", "-v", cwd=project, env=closed)
    assert ended.status == 7, ended.said
    assert "did not answer" in ended.said
    assert "hint: the same command goes on from here once it answers" in ended.said
    assert SECRET not in ended.said
    assert differences(before, picture(project, without=STATE)) == []
    leaks = [path for path in (project / ".surefoot").rglob("*") if path.is_file() and SECRET in _text(path)]
    assert leaks == []
    answered = run("quickstart.py", "-y", cwd=project)
    assert answered.status == 0, answered.said


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")
