"""The command, and the benchmarks that need neither network nor an environment; CI runs every one of them once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from benchmarks import catalogue
from benchmarks.room import Room
from installer.cli import bench
from installer.cli.main import manage

ROOT = Path(__file__).parents[2]


def measured(*words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "benchmarks" / "__main__.py"), "--quick", "--json", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return {each["name"]: each for each in json.loads(done.stdout)["results"]}


def test_benchmarks_in_process_give_their_rows() -> None:
    found = measured("record", "progress", "resume-check", "backup")
    rows = {name: [row["what"] for row in each["rows"]] for name, each in found.items()}
    assert rows == {
        "record": ["a record in the journal, durable"],
        "progress": [
            "the progress file, written anew",
            "an update of a phase: record, progress file, `rollback.sh`",
        ],
        "resume-check": ["is a run unfinished? With 1,000 records"],
        "backup": [
            "the backup of 20 configuration files",
            "a rollback point with 20 files: record, copies, progress file, `rollback.sh`",
        ],
    }
    assert all(row["ours"] and min(row["ours"]) > 0 for each in found.values() for row in each["rows"])


def test_growth_is_measured_with_its_memory() -> None:
    (result,) = measured("growth-tree").values()
    assert [curve["what"] for curve in result["curves"]] == [
        "the tree guard before a build",
        "the tree guard after a build",
    ]
    assert all(point["size"] == 100 and point["mib"] > 1 for curve in result["curves"] for point in curve["points"])


def test_submodules_are_fetched_by_both_sides(tmp_path: Path) -> None:
    room = Room(tmp_path, 1, quick=True)
    (row,) = catalogue.BUDGETS["submodules"](room)
    assert getattr(row, "what", "") == "2 submodules"
    for side in ("clone-ours", "clone-theirs"):
        assert len(list((tmp_path / side / "libs").glob("lib-*/part_*.py"))) == 40, side


def test_without_an_engine_one_sentence_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "benchmarks" / "__main__.py"), "--quick", "--json", "app-status", "record"],
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {each["name"]: len(each["rows"]) for each in json.loads(done.stdout)["results"]}
    assert found == {"app-status": 0, "record": 1}
    assert "left out: there is no Docker Engine at" in done.stderr


@pytest.mark.docker
def test_an_update_is_measured_beside_compose_and_nothing_stays() -> None:
    from tests.containers import lab

    where = lab.ensure()
    with subprocess.Popen(
        [sys.executable, "-I", str(ROOT / "benchmarks" / "__main__.py"), "--quick", "--json", "app-updates"],
        env={**os.environ, "DOCKER_HOST": where.engine},
        stdout=subprocess.PIPE,
        text=True,
    ) as measuring:
        said, _ = measuring.communicate()
    assert measuring.returncode == 0
    (row,) = json.loads(said)["results"][0]["rows"]
    assert all(0 < each < 60 for each in (*row["ours"], *row["theirs"]))
    with closing(docker.DockerClient(base_url=where.engine)) as client:
        word = f"surefoot-benchmark-{measuring.pid}"  # others may measure on this engine, too
        assert not [each for each in client.api.images() if word in str(each["RepoTags"])]
        assert client.api.containers(all=True, filters={"name": word}) == []
        assert client.volumes.list(filters={"name": word}) == []


def test_a_name_that_is_none_is_an_error_and_nothing_is_measured() -> None:
    command = [sys.executable, "-I", str(ROOT / "benchmarks" / "__main__.py"), "idle", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no benchmark 'nonsense'" in done.stderr
    assert "budgets = idle fresh pip cold" in done.stderr


def test_a_page_without_marks_is_found_before_anything_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    command = [sys.executable, "-I", str(ROOT / "benchmarks" / "__main__.py"), "--write", str(page), "record"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: the page lacks the marks <!-- bench:budgets -->" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["page.md"]


def test_what_is_measured_is_written_into_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "".join(
            f"<!-- bench:{name} --><!-- /bench:{name} -->" for name in ("budgets", "growth", "containers", "profile")
        )
    )
    measured("record", "--write", str(page))
    assert "| a record in the journal, durable |" in page.read_text()
    assert [each["name"] for each in json.loads((tmp_path / "page.json").read_text())["results"]] == ["record"]


def test_an_installed_wheel_says_where_the_benchmarks_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "installer" / "cli" / "bench.py"))
    assert manage(["bench"]) == 6
    assert "the benchmarks are part of a clone of Surefoot" in capfd.readouterr().err


def test_the_verb_passes_its_words_on(capfd: pytest.CaptureFixture[str]) -> None:
    assert manage(["bench", "progress", "--quick", "--pairs", "3", "--json"]) == 0
    (result,) = json.loads(capfd.readouterr().out)["results"]
    assert (result["name"], result["setting"]["pairs"]) == ("progress", "1")
