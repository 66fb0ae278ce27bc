from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phases.python import indexes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".config" / "pip").mkdir(parents=True)
    return home


def _uv(home: Path, *, offline: bool = False, **variables: str) -> dict[str, str]:
    environ = {"HOME": str(home), "PIP_CERT": "", "PIP_CONFIG_FILE": "", **variables}
    found, _ = indexes.for_uv(home, offline=offline, environ=environ)
    return {name: value for name, value in found.items() if name != "SSL_CERT_FILE"}


def test_a_mirror_in_pip_conf_is_uvs_default_index(home: Path) -> None:
    (home / ".config/pip/pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\ntimeout = 60\n")
    assert _uv(home) == {"UV_DEFAULT_INDEX": "https://mirror.example/simple", "UV_HTTP_TIMEOUT": "60"}


def test_a_pip_variable_outranks_pip_conf(home: Path) -> None:
    (home / ".config/pip/pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\n")
    assert _uv(home, PIP_INDEX_URL="https://other.example/simple") == {
        "UV_DEFAULT_INDEX": "https://other.example/simple"
    }


def test_uvs_own_variables_are_left_alone(home: Path) -> None:
    assert _uv(home, PIP_INDEX_URL="https://other.example/simple", UV_INDEX="https://mine.example/simple") == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.toml", '[[index]]\nurl = "https://mine.example/simple"\n'),
        ("pyproject.toml", '[tool.uv]\nindex-url = "https://mine.example/simple"\n'),
        (".config/uv/uv.toml", 'index-url = "https://mine.example/simple"\n'),
    ],
)
def test_uvs_own_files_are_left_alone(home: Path, name: str, text: str) -> None:
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).write_text(text)
    assert _uv(home, PIP_INDEX_URL="https://other.example/simple") == {}


def test_a_pyproject_that_says_nothing_of_indexes_changes_nothing(home: Path) -> None:
    (home / "pyproject.toml").write_text("[tool.uv]\npackage = false\n")
    assert _uv(home, PIP_INDEX_URL="https://other.example/simple") == {
        "UV_DEFAULT_INDEX": "https://other.example/simple"
    }


def test_folders_that_are_not_there_are_left_out(home: Path) -> None:
    environ = {"HOME": str(home), "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "/no/such/folder"}
    assert indexes.for_uv(home, offline=False, environ=environ) == ({}, ["/no/such/folder"])


def test_a_local_extra_index_is_used_only_offline(home: Path) -> None:
    url = home.as_uri()
    assert "UV_INDEX" not in _uv(home, PIP_EXTRA_INDEX_URL=url)
    assert _uv(home, offline=True, PIP_EXTRA_INDEX_URL=url)["UV_INDEX"] == url


def test_the_way_to_the_index_is_kept_too(home: Path) -> None:
    certificate = home / "ca.pem"
    certificate.write_text("")
    environ = {
        "HOME": str(home),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_CERT": str(certificate),
        "PIP_PROXY": "http://proxy.example:3128",
        "PIP_TRUSTED_HOST": "mirror.example",
    }
    assert indexes.for_uv(home, offline=False, environ=environ)[0] == {
        "SSL_CERT_FILE": str(certificate),
        "ALL_PROXY": "http://proxy.example:3128",
        "UV_INSECURE_HOST": "mirror.example",
    }


def test_pip_gets_its_settings_as_variables(home: Path) -> None:
    (home / ".config/pip/pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\ntarget = /elsewhere\n"
    )
    found = indexes.as_pip_variables(environ={"HOME": str(home), "PIP_EXTRA_INDEX_URL": "file:///no/such"})
    assert found["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert not {"PIP_TARGET", "PIP_EXTRA_INDEX_URL"} & found.keys()


def test_pip_offline_asks_only_local_folders(home: Path) -> None:
    environ = {"HOME": str(home), "PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": "https://mirror.example/simple"}
    assert indexes.as_pip_variables(offline=True, environ=environ) == {"PIP_NO_INDEX": "1"}


def test_a_malformed_pip_conf_is_passed_over(home: Path) -> None:
    (home / ".config/pip/pip.conf").write_text("index-url\n[[[")
    assert _uv(home) == {}
