"""`[build]` in the manifest: which pipeline builds the project, and whether an installation begins its first build."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 -- pydantic reads the types of the fields
from typing import ClassVar, Literal

from installer.frozen import dataclass, field
from installer.i18n import tr

_WORKFLOW = re.compile(r"\w[\w.-]*\.ya?ml|\d+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_REF = re.compile(r"(?![-/.])[^\s~^:?*\[\\\x00-\x20\x7f]+(?<![/.])")
_ADDRESS = re.compile(r"https?://[^\s/?#@\x00-\x20\x7f]+(?:[/?#][^\s\x00-\x20\x7f]*)?")
_EVENT = re.compile(r"[\w.-]{1,100}", re.ASCII)  # the limit is GitHub's


class Workflow(str):
    """The name of a workflow's file, without its folder, or its number."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Workflow:
        """`text`, if it can be one. Raises `ValueError`."""
        if not _WORKFLOW.fullmatch(text):
            raise ValueError(tr("should be the name of a workflow's file, such as `build.yml`"))
        return cls(text)


class Ref(str):
    """A branch or a tag; empty: the default branch."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Ref:
        """`text`, if git could call a branch so. Raises `ValueError`."""
        if text and (not _REF.fullmatch(text) or ".." in text or "@{" in text):
            raise ValueError(tr("should be the name of a branch or a tag"))
        return cls(text)


class Event(str):
    """The type of a `repository_dispatch`."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Event:
        """`text`, if GitHub takes it. Raises `ValueError`."""
        if not _EVENT.fullmatch(text):
            raise ValueError(tr("should be a word of at most 100 letters"))
        return cls(text)


class Variable(str):
    """The name of an environment variable; empty: those that everybody knows."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Variable:
        """`text`, if it is a name and not the secret itself. Raises `ValueError`."""
        if text and (
            not _VARIABLE.fullmatch(text) or text.lower().startswith(("ghp_", "github_pat_", "ghs_", "glpat"))
        ):
            raise ValueError(tr("should be the name of a variable that holds the token, never the token itself"))
        return cls(text)


class Address(str):
    """The address of a page; empty: none."""

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Address:
        """`text`, if a page can be asked for there without a password. Raises `ValueError`."""
        if text and not _ADDRESS.fullmatch(text):
            raise ValueError(tr("should be an address that begins with `https://` or `http://`"))
        return cls(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSection:
    """`[build]`.

    trigger   "first-install": the first verified installation begins a build, once; "never": only on command
    provider  "github" or "gitlab"; empty: known by the host of the remote
    remote    the remote of the clone that has the pipeline
    api       address of the provider's API, on the remote's host; empty: the usual one
    strategy  how a build is begun
    workflow  file of GitHub's workflow
    ref       branch or tag that is built; empty: the default branch
    inputs    for the workflow (GitHub) or as variables (GitLab); what a workflow does not declare is not sent
    event     the type of a `repository_dispatch`
    token     name of the variable with the token
    scopes    what a token of GitHub's classic kind is to have besides `repo`
    deployed  an address that answers 2xx when the build is deployed
    minutes, deploy_minutes  how long a build and its deployment are expected to take, at least and at most
    """

    TABLE: ClassVar[str] = "build"

    trigger: Literal["never", "first-install"] = "never"
    provider: Literal["", "github", "gitlab"] = ""
    remote: str = "origin"
    api: str = ""
    strategy: Literal[
        "auto", "workflow_dispatch", "repository_dispatch", "empty_commit", "pipeline", "trigger", "none"
    ] = "auto"
    workflow: Workflow = Workflow("build-project-image.yml")
    ref: Ref = Ref("")
    inputs: Mapping[str, str] = field(default_factory=dict)
    event: Event = Event("build-image")
    token: Variable = Variable("")
    scopes: tuple[str, ...] = ()
    deployed: Address = Address("")
    minutes: tuple[int, int] = (3, 5)
    deploy_minutes: tuple[int, int] = (1, 5)
