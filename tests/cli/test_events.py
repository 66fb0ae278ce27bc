"""What `--json` prints is in the schema, whichever command prints it."""

from __future__ import annotations

import ast
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_event_that_a_command_prints_is_in_the_schema() -> None:
    printed = {
        node.args[0].value
        for path in sorted(ROOT.glob("installer/cli/*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "emit"
        if isinstance(node.args[0], ast.Constant)
    }
    schema = json.loads((ROOT / "docs" / "schemas" / "events.schema.json").read_text(encoding="utf-8"))
    kinds = [each["properties"]["event"] for each in schema["oneOf"]]
    known = {name for each in kinds for name in [each.get("const"), *each.get("enum", ())] if name}
    assert printed - known == set()
    assert {"images", "servers", "status"} <= printed
