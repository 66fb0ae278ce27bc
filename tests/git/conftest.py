"""A laboratory for submodules: real repositories, an empty HOME, a tiny engine that runs a plan and takes it back."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from installer import guard, process, rollback
from installer.errors import InstallerError
from installer.manifest import Manifest
from installer.model import Context, Facts, Finished, Json, Options, RelPath, Step, Undo
from phases import submodule_sync
from phases.submodule_sync import ACTIONS, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

STATE = RelPath(".surefoot")
ALLOWED = Options(allow_file_submodules=True, retries=0)


@dataclass
class Outcome:
    """What a run of the phase did."""

    steps: list[Step] = field(default_factory=list)
    results: dict[str, Json] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    failures: dict[str, InstallerError] = field(default_factory=dict)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    undo: list[tuple[Step, tuple[Undo, ...], dict[str, str]]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [step.id for step in self.steps]


@dataclass
class Lab:
    """Makes repositories and runs the phase on them."""

    base: Path

    def git(self, folder: Path, *words: str) -> str:
        argv = ["git", "-c", "protocol.file.allow=always", *words]
        return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    def feed(self, folder: Path, text: str, *words: str) -> None:
        """Run git with `text` as its input."""
        subprocess.run(["git", *words], cwd=folder, input=text, text=True, check=True, capture_output=True)

    def repository(self, name: str, files: Mapping[str, str] | None = None) -> Path:
        """A repository with one commit."""
        folder = self.base / name
        folder.mkdir(parents=True)
        self.git(folder, "init", "-q")
        self.commit(folder, files or {"file.txt": f"this is {name}\n"})
        return folder

    def commit(self, folder: Path, files: Mapping[str, str]) -> str:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "-q", "-m", "change " + " ".join(files))
        return self.git(folder, "rev-parse", "HEAD")

    def add(self, superproject: Path, source: Path | str, path: str, *words: str) -> None:
        url = f"file://{source}" if isinstance(source, Path) else source
        self.git(superproject, "submodule", "--quiet", "add", *words, "--", url, path)
        self.git(superproject, "commit", "-q", "-m", f"add {path}")

    def clone(self, source: Path, name: str = "project") -> Path:
        self.git(self.base, "clone", "-q", str(source), name)
        return self.base / name

    def project(self, *paths: str) -> Path:
        """A fresh clone of a repository with a submodule at each of `paths`."""
        origin = self.repository("origin")
        for path in paths:
            self.add(origin, self.repository(f"up/{path}"), path)
        return self.clone(origin)

    def facts(self, root: Path, options: Options = ALLOWED, results: Mapping[str, Json] | None = None) -> Facts:
        return Facts(root=root, state=STATE, install_id="20261122_150000", options=options, results=results or {})

    def plan(
        self,
        root: Path,
        section: Section | None = None,
        options: Options = ALLOWED,
        results: Mapping[str, Json] | None = None,
    ) -> list[Step]:
        manifest = Manifest(sections={Section: section} if section else {})
        return _flat(submodule_sync.plan(manifest, self.facts(root, options, results)))

    def run(self, root: Path, section: Section | None = None, options: Options = ALLOWED) -> Outcome:
        """Plan, capture and do, side by side where the plan allows; what may fail with a warning does."""
        manifest = Manifest(sections={Section: section} if section else {})
        outcome = Outcome()
        (root / STATE).mkdir(exist_ok=True)
        (root / STATE / ".gitignore").write_text("*\n")
        for planned in submodule_sync.plan(manifest, self.facts(root, options)):
            batch = planned if isinstance(planned, tuple) else (planned,)
            outcome.steps += batch
            captured = [(step, rollback.capture(step, 1, self.place(root))) for step in batch]
            with ThreadPoolExecutor(max_workers=4) as pool:
                errors = list(pool.map(lambda step: self._do(step, root, options, outcome), batch))
            for (step, undo), error in zip(captured, errors, strict=True):
                left = {} if error else rollback.left(step, 1, undo, self.place(root))
                outcome.undo.append((step, undo, left))
                if error and step.on_failure == "stop":
                    raise error
                if error:
                    self._undo_last(root, outcome)
                    outcome.failures[step.id] = error
        return outcome

    def undo(self, root: Path, outcome: Outcome) -> list[rollback.Undoing]:
        """Take all of it back, newest first."""
        return [undoing for _ in range(len(outcome.undo)) for undoing in self._undo_last(root, outcome)]

    def snapshot(self, root: Path) -> dict[str, str]:
        """Every file, link and folder of a tree, our state aside, by what it holds."""
        return {name: _describe(root / name) for name in sorted(_walk(root)) if not RelPath(name).within(STATE)}

    def place(self, root: Path) -> rollback.Place:
        return rollback.Place(
            root=root, state=STATE, install_id="20261122_150000", skip=frozenset({root / STATE}), copies=guard.Copies()
        )

    def _undo_last(self, root: Path, outcome: Outcome) -> list[rollback.Undoing]:
        step, undo, left = outcome.undo.pop()
        return [rollback.perform(each, left, step.effect, self.place(root), _no_command) for each in reversed(undo)]

    def _do(self, step: Step, root: Path, options: Options, outcome: Outcome) -> InstallerError | None:
        try:
            outcome.results[step.id] = dict(ACTIONS[step.action](step.args, self.context(root, options, outcome)) or {})
        except InstallerError as error:
            return error
        return None

    def context(self, root: Path, options: Options = ALLOWED, outcome: Outcome | None = None) -> Context:
        outcome = outcome or Outcome()

        def run(
            argv: Sequence[str],
            *,
            cwd: Path | None = None,
            env: Mapping[str, str] | None = None,
            timeout: float | None = None,
            check: bool = True,
            quiet: bool = False,
            on_line: Callable[[str], None] | None = None,
        ) -> Finished:
            del quiet
            outcome.commands.append(tuple(argv))
            return process.run(argv, cwd=cwd or root, env=env, timeout=timeout, check=check, on_line=on_line)

        scratch = root / STATE / "scratch"
        return Context(
            root=root,
            state=STATE,
            install_id="20261122_150000",
            options=options,
            scratch=scratch,
            run=run,
            report=lambda done, total: None,
            note=lambda text: None,
            warn=outcome.warnings.append,
        )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME with a name for commits; nothing of the real user's is read."""
    for name in [each for each in os.environ if each.startswith(("GIT_", "SSH_"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text(
        "[user]\n\tname = Test\n\temail = test@localhost\n[init]\n\tdefaultBranch = main\n"
    )
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    return folder


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


@dataclass
class Server:
    """A git server on loopback (`git http-backend`). `denied` paths answer 401, the next `stumbles` requests 503."""

    url: str
    denied: set[str] = field(default_factory=set)
    stumbles: int = 0
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(lab: Lab) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            state.requests.append(path)
            if any(each in path for each in state.denied):
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="private"')
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif state.stumbles:
                state.stumbles -= 1
                self.send_error(503)
            else:
                self._serve(path, query, body)

        def _serve(self, path: str, query: str, body: bytes) -> None:
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": os.environ["HOME"],
                "GIT_PROJECT_ROOT": str(lab.base),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": unquote(path),
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(url=f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield state
    listening.shutdown()
    listening.server_close()


def _flat(planned: object) -> list[Step]:
    steps: list[Step] = []
    for each in planned:  # type: ignore[attr-defined]  # a plan: steps, or tuples of them
        steps += each if isinstance(each, tuple) else (each,)
    return steps


def _walk(root: Path) -> list[str]:
    return [
        str(Path(folder, name).relative_to(root))
        for folder, folders, names in os.walk(root)
        for name in (*folders, *names)
    ]


def _describe(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link {os.readlink(path)}"
    mode = oct(stat.S_IMODE(status.st_mode))
    return f"folder {mode}" if path.is_dir() else f"file {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _no_command(argv: tuple[str, ...]) -> None:
    raise AssertionError(argv)
