"""The files for continuous integration: they start the project's own launcher; nothing of ours is got elsewhere.

On GitHub the environment is saved only under the key that `cache-key` gives for a proven one; GitLab saves what a job
that went well leaves. What was restored is proven by `quickstart.py` before it is used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.init import drafts

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import RelPath
    from phases.init.drafts import Draft

GITHUB = (".github/workflows/surefoot.yml", ".github/workflows/surefoot-install.yml")
GITLAB = (".gitlab-ci.yml", ".gitlab-ci.surefoot.yml")
PYTHONS = ("3.12", "3.13", "3.11", "3.14")  # which one starts it, if the project takes it; best known first

_GITHUB = """\
name: install
on: [push, pull_request, workflow_dispatch]

permissions:
  contents: read

jobs:
  install:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "PYTHON"
RESTORE\
      - run: python3 QUICKSTART --ci auto
SAVE"""

_RESTORE = """\
      - id: keys
        run: |
          python3 MANAGE cache-key --restore > "$RUNNER_TEMP/keys"
          {
            echo "key=$(head -n 1 "$RUNNER_TEMP/keys")"
            echo 'more<<END'
            tail -n +2 "$RUNNER_TEMP/keys"
            echo END
          } >> "$GITHUB_OUTPUT"
      - uses: actions/cache/restore@v4
        id: restored
        with:
          path: ENVIRONMENT
          key: ${{ steps.keys.outputs.key }}
          restore-keys: ${{ steps.keys.outputs.more }}
"""

_SAVE = """\
      - id: proven
        run: echo "key=$(python3 MANAGE cache-key)" >> "$GITHUB_OUTPUT"
      - uses: actions/cache/save@v4
        if: steps.proven.outputs.key != '' && steps.restored.outputs.cache-hit != 'true'
        with:
          path: ENVIRONMENT
          key: ${{ steps.proven.outputs.key }}
"""

_GITLAB = """\
install:
  image: python:PYTHON
RESTORE\
  script:
    - python3 QUICKSTART --ci auto
"""

_KEPT = """\
  cache:
    key: surefoot-$CI_COMMIT_REF_SLUG
    paths: [ENVIRONMENT]
"""


def of(root: Path, servers: tuple[str, ...], words: dict[str, str]) -> list[Draft]:
    """What is to be written for `servers`. Raises `Conflict`.

    `words`: what the launcher and its companion are called (QUICKSTART, MANAGE), the ENVIRONMENT, what PYTHON starts.
    """
    table = {
        "github": (GITHUB, _GITHUB, _RESTORE, _SAVE, tr("installs the project at each push, on GitHub")),
        "gitlab": (GITLAB, _GITLAB, _KEPT, "", tr("installs the project at each push, on GitLab")),
    }
    found = []
    for server in servers:
        names, text, restore, save, why = table[server]
        cached = words["ENVIRONMENT"] != json.dumps(
            "active"
        )  # which one that is, and what else is in it, the server decides
        text = text.replace("RESTORE", restore if cached else "").replace("SAVE", save if cached else "")
        for word, meant in words.items():
            text = text.replace(word, meant)
        if (draft := drafts.draft(root, names, text, why)) is not None:
            found.append(draft)
    return found


def words(quickstart: RelPath, manage: RelPath, environment: str, requires: str) -> dict[str, str]:
    """The words of a project whose Python is to be as `requires` says."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(requires)
    except InvalidSpecifier:
        wanted = SpecifierSet()
    python = next((each for each in PYTHONS if wanted.contains(f"{each}.99")), PYTHONS[0])
    return {"QUICKSTART": quickstart, "MANAGE": manage, "ENVIRONMENT": json.dumps(environment), "PYTHON": python}
