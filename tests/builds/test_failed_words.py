"""What `build trigger` says where it fails, with a provider of the test's own: the failure once, and what helps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from phases.builds import failures, providers
from tests.builds import kit, stand_in

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "https://github.com/me/demo/actions/workflows/" + kit.WORKFLOW


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> stand_in.Provider:
    made = stand_in.Provider()
    monkeypatch.setattr(providers, "connected", made.connected)
    made.refusal = failures.offline("github.com", "no connection", sent=False)
    return made


@pytest.fixture
def clone(tmp_path: Path) -> kit.Clone:
    return kit.Clone(tmp_path)


@pytest.mark.parametrize("server", ["none", "github"])
def test_a_run_of_its_own_goes_on_without_nothing(clone: kit.Clone, provider: stand_in.Provider, server: str) -> None:
    ended = clone.manage("build", "trigger", "--ci", server)
    assert (ended.status, len(provider.asked)) == (7, 1)
    said = ended.out + ended.err
    assert "went on without" not in said
    assert "✓" not in said
    assert "✗ Have the project's image built" in said
    shown = clone.manage("status").out
    assert "went on without" not in shown
    assert "State        failed\n" in shown
    assert "✗ build" in shown
    assert "github.com cannot be reached: no connection" in shown


@pytest.mark.usefixtures("provider")
def test_where_the_project_has_no_workflow_the_command_that_writes_one_is_named(clone: kit.Clone) -> None:
    ended = clone.manage("build", "trigger")
    assert "manage.py build init-workflow" in ended.err
    for said in (ended.err, clone.manage("status").out):
        assert PAGE not in said
    (told,) = [
        json.loads(line) for line in clone.manage("build", "status", "--json").out.splitlines() if '"manual"' in line
    ]
    assert told["manual"]["link"] == ""


@pytest.mark.usefixtures("provider")
def test_where_the_workflow_is_there_its_page_is(clone: kit.Clone) -> None:
    file = clone.root / ".github" / "workflows" / kit.WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text("on: workflow_dispatch\n")
    ended = clone.manage("build", "trigger")
    assert PAGE in ended.err
    assert "init-workflow" not in ended.err


@pytest.mark.parametrize(
    ("url", "strategy"),
    [("https://gitlab.com/me/demo.git", "workflow_dispatch"), ("https://github.com/me/demo.git", "pipeline")],
)
def test_a_strategy_of_the_other_provider_is_refused_without_a_run(
    tmp_path: Path, provider: stand_in.Provider, url: str, strategy: str
) -> None:
    clone = kit.Clone(tmp_path, url)
    ended = clone.manage("build", "trigger", "--strategy", strategy, GITLAB_TOKEN="x" * 20)
    assert ended.status == 2
    assert f"knows no strategy `{strategy}`" in ended.err
    assert provider.retries == []
    assert not (clone.root / ".surefoot" / "checkpoints" / "journal.jsonl").exists()
