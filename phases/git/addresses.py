"""Where submodules are fetched from: what the user registered, else what `.gitmodules` says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phases.git import state, urls

if TYPE_CHECKING:
    from phases.git.command import Git
    from phases.git.config import Config


class Addresses:
    """The addresses of one repository's submodules. Its history is looked up only where it must be."""

    def __init__(self, git: Git, settings: Config) -> None:
        self.git = git
        self.settings = settings
        self._former: frozenset[str] | None = None

    def wanted(self, name: str, url: str) -> str:
        """Where the submodule `name` is to be fetched from, if `.gitmodules` says `url`."""
        now, registered = absolute(url, self.git, self.settings), self.registered(name)
        return now if not registered or registered == now or self._is_out_of_date(registered) else registered

    def registered(self, name: str) -> str:
        """What the configuration says; empty if it does not know the submodule."""
        return self.settings.submodule(name).get("url", "")

    def complaint(self, url: str, *, allow_file: bool) -> str:
        """Why `url` must not be fetched. Where the user's own `insteadOf` leads is the user's choice."""
        effective = self.settings.rewritten(url)
        chosen = effective != url
        return urls.complaint(effective, allow_file=allow_file or chosen, allow_plain=chosen)

    def _is_out_of_date(self, url: str) -> bool:
        if self._former is None:
            self._former = former(self.git, self.settings)
        return url in self._former


def former(git: Git, settings: Config) -> frozenset[str]:
    """Every address that `.gitmodules` ever had: a registered one among them is out of date, any other the user's."""
    options = ("--format=", "--patch", "--no-ext-diff", "--no-textconv", "--max-count=1000")
    log = git("log", *options, "--", ".gitmodules", check=False)
    found = re.findall(r"^[-+]\s*url\s*=\s*(.+?)\s*$", log.stdout, re.MULTILINE)
    return frozenset(absolute(each, git, settings) for each in found)


def absolute(url: str, git: Git, settings: Config) -> str:
    """`url`, a relative one resolved against where the repository itself came from."""
    base = settings.remote_url(state.branch(git.folder)) or str(git.folder)
    try:
        return urls.resolve(url, base)
    except ValueError:
        return url  # `urls.complaint` says what is wrong with it
