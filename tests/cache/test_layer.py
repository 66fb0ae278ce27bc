"""`quickstart.py --no-state`: a layer of an image has the environment and nothing else, the same bytes each time."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import docker
import pytest

from tests.cache import python_image
from tests.containers import lab
from tests.whole import kit

pytestmark = pytest.mark.slow

_PROJECT = """\
[project]
name = "app"
version = "1"
description = "An app."
dependencies = ["idna==3.6", "six==1.16.0"]

[build-system]
requires = ["flit_core>=3.8"]
build-backend = "flit_core.buildapi"
"""
_EPOCH = "1700000000"
_KILLED = """
import importlib, os, sys
from installer.cli import main
setattr(importlib.import_module(sys.argv[1]), sys.argv[2], lambda _: os.kill(os.getpid(), 9))
sys.exit(main.quickstart(sys.argv[3:]))
"""


def make(project: Path) -> None:
    shutil.rmtree(project, ignore_errors=True)
    kit.write(project, {"pyproject.toml": _PROJECT, "app/__init__.py": '"""An app."""\n'})


def build(project: Path, cache: Path) -> kit.Ended:
    """As in an image: a fresh tree, fresh caches of the installers', and the time that the source has."""
    variables = {"UV_CACHE_DIR": str(cache), "SUREFOOT_PYTHON": str(kit.PYTHON), "SOURCE_DATE_EPOCH": _EPOCH}
    return kit.run("quickstart.py", "-y", "--no-state", cwd=project, env=variables)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A project whose environment was made as a layer twice, each time from nothing; and both environments."""
    place = tmp_path_factory.mktemp("layer").resolve()
    project, copies = place / "project", (place / "first", place / "second")
    for copy in copies:
        make(project)
        ended = build(project, place / f"cache-of-{copy.name}")
        assert ended.status == 0, ended.said
        shutil.copytree(project / ".venv", copy / ".venv", symlinks=True)
    return (project, *copies)


def layer(folder: Path) -> dict[str, str]:
    """What a layer would hold: every path with kind, mode, content and time."""
    return {name: f"{word} {os.lstat(folder / name).st_mtime}" for name, word in kit.picture(folder).items()}


def test_the_same_inputs_give_the_same_bytes_and_nothing_else(twice: tuple[Path, Path, Path]) -> None:
    project, first, second = twice
    assert sorted(path.name for path in project.iterdir()) == [".venv", "app", "pyproject.toml"]
    made = layer(first / ".venv")
    assert kit.differences(made, layer(second / ".venv")) == []
    assert {word.rpartition(" ")[2] for word in made.values()} == {f"{_EPOCH}.0"}
    assert [name for name in made if name.endswith((".pyc", "uv_cache.json"))] == []
    assert kit.versions(project / ".venv")["idna"] == "3.6"


def test_in_the_image_it_is_proven_and_used(twice: tuple[Path, Path, Path]) -> None:
    project, *_ = twice
    ended = kit.run("quickstart.py", "-y", cwd=project, env={"SUREFOOT_PYTHON": str(kit.PYTHON)})
    assert "Use the restored `.venv` as it is: it is proven (packages: 3)" in ended.said
    refused = build(project, project.with_name("cache"))
    assert (refused.status, "could still be taken back" in refused.said) == (6, True)
    assert (project / ".surefoot" / "checkpoints" / "journal.jsonl").is_file(), "a way back is not given up by the way"
    elsewhere = project.with_name("elsewhere")  # as `COPY . .` brings it: nothing can be taken back with it here
    shutil.copytree(project, elsewhere, symlinks=True)
    copied = build(elsewhere, project.with_name("cache"))
    assert (copied.status, (elsewhere / ".surefoot").exists()) == (0, False), copied.said


@pytest.mark.parametrize("place", ["installer.cli.layer.leave_nothing_else", "installer.cli.back.dissolve"])
def test_killed_after_its_run_the_same_command_finishes(tmp_path: Path, place: str) -> None:
    make(tmp_path / "project")
    variables = {"UV_CACHE_DIR": str(tmp_path / "cache"), "SUREFOOT_PYTHON": str(kit.PYTHON)}
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, *place.rsplit(".", 1), "-y", "--no-state"],
        cwd=tmp_path / "project",
        env=kit.environment(variables | {"PYTHONPATH": str(kit.ROOT), "SOURCE_DATE_EPOCH": _EPOCH}),
        capture_output=True,
        check=False,
    )
    assert (killed.returncode, (tmp_path / "project" / ".surefoot").is_dir()) == (-signal.SIGKILL, True)
    for _ in range(2):
        ended = build(tmp_path / "project", tmp_path / "cache")
        assert (ended.status, (tmp_path / "project" / ".surefoot").exists()) == (0, False), ended.said


@pytest.mark.docker
def test_an_engine_holds_the_same_bytes_of_both_and_runs_what_is_in_them(twice: tuple[Path, Path, Path]) -> None:
    project, *copies = twice
    there = {str(path): {"bind": str(path), "mode": "ro"} for path in _of_the_machine(project)}
    words = [f"{project}/.venv/bin/python", "-I", "-B", "-c", "import idna, six; print(idna.__version__)"]
    with closing(docker.DockerClient(base_url=lab.ensure().engine, timeout=60)) as client:
        held = []
        for copy in copies:
            tag = f"surefoot-lab/layer:{copy.name}"
            kit.write(copy, {"Dockerfile": f"FROM {lab.BASE}\nCOPY .venv {project}/.venv\n"})
            client.images.build(path=str(copy), tag=tag, nocache=True, rm=True)
            try:
                container = client.containers.create(tag, words, volumes=there, network_disabled=True)
                container.start()
                assert container.wait()["StatusCode"] == 0
                assert container.logs() == b"3.6\n"
                stream, _ = container.get_archive(f"{project}/.venv")
                held.append(_entries(b"".join(stream)))
                container.remove(force=True)
            finally:
                client.images.remove(tag, force=True)
    assert kit.differences(*held) == []
    assert len(held[0]) > len(kit.picture(copies[0] / ".venv")) / 2, "they are read as a whole"


@pytest.mark.docker
@pytest.mark.parametrize("name", ["Dockerfile.venv", "Dockerfile.active"])
def test_the_dockerfiles_that_we_show_make_an_image(tmp_path: Path, name: str) -> None:
    """Of a project that was `init`ed: its own launcher fetches all else, in an image without git or a compiler."""
    project = tmp_path / "project"
    make(project)
    active = 'environment = "active"\n' if name.endswith("active") else ""
    kit.write(project, {"app/__main__.py": "import idna\nprint(idna.__version__)\n", "surefoot.toml": active})
    for each in (name, ".dockerignore"):
        shutil.copy(kit.ROOT / "examples" / "dockerfile" / each, project)
    ended = kit.run("manage.py", "init", "-y", "--provider", "none", cwd=project)
    assert ended.status == 0, ended.said
    assert (project / ".surefoot").is_dir()
    with closing(docker.DockerClient(base_url=lab.ensure().engine, timeout=300)) as client:
        given = {"BASE": python_image.ensure(client), "SOURCE_DATE_EPOCH": _EPOCH}
        tag = f"surefoot-lab/{name.lower()}"
        client.images.build(
            path=str(project), dockerfile=name, tag=tag, buildargs=given, network_mode="host", nocache=True, rm=True
        )
        try:
            run = functools.partial(client.containers.run, network_disabled=True, remove=True)
            assert run(tag) == b"3.6\n"
            assert sorted(run(tag, ["ls", "-A"]).decode().split()) == sorted(
                {path.name for path in project.iterdir()} - {".surefoot"} | (set() if active else {".venv"})
            )
            homes = ["ls", "-A", "/root", "/tmp"]  # noqa: S108 -- the image's
            assert run(tag, homes) == run(given["BASE"], homes)
        finally:
            client.images.remove(tag, force=True)


def _entries(archive: bytes) -> dict[str, str]:
    """What an archive holds: path to kind, mode, time and content. The engine made its first folder, when it built."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for entry in tar.getmembers()[1:]:
            stream = tar.extractfile(entry) if entry.isreg() else None
            digest = hashlib.sha256(stream.read()).hexdigest() if stream else entry.linkname
            found[entry.name] = f"{entry.type!r} {entry.mode:o} {entry.mtime} {entry.uid} {digest}"
    return found


def _of_the_machine(project: Path) -> list[Path]:
    """What stands in for a base image with a Python: this machine's own, and the libraries that it loads."""
    base = (project / ".venv" / "bin" / "python").resolve().parents[1]
    libraries = [Path(name) for name in ("/lib", "/lib64", "/usr/lib")]
    return [base, *(each for each in libraries if each.is_dir() and not base.is_relative_to(each))]
