"""The key of a cache: the same for the same, none for what is not proven."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cache.conftest import REQUIREMENTS, flip
from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cache.conftest import Server

pytestmark = pytest.mark.slow


def test_before_there_is_an_environment_there_are_only_keys_to_restore_from(server: Server) -> None:
    server.clone()
    status, said = server.key()
    assert (status, said) == (1, ["no key: there is no environment yet"])
    status, (exact, *beginnings) = server.key("--restore")
    assert status == 0
    assert [exact.startswith(each) for each in beginnings] == [True, True]
    server.restore(".venv")
    server.quickstart()
    assert server.key() == (0, [exact]), "what is saved is found by the next job"
    server.clone(REQUIREMENTS.replace("3.6", "3.7"))
    status, (other, *same) = server.key("--restore")
    assert other != exact
    assert same == beginnings


def test_one_whose_python_was_moved_to_is_found_by_the_next_job(server: Server, tmp_path: Path) -> None:
    """The dependencies refuse the interpreter that is chosen: which one serves, a job knows when it has resolved."""
    variables = {"UV_CACHE_DIR": server.variables["UV_CACHE_DIR"]}  # with a Python that is asked for there is no other
    job = replace(server, variables=variables)
    job.clone("backports.strenum==1.3.1\n")
    made = kit.run("quickstart.py", "-y", cwd=job.project, env=variables)
    assert (made.status, "is taken instead" in made.said) == (0, True), made.said
    status, (exact, *_) = job.key()
    assert status == 0
    (job.project / ".venv").rename(tmp_path / "saved")
    job.clone("backports.strenum==1.3.1\n")
    assert job.key("--restore")[1][0] == exact
    shutil.copytree(tmp_path / "saved", job.env, symlinks=True)
    used = kit.run("quickstart.py", "-y", cwd=job.project, env=variables)
    assert "Use the restored `.venv` as it is" in used.said
    assert job.key() == (0, [exact])


def test_what_is_broken_is_never_offered_for_saving(job: Server) -> None:
    job.quickstart()
    flip(job.site / "six.py")
    status, said = job.key()
    assert (status, said) == (1, ["no key: packages are not what was installed: six (files: 1)"])
    before = kit.picture(job.project)
    told = kit.run("manage.py", "cache-key", "--json", cwd=job.project, env=job.variables)
    assert (told.status, '"key": ""' in told.said) == (1, True)
    assert kit.differences(before, kit.picture(job.project)) == [], "it only reads"


def test_one_in_place_that_is_not_offered_is_said_to_be_broken(job: Server, tmp_path: Path) -> None:
    job.quickstart()
    flip(job.site / "six.py")
    told = tmp_path / "told"
    server = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(told)}
    ended = kit.run("quickstart.py", "-y", cwd=job.project, env=job.variables | server)
    assert (ended.status, "surefoot1-" in told.read_text()) == (0, False)
    assert ended.said.count("::warning::") == 1
    assert (
        "::warning::`.venv` is not whole, so that no cache gets it: packages are not what was installed: six"
        in ended.said
    )
    plain = kit.run("quickstart.py", "-y", "--ci", "gitlab", cwd=job.project, env=job.variables)
    assert "warning: `.venv` is not whole, so that no cache gets it: " in plain.said


def test_a_run_that_took_no_more_than_a_look_offers_nothing_for_saving(job: Server, tmp_path: Path) -> None:
    told = tmp_path / "told"
    variables = kit.environment(job.variables | {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(told)})
    for name in ("SUREFOOT_PYTHON", "SUREFOOT_LANG"):  # with one of these it is the long way
        del variables[name]
    command = [str(kit.PYTHON), str(kit.ROOT / "quickstart.py"), "-y"]

    def offered() -> bool:
        told.write_text("")
        subprocess.run(command, cwd=job.project, env=variables, capture_output=True, check=True)
        assert "cache-key<<" in told.read_text()
        return "surefoot1-" in told.read_text()

    assert offered()
    flip(job.site / "idna" / "core.py")  # the folders that are looked at are as they were
    assert not offered()


def test_the_key_is_that_of_what_is_there_in_whichever_mode_it_was_made(job: Server) -> None:
    kit.run("quickstart.py", "-y", "--minimal", cwd=job.project, env=job.variables)
    exact = job.key("--mode", "minimal")
    assert (exact[0], "-minimal-" in exact[1][0]) == (0, True), exact
    assert job.key() == exact
    assert job.key("--mode", "standard") == (1, ["no key: the mode changed: minimal → standard"])
