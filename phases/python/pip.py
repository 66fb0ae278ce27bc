"""The installer pip, run from the environment that it serves; virtualenv makes that environment and puts pip there."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import indexes, pip_lock, trespass
from phases.python.backends import Build, Local, Wants, patiently, readable, write
from phases.python.failures import Where, explain, nowhere

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from installer.model import Context, Finished


# Once, and while the environment is made: pip at work must leave nothing in it that a kill could tear.
_COMPILE = "import compileall, pip; compileall.compile_dir(pip.__path__[0], quiet=2)"


@dataclass(frozen=True, slots=True)
class Pip:
    """See `backends.Installer` for the promises."""

    name: str = "pip"

    def make_environment(self, folder: Path, interpreter: str, prompt: str, context: Context) -> None:
        """By virtualenv, with the pip that it embeds; it is made movable later."""
        words = [
            "--no-download",
            "--no-periodic-update",
            "--no-setuptools",
            "--prompt",
            prompt,
            "--python",
            interpreter,
        ]
        argv = [sys.executable, "-I", "-m", "virtualenv", "--quiet", *words, "--", str(folder)]
        finished = context.run(argv, check=False, env={"VIRTUALENV_CONFIG_FILE": os.devnull})
        if finished.status == 0:
            from phases.python.environments.places import python

            context.run([str(python(folder)), "-I", "-B", "-c", _COMPILE], check=False, quiet=True)
            return
        if "No module named virtualenv" in finished.stderr:
            raise Precondition("virtualenv.missing", tr("virtualenv was not found"), hint=tr("use --backend uv"))
        if re.search(r"oldest supported target|failed to find interpreter", finished.stdout + finished.stderr):
            raise Precondition(
                "python.too_old",
                tr("virtualenv makes no environment for {python}: it is too old for it", python=interpreter),
                hint=tr("choose a newer one with --python, or use --backend uv"),
            )
        raise explain(finished, tr("make the environment"))

    def resolve(self, context: Context, python: str, wants: Wants) -> str:
        """By `pip install --dry-run --report`."""
        report = context.scratch / "report.json"
        words = ["install", "--dry-run", "--ignore-installed", "--report", str(report), *_inputs(context, wants)]
        words += _build_words(context, wants.build)
        if wants.as_of:
            words += ["--uploaded-prior-to", wants.as_of]
        if wants.no_build or wants.require_hashes:
            words += ["--only-binary", ":all:"]
        for name in wants.binary:
            words += ["--only-binary", name]
        if indexes.has_remote_extra():
            context.warn(
                tr(
                    "pip takes the highest version that any of several indexes has, also of a name that is meant to be "
                    "internal; --backend uv keeps to the first index that has the name"
                )
            )
        doing = tr("resolve the requirements")
        _call(context, python, words, doing=doing, where=wants.where, further=wants.indexes)
        return pip_lock.from_report(json.loads(report.read_text(encoding="utf-8")))

    def install(self, context: Context, python: str, lock: Path, build: Build, *, no_build: bool, where: Where) -> None:
        """By `pip install --no-deps`, what has hashes under `--require-hashes`."""
        from phases.python.resolving import markers

        hashed, direct = pip_lock.requirements(lock, markers(context, python))
        count = _counter(context, len(hashed) + len(direct))
        doing = tr("install the packages")
        further = (*pip_lock.indexes(lock), *build.indexes)
        for name, lines, more in (("hashed.txt", hashed, ["--require-hashes"]), ("direct.txt", direct, [])):
            if lines:
                words = ["install", "--no-deps", *more, "--requirement", write(context, name, lines)]
                words += [*_build_words(context, build), *(["--only-binary", ":all:"] if no_build else [])]
                _call(context, python, words, doing=doing, where=where, on_line=count, further=further)
                trespass.refuse(python)  # the next call would run what is called `python` now

    def install_member(self, context: Context, python: str, local: Local, build: Build, *, editable: bool) -> None:
        """Through PEP 660, or what the installer does for a backend without it."""
        what = str(context.root / local.path)
        words = ["install", "--no-deps", *_build_words(context, build), *(["--editable", what] if editable else [what])]
        _call(context, python, words, doing=tr("install `{name}`", name=local.name), where=lambda _: str(local.path))

    def uninstall(self, context: Context, python: str, names: tuple[str, ...]) -> None:
        """By `pip uninstall`."""
        _call(context, python, ["uninstall", "--yes", "--", *names], doing=tr("remove packages"))


def _call(
    context: Context,
    python: str,
    words: list[str],
    *,
    doing: str,
    where: Where = nowhere,
    further: tuple[str, ...] = (),
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run the environment's own pip, with the user's index settings and no other setting of theirs."""
    variables = indexes.as_pip_variables(offline=context.options.offline)
    if further:
        urls = [*variables.get("PIP_EXTRA_INDEX_URL", "").split(), *further]
        variables["PIP_EXTRA_INDEX_URL"] = " ".join(dict.fromkeys(urls))
    variables |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_COLOR": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    argv = [python, "-I", "-B", "-m", "pip", *words]  # -I ignores the variable that says the same

    def attempt() -> Finished:
        finished = context.run(argv, env=variables, check=False, on_line=on_line)
        if finished.status != 0:
            raise explain(finished, doing, where, offline=context.options.offline)
        return finished

    return patiently(context, attempt)


def _inputs(context: Context, wants: Wants) -> list[str]:
    lines = [*(_as_url(context, local) for local in wants.locals), *wants.lines]
    words = ["--requirement", write(context, "requirements.in", lines)]
    for path in wants.files:
        words += ["--requirement", readable(context, path)]
    for path in wants.constraints:
        words += ["--constraint", readable(context, path)]
    if (
        wants.pins or wants.overrides
    ):  # pip has no overrides; a constraint with a URL does the same to what is asked for by name
        words += ["--constraint", write(context, "locked.txt", (*wants.pins, *wants.overrides))]
    return words


def _as_url(context: Context, local: Local) -> str:
    extras = f"[{','.join(local.extras)}]" if local.extras else ""
    return (context.root / local.path).as_uri() + extras


def _build_words(context: Context, build: Build) -> list[str]:
    """Constraints reach isolated builds; what a project forgot to ask for, pip cannot add."""
    return (
        ["--build-constraint", write(context, "build-constraints.txt", build.constraints)] if build.constraints else []
    )


def _counter(context: Context, total: int) -> Callable[[str], None]:
    """Pip says "Collecting x" for each, and installs all at the end."""
    collected = 0

    def count(line: str) -> None:
        nonlocal collected
        if line.startswith(("Collecting ", "Processing ", "Obtaining ")):
            collected = min(collected + 1, total)
            context.report(collected, total)

    context.report(0, total)
    return count
