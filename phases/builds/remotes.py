"""Where the pipeline is: the clone's remote, its provider, the address of that one's API.

A token goes where the user pointed, never where a manifest does: to the host that the project was cloned from, and
there only if everybody knows that host, or if `SUREFOOT_BUILD_HOSTS` or `SUREFOOT_BUILD_API` names it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import quote, urlsplit

from installer.errors import Precondition, Refused
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phases.builds.section import BuildSection

HOSTS, API = "SUREFOOT_BUILD_HOSTS", "SUREFOOT_BUILD_API"  # the user's own, not the manifest's
_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?!//)(?P<path>.+)")
_PART = re.compile(r"(?!\.{1,2}(?:/|$))\w[\w.-]*", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z]+://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[\w.~/-]*)?", re.ASCII)
_KNOWN = {"github.com": "github", "ssh.github.com": "github", "gitlab.com": "gitlab", "altssh.gitlab.com": "gitlab"}

Kind = Literal["github", "gitlab"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A repository at a provider.

    name      its full name: `owner/repository`, at GitLab with all groups
    host      as people know it; `web` the address of its pages, `api` of its API, both without a slash at the end
    trusted   may a token from a variable be sent there?
    """

    provider: Kind
    host: str
    name: str
    web: str
    api: str
    trusted: bool = True

    @property
    def page(self) -> str:
        """The repository's own page."""
        return f"{self.web}/{self.name}"

    @property
    def slug(self) -> str:
        """The last part of its name."""
        return self.name.rpartition("/")[2]

    def workflow_page(self, workflow: str) -> str:
        """Where a person begins a build by hand."""
        if self.provider == "gitlab":
            return f"{self.page}/-/pipelines/new"
        return f"{self.page}/actions/workflows/{quote(workflow)}"


def of(url: str, section: BuildSection, environ: Mapping[str, str] | None = None) -> Remote:
    """The remote at `url`, as git has it; credentials in it are forgotten.

    Raises `Precondition` for an address of no provider, `Refused` for an API that is not on the remote's host and that
    the user's environment does not name.
    """
    environ = os.environ if environ is None else environ
    host, port, name = _parsed(url)
    kind = section.provider or _KNOWN.get(host, "") or _guess(host)
    own_api = environ.get(API, "").rstrip("/")
    if not kind:
        raise Precondition(
            "build.provider",
            tr("what kind of service is at {host}?", host=host),
            hint=tr('say so: `provider = "github"` or `"gitlab"` in `[build]` of the manifest'),
        )
    host = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}.get(host, host)
    web = f"https://{host}" if port in {"", "443", "22"} or not url.startswith("http") else f"https://{host}:{port}"
    if _is_loopback(host) and url.startswith("http://"):
        web = web.replace("https://", "http://")
    api = _plain(own_api or section.api or _usual_api(cast("Kind", kind), host, web))
    if not own_api:
        _must_be_of(host, api)
    _must_be_encrypted(api)
    named = {each.strip().lower() for each in environ.get(HOSTS, "").split(",")}
    trusted = host in _KNOWN or host in named or bool(own_api)
    return Remote(provider=cast("Kind", kind), host=host, name=name, web=web, api=api, trusted=trusted)


def origins(api: str) -> tuple[str, ...]:
    """What every address at the scheme, host and port of `api` begins with."""
    parts = urlsplit(api)
    usual = {"https": 443, "http": 80}[parts.scheme]
    if (parts.port or usual) != usual:
        return (f"{parts.scheme}://{parts.netloc}/",)
    host = parts.netloc.removesuffix(f":{usual}")
    return f"{parts.scheme}://{host}/", f"{parts.scheme}://{host}:{usual}/"


def origin(root: Path, section: BuildSection) -> Remote:
    """The remote of the clone at `root`. Raises `Precondition` where there is no repository or no such remote."""
    from phases.git import command, config, state

    if state.git_folder(root) is None:
        raise Precondition(
            "build.no-repository",
            tr("this is no clone of a repository: {root}", root=root),
            hint=tr("`git init` makes one; then push it to GitHub or GitLab"),
        )
    _, settings = config.read(command.open_repository(root))
    url = settings.last(f"remote.{section.remote}.url")
    if not url:
        raise Precondition(
            "build.no-remote",
            tr("the clone has no remote `{name}`", name=section.remote),
            hint=tr("`git remote add {name} ADDRESS`, then push", name=section.remote),
        )
    try:
        return of(url, section)
    except Precondition:
        if (instead := settings.rewritten(url)) == url:
            raise
        return of(instead, section)  # an abbreviation of the user's own, such as `gh:owner/name`


def _parsed(url: str) -> tuple[str, str, str]:
    """Host, port and full name in an address of git's."""
    host = port = path = ""
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, port, path = (parts.hostname or "").lower(), str(parts.port or ""), parts.path
        except ValueError:
            pass
    elif found := _SCP.fullmatch(url):
        host, path = found["host"].strip("[]").lower(), found["path"]
    name = path.strip("/").removesuffix(".git").rstrip("/")
    if not host or "/" not in name or not all(_PART.fullmatch(part) for part in name.split("/")):
        raise Precondition(
            "build.remote",
            tr("the remote is at no provider of pipelines: {url}", url=re.sub(r"://[^/@]*@", "://", url)),
            hint=tr(
                "builds are begun at GitHub and GitLab: push the project there, or choose another `remote` in `[build]`"
            ),
        )
    return host, port, name


def _guess(host: str) -> str:
    """The kind that a host says in its own name."""
    labels = host.split(".")
    return "gitlab" if "gitlab" in labels else "github" if "github" in labels or host.endswith(".ghe.com") else ""


def _usual_api(kind: Kind, host: str, web: str) -> str:
    """Where providers have their API; python-gitlab wants the root."""
    if kind == "gitlab":
        return web
    if host == "github.com":
        return "https://api.github.com"
    return f"https://api.{host}" if host.endswith(".ghe.com") else f"{web}/api/v3"


def _plain(api: str) -> str:
    r"""`api` put together anew from what was read in it, without a slash at the end.

    Libraries disagree on where the host of an odd address ends (`https://a\\@b` is at `b` for us and at `a` for
    requests), so what is not plainly scheme, host, port and path is refused, and no other text than ours is used.
    """
    found = _ADDRESS.fullmatch(api)
    try:
        parts = urlsplit(api)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not found or not host:
        raise Refused(
            "build.api",
            tr("this is no plain address of an API: {api}", api=repr(re.sub(r"://[^/]*@", "://", api))),
            hint=tr("it is `https://`, a host, and a path at most"),
        )
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path}".rstrip("/")


def _must_be_of(host: str, api: str) -> None:
    named = (urlsplit(api).hostname or "").lower()
    if named != host and not named.endswith(f".{host}"):
        raise Refused(
            "build.api",
            tr("the manifest wants your token sent to {other}, which is not {host}", other=named or api, host=host),
            hint=tr("if that is right, `export {variable}={api}`", variable=API, api=api),
        )


def _must_be_encrypted(api: str) -> None:
    parts = urlsplit(api)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise Refused("build.plain", tr("a token is not sent without encryption: {api}", api=api), hint=tr("use https"))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
