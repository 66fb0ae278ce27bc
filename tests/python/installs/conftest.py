"""A small engine for one action at a time: real context, real programs, a project in a temporary folder, own wheels."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import zipfile
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from installer import manifest, process
from installer.model import Context, Facts, Finished, Options, RelPath, Step
from phases import packages, python_deps
from phases.python import environment
from phases.python.backends import backend
from phases.python.sections import DependenciesSection, PackagesSection, PythonSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SECTIONS = (PythonSection, DependenciesSection, PackagesSection)
STATE = RelPath(".surefoot")


@dataclass
class Project:
    """A project on disk, the steps planned for it, and their actions run in it."""

    root: Path
    interpreter: str
    options: Options = field(default_factory=lambda: Options(retries=0))
    warnings: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    install_id: str = "20260101_000000"

    @property
    def staging(self) -> Path:
        return self.root / environment.paths(self.root, STATE, self.install_id).staging

    @property
    def lock(self) -> str:
        return (self.root / STATE / "runs" / self.install_id / "pylock.toml").read_text()

    def file(self, path: str, text: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def set(self, **options: Any) -> None:
        self.options = replace(self.options, **options)

    def context(self) -> Context:
        scratch = self.root / STATE / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        return Context(
            root=self.root,
            state=STATE,
            install_id=self.install_id,
            options=self.options,
            scratch=scratch,
            run=self._run,
            report=lambda done, total: self.counts.append((done, total)),
            note=lambda _: None,
            warn=self.warnings.append,
        )

    def _run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
        quiet: bool = False,
        on_line: Callable[[str], None] | None = None,
    ) -> Finished:
        return process.run(argv, cwd=cwd or self.root, env=env, timeout=timeout, check=check, on_line=on_line)

    def steps(self, phase: Any = python_deps) -> list[Step]:
        facts = Facts(root=self.root, state=STATE, install_id=self.install_id, options=self.options)
        return list(phase.plan(manifest.load(self.root, SECTIONS), facts))

    def do(self, step: Step) -> dict[str, Any]:
        if not self.staging.exists():
            self.staging.parent.mkdir(parents=True, exist_ok=True)
            backend(self.options.backend).make_environment(self.staging, self.interpreter, "test", self.context())
        actions = {**python_deps.ACTIONS, **packages.ACTIONS}
        return dict(actions[step.action](step.args, self.context()) or {})

    def run(self, *phases: Any) -> dict[str, dict[str, Any]]:
        """Every step of the phases (both by default), one after the other: step id to result."""
        results = {}
        for phase in phases or (python_deps, packages):
            for step in self.steps(phase):
                results[step.id] = self.do(step)
        return results

    def imports(self, module: str) -> bool:
        python = str(environment.python(self.staging))
        return process.run([python, "-I", "-c", f"import {module}"], cwd=self.root, check=False).status == 0

    def installed(self) -> dict[str, str]:
        from phases.python import records

        sites = environment.site_packages(self.staging)
        return {name: version for site in sites for name, version in records.installed(site).items() if name != "pip"}


@dataclass(frozen=True)
class Wheels:
    """An index in a folder, with wheels made here."""

    folder: Path

    def add(self, name: str, version: str, requires: tuple[str, ...] = (), python: str = ">=3.8") -> str:
        """Make a wheel with one module; its sha256."""
        info = f"{name}-{version}.dist-info"
        requirements = "".join(f"Requires-Dist: {line}\n" for line in requires)
        contents = {
            f"{name}.py": f"version = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            f"Requires-Python: {python}\n{requirements}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},sha256={_hash(text)},{len(text.encode())}\n" for path, text in contents.items())
        place = self.folder / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(place, "w") as archive:
            for path, text in {**contents, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(path, text)
        return self.list(place, python)

    def list(self, file: Path, python: str = ">=3.8") -> str:
        """Put a file on its distribution's page of the index; its sha256."""
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        page = self.folder / file.name.partition("-")[0] / "index.html"
        page.parent.mkdir(exist_ok=True)
        before = page.read_text().splitlines() if page.exists() else []
        link = f'<a href="../{file.name}#sha256={digest}" data-requires-python="{escape(python)}">{file.name}</a><br>'
        kept = [line for line in before if f">{file.name}<" not in line]
        page.write_text("\n".join([*kept, link]))
        return digest


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="session")
def interpreter() -> str:
    """The interpreter behind the one that the tests run with, outside of its environment."""
    return str(Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info[:2]))


@pytest.fixture
def project(tmp_path: Path, interpreter: str) -> Project:
    """An empty project; its path has a space."""
    root = tmp_path / "a project"
    root.mkdir()
    return Project(root, interpreter)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheels:
    """The only place where distributions come from in this test, and an empty cache."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", folder.as_uri())
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", folder.as_uri())
    return Wheels(folder)


@pytest.fixture
def locked_door() -> Iterator[str]:
    """The URL, with wrong credentials, of an index that lets nobody in."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://joe:wrongword@127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    thread.join()
    server.server_close()
