from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import UsageError
from installer.manifest import Manifest, load
from installer.settings import KEYS, Setting, going_on, options, settle
from phases.python.sections import DependenciesSection

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sage(tmp_path: Path) -> Manifest:
    (tmp_path / "surefoot.toml").write_text('env-prefix = "SAGE"\nmode = "full"\n')
    return load(tmp_path)


def test_a_flag_outranks_a_variable_outranks_the_manifest_outranks_the_default(sage: Manifest) -> None:
    variables = {"SAGE_RUN_MODE": "dev"}
    assert settle({"mode": "minimal"}, sage, variables)["mode"] == Setting("minimal", "--mode")
    assert settle({"mode": None}, sage, variables)["mode"] == Setting("dev", "SAGE_RUN_MODE")
    assert settle({}, sage, {})["mode"] == Setting("full", "surefoot.toml")
    assert settle({}, Manifest(), {})["mode"] == Setting("standard", "default")


def test_a_branded_project_does_not_listen_to_other_prefixes(sage: Manifest) -> None:
    assert settle({}, sage, {"SUREFOOT_OFFLINE": "1"})["offline"] == Setting(value=False, source="default")
    assert settle({}, sage, {"SAGE_OFFLINE": "1"}).on("offline")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("false", False)])
def test_switches_are_read_as_people_write_them(text: str, *, value: bool) -> None:
    assert settle({}, Manifest(), {"SUREFOOT_LOCKED": text}).on("locked") is value


def test_all_wrong_settings_are_named_together() -> None:
    wrong = {"SUREFOOT_JOBS": "many", "SUREFOOT_OFFLINE": "perhaps", "SUREFOOT_BACKEND": "conda"}
    with pytest.raises(UsageError) as caught:
        settle({"mode": "huge"}, Manifest(), wrong)
    assert caught.value.details == (
        "SUREFOOT_BACKEND should be one of uv, pip, not `conda`",
        "SUREFOOT_OFFLINE should be 1 or 0, not `perhaps`",
        "SUREFOOT_JOBS should be a number, not `many`",
        "--mode: there is no mode `huge`; there are minimal, standard, dev, full",
    )


def test_plans_see_their_part_of_the_settings() -> None:
    seen = options(settle({"jobs": 3, "as_of": "2024-01-01", "offline": True}, Manifest(), {}))
    assert (seen.jobs, seen.as_of, seen.offline, seen.mode, seen.deep) == (3, "2024-01-01", True, "standard", False)


def test_a_plan_says_how_much_is_done_at_once_where_the_user_does_not() -> None:
    assert options(settle({}, Manifest(), {}), jobs=50).jobs == 50
    assert options(settle({"jobs": 1}, Manifest(), {}), jobs=50).jobs == 1
    assert options(settle({}, Manifest(), {"SUREFOOT_JOBS": "2"}), jobs=50).jobs == 2


def test_an_unfinished_run_goes_on_as_it_was_begun() -> None:
    begun = {"mode": "dev", "backend": "pip", "jobs": 7, "unknown": 1}
    again = going_on(settle({"backend": "uv"}, Manifest(), {}), begun)
    assert again["mode"] == Setting("dev", "run")
    assert again["backend"] == Setting("uv", "--backend")
    assert again["jobs"].source == "default"


def test_every_key_has_a_variable_of_its_own() -> None:
    assert len({key.variable for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29",
        "2024-01-31T12:00:00Z",
        "2024-01-31t12:00:00z",
        "2024-01-31 12:00:00+00:00",
        "2024-01-31T23:59:60.123456789+02:00",
        "2024-01-31T12:00",
        "2024-01-31T12Z",
        "2024-01-31-fixes",
        "v1.2~3",
        "HEAD^",
        "0a1b2c3",
    ],
)
def test_as_of_takes_what_uv_takes_and_what_may_be_a_commit(text: str) -> None:
    assert settle({"as_of": text}, Manifest(), {}).text("as_of") == text


@pytest.mark.parametrize(
    "text",
    [
        "2020-99-01",
        "2023-02-29",
        "2020-9-1",
        "2024/01/31",
        "2024-01-31T25:00:00Z",
        "2024-01-31T12:61",
        "2024-01-31T24:00:00Z",
        "-x",
        "24 hours",
    ],
)
def test_a_date_that_is_none_is_refused_before_anything_begins_and_its_source_is_named(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "surefoot.toml").write_text(f'[dependencies]\nas-of = "{text}"\n')
    asked: tuple[tuple[str, dict[str, str], dict[str, str], Manifest], ...] = (
        ("--as-of", {"as_of": text}, {}, Manifest()),
        ("SUREFOOT_AS_OF", {}, {"SUREFOOT_AS_OF": text}, Manifest()),
        ("surefoot.toml: `dependencies.as-of`", {}, {}, load(tmp_path, (DependenciesSection,))),
    )
    for source, flags, variables, manifest in asked:
        with pytest.raises(UsageError) as caught:
            settle(flags, manifest, variables)
        said = f"{source} should be a date (2024-01-31, 2024-01-31T12:00:00Z) or a commit, not `{text}`"
        assert caught.value.details == (said,)
