"""docs/manifest.md has every key of the manifest, with the default that it has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

import phases
from installer.manifest import CustomStep, Head, Mode, load
from phases.containers.apps.section import App, Artifact, Health, Log

TEXT = (Path(__file__).parents[2] / "docs" / "manifest.md").read_text(encoding="utf-8")
CHAPTERS: dict[str, str] = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
TABLES = {
    "Top level": Head,
    "`[modes.NAME]`": Mode,
    "`[[steps]]`": CustomStep,
    **{f"`[{section.TABLE}]`": section for section in phases.SECTIONS if not hasattr(section, "EACH")},
    "`[apps.NAME]`": App,
    "`[apps.NAME.artifact]`": Artifact,
    "`[apps.NAME.health]`": Health,
    "`[apps.NAME.log]`": Log,
}
OWN_CHAPTERS = {"phase_names", "modes", "steps"}


@pytest.mark.parametrize("chapter", TABLES)
def test_every_key_is_documented_with_its_default(chapter: str) -> None:
    told = dict(re.findall(r"^\| `([a-z0-9-]+)` \|.*?\| ([^|]*?) \|[^|]*\|$", CHAPTERS[chapter], re.MULTILINE))
    fields = [each for each in dataclasses.fields(TABLES[chapter]) if each.name not in OWN_CHAPTERS]
    assert told == {each.name.replace("_", "-"): spelt(default(each)) for each in fields}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_example_is_a_manifest_and_shows_every_key(chapter: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", CHAPTERS[chapter], re.DOTALL)
    (tmp_path / "surefoot.toml").write_text(example, encoding="utf-8")
    load(tmp_path, phases.SECTIONS, phases.ORDER)
    keys = re.findall(r"^\| `([a-z0-9-]+)` \|", CHAPTERS[chapter], re.MULTILINE)
    assert [key for key in keys if not re.search(rf"^{key} = ", example, re.MULTILINE)] == []


def default(field: dataclasses.Field[Any]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def spelt(value: object) -> str:
    """A value as the documentation spells it."""
    match value:
        case dataclasses.MISSING:
            return "required"
        case None | Log():
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`'
        case tuple():
            return f"`{list(value)}`"
        case _:
            return f"`{value}`"
