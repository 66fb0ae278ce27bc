"""A project with a working environment, an index of its own, and a picture of everything around it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.hostile.wheels import Wheel
from tests.whole.kit import Ended, again, picture, run, version, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.index import Index

STATE = ".surefoot"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Nothing but `project`'s state folder and the cache may change in `folder`, whatever is asked for."""

    folder: Path
    index: Index

    @property
    def project(self) -> Path:
        """Deep enough that a few `..` do not leave `folder`."""
        return self.folder / "a" / "b" / "c" / "project"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def settings(self, **more: str) -> dict[str, str]:
        """Variables for a run: this index, nothing from the tester's own settings, no patience."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "UV_DEFAULT_INDEX": self.index.simple,
            "UV_CACHE_DIR": str(self.cache),
            "UV_HTTP_RETRIES": "0",
            "PIP_INDEX_URL": self.index.simple,
            "PIP_CACHE_DIR": str(self.cache),
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "XDG_CONFIG_HOME": str(home),
        } | more

    def run(self, *words: str, **more: str) -> Ended:
        """Install without retries."""
        return run("quickstart.py", "-y", "--retries", "0", *words, cwd=self.project, env=self.settings(**more))

    def want(self, text: str) -> None:
        """What the project asks for, beside `good`."""
        write(self.project, {"requirements.txt": f"good\n{text}\n"})

    def around(self) -> dict[str, str]:
        """Everything in the folder but the cache, the home and the state."""
        state = str((self.project / STATE).relative_to(self.folder))
        return picture(self.folder, without=("cache", "home", "pristine", state))

    def is_as_before(self, before: dict[str, str]) -> bool:
        """Nothing changed around, the old environment works, nothing of the evil one is anywhere in the state."""
        left = list((self.project / STATE).rglob("evil*"))
        return self.around() == before and left == [] and version(self.project, "good") == "1.0"


def make(folder: Path, index: Index) -> Place:
    """Install `good` into the environment of a new project, and keep a copy of it."""
    place = Place(folder=folder, index=index)
    index.put(Wheel("good").file, Wheel("good").build())
    place.project.mkdir(parents=True)
    place.want("")
    ended = place.run()
    assert ended.status == 0, ended.said
    shutil.copytree(place.project, folder / "pristine", symlinks=True)
    return place


def renew(place: Place) -> Place:
    """The project as it was made, an index with nothing but `good`, no trouble and an empty cache."""
    again(place.folder / "pristine", place.project)
    shutil.rmtree(place.cache, ignore_errors=True)
    index = place.index
    index.files = {name: content for name, content in index.files.items() if name.startswith("good-")}
    index.hashes.clear()
    index.trouble.clear()
    index.user = ""
    for log in (index.asked, index.times):
        log.clear()
    return place
