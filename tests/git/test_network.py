"""Servers that refuse, stumble, move or are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import InstallerError, NotAllowed, Precondition, Refused, StepFailed, Unavailable
from installer.model import Finished, Options
from phases.git import failures
from phases.git.fetching import persist
from phases.submodule_sync import Section

if TYPE_CHECKING:
    from pathlib import Path

    from tests.git.conftest import Lab, Server

STRICT = Options(retries=0)


def _served(lab: Lab, server: Server, *paths: str) -> Path:
    """A fresh clone over http, its submodules at relative addresses."""
    origin = lab.repository("origin")
    for path in paths:
        lab.repository(path)
        lab.add(origin, f"{server.url}/{path}", path)
        lab.git(origin, "config", "--file", ".gitmodules", f"submodule.{path}.url", f"../{path}")
    lab.git(origin, "commit", "-q", "-a", "-m", "relative")
    lab.git(lab.base, "clone", "-q", f"{server.url}/origin", "project")
    return lab.base / "project"


def test_relative_addresses_are_fetched_from_the_superprojects_server(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one", "two")
    before = lab.snapshot(root)
    outcome = lab.run(root, options=STRICT)
    assert lab.git(root, "config", "submodule.one.url") == f"{server.url}/one"
    assert (root / "two/file.txt").is_file()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_a_private_one_is_not_allowed_and_named(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one", "private")
    server.denied.add("/private")
    with pytest.raises(NotAllowed) as caught:
        lab.run(root, options=STRICT)
    assert (caught.value.code, caught.value.facts["submodule"]) == ("submodule.denied", "private")
    assert f"{server.url}/private" in caught.value.details


def test_a_private_one_that_is_optional_costs_only_itself(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one", "private")
    server.denied.add("/private")
    outcome = lab.run(root, Section(optional=("private",)), options=STRICT)
    assert [type(error) for error in outcome.failures.values()] == [NotAllowed]
    assert (root / "one/file.txt").is_file()


def test_an_address_that_the_server_does_not_know_is_not_allowed(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one")
    (lab.base / "one").rename(lab.base / "gone")
    with pytest.raises(NotAllowed):
        lab.run(root, options=STRICT)


def test_a_stumbling_server_is_asked_again(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one")
    server.stumbles = 2  # git itself tries a clone twice
    lab.run(root, options=Options(retries=1))
    assert (root / "one/file.txt").is_file()
    assert server.stumbles == 0


def test_without_retries_a_stumbling_server_is_unavailable(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "one")
    server.stumbles = 2
    with pytest.raises(Unavailable) as caught:
        lab.run(root, Section(retries=0), options=Options(retries=5))
    assert caught.value.code == "submodule.unreachable"


def test_a_token_in_an_address_is_never_shown(lab: Lab, server: Server) -> None:
    root = _served(lab, server, "private")
    server.denied.add("/private")
    secret = server.url.replace("//", "//user:s3cr3t-t0ken@")
    lab.git(root, "remote", "set-url", "origin", f"{secret}/origin")
    with pytest.raises(NotAllowed) as caught:
        lab.run(root, options=STRICT)
    steps = lab.plan(root, options=STRICT)
    assert "s3cr3t" not in str(caught.value.as_json()) + str(steps)


def test_a_moved_owner_is_followed_then_rollback(lab: Lab) -> None:
    root = lab.project("one")
    lab.git(root, "submodule", "--quiet", "init")
    _move_owner(lab, root)
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert lab.git(root, "config", "submodule.one.url") == f"file://{lab.base}/moved"
    assert (root / "one/file.txt").is_file()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_a_clone_follows_its_moved_owner_then_rollback(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    _move_owner(lab, root)
    commit = lab.commit(lab.base / "moved", {"file.txt": "newer\n"})
    lab.git(root, "update-index", "--cacheinfo", f"160000,{commit},one")
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "one/file.txt").read_text() == "newer\n"
    assert lab.git(root / "one", "remote", "get-url", "origin") == f"file://{lab.base}/moved"
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def _move_owner(lab: Lab, root: Path) -> None:
    (lab.base / "up/one").rename(lab.base / "moved")
    lab.git(root, "config", "--file", ".gitmodules", "submodule.one.url", f"file://{lab.base}/moved")
    lab.git(root, "commit", "-q", "-a", "-m", "moved")


def test_an_address_that_the_user_registered_is_kept(lab: Lab) -> None:
    root = lab.project("one")
    lab.git(lab.base, "clone", "-q", "--bare", "up/one", "mirror")
    lab.git(root, "submodule", "--quiet", "init")
    lab.git(root, "config", "submodule.one.url", f"file://{lab.base}/mirror")
    lab.run(root)
    assert lab.git(root / "one", "remote", "get-url", "origin") == f"file://{lab.base}/mirror"


def _said(stderr: str, status: int = 128) -> Finished:
    return Finished(argv=("git",), status=status, stdout="", stderr=stderr)


SENTENCES: dict[str, tuple[type[InstallerError], bool]] = {
    "fatal: unable to access 'https://h/': Could not resolve host: h": (Unavailable, True),
    "fatal: unable to access 'https://h/': Failed to connect to h port 443: Connection refused": (Unavailable, True),
    "fatal: unable to access 'https://h/': The requested URL returned error: 503": (Unavailable, True),
    "fatal: unable to access 'https://h/': The requested URL returned error: 403": (NotAllowed, False),
    "fatal: unable to access 'https://h/': server certificate verification failed": (Unavailable, False),
    "error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF": (Unavailable, True),
    "fatal: Authentication failed for 'https://h/'": (NotAllowed, False),
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled": (NotAllowed, False),
    "remote: Repository not found.\nfatal: repository 'https://h/' not found": (NotAllowed, False),
    "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.": (NotAllowed, False),
    "Host key verification failed.\nfatal: Could not read from remote repository.": (NotAllowed, False),
    "ssh: Could not resolve hostname h: Temporary failure in name resolution": (Unavailable, True),
    "fatal: transport 'ext' not allowed": (Refused, False),
    "warning: ignoring suspicious submodule name: ../x": (Refused, False),
    "fatal: remote error: upload-pack: not our ref 1111": (StepFailed, False),
    "fatal: write error: No space left on device": (Precondition, False),
    "fatal: detected dubious ownership in repository at '/x'": (Precondition, False),
    "fatal: something never heard of": (StepFailed, False),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_gits_words_become_our_errors(sentence: str) -> None:
    finished = _said(sentence)
    assert (type(failures.explain(finished, place="one")), failures.is_passing(finished)) == SENTENCES[sentence]


def test_progress_and_advice_are_left_out_of_what_is_shown() -> None:
    advice = "Please make sure you have the correct access rights\nand the repository exists.\n"
    said = "Cloning into '/x'...\nfatal: repository '/y' does not exist\n\n" + advice
    assert failures.explain(_said(said), place="one").details == ("fatal: repository '/y' does not exist",)


def test_pauses_grow_and_end() -> None:
    waited: list[float] = []
    passing = _said("fatal: early EOF")
    assert persist(lambda: passing, retries=6, wait=waited.append) is passing
    assert waited == [0.5, 1, 2, 4, 8, 8]


def test_what_fails_for_good_is_not_repeated() -> None:
    waited: list[float] = []
    persist(lambda: _said("fatal: Authentication failed"), retries=6, wait=waited.append)
    assert waited == []


def test_a_second_attempt_that_works_ends_it() -> None:
    waited: list[float] = []
    answers = iter([_said("fatal: early EOF"), _said("", status=0)])
    assert persist(lambda: next(answers), retries=6, wait=waited.append).status == 0
    assert waited == [0.5]
