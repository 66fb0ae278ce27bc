"""One subject at one place: what an undisturbed run makes of it, and whether a disturbed one comes to the same."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.interposer import Call, Fault, Interposer
from tests.whole import kit
from tests.whole.generated import git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.subject import Subject

STATE = ".surefoot"
RUN = ("-y", "-q", "--offline")
Picture = dict[str, str]
_HEAD = 200  # bytes of a journal that tell one run from another: its first record has the time

# What two undisturbed runs differ in: the name of the run, times, and what git notes of inodes and packs.
_MARK = ".venv/surefoot-generation"  # its first line names the run
_SETTINGS = ".venv/pyvenv.cfg"
_LED_TO_STAGING = re.compile(r"^command = .*$", re.MULTILINE)
_OF_THE_MOMENT = ("uv_cache.json", "index", "logs", "objects", "FETCH_HEAD", "ORIG_HEAD")


@dataclass
class Lab:
    """The subject is put at `project` from `pristine`, as often as needed; `folder` holds what belongs to the lab."""

    subject: Subject
    pristine: Path
    project: Path
    folder: Path
    words: tuple[str, ...] = RUN
    before: Picture = field(default_factory=dict)
    after: Picture = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.interposer = Interposer(self.folder, self.project)
        self._first = b""
        self._hashes: dict[tuple[int, ...], str] = {}

    def learn(self) -> None:
        """Run undisturbed, once: what it makes, and every change that it makes on the way."""
        self.fresh()
        self.before, self._first = self.picture(), self._journal()[:_HEAD]
        ended = self.run(Fault())
        assert ended.status == 0, ended.said
        self.calls = self.interposer.calls()
        self.after = self.outcome()

    def fresh(self) -> None:
        """The subject as it was, in the very same folder: by its inode a state knows its project."""
        self.put(self.pristine, self.project)

    @staticmethod
    def put(source: Path, target: Path) -> None:
        """Have `target` hold what `source` holds, and nothing else."""
        target.mkdir(exist_ok=True)
        with os.scandir(target) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    os.unlink(entry.path)
        subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)

    def run(self, fault: Fault | None = None, *, through: tuple[str, ...] = (), wait: bool = True) -> kit.Ended:
        """The command, disturbed by `fault`; when it returns, none of its processes is left if it is to `wait`."""
        return self._call("quickstart.py", *self.words, fault=fault, through=through, wait=wait)

    def keep(self) -> bool:
        """Put a copy of the project aside; False where a copy would not do: a tree guard knows files by inode."""
        journal = self._journal()
        if b'"type":"Guard"' in journal:
            return False
        self.put(self.project, self.folder / "kept")
        return True

    def put_back(self) -> None:
        """The copy again, in the very same folder."""
        self.put(self.folder / "kept", self.project)

    def has_begun(self) -> bool:
        """Is there a run of our own to take back? An upgrade may have been cut before it was recorded."""
        head = self._journal()[:_HEAD]
        return b'"type":"Opened"' in head and head != self._first

    def claims(self) -> list[str]:
        """What must hold after any cut: the environment in use is the one before or the one after, whole."""
        now = self._environment(self.picture())
        if now in (self._environment(self.before), {}):
            return []
        wrong = kit.differences(self._environment(self.after), self._environment(self.outcome()))
        return [f"the environment in use is neither old nor new: {text}" for text in wrong[:10]]

    def importing(self) -> list[str]:
        """The words that import every package, with the interpreter of the environment in use."""
        code = "import importlib.metadata as m, sys; names = m.packages_distributions(); [__import__(n) for n in names]"
        python = self.project / ".venv" / "bin" / "python"
        return [str(python), "-I", "-X", f"pycache_prefix={self.folder / 'pycache'}", "-c", code]

    def rollback(self, *words: str, fault: Fault | None = None) -> kit.Ended:
        """Take it back."""
        return self._call("manage.py", "rollback", *words, "--yes", fault=fault)

    def script(self) -> subprocess.CompletedProcess[str] | None:
        """Take it back by the script alone, on a machine with nothing; None where no script has come to be."""
        place = self.project / STATE / "checkpoints"
        if not (place / "rollback.sh").exists():
            return None
        return subprocess.run(
            ["env", "-i", "PATH=/usr/bin:/bin", "sh", "rollback.sh"],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )

    def picture(self) -> Picture:
        """Every path with kind, mode and content; nothing left out but the state folder."""
        return {name: self._word(path) for name, path in _walk(self.project, without=(STATE,))}

    def outcome(self) -> Picture:
        """What an installation must come to: as `picture`, less what no two runs have in common, plus what git says."""
        found = {name: self._word(path) for name, path in _walk(self.project, without=(STATE,)) if not _varies(name)}
        for name in found:
            if name.endswith(".pyc"):
                found[name] = "compiled"  # by pip, with the time of its source and the place where it was staged
        for name, path in self._records():
            found[name] = _without_the_cache(path.read_text())
        with suppress(FileNotFoundError):
            found[_SETTINGS] = _LED_TO_STAGING.sub("", (self.project / _SETTINGS).read_text())
            found[_MARK] = (self.project / _MARK).read_text().split("\n", 1)[1]
        found["git status"] = git(self.project, "--no-optional-locks", "status", "--porcelain=v2", "--branch")
        found["git submodules"] = git(self.project, "--no-optional-locks", "submodule", "status", "--recursive")
        return found

    def phase(self) -> str:
        """In which phase the run was, by its journal."""
        phase = "before the first phase"
        with suppress(OSError, ValueError, KeyError):
            for line in self._journal().splitlines():
                record = json.loads(line)
                phase = record.get("phase", phase) if record["type"] == "PhaseStarted" else phase
        return phase

    def _journal(self) -> bytes:
        try:
            return (self.project / STATE / "checkpoints" / "journal.jsonl").read_bytes()
        except FileNotFoundError:
            return b""

    @staticmethod
    def _environment(found: Picture) -> Picture:
        return {name: text for name, text in found.items() if name.startswith(".venv/")}

    def _call(
        self, door: str, *words: str, fault: Fault | None, through: tuple[str, ...] = (), wait: bool = True
    ) -> kit.Ended:
        variables = self.interposer.set(fault) if fault is not None else {}
        ended = kit.run(door, *words, cwd=self.project, env=self.subject.variables() | variables, through=through)
        if fault is not None and wait:
            self.interposer.quiet()
        return ended

    def _records(self) -> Iterator[tuple[str, Path]]:
        """The RECORDs that list a file in which uv notes when it built."""
        for path in self.project.glob(".venv/lib/python3*/site-packages/*.dist-info/RECORD"):
            if path.with_name("uv_cache.json").exists():
                yield str(path.relative_to(self.project)), path

    def _word(self, path: Path) -> str:
        status = path.lstat()
        mode = f"{stat.S_IMODE(status.st_mode):o}"
        if stat.S_ISLNK(status.st_mode):
            return f"link {os.readlink(path)}"
        if stat.S_ISDIR(status.st_mode):
            return f"folder {mode}"
        changed = status.st_ctime_ns if status.st_nlink == 1 else 0  # every link that is made changes it
        key = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, changed)
        if key not in self._hashes:
            self._hashes[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        return f"file {mode} {self._hashes[key]}"


def _walk(root: Path, *, without: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for folder, names, leaves in os.walk(root):
        relative = os.path.relpath(folder, root)
        if relative == ".":
            relative = ""
            names[:] = [name for name in names if name not in without]
        for name in (*names, *leaves):
            yield os.path.join(relative, name), Path(folder, name)


def _varies(name: str) -> bool:
    parts = name.split("/")
    inside_git = ".git" in parts
    return parts[-1] == "uv_cache.json" or (inside_git and any(part in _OF_THE_MOMENT for part in parts))


def _without_the_cache(record: str) -> str:
    return "".join(line for line in record.splitlines(keepends=True) if "uv_cache.json" not in line)
