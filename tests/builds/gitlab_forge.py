"""GitLab on loopback: prism validates every request by GitLab's own description; its answers are filled with state."""

from __future__ import annotations

import itertools
import json
import os
import re
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.builds import lab
from tests.builds.forge import Asked, Forge

DATA = Path(__file__).with_name("data")
PROJECT = "/api/v4/projects/group%2Fsub%2Fdemo"
_numbers = itertools.count(9000)


@cache
def prism() -> str:
    """The address of the validating mock."""
    description = yaml.safe_load((DATA / "gitlab-openapi-subset.yaml").read_text(encoding="utf-8"))
    description["paths"] |= yaml.safe_load((DATA / "gitlab-more.yaml").read_text(encoding="utf-8"))
    lab.FOLDER.mkdir(exist_ok=True)
    made = lab.FOLDER / f"gitlab-{os.getpid()}.json"
    made.write_text(json.dumps(description), encoding="utf-8")
    return lab.ensure("gitlab", made)


@dataclass
class Held:
    """What the server holds. `told`: may its pipelines' variables be read?"""

    token: str = "glpat-" + "t" * 20
    trigger_token: str = "glptt-" + "r" * 20
    scopes: tuple[str, ...] = ("api",)
    level: int = 40
    private: bool = True
    told: bool = True
    branch: str | None = "main"
    head: str = "c" * 40
    pipelines: list[dict[str, Any]] = field(default_factory=list)  # newest first
    log: bytes = b"section_start:1560896352:step\r\x1b[0K$ make\nm\xc3\xbcde\nsection_end:1560896353:step\r\x1b[0K\n"


class GitLabForge(Forge):
    """The server; its project is `group/sub/demo`."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.held = Held()
        self.arrived = threading.Condition()  # told of every pipeline that is begun

    def begun(self) -> list[Asked]:
        """The requests that begin a pipeline."""
        return [each for each in self.requests if each.method == "POST" and each.path.endswith("/pipeline")]

    def add(self, **about: Any) -> dict[str, Any]:
        """A pipeline, as if somebody else had begun it."""
        number, now = next(_numbers), datetime.now(UTC) + self.state.ahead
        made = {
            "id": number,
            "web_url": f"https://gitlab.example.org/group/sub/demo/-/pipelines/{number}",
            "status": "created",
            "source": "push",
            "sha": self.held.head,
            "ref": self.held.branch,
            "created_at": now.isoformat(timespec="milliseconds"),
            "updated_at": now.isoformat(timespec="milliseconds"),
            "started_at": None,
            "finished_at": None,
            "name": None,
            "variables": {},
        } | about
        with self.arrived:
            self.held.pipelines.insert(0, made)
            self.arrived.notify_all()
        return made

    # -- within ----------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked, data: bytes) -> tuple[int, object, dict[str, str]]:
        example = self._validated(asked, data)
        if asked.path == f"{PROJECT}/trigger/pipeline":
            return self._triggered(asked, example)
        known = asked.headers.get("authorization") == f"Bearer {self.held.token}"
        if not known and asked.headers.get("authorization"):
            return 401, {"message": "401 Unauthorized"}, {}
        if asked.path == "/api/v4/personal_access_tokens/self":
            return 200, example | {"name": "ci", "scopes": list(self.held.scopes)}, {}
        if asked.path == "/api/v4/user":
            sees = {"api", "read_api", "read_user"} & set(self.held.scopes)
            return (200, example | {"username": "octocat"}, {}) if sees else (403, {"error": "insufficient_scope"}, {})
        if not asked.path.startswith(PROJECT) or (self.held.private and not known):
            return 404, {"message": "404 Project Not Found"}, {}
        return self._of_project(asked, example, asked.path.removeprefix(PROJECT))

    def _validated(self, asked: Asked, data: bytes) -> Any:
        """The description wants a token for everything; GitLab wants none for a trigger, or for what is public."""
        named = {"authorization": "Bearer nobody"} | asked.headers
        return super()._validated(replace(asked, headers=named), data)

    def _of_project(self, asked: Asked, example: Any, path: str) -> tuple[int, object, dict[str, str]]:
        if not path:
            about = {"default_branch": self.held.branch}
            return 200, example | about | {"permissions": {"project_access": {"access_level": self.held.level}}}, {}
        if asked.method == "POST" and "api" not in self.held.scopes:
            told = {"error": "insufficient_scope", "error_description": "needs higher privileges", "scope": "api"}
            return 403, told, {}
        if path == "/pipelines":
            wanted = {name: asked.query[name] for name in ("sha", "ref") if name in asked.query}
            found = [each for each in self.held.pipelines if wanted.items() <= each.items()]
            return 200, [_listed(each) for each in found], {}
        if path == "/pipeline":
            if asked.body["ref"] != self.held.branch:
                return 400, {"message": {"base": ["Reference not found"]}}, {}
            given = {each["key"]: each["value"] for each in asked.body["variables"]}
            return 201, example | _listed(self.add(source="api", variables=given)), {}
        return self._of_pipeline(path, example)

    def _of_pipeline(self, path: str, example: Any) -> tuple[int, object, dict[str, str]]:
        found = re.fullmatch(r"/(?:pipelines|jobs)/(\d+)(/\w+)?", path)
        made = next((each for each in self.held.pipelines if found and str(each["id"]) == found[1]), None)
        if made is None or found is None:
            return 404, {"message": "404 Not found"}, {}
        match found[2]:
            case "/variables":
                listed = [{"key": name, "value": value} for name, value in made["variables"].items()]
                return (200, listed, {}) if self.held.told else (403, {"message": "403 Forbidden"}, {})
            case "/jobs":
                return 200, [{"id": made["id"], "name": "build-image", "status": made["status"]}], {}
            case "/trace":
                return 200, self.held.log, {"Content-Type": "text/plain"}
            case "/cancel":
                made["status"] = "canceling"
        return 200, example | _listed(made), {}

    def _triggered(self, asked: Asked, example: Any) -> tuple[int, object, dict[str, str]]:
        """As GitLab does: whoever has the token may be nobody; a wrong one is told as a project that is not there."""
        if "authorization" in asked.headers or asked.body["token"] != self.held.trigger_token:
            return 404, {"message": "404 Not Found"}, {}
        if asked.body["ref"] != self.held.branch:
            return 400, {"message": {"base": ["Reference not found"]}}, {}
        return 201, example | _listed(self.add(source="trigger", variables=asked.body["variables"])), {}


def _listed(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "variables"}
