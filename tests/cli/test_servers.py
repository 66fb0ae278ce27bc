"""On a build server: folds, annotations, outputs, a page; and nothing that others said is a command."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Ended, Project

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "events.schema.json").read_text())


@dataclass(frozen=True)
class Server:
    """What GitHub gives a step, and what it reads of it."""

    project: Project
    folder: Path

    def variables(self) -> dict[str, str]:
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.project.root.parent),
        }

    def quickstart(self, *words: str, **more: str) -> Ended:
        return self.project.quickstart(*words, **(self.variables() | more))

    def manage(self, *words: str) -> Ended:
        return self.project.manage(*words, **self.variables())

    def outputs(self) -> dict[str, str]:
        text = (self.folder / "output").read_text()
        return {name: value for name, _, value in re.findall(r"(?s)([\w-]+)<<(\w+)\n(.*?)\n\2\n", text)}

    def summary(self) -> str:
        return (self.folder / "summary").read_text()


@pytest.fixture
def github(project: Project, tmp_path: Path) -> Server:
    return Server(project, tmp_path)


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("::")]


def test_every_phase_is_a_fold_and_its_end_is_seen_outside(github: Server) -> None:
    ended = github.quickstart()
    assert ended.code == 0
    assert (
        "::group::python_deps\n  › Write python_deps\n  › Install 3 packages\n::endgroup::\n✓ python_deps" in ended.err
    )
    kinds = [line.partition("::")[2].partition("::")[0] for line in commands(ended.err)]
    assert kinds == ["group", "endgroup"] * 4
    assert commands(ended.out) == []


def test_outputs_and_page_tell_of_a_success(github: Server) -> None:
    github.quickstart()
    told = github.outputs()
    assert list(told) == ["environment", "python-path", "install-id", "state", "cache-key", "report"]
    assert told["state"] == "done"
    assert re.fullmatch(r"\d{8}_\d{6}", told["install-id"])
    report = json.loads(Path(told["report"]).read_text())
    jsonschema.validate(report, SCHEMA)
    assert stat.S_IMODE(Path(told["report"]).stat().st_mode) == 0o600
    assert report["packages"]["added"] == {"six": "1.16"}
    assert [each["phase"] for each in report["phases"]][2] == "python_deps"
    assert github.summary().startswith("## Surefoot: done\n")
    assert "\n+ six 1.16\n" in github.summary()


def test_outputs_annotation_and_page_tell_of_a_failure(github: Server) -> None:
    ended = github.quickstart(TOY_FAIL="1")
    assert ended.code == 1
    assert "::error::could not install `numpy==9.9` into `.venv`%0Ahint: fix the version\n" in ended.err
    told = github.outputs()
    assert (told["state"], told["cache-key"], told["environment"]) == ("failed", "", "")
    jsonschema.validate(json.loads(Path(told["report"]).read_text()), SCHEMA)
    assert "**could not install \\`numpy==9.9\\` into \\`.venv\\`**" in github.summary()
    assert "| python\\_deps | ❌ |" in github.summary()


def test_only_a_success_says_how_to_activate_what_is_there(github: Server) -> None:
    scripts = github.project.root / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "activate").touch()
    github.quickstart(TOY_FAIL="1")
    assert "activates it" not in github.summary()
    assert "hint: fix the version" in github.summary()
    github.quickstart()
    assert "activates it" in github.summary()


def test_what_a_run_went_on_without_is_a_warning(github: Server) -> None:
    ended = github.quickstart(TOY_FAIL="degrade")
    assert ended.code == 1
    assert "::warning::went on without: Install 3 packages%0Acould not install `numpy==9.9` into `.venv`\n" in ended.err
    assert github.outputs()["state"] == "degraded"


SHORT = "import sys; from installer.fingerprint import nothing_to_do; print(nothing_to_do(sys.argv[1:]))"


def short(github: Server, *words: str, **more: str) -> str:
    """What the way that needs no package says; None where it leaves it to the other."""
    command = [sys.executable, "-c", SHORT, "-C", str(github.project.root), *words]
    environment = {**github.project.environment, "PYTHONPATH": str(ROOT), **github.variables(), **more}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_nothing_to_do_is_told_by_either_way(github: Server) -> None:
    github.quickstart()
    first = github.outputs()
    assert short(github) == "Nothing to do."
    assert github.outputs() == first | {"state": "nothing", "cache-key": ""}, "a look proves nothing"
    assert github.summary() == "## Surefoot\n\nNothing to do.\n"
    assert github.quickstart().out == "Nothing to do.\n"
    assert github.outputs() == first | {"state": "nothing"}
    assert github.summary() == "## Surefoot: nothing to do\n\n"


def test_the_short_way_knows_the_flag_and_what_it_was_not_told(github: Server) -> None:
    github.quickstart("--ci", "none")
    assert short(github) == "None"  # nothing is known of the outputs
    assert short(github, "--ci=none") == "Nothing to do."
    assert short(github, "--ci", "nonsense") == "None"
    github.quickstart("-q", "--ci=github", GITHUB_ACTIONS="")
    assert short(github, "-q", "--ci", "github", GITHUB_ACTIONS="") == ""
    assert github.outputs()["state"] == "nothing"


def test_a_wrong_manifest_is_annotated_line_by_line(github: Server) -> None:
    manifest = github.project.root / "surefoot.toml"
    manifest.write_text('name = "a"\nmoed = "dev"\n\n[modes.dev]\nextra = ["x"]\n')
    ended = github.quickstart()
    assert ended.code == 2
    assert [line.partition("::surefoot")[0].partition("::")[0] for line in commands(ended.err)] == ["", ""]
    heads = [re.sub(r"::[^:]*$", "", line.partition("`")[0]) for line in commands(ended.err)]
    assert heads[0].startswith("::error file=a project/surefoot.toml,line=2::")
    assert heads[1].startswith("::error file=a project/surefoot.toml,line=5::")
    assert github.outputs()["state"] == "failed"
    assert "surefoot.toml" in github.summary()


def test_a_wrong_command_line_is_an_error_too(github: Server) -> None:
    ended = github.quickstart("--nonsense")
    assert ended.code == 2
    assert commands(ended.err)[0].startswith("::error::there is no option `--nonsense`")


@pytest.mark.parametrize("word", ["-v", "-q", "--json"])
def test_what_a_program_says_is_no_command(github: Server, word: str) -> None:
    says = "::set-output name=cache-key::poisoned\na ##[set-output name=cache-key;]poisoned"
    ended = github.quickstart(word, TOY_SAYS=says, TOY_FAIL="1")
    assert ended.code == 1
    said = ended.err + ended.out
    assert "poisoned" in said
    assert {line.lstrip()[2:].partition("::")[0].partition(" ")[0] for line in commands(said)} <= {
        "group",
        "endgroup",
        "warning",
        "error",
    }
    assert "##[" not in re.sub(r"(?m)^::(warning|error).*$", "", said)


def test_json_stays_one_object_a_line(github: Server) -> None:
    ended = github.quickstart("--json", TOY_FAIL="1")
    for line in ended.out.splitlines():
        jsonschema.validate(json.loads(line), SCHEMA)
    assert [line.partition(" ")[0][:9] for line in commands(ended.err)] == ["::error::"]
    assert github.outputs()["state"] == "failed"


def test_none_is_as_for_people(github: Server) -> None:
    ended = github.quickstart("--ci", "none")
    assert commands(ended.err) == []
    assert github.outputs() == {}


def test_a_rollback_is_told_and_offers_nothing_to_save(github: Server) -> None:
    github.quickstart()
    ended = github.manage("rollback", "--yes")
    assert ended.code == 0
    told = github.outputs()
    assert (told["state"], told["cache-key"]) == ("rolled back", "")
    assert github.summary().startswith("## Surefoot: taken back\n")


WITHOUT = """
import sys
for name in ("click", "pydantic", "packaging", "rich"):
    sys.modules[name] = None
from installer.cli.main import at_once
sys.exit(at_once(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [("rollback",), ("rollback", "-y", "--ci=github")])
def test_a_plain_way_back_that_has_no_package_is_told_as_well(github: Server, words: tuple[str, ...]) -> None:
    github.quickstart()
    environment = {**github.project.environment, "PYTHONPATH": str(ROOT), **github.variables()}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words],
        cwd=github.project.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (github.outputs()["state"], github.outputs()["cache-key"]) == ("rolled back", "")
    assert github.summary().startswith("## Surefoot: taken back\n")


def test_what_the_server_cannot_take_fails_no_run(github: Server) -> None:
    ended = github.quickstart(GITHUB_OUTPUT=str(github.folder / "no" / "such"))
    assert ended.code == 0
    assert "the build server could not be told: No such file or directory\n" in ended.err


def test_a_value_of_many_lines_cannot_end_its_output(tmp_path: Path) -> None:
    from installer import ci

    path = tmp_path / "output"
    evil = "a\nEOF\ncache-key<<surefoot_\npoisoned\nsurefoot_\n"
    ci.give("github", {"environment": evil, "state": "done"}, {"GITHUB_OUTPUT": str(path)})
    found = re.findall(r"(?s)([\w-]+)<<(\w+)\n(.*?)\n\2\n", path.read_text())
    assert [(name, value) for name, _, value in found] == [("environment", evil), ("state", "done")]


def test_gitlab_has_sections_and_a_dotenv_file(project: Project, tmp_path: Path) -> None:
    dotenv = tmp_path / "report.env"
    ended = project.quickstart(CI="true", GITLAB_CI="true", SUREFOOT_DOTENV=str(dotenv))
    assert ended.code == 0
    # a carriage return reads as a line's end here
    starts = re.findall(r"\x1b\[0Ksection_start:\d+:(surefoot_\d+)\[collapsed=true\]\n\x1b\[0K(\w+)\n", ended.err)
    assert starts[:2] == [("surefoot_1", "environment_setup"), ("surefoot_3", "python_deps")]
    assert len(re.findall(r"\x1b\[0Ksection_end:\d+:surefoot_\d+\n\x1b\[0K\n", ended.err)) == len(starts)
    values = dict(line.split("=", 1) for line in dotenv.read_text().splitlines())
    assert values["BOOTSTRAP_STATE"] == "done"
    assert list(values) == [
        "BOOTSTRAP_ENVIRONMENT",
        "BOOTSTRAP_PYTHON_PATH",
        "BOOTSTRAP_INSTALL_ID",
        "BOOTSTRAP_STATE",
        "BOOTSTRAP_CACHE_KEY",
        "BOOTSTRAP_REPORT",
    ]


def test_a_report_that_goes_with_the_state_folder_is_not_named(github: Server) -> None:
    assert github.quickstart("-y", "--no-state").code == 0
    assert not (github.project.root / ".surefoot").exists()
    assert (github.outputs()["state"], github.outputs()["report"]) == ("done", "")


@pytest.mark.parametrize("fails", ["1", "degrade"])
def test_a_report_of_a_failure_stays(github: Server, fails: str) -> None:
    assert github.quickstart("-y", "--no-state", TOY_FAIL=fails).code == 1
    assert Path(github.outputs()["report"]).is_file()


@pytest.mark.parametrize("state", ["rolled back", "rollback incomplete"])
def test_a_state_has_no_blank_in_a_dotenv_file(tmp_path: Path, state: str) -> None:
    from installer import ci

    path = tmp_path / "a.env"
    ci.give("gitlab", {"environment": "/a b", "state": state}, {"SUREFOOT_DOTENV": str(path)})
    assert path.read_text() == f"BOOTSTRAP_ENVIRONMENT=/a b\nBOOTSTRAP_STATE={state.replace(' ', '-')}\n"


def test_a_value_that_a_dotenv_file_cannot_hold_is_left_out(tmp_path: Path) -> None:
    from installer import ci

    path = tmp_path / "a.env"
    ci.give("gitlab", {"environment": "a\nPATH=/evil", "state": "done"}, {"SUREFOOT_DOTENV": str(path)})
    assert path.read_text() == "BOOTSTRAP_ENVIRONMENT=\nBOOTSTRAP_STATE=done\n"
