from __future__ import annotations

import re
import tomllib
from pathlib import Path

from installer.manifest import Head, load
from installer.settings import KEYS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_manifest_in_the_docs_is_one(tmp_path: Path) -> None:
    import phases

    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "commands.md").read_text(), re.DOTALL)
    (tmp_path / "surefoot.toml").write_text(text)
    manifest = load(tmp_path, phases.SECTIONS, phases.ORDER)
    assert manifest.steps[0].check == ("make", "--question", "assets")
    fields = {name.replace("_", "-") for name in Head.__dataclass_fields__}
    assert tomllib.loads(text).keys() == fields


def test_every_variable_is_documented() -> None:
    text = (DOCS / "commands.md").read_text()
    assert [key.variable for key in KEYS if f"_{key.variable}" not in text] == []
