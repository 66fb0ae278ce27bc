"""The actions of python_deps: resolve into the run's pylock.toml, install from it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import InstallerError, Refused, StepFailed
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.redact import redact
from phases.python import bare, carrying, environment, indexes, local_copies, looks, plain_indexes, pylock, records
from phases.python.backends import Installer, backend, from_tree
from phases.python.other_python import that_suits, with_another
from phases.python.remedying import Remedied
from phases.python.resolving import Resolved, Resolver, as_moment
from phases.python.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from installer.model import Action, Context, Json, RelPath

_TOOL = "surefoot"  # our table in the run's pylock.toml: the format leaves [tool] to tools


def lock_path(state: RelPath, install_id: str) -> RelPath:
    """Where a run keeps what it resolved."""
    return state / "runs" / install_id / "pylock.toml"


def resolve(args: Mapping[str, Any], context: Context) -> Json:
    """Write the run's pylock.toml, and beside it which interpreter it is for where the chosen one would not do."""
    work = _Work.begin(args, context)
    plain_indexes.refuse(context.root, work.listings)
    if args["backend"] == "uv" and (args["lock"] or [""])[0] not in {"uv", "pylock"}:
        _, unused = indexes.for_uv(context.root, offline=context.options.offline)
        if unused:
            places = ", ".join(map(redact, unused))
            context.note(
                tr("settings of pip that are not used: {places}; UV_INDEX or UV_FIND_LINKS would be", places=places)
            )
    chosen = ""
    with work.completed():
        try:
            resolved = work.resolver.best()
        except StepFailed as error:
            resolved, chosen = with_another(work.resolver, error)
    work.keep(resolved, chosen)
    return {
        "packages": pylock.listed(resolved.text),
        "left_out": list(resolved.left_out),
        "remedies": [each for each, _ in work.remedied.record],
        **({"python": chosen} if chosen else {}),
    }


def install(args: Mapping[str, Any], context: Context) -> Json:
    """Install what the run's pylock.toml lists; complete when every RECORD holds, whatever the installer said.

    What fails to build or to download for the sake of an optional part only is left out, with a warning; what builds
    with another interpreter of this machine gets that one.
    """
    work = _Work.begin(args, context)
    left_out = work.recall("left-out")
    chosen = "".join(work.recall("python"))
    try:
        if chosen:
            work.remake(chosen)
        carrying.take_over(args, context, work.staging)
        work.install()
    except Refused:
        raise
    except InstallerError as error:
        with work.completed():
            try:
                left_out = work.install_without(left_out, error)
            except StepFailed as last:
                resolved, chosen = with_another(work.resolver, last)
                left_out = resolved.left_out
                work.remake(chosen)
                work.keep(resolved, chosen)
                work.install()
    if not chosen:
        left_out, chosen = work.suit(left_out)
    if carrying.heal(args, context, work.installer, work.staging):
        work.install()
    work.prove()
    sites = environment.site_packages(work.staging)
    return {
        "packages": {name: version for site in sites for name, version in records.installed(site).items()},
        "left_out": list(left_out),
        "remedies": [each for each, _ in work.remedied.record],
        **({"python": chosen} if chosen else {}),
    }


def recorded_remedies(context: Context) -> list[tuple[str, str]]:
    """The remedies that the resolution and installation of this run needed, for `Remedied.learn`."""
    return [(name, project) for name, project in _own_table(context).get("remedies", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What both actions work with."""

    context: Context
    installer: Installer
    staging: Path
    resolver: Resolver
    args: Mapping[str, Any]

    @classmethod
    def begin(cls, args: Mapping[str, Any], context: Context) -> _Work:
        args = {**args, "as_of": as_moment(context, args["as_of"])}
        if "only_python" in args:
            context = replace(context, options=replace(context.options, python=args["only_python"]))
        installer = backend(args["backend"])
        staging = context.root / args["environment"]
        constraints = from_tree(context.root, args["build_siblings"])
        remedied = Remedied(context, tuple(name for name, _, _ in args["members"]), constraints)
        remedied.learn(recorded_remedies(context))
        resolver = Resolver(
            context=context,
            installer=installer,
            wishes=Wishes(context.root, args),
            python=str(environment.python(staging)),
            remedied=remedied,
        )
        return cls(context=context, installer=installer, staging=staging, resolver=resolver, args=args)

    @property
    def remedied(self) -> Remedied:
        return self.resolver.remedied

    @property
    def lock(self) -> Path:
        return self.context.root / lock_path(self.context.state, self.context.install_id)

    @property
    def listings(self) -> list[Path]:
        """The requirement files of the project."""
        return [self.context.root / path for path in self.args["inputs"] if path.endswith((".txt", ".in"))]

    def completed(self) -> AbstractContextManager[None]:
        """Within it every member can be asked what it needs."""
        siblings = (path for _, path in self.args["build_siblings"])
        return bare.completed(self.context.root, (*(path for _, path, _ in self.args["members"]), *siblings))

    def remake(self, interpreter: str) -> None:
        """Staging anew, with another interpreter."""
        files.remove_tree(self.staging)
        self.installer.make_environment(self.staging, interpreter, self.args["prompt"], self.context)

    def keep(self, resolved: Resolved, interpreter: str = "") -> None:
        """Write the run's lock, with what a later step must know of how it came about."""
        own = {
            "left-out": list(resolved.left_out),
            "remedies": self.remedied.record,
            "python": [interpreter] if interpreter else [],
        }
        table = pylock.write({"packages": [], "tool": {_TOOL: own}}).partition("\n\n")[2]
        files.make_folder(self.lock.parent)
        text = f"{resolved.text.rstrip()}\n\n{table}"
        files.replace(self.lock, text.encode(), lasting="nothing")  # it is in `touches`, which the engine makes durable

    def recall(self, key: str) -> tuple[str, ...]:
        """What an earlier step noted with the lock."""
        return tuple(_own_table(self.context).get(key, ()))

    def install(self) -> None:
        lock = local_copies.made(self.context, self.lock)
        self.remedied.attempt(
            lambda build: self.installer.install(
                self.context,
                self.resolver.python,
                lock,
                replace(build, indexes=indexes.listed(self.listings)),
                no_build=self.args["no_build"] or self.args["require_hashes"],
                where=self.resolver.wishes.where,
            )
        )

    def install_without(self, left_out: tuple[str, ...], error: InstallerError) -> tuple[str, ...]:
        """Install what must be; add each optional part that can be. Raises `error` where nothing is optional."""
        names = [part.name for part in self.resolver.wishes.optional()]
        missing = [name for name in names if name in left_out]
        trying = [name for name in names if name not in left_out]
        if not trying:
            raise error
        self._install_except((*missing, *trying))
        for name in trying:
            later = trying[trying.index(name) + 1 :]
            try:
                self._install_except((*missing, *later))
            except Refused:
                raise
            except InstallerError as reason:
                missing.append(name)
                self.context.warn(tr("{part} is left out: {message}", part=name, message=reason.message))
        return self._install_except(tuple(missing))

    def _install_except(self, names: tuple[str, ...]) -> tuple[str, ...]:
        resolved = replace(self.resolver, without=names).best()
        self.keep(resolved)
        self.install()
        return resolved.left_out

    def suit(self, left_out: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """Move to an interpreter that all that is installed says it is for, where there is one that works; names it."""
        with self.completed():
            found = that_suits(replace(self.resolver, without=left_out), environment.site_packages(self.staging))
        if found is None:
            return left_out, ""
        resolved, chosen = found
        before, interpreter = self.lock.read_bytes(), os.path.realpath(self.resolver.python)
        self.remake(chosen)
        self.keep(resolved, chosen)
        try:
            self.install()
        except InstallerError as error:
            self.context.warn(tr("{message}; Python stays as it was", message=error.message))
            self.remake(interpreter)
            files.replace(self.lock, before)
            self.install()
            return left_out, ""
        return resolved.left_out, chosen

    def prove(self) -> None:
        """Every RECORD holds. Raises `StepFailed` with those that do not."""
        look = looks.last(self.staging)
        problems = [
            problem
            for site in environment.site_packages(self.staging)
            for problem in records.check(site, deep=self.context.options.deep, seen=look.files if look else {})
        ]
        if problems:
            raise StepFailed(
                "python.records",
                tr("{count} installed files are not what their RECORD says", count=len(problems)),
                details=tuple(map(str, problems[:20])),
                hint=tr("run the same command again: the environment is made anew"),
            )


def _own_table(context: Context) -> Json:
    """Our table at the end of the run's lock; empty where there is none yet."""
    path = context.root / lock_path(context.state, context.install_id)
    if not path.is_file():
        return {}
    _, mark, tail = path.read_text(encoding="utf-8").rpartition(f"\n[tool.{_TOOL}]\n")
    if not mark:
        return {}
    import tomllib

    return tomllib.loads(tail)


ACTIONS: Mapping[str, Action] = {"python.resolve": resolve, "python.install": install}
