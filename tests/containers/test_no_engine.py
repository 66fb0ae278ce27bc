"""No engine, asked without its SDK: the same sentences and exit codes as with it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from installer.errors import NotAllowed, Precondition, Unavailable
from phases.containers.volumes import plain

if TYPE_CHECKING:
    from pathlib import Path


def test_no_such_socket_is_no_engine(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/none.sock"
    with pytest.raises(Precondition) as caught, plain.asked({"url": url, "certificates": "-"}) as engine:
        engine.must("GET", "/volumes")
    assert (caught.value.code, caught.value.message) == ("engine.missing", f"there is no Docker Engine at {url}")
    assert "DOCKER_HOST" in caught.value.hint


def test_a_socket_that_nobody_listens_at_does_not_answer(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"{tmp_path}/e.sock")
    url = f"unix://{tmp_path}/e.sock"
    with pytest.raises(Unavailable) as caught, plain.asked({"url": url, "certificates": "-"}) as engine:
        engine.must("GET", "/volumes")
    assert caught.value.code == "engine.silent"


def test_a_socket_that_is_not_for_us_is_said_so_and_a_file_of_ours_is_none(tmp_path: Path) -> None:
    here = {"url": f"unix://{tmp_path}/e.sock", "certificates": "-"}
    with pytest.raises(NotAllowed), plain.asked(here):
        raise PermissionError(13, "Permission denied")
    for error in (PermissionError(13, "Permission denied", "a file"), FileNotFoundError(2, "No such file", "a file")):
        with pytest.raises(type(error)), plain.asked(here):
            raise error
