"""Real environments without a network: wheels are zipped here, the editable project brings its own build backend."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

import phases
from installer import actions, files, manifest, process
from installer.engine import Engine, Outcome, Setting
from installer.model import Action, Context, Effect, Event, Facts, Note, Options, Planned, RelPath, Step
from installer.store import Store
from phases import cleanup, custom, environment_setup, restore, verification
from phases.python import environment
from phases.python.environments import places
from phases.python.sources import read_needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from installer.manifest import Manifest

_ORDER = ("environment_setup", "fill", "verification", "cleanup")

BACKEND = '''
import base64, hashlib, os, zipfile

def build_editable(folder, settings=None, metadata=None):
    return _build(folder, {"%(name)s_here.pth": os.path.join(os.getcwd(), "src")})

def build_wheel(folder, settings=None, metadata=None):
    return _build(folder, {})

def _build(folder, files):
    info = "%(name)s-%(version)s.dist-info/"
    files = dict(files)
    files[info + "METADATA"] = """Metadata-Version: 2.1
Name: %(name)s
Version: %(version)s
%(requires)s
"""
    files[info + "WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[info + "entry_points.txt"] = """%(entry_points)s"""
    record = "".join(_line(path, text) for path, text in files.items()) + info + "RECORD,,\\n"
    files[info + "RECORD"] = record
    name = "%(name)s-%(version)s-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name

def _line(path, text):
    data = text.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return "%%s,sha256=%%s,%%d\\n" %% (path, digest, len(data))
'''


def _make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: tuple[str, ...] = (),
    entry_points: str = "",
) -> Path:
    """A pure wheel of one package called `name`."""
    info = f"{name}-{version}.dist-info"
    content = dict(files if files is not None else {f"{name}/__init__.py": f"version = {version!r}\n"})
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    content[f"{info}/METADATA"] = head + "".join(f"Requires-Dist: {each}\n" for each in requires)
    content[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if entry_points:
        content[f"{info}/entry_points.txt"] = entry_points
    record = [f"{path},sha256={_hash(text)},{len(text.encode())}" for path, text in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in content.items():
            archive.writestr(inside, text)
    return path


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def uv(*words: str) -> str:
    """Run uv without an index."""
    from uv import find_uv_bin

    variables = {
        **os.environ,
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_NO_CONFIG": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run([find_uv_bin(), *words], check=True, capture_output=True, text=True, env=variables)
    return done.stdout


class Cut(BaseException):
    """Stands in for a signal or a power cut: nothing catches it."""


@dataclass
class Project:
    """A project and what is to be in its environment: `wheels` stand in for the phases that install."""

    Cut = Cut

    root: Path
    wheels: list[Path] = field(default_factory=list)
    editable: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    actions: dict[str, Action] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def env(self) -> Path:
        return self.root / ".venv"

    def write(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def member(
        self, name: str = "app", *, code: str = "def main(): print('app')\n", requires: str = "", scripts: str = ""
    ) -> None:
        """A local project with its package in `src`."""
        points = f"[console_scripts]\n{scripts}\n" if scripts else ""
        needs = f"Requires-Dist: {requires}" if requires else "Keywords: none"
        fields = {"name": name, "version": "1.0", "requires": needs, "entry_points": points}
        self.write("backend_here.py", BACKEND % fields)
        self.write(f"src/{name}/__init__.py", code)
        self.write(
            "pyproject.toml",
            f'[project]\nname = "{name}"\nversion = "1.0"\ndependencies = [{requires!r}]\n'.replace("['']", "[]")
            + '[build-system]\nrequires = []\nbuild-backend = "backend_here"\nbackend-path = ["."]\n',
        )
        self.editable = ["."]

    def wheel(self, name: str, version: str = "1.0", **content: Any) -> Path:
        """One more distribution for the environment; a later version takes the place of an earlier one."""
        made = _make_wheel(self.root.parent / "wheels", name, version, **content)
        self.wheels = [each for each in self.wheels if not each.name.startswith(f"{name}-")] + [made]
        return made

    uv = staticmethod(uv)

    def python(self, code: str, env: Path | None = None) -> str:
        """What `code` prints in the Python of the environment in use."""
        argv = [str(places.python(env or self.env)), "-I", "-B", "-c", code]
        return subprocess.run(argv, check=True, capture_output=True, text=True, cwd="/").stdout.strip()

    def run(self, command: str) -> str:
        """What a command of the environment in use prints."""
        argv = [str(places.scripts(self.env) / command)]
        return subprocess.run(argv, check=True, capture_output=True, text=True, cwd="/").stdout.strip()

    def tree(self) -> dict[str, str]:
        """All of the project but the state folder: path to kind, mode and content."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if not name.startswith(".surefoot"):
                found[name] = f"{path.lstat().st_mode:o} {files.digest(path)}"
        return found

    def generations(self) -> list[str]:
        folder = self.root / ".surefoot" / "generations"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def break_after_install(self, pattern: str) -> None:
        """The installer forgets a file, and says that all is well."""

        def fill(args: Mapping[str, Any], context: Context) -> None:
            self._fill(args, context)
            for path in (context.root / args["environment"]).glob(pattern):
                path.unlink()

        self.actions = {"test.fill": fill}

    def remove(self, path: str) -> None:
        files.remove_tree(self.root / path)

    def cut_at(self, *names: str) -> None:
        """Actions of these names do not get to their end; without names all do."""

        def cut(_args: Mapping[str, Any], _context: Context) -> None:
            raise self.Cut

        self.actions = dict.fromkeys(names, cut)

    def manifest(self) -> Manifest:
        return manifest.load(self.root, phases.SECTIONS, phases.ORDER)

    def facts(self, **options: Any) -> Facts:
        wishes = replace(Options(), **options)
        return Facts(root=self.root, state=RelPath(".surefoot"), install_id="20260101_000000", options=wishes)

    def quickstart(self, **options: Any) -> Outcome:
        """environment_setup, what stands in for the installing phases, verification, cleanup."""
        return self.engine(**options).run()

    def engine(self, **options: Any) -> Engine:
        process.allow()  # an interruption in an earlier run of the same process
        return self._engine("install", self._plan, _ORDER, options)

    def restore(self, target: str) -> Outcome:
        return self._engine(
            "restore", lambda _, facts: restore.plan(self.manifest(), facts, target), ("restore",), {}
        ).run()

    def clean(self, *, everything: bool = False) -> Outcome:
        def plan(_: str, facts: Facts) -> Planned:
            return restore.clean_env(self.manifest(), facts, everything=everything)

        return self._engine("clean-env", plan, ("clean_env",), {}).run()

    def rollback(self) -> Outcome:
        process.allow()
        return self._engine("rollback", self._plan, _ORDER, {}).rollback()

    def _engine(self, kind: str, plan: Callable[[str, Facts], Planned], order: tuple[str, ...], options: Any) -> Engine:
        modules = (actions, environment_setup, verification, cleanup, restore, custom)
        table = {name: action for module in modules for name, action in module.ACTIONS.items()}
        return Engine(
            Store(self.root, RelPath(".surefoot")),
            order=order,
            actions={**table, "test.fill": self._fill, **self.actions},
            plan=plan,
            observers=(self._observe,),
            setting=Setting(kind=kind, options=replace(Options(), **options), skip=(self.env,)),
        )

    def _plan(self, phase: str, facts: Facts) -> Planned:
        loaded = self.manifest()
        yield from custom.before(phase, loaded, facts)
        if phase == "fill":
            yield from self._plan_fill(loaded, facts)
        else:
            yield from {m.PHASE: m for m in (environment_setup, verification, cleanup)}[phase].plan(loaded, facts)
        yield from custom.after(phase, loaded, facts)

    def _plan_fill(self, loaded: Manifest, facts: Facts) -> Iterator[Step]:
        needs = read_needs(facts.root, loaded, facts.options.mode)
        if not environment.up_to_date(loaded, facts, needs):
            return
        staging = environment.paths(facts.root, facts.state, facts.install_id).staging
        yield Step(
            id="fill.01.install",
            phase="fill",
            title="Install",
            action="test.fill",
            args={"environment": staging, "inputs": environment.inputs(facts.root, needs)},
            effect=Effect(scratch=(staging,)),
        )

    def _fill(self, args: Mapping[str, Any], context: Context) -> None:
        python = str(places.python(context.root / args["environment"]))
        if self.wheels:
            uv("pip", "install", "--python", python, "--no-deps", *map(str, self.wheels))
        for path in self.editable:
            uv("pip", "install", "--python", python, "--no-deps", "-e", str(self.root / path))

    def _observe(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Note):
            self.notes.append(event.text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty application that asks for nothing, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "home").mkdir()
    root = tmp_path / "my project"
    root.mkdir()
    made = Project(root)
    made.write("requirements.txt", "# nothing\n")
    return made
