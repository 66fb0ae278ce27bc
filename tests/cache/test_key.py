"""The key of a cache: the same for the same, none for what is not proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cache.conftest import REQUIREMENTS, flip
from tests.whole import kit

if TYPE_CHECKING:
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


def test_what_is_broken_is_never_offered_for_saving(job: Server) -> None:
    job.quickstart()
    flip(job.site / "six.py")
    status, said = job.key()
    assert (status, said) == (1, ["no key: packages are not what was installed: six (files: 1)"])
    before = kit.picture(job.project)
    told = kit.run("manage.py", "cache-key", "--json", cwd=job.project, env=job.variables)
    assert (told.status, '"key": ""' in told.said) == (1, True)
    assert kit.differences(before, kit.picture(job.project)) == [], "it only reads"
