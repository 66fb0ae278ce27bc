"""Names of images, as people write them and as registries know them (the grammar of distribution/reference)."""

from __future__ import annotations

import re

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr

HUB = "docker.io"
_DOMAIN = (
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\]"
)
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_WHOLE = re.compile(
    rf"(?:(?P<domain>(?:{_DOMAIN})(?::[0-9]+)?)/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
_MOST = 255  # characters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`domain`/`path`:`tag`@`digest`; the tag is empty only where there is a digest."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """As the engine lists it: the hub and its `library` are left out."""
        if self.domain != HUB:
            return f"{self.domain}/{self.path}"
        return self.path.removeprefix("library/")

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """The image that `text` names; `latest` where neither tag nor digest is given. Raises `UsageError`."""
    found = _WHOLE.fullmatch(text)
    if found is None or len(text.partition("@")[0]) > _MOST:
        raise UsageError("image.name", tr("`{text}` is no name of an image", text=text), hint=_example())
    domain, path = found["domain"] or "", found["path"]
    if domain and not ("." in domain or ":" in domain or domain == "localhost"):
        domain, path = "", f"{domain}/{path}"  # a first part without these is a user of the hub
        if not re.fullmatch(rf"{_PART}(?:/{_PART})*", path):
            raise UsageError("image.name", tr("`{text}` is no name of an image", text=text), hint=_example())
    if domain in {"", "index.docker.io", HUB}:
        domain, path = HUB, path if "/" in path else f"library/{path}"
    digest = found["digest"] or ""
    return Reference(domain=domain, path=path, tag=found["tag"] or ("" if digest else "latest"), digest=digest)


def _example() -> str:
    return tr("such as `{one}` or `{other}`", one="redis:7.4", other="registry.example:5000/team/web@sha256:…")
