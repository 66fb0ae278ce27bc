"""What must not be trusted: `.gitmodules`, a repository's own configuration, the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer import process
from installer.errors import InstallerError, Precondition, Refused
from installer.model import Finished, Options
from phases.git import command, failures
from phases.git.urls import complaint, resolve
from phases.submodule_sync import Section

if TYPE_CHECKING:
    from tests.git.conftest import Lab

STRICT = Options(retries=0)


def _hostile(
    lab: Lab, *, name: str = "one", path: str = "one", url: str = "https://host.invalid/one", more: str = ""
) -> Path:
    """A repository whose `.gitmodules` says this of the submodule recorded at `path`."""
    root = lab.repository("hostile")
    quoted = [each.replace("\\", "\\\\").replace('"', '\\"') for each in (name, path, url)]
    text = '[submodule "{}"]\n\tpath = "{}"\n\turl = "{}"\n'.format(*quoted)
    (root / ".gitmodules").write_bytes((text + more).encode())
    lab.git(root, "add", ".gitmodules")
    lab.feed(
        root, f"160000 {'1' * 40}\t{path}\0", "update-index", "--add", "-z", "--index-info"
    ) if ".git" not in path else None
    return root


NAMES = ("../../hooks", "a/../../b", "/absolute", "a//b", "./a", "-x", "a\\..\\b", "a\rb", "C:/x", "one\u202e")
URLS = (
    "ext::sh -c touch% PWNED",
    "ext::https://host/x",
    "fd::17",
    "-u./payload",
    "--upload-pack=touch PWNED",
    "ssh://-oProxyCommand=touch PWNED/x",
    "-oProxyCommand=touch:x",
    "git@-oProxyCommand=touch:x",
    "git@host:-x",
    "https:///no-host",
    "http://host.invalid/x",
    "git://host.invalid/x",
    "http://127.0.0.1.host.invalid/x",
    "ftp://host.invalid/x",
    "file:///etc",
    "/etc",
    "./../../../../../../../../etc",
    "https://host.invalid/x%0ahost=other",
    "https://host.invalid/x%0D",
    "https://host.invalid/x\r",
    "",
)
PATHS = ("one\r", "-one", "one\u202e", "a/.GIT/b", "a/git~1/b")


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_refused_and_nothing_touched(lab: Lab, name: str) -> None:
    _is_refused(lab, _hostile(lab, name=name))


@pytest.mark.parametrize("url", URLS)
def test_a_hostile_address_is_refused_and_nothing_touched(lab: Lab, url: str) -> None:
    _is_refused(lab, _hostile(lab, url=url))


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_path_is_refused_and_nothing_touched(lab: Lab, path: str) -> None:
    _is_refused(lab, _hostile(lab, path=path))


@pytest.mark.parametrize("path", ["../outside", ".git/hooks", "/absolute"])
def test_a_path_that_no_index_can_hold_is_never_shown_to_git(lab: Lab, path: str) -> None:
    root = lab.repository("hostile")
    (root / ".gitmodules").write_text(f'[submodule "one"]\n\tpath = {path}\n\turl = https://host.invalid/x\n')
    _is_refused(lab, root)


def test_an_update_command_is_refused(lab: Lab) -> None:
    _is_refused(lab, _hostile(lab, more="\tupdate = !touch PWNED\n"))


def test_a_name_inside_of_another_is_refused(lab: Lab) -> None:
    more = '[submodule "one/hooks"]\n\tpath = two\n\turl = https://host.invalid/two\n'
    root = _hostile(lab, more=more)
    lab.feed(root, f"160000 {'1' * 40}\ttwo\0", "update-index", "--add", "-z", "--index-info")
    _is_refused(lab, root)


def test_paths_that_differ_in_case_only_are_refused(lab: Lab) -> None:
    root = _hostile(lab, more='[submodule "two"]\n\tpath = ONE\n\turl = https://host.invalid/two\n')
    lab.feed(root, f"160000 {'1' * 40}\tONE\0", "update-index", "--add", "-z", "--index-info")
    _is_refused(lab, root)


def test_a_path_through_a_link_is_refused(lab: Lab) -> None:
    root = _hostile(lab, path="link/one")
    (root / "link").symlink_to(root / ".git")
    _is_refused(lab, root)


def test_gitmodules_that_is_a_link_is_refused(lab: Lab) -> None:
    root = _hostile(lab)
    (root / ".gitmodules").rename(root / "other")
    (root / ".gitmodules").symlink_to("other")
    _is_refused(lab, root)


def test_an_address_on_this_machine_needs_the_flag(lab: Lab) -> None:
    root = lab.project("one")
    with pytest.raises(Refused) as caught:
        lab.run(root, options=STRICT)
    assert "--allow-file-submodules" in caught.value.details[0]


def test_a_hostile_one_inside_of_another_is_refused_before_it_is_fetched(lab: Lab) -> None:
    middle = _hostile(lab, path="inner", url="ext::sh -c touch% PWNED")
    lab.git(middle, "commit", "-q", "-m", "evil")
    origin = lab.repository("origin")
    lab.add(origin, middle, "middle")
    root = lab.clone(origin)
    with pytest.raises(Refused) as caught:
        lab.run(root)
    assert caught.value.details[0].startswith("middle/inner: ")
    assert list(lab.base.rglob("PWNED")) == []


def test_an_optional_hostile_one_is_left_out_with_a_warning(lab: Lab) -> None:
    root = _hostile(lab, url="ext::sh -c touch% PWNED")
    outcome = lab.run(root, Section(optional=("one",)))
    assert [type(error) for error in outcome.failures.values()] == [Refused]
    assert list(lab.base.rglob("PWNED")) == []


def test_a_skipped_hostile_one_is_nobodys_business(lab: Lab) -> None:
    assert lab.plan(_hostile(lab, url="ext::sh"), Section(skip=("one",))) == []


def test_all_refusals_are_named_at_once(lab: Lab) -> None:
    root = _hostile(lab, url="ext::x", more='[submodule "two"]\n\tpath = two\n\turl = fd::7\n')
    lab.feed(root, f"160000 {'1' * 40}\ttwo\0", "update-index", "--add", "-z", "--index-info")
    with pytest.raises(Refused) as caught:
        lab.plan(root)
    assert [line.partition(":")[0] for line in caught.value.details] == ["one", "two"]


PROGRAMS = {
    "core.fsmonitor": "touch PWNED; false",
    "core.hooksPath": "hooks",
    "core.sshCommand": "touch PWNED; false",
    "core.askPass": "touch PWNED; false",
    "credential.helper": "!touch PWNED; false",
    "filter.evil.smudge": "touch PWNED; cat",
    "filter.evil.clean": "touch PWNED; cat",
    "diff.external": "touch PWNED; false",
}


def test_programs_named_by_the_repository_do_not_run(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    commit = lab.commit(lab.base / "up/one", {".gitattributes": "* filter=evil diff=evil\n", "file.txt": "newer\n"})
    lab.git(root, "update-index", "--cacheinfo", f"160000,{commit},one")
    pwned = lab.base / "PWNED"
    for folder in (root, root / "one"):
        for key, value in PROGRAMS.items():
            lab.git(folder, "config", key, value.replace("PWNED", str(pwned)).replace("hooks", str(lab.base / "hooks")))
    (lab.base / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (lab.base / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {pwned}\n")
        (lab.base / "hooks" / hook).chmod(0o755)
    lab.run(root)
    assert (root / "one/file.txt").read_text() == "newer\n"
    assert not pwned.exists()


def test_the_users_own_filters_and_ssh_command_keep_working(lab: Lab, home: Path) -> None:
    root = lab.project("one")
    lab.git(root, "config", "filter.shout.smudge", "tr a-z 0-9")
    with (home / ".gitconfig").open("a") as stream:
        stream.write('[filter "shout"]\n\tsmudge = tr a-z A-Z\n[core]\n\tattributesFile = ~/attributes\n')
    (home / "attributes").write_text("* filter=shout\n")
    lab.run(root)
    assert (root / "one/file.txt").read_text() == "THIS IS UP/ONE\n"


def test_an_address_rewritten_by_the_user_is_followed(lab: Lab, home: Path) -> None:
    origin = lab.repository("origin")
    lab.add(origin, lab.repository("up"), "one")
    lab.git(origin, "config", "--file", ".gitmodules", "submodule.one.url", "https://host.invalid/up")
    lab.git(origin, "commit", "-q", "-a", "-m", "elsewhere")
    with (home / ".gitconfig").open("a") as stream:
        stream.write(f'[url "file://{lab.base}/"]\n\tinsteadOf = https://host.invalid/\n')
    root = lab.clone(origin)
    lab.run(root, options=STRICT)
    assert (root / "one/file.txt").is_file()


def test_inherited_git_variables_lead_nowhere(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    root, other = lab.project("one"), lab.repository("other")
    trace = lab.base / "trace"
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / "index",
        "GIT_TRACE": trace,
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        "GIT_EXEC_PATH": lab.base,
    }.items():
        monkeypatch.setenv(name, str(value))
    outcome = lab.run(root)
    assert outcome.ids == ["submodule_sync.01.register", "submodule_sync.02.one"]
    assert (root / "one/file.txt").is_file()
    assert not trace.exists()


def test_every_call_is_absolute_and_hardened(lab: Lab) -> None:
    root = lab.project("one")
    commands = lab.run(root).commands
    assert commands
    for argv in commands:
        assert os.path.isabs(argv[0])
        assert {"core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.allow=never", "gc.auto=0"} <= set(argv)
        assert "one" not in argv[: argv.index("--")] if "one" in argv else True


def test_git_from_the_project_or_a_relative_path_is_never_run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lab.project("one")
    fake = root / "bin/git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\ntouch PWNED\n")
    fake.chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f"{fake.parent}:bin:.:{os.environ['PATH']}")
    found = command.find(root)
    assert found is not None
    assert not Path(found).is_relative_to(root)


def test_without_git_it_is_said_how_to_get_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lab.project("one")
    monkeypatch.setenv("PATH", str(lab.base))
    with pytest.raises(Precondition) as caught:
        lab.plan(root)
    assert caught.value.code == "git.missing"


def test_a_repository_of_somebody_elses_is_a_precondition(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lab.project("one")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("SUREFOOT_PASS_ENV", "GIT_TEST_ASSUME_DIFFERENT_OWNER")
    with pytest.raises(Precondition) as caught:
        lab.plan(root)
    assert caught.value.code == "git.ownership"
    assert "safe.directory" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://host.example/a/b.git",
        "https://user:token@host.example/a",
        "ssh://git@host.example:2222/a",
        "git@host.example:a/b.git",
        "host.example:a",
        "http://127.0.0.1:8080/a",
        "http://[::1]/a",
        "http://localhost/a",
        "git://localhost/a",
    ],
)
def test_ordinary_addresses_are_allowed(url: str) -> None:
    assert complaint(url, allow_file=False) == ""


@pytest.mark.parametrize(
    "base",
    [
        "https://host.example/a/b",
        "https://host.example/a/b/",
        "git@host.example:a/b",
        "host.example:b",
        "/srv/a/b",
        "ssh://host.example/b",
    ],
)
@pytest.mark.parametrize("url", ["../c", "../../c", "./c", "../c/", ".././../c", "../c/../d"])
def test_relative_addresses_mean_what_git_takes_them_for(lab: Lab, base: str, url: str) -> None:
    root = _hostile(lab, url=url)
    lab.git(root, "remote", "add", "origin", base)
    try:
        ours = resolve(url, base)
    except ValueError:
        ours = ""
    done = process.run(["git", "submodule", "--quiet", "init", "one"], cwd=root, check=False)
    theirs = lab.git(root, "config", "--default", "", "submodule.one.url") if done.status == 0 else ""
    assert ours == theirs or (ours == "" and theirs == ".:c")  # git climbs out of the host, we do not


def _is_refused(lab: Lab, root: Path) -> None:
    before = lab.snapshot(root)
    with pytest.raises(InstallerError) as caught:
        lab.run(root, options=STRICT)
    assert (type(caught.value), caught.value.exit_code) == (Refused, 9)
    assert lab.snapshot(root) == before


@pytest.mark.parametrize(
    "said",
    [
        "error: could not lock config file .git/modules/a/config: Read-only file system\n",
        "Cloning into 'a'...\nerror: could not write config file .git/modules/a/config: No space left on device\n",
        "error: chmod on .git/modules/a/config.lock failed: Permission denied\n",
        "error: git died of signal 9\nfatal: clone of '../a' into submodule path 'a' failed\n",
    ],
)
def test_a_clone_over_which_git_went_on_is_not_believed(said: str) -> None:
    assert failures.is_unsettled(Finished(argv=("git",), status=0, stdout="", stderr=said))
    assert not failures.is_unsettled(Finished(argv=("git",), status=0, stdout="", stderr="Cloning into 'a'...\n"))
