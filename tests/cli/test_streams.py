"""Whatever a command says with --json is as docs/schemas/events.schema.json promises, also where it goes wrong."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Ended, Project

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "events.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def events(ended: Ended) -> list[str]:
    """The names of what was said, each checked; nothing else is on either stream."""
    assert ended.err == ""
    said: list[dict[str, Any]] = [json.loads(line) for line in ended.out.splitlines()]
    for each in said:
        VALIDATOR.validate(each)
    names = [each["event"] for each in said]
    failed = bool(ended.code) and said[-1].get("exit_code") != ended.code
    assert ("error" in names) == failed, names
    assert "error" not in names or (names[-1] == "error" and said[-1]["error"]["exit_code"] == ended.code)
    ends = [name for name in names if name in {"outcome", "error"}]
    assert names[len(names) - len(ends) :] == ends, names
    return names


def test_the_stream_of_every_command_is_as_the_schema_says(project: Project) -> None:
    failed = events(project.quickstart("--json", "-v", TOY_FAIL="1"))
    assert failed[0] == "run_opened"
    assert {"phase_started", "step_started", "progress", "line", "step_done", "phase_completed"} <= set(failed)
    assert {"step_failed", "step_undone"} <= set(failed)
    assert failed[-2:] == ["outcome", "error"]

    resumed = events(project.manage("resume", "--json"))
    assert (resumed[0], resumed[-2:]) == ("run_resumed", ["run_closed", "outcome"])
    assert events(project.quickstart("--json")) == ["outcome"]
    assert events(project.quickstart("--json", "--dry-run")) == ["outcome"]
    assert events(project.manage("verify", "--json")) == ["error"]
    assert events(project.manage("doctor", "--json")) == ["doctor"]
    assert events(project.manage("checkpoint", "list", "--json")) == ["checkpoints"]
    assert events(project.manage("rollback", "--json", "--dry-run")) == ["outcome"]

    back = events(project.manage("rollback", "--json"))
    assert back[0] == "rollback_started"
    assert back[-2:] == ["run_closed", "outcome"]
    assert events(project.manage("rollback", "--json", "--nonsense")) == ["error"]
    assert "step_kept" in events(project.quickstart("--json", TOY_FAIL="degrade", TOY_NEEDS="1"))


def emitted() -> Iterator[tuple[str, str]]:
    """The name of every object that a verb prints by itself, and where."""
    for path in sorted(ROOT.glob("installer/**/*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "emit":
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_verb_prints_an_object_that_the_schema_does_not_know() -> None:
    known: set[str] = set()
    for each in SCHEMA["oneOf"]:
        event = each["properties"]["event"]
        known |= {event["const"]} if "const" in event else set(event["enum"])
    found = dict(emitted())
    assert len(found) > 15
    assert {name: place for name, place in found.items() if name not in known} == {}
