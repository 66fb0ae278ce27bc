from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.model import Finished
from phases.python import failures, headers, remedies
from phases.python.failures import BuildFailed

if TYPE_CHECKING:
    from installer.errors import InstallerError

SAID = {
    "hash": (
        """
error: Failed to download `six==1.16.0`
  cause: Hash mismatch for `six==1.16.0`

  Expected:
  sha256:8a
""",
        ("python.hash", 9, "six"),
    ),
    "hash, pip": (
        """
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you
    six==1.16.0 from x
        Expected sha256 8a
             Got        8b
""",
        ("python.hash", 9, "six"),
    ),
    "no such name": (
        """
error: No solution found when resolving dependencies
  cause: Because nosuch was not found in the package registry and you require nosuch==9, we can conclude\
 that your requirements are unsatisfiable.
""",
        ("python.not_found", 1, "nosuch"),
    ),
    "no such version": (
        """
  cause: Because there is no version of six==99 and you require six==99, we can conclude that your\
 requirements are unsatisfiable.
""",
        ("python.not_found", 1, "six"),
    ),
    "no such version, pip": (
        """
ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 1.0)
ERROR: No matching distribution found for six==99
""",
        ("python.not_found", 1, "six"),
    ),
    "another Python": (
        """
  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.12 and django>=6.0 depends\
 on Python>=3.12, we can conclude that django>=6.0 cannot be used.
""",
        ("python.unsuitable", 1, "django"),
    ),
    "another Python, pip": (
        """
ERROR: Package 'demo' requires a different Python: 3.11.7 not in '>=3.12'
""",
        ("python.unsuitable", 1, "demo"),
    ),
    "network": (
        """
error: Failed to fetch: https://x/simple/six/
  cause: error sending request for url
  cause: client error (Connect)
  cause: tcp connect error
""",
        ("python.unavailable", 7, None),
    ),
    "git": (
        """
error: Failed to download and build `foo @ git+https://x/y.git`
  cause: Git operation failed
 fatal: unable to access 'https://x/y.git/': Could not resolve host: x
""",
        ("python.unavailable", 7, None),
    ),
    "server": (
        """
  cause: HTTP status server error (503 Service Unavailable) for url (https://x)
""",
        ("python.unavailable", 7, None),
    ),
    "credentials": (
        """
  cause: Because six was not found in the package registry and you require six, we can conclude that your\
 requirements are unsatisfiable.

hint: An index URL (https://x/simple) could not be queried due to a lack of valid authentication\
 credentials (401 Unauthorized)
""",
        ("python.not_allowed", 8, None),
    ),
    "offline": (
        """
  cause: Because six was not found in the cache and you require six, we can conclude that your requirements\
 are unsatisfiable.

hint: Packages were unavailable because the network was disabled.
""",
        ("python.offline", 7, None),
    ),
    "disk": (
        """
error: failed to write
  cause: No space left on device (os error 28)
""",
        ("disk.full", 1, None),
    ),
    "contradiction": (
        """
error: No solution found when resolving dependencies
  cause: Because a==1 depends on b<2 and you require b>=2, we can conclude that your requirements are\
 unsatisfiable.
""",
        ("python.conflict", 1, None),
    ),
    "build": (
        """
error: Failed to build `demo @ file:///x`
  cause: The build backend returned an error
  demo.c:1:10: fatal error: ffi.h: No such file or directory
""",
        ("python.build", 1, "demo"),
    ),
    "something else": (
        """
error: a bear ate it
""",
        ("python.failed", 1, None),
    ),
}


def _explain(text: str) -> InstallerError:
    finished = Finished(argv=("uv",), status=1, stdout="", stderr=text)
    return failures.explain(finished, "install", lambda name: f"requirements.txt:{len(name)}")


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_has_one_meaning(case: str) -> None:
    text, expected = SAID[case]
    error = _explain(text)
    assert (error.code, error.exit_code, error.facts.get("name")) == expected


def test_the_file_and_line_that_ask_are_named() -> None:
    assert _explain(SAID["no such name"][0]).message == "no index has `nosuch` (requirements.txt:6)"


def test_no_password_reaches_an_error() -> None:
    error = _explain("error: Failed to fetch: https://joe:hunter2@x/simple/\n  cause: dns error\n")
    assert "hunter2" not in str(error.as_json())


def test_a_missing_header_names_its_package() -> None:
    error = _explain(SAID["build"][0])
    assert isinstance(error, BuildFailed)
    assert "apt-get install libffi-dev" in error.hint


def test_a_killed_installer_hints_at_memory() -> None:
    error = failures.explain(Finished(argv=("/opt/uv",), status=-9, stdout="", stderr=""), "install")
    assert error.details[-1] == "`uv` was ended by SIGKILL"
    assert "memory" in error.hint


@pytest.mark.parametrize(
    ("text", "what", "debian"),
    [
        ("x.c:1:10: fatal error: Python.h: No such file or directory", "Python.h", "python3-dev"),
        ("x.c:1:10: fatal error: 'openssl/ssl.h' file not found", "openssl/ssl.h", "libssl-dev"),
        ("/usr/bin/ld: cannot find -lpq: No such file or directory", "pq", "libpq-dev"),
        ("Error: pg_config executable not found.", "pg_config", "libpq-dev"),
        ("error: command 'gcc' failed: No such file or directory", "gcc", "build-essential"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "cmake", "cmake"),
        ("../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran']]", "gfortran", "gfortran"),
        ("error: can't find Rust compiler\ncargo: command not found", "cargo", "cargo"),
    ],
)
def test_what_a_build_lacks_is_found(text: str, what: str, debian: str) -> None:
    lack = headers.find(text)
    assert lack is not None
    assert lack.provider is not None
    assert (lack.what, lack.provider.debian) == (what, debian)


def test_an_unknown_header_has_no_provider() -> None:
    lack = headers.find("x.c:1:10: fatal error: vendored/thing.h: No such file or directory")
    assert lack is not None
    assert (lack.what, lack.provider) == ("vendored/thing.h", None)


def test_a_build_that_lacks_nothing_of_the_systems_lacks_nothing() -> None:
    assert headers.find("SyntaxError: invalid syntax") is None


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("ModuleNotFoundError: No module named 'pkg_resources'", "setuptools<82"),
        ("error in x setup command: use_2to3 is invalid.", "setuptools<58"),
        ("ModuleNotFoundError: No module named 'setuptools.extern'", "setuptools<71"),
        ("Cython.Compiler.Errors.CompileError: x.pyx", "cython<3"),
        ("ModuleNotFoundError: No module named 'numpy'", "numpy"),
        ("ModuleNotFoundError: No module named 'distutils'", "setuptools"),
    ],
)
def test_a_known_failure_has_a_remedy(text: str, remedy: str) -> None:
    found = remedies.find(text)
    assert found is not None
    assert (found.constraint or found.needs[0]) == remedy


def test_no_remedy_is_tried_twice() -> None:
    text = "ModuleNotFoundError: No module named 'numpy'"
    found = remedies.find(text)
    assert found is not None
    assert remedies.find(text, (found,)) is None


def test_a_module_that_nobody_knows_is_not_guessed() -> None:
    assert remedies.find("ModuleNotFoundError: No module named 'evil_typo'") is None
