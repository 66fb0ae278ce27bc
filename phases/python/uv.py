"""The installer uv, called as a program: https://docs.astral.sh/uv/reference/cli/."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import InstallerError, Precondition, StepFailed
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import indexes as index_settings
from phases.python import memory, pylock, trespass, uv_recalled
from phases.python.backends import Build, Local, Wants, patiently, readable, write
from phases.python.environments import blank
from phases.python.failures import Where, explain, nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from installer.model import Context, Finished

_LOCK_NAME = "pylock.resolved.toml"  # uv takes only names of this form
_PREVIEW = ("--preview-features", "pylock,extra-build-dependencies")
_NAME = lazily.pattern(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")  # of the Core metadata specification
_INSTALLED = lazily.pattern(r"^ [+~] \S+")


@dataclass(frozen=True, slots=True)
class Uv:
    """See `backends.Installer` for the promises."""

    name: str = "uv"

    def make_environment(self, folder: Path, interpreter: str, prompt: str, context: Context) -> None:
        """By `uv venv --relocatable`, or as that made it before."""
        name = "" if context.options.deep else blank.key(executable(), interpreter, prompt)
        if name and (known := memory.recall(blank.KIND, name)):
            blank.put(known, folder)
            return
        words = [
            "venv",
            "--relocatable",
            "--no-project",
            "--prompt",
            prompt,
            "--python",
            interpreter,
            "--",
            str(folder),
        ]
        try:
            call(context, words, doing=tr("make the environment"))
        except StepFailed as error:
            if any("Can't use Python" in line for line in error.details):
                raise Precondition(
                    "python.too_old",
                    tr("uv cannot use {python}: it is too old for it", python=interpreter),
                    hint=tr("choose a newer one with --python"),
                ) from error
            raise
        if name and (made := blank.observe(folder)):
            memory.remember(blank.KIND, name, made)

    def resolve(self, context: Context, python: str, wants: Wants) -> str:
        """By `uv pip compile`."""
        output = context.scratch / _LOCK_NAME
        output.unlink(missing_ok=True)  # uv would prefer the versions of an earlier attempt
        words = [
            "pip",
            "compile",
            "--python",
            python,
            "--format",
            "pylock.toml",
            "--no-header",
            "--output-file",
            str(output),
        ]
        words += _inputs(context, wants)
        words += [word for local in wants.locals for word in _afresh(context, local)]
        words += _build_words(context, wants.build)
        if wants.as_of:
            words += ["--exclude-newer", wants.as_of]
        if wants.no_build or wants.require_hashes:
            words += ["--no-build"]
        for name in wants.binary:
            words += ["--only-binary", name]
        finished = call(context, words, doing=tr("resolve the requirements"), where=wants.where, indexes=wants.indexes)
        _refuse_trespass(context, finished, output)
        return output.read_text(encoding="utf-8")

    def install(self, context: Context, python: str, lock: Path, build: Build, *, no_build: bool, where: Where) -> None:
        """By `uv pip install --no-deps`; uv checks every hash that the lock has."""
        words = ["pip", "install", "--python", python, "--no-deps", *_PREVIEW, "--requirements", str(lock)]
        words += _build_words(context, build)
        if no_build:
            words += ["--no-build"]
        count = _Count(context, lock)
        doing = tr("install the packages")
        finished = call(context, words, doing=doing, where=where, on_line=count.line, indexes=build.indexes)
        _refuse_trespass(context, finished, lock)
        trespass.refuse(python)
        count.end()

    def install_member(self, context: Context, python: str, local: Local, build: Build, *, editable: bool) -> None:
        """Through PEP 660, or what the installer does for a backend without it."""
        named = bool(build.needs)
        what = _as_requirement(context, local, named=named)
        words = ["pip", "install", "--python", python, "--no-deps", *_PREVIEW, *_build_words(context, build)]
        words += _afresh(context, local)
        words += ["--editable", what] if editable else [what]
        call(context, words, doing=tr("install `{name}`", name=local.name), where=lambda _: str(local.path))

    def uninstall(self, context: Context, python: str, names: tuple[str, ...]) -> None:
        """By `uv pip uninstall`."""
        call(context, ["pip", "uninstall", "--python", python, "--", *names], doing=tr("remove packages"))


def call(
    context: Context,
    words: list[str],
    *,
    doing: str,
    where: Where = nowhere,
    cwd: Path | None = None,
    indexes: tuple[str, ...] = (),
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run uv, patiently with the network; raises what its output means."""
    told = variables(context, indexes)

    def attempt() -> Finished:
        finished = context.run([executable(), *words], cwd=cwd or context.root, env=told, check=False, on_line=on_line)
        if finished.status != 0:
            raise explain(finished, doing, where)
        return finished

    return patiently(context, attempt)


def variables(context: Context, indexes: tuple[str, ...] = ()) -> dict[str, str]:
    """What uv is told beside the usual environment."""
    told, _ = index_settings.for_uv(context.root, offline=context.options.offline)
    if indexes:
        told["UV_INDEX"] = " ".join(filter(None, (told.get("UV_INDEX") or os.environ.get("UV_INDEX"), *indexes)))
    told |= {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1", "RUST_LOG": trespass.TRACE}
    if context.options.offline:
        told["UV_OFFLINE"] = "1"
    return told


def _refuse_trespass(context: Context, finished: Finished, lock: Path) -> None:
    """Raise `Refused` if uv left something out. Its cache forgets what it made of it: the next run must notice, too."""
    files, names = trespass.left_out(finished.stderr)
    if not files:
        return
    names += pylock.listed(lock.read_text(encoding="utf-8"))
    forget(context, names)
    raise trespass.refusal(files)


def forget(context: Context, names: Iterable[str]) -> None:
    """Have uv's cache forget the packages `names`, as far as it can."""
    with suppress(InstallerError):
        call(context, ["cache", "clean", "--", *dict.fromkeys(names)], doing=tr("clean the cache"))


def executable() -> str:
    """The uv that came with the tool, else the one on PATH. Raises `Precondition` if there is none."""
    own = os.path.join(os.path.dirname(sys.executable), "uv")
    if sys.prefix != sys.base_prefix and os.access(own, os.X_OK):
        return own  # where uv would find itself, after 8 ms in `sysconfig`
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise Precondition("uv.missing", tr("uv was not found"), hint=tr("use --backend pip, or install uv"))
    return found


def _inputs(context: Context, wants: Wants) -> list[str]:
    """Arguments for all that is wanted; what is no file yet is written to the scratch folder."""
    named = bool(wants.build.needs)
    own = [f"--editable {_as_requirement(context, local, named=named)}" for local in wants.locals] + list(wants.lines)
    words = [readable(context, path) for path in wants.files]
    words.append(write(context, "requirements.in", own))
    for path in wants.constraints:
        words += ["--constraints", readable(context, path)]
    if wants.pins:
        words += ["--constraints", write(context, "locked.txt", wants.pins)]
    if wants.overrides:
        words += ["--overrides", write(context, "overrides.txt", wants.overrides)]
    return words


def _as_requirement(context: Context, local: Local, *, named: bool) -> str:
    """A local project by its path from the root, where the commands run; by its URL where the path is no plain word.

    The root may have any name: uv takes no `#` in a URL, and no space in a path.
    """
    extras = f"[{','.join(local.extras)}]" if local.extras else ""
    address = (context.root / local.path).as_uri()
    if named:
        return f"{local.name}{extras} @ {address}"
    return f"./{local.path}{extras}" if re.fullmatch(r"[\w./+-]+", local.path, re.ASCII) else address + extras


def _afresh(context: Context, local: Local) -> list[str]:
    """Have uv ask the project's build backend again, where that reads dependencies from files that uv does not know of.

    Its cache goes by `pyproject.toml`, `setup.py` and `setup.cfg` alone: https://docs.astral.sh/uv/concepts/cache/.
    """
    if uv_recalled.is_static(context.root / local.path / "pyproject.toml") or not _NAME.match(local.name):
        return []  # a name that is a folder's, as long as only a build tells the right one, may be none that uv takes
    return ["--refresh-package", local.name]


def _build_words(context: Context, build: Build) -> list[str]:
    words: list[str] = []
    if build.constraints:
        words += ["--build-constraints", write(context, "build-constraints.txt", build.constraints)]
    if build.needs:
        extra = ", ".join(f"{json.dumps(name)} = {json.dumps(list(needs))}" for name, needs in build.needs.items())
        settings = index_settings.uv_settings(context.root)
        text = [f"extra-build-dependencies = {{ {extra} }}", settings]
        words += ["--config-file", write(context, "uv.toml", text)]
    return words


class _Count:
    """Turns uv's lines into a count of what is installed."""

    def __init__(self, context: Context, lock: Path) -> None:
        self._report = context.report
        self._total = len(re.findall(r"^\[\[packages\]\]", lock.read_text(encoding="utf-8"), re.MULTILINE))
        self._installed = 0
        self._report(0, self._total)

    def line(self, text: str) -> None:
        if _INSTALLED.match(text):
            self._installed += 1
            self._report(self._installed, max(self._total, self._installed))

    def end(self) -> None:
        """What is left of the total is for other interpreters."""
        self._report(self._installed, self._installed)
