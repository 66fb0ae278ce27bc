"""Wheels that reach out: refused, nothing installed, the old environment untouched, nothing written around."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.hostile.wheels import Wheel, lying_about_size, sdist
from tests.whole.kit import version

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.places import Place

pytestmark = pytest.mark.slow

EVIL = Wheel("evil").file
ZEROS = Wheel("evil", entries=[("zeros.bin", bytes(1 << 20))], compress=True)
Make = Callable[["Path"], bytes]

# What is wrong with the wheel, how it is made for the folder around the project, and a word that must be said.
UV: dict[str, tuple[Make, str]] = {
    "a name that climbs": (
        lambda _: Wheel("evil", entries=[("../../../../../../../../victim", b"x")]).build(),
        "victim",
    ),
    "a name beside site-packages": (lambda _: Wheel("evil", entries=[("../victim", b"x")]).build(), "../victim"),
    "a full name": (lambda folder: Wheel("evil", entries=[(f"{folder}/victim", b"x")]).build(), "victim"),
    "a climbing name that RECORD does not have": (
        lambda _: Wheel("evil", links=[("../../victim", "/etc/passwd")]).build(),
        "../../victim",
    ),
    "data that climb": (
        lambda _: Wheel("evil", entries=[("evil-1.0.data/data/../../../victim", b"x")]).build(),
        "victim",
    ),
    "scripts that climb": (
        lambda _: Wheel("evil", entries=[("evil-1.0.data/scripts/../../../victim", b"#!python\n")]).build(),
        "victim",
    ),
    "a link to pass through": (
        lambda folder: Wheel("evil", links=[("way", str(folder)), ("way/victim", "x")]).build(),
        "`evil` must not be trusted",
    ),
    "a NUL in a name": (lambda _: Wheel("evil", entries=[("ev\0il.py", b"x")]).build(), "unacceptable filename"),
    "control characters in a name": (
        lambda _: Wheel("evil", entries=[("ev\x1b[2Jil\n.py", b"x")]).build(),
        "unacceptable filename",
    ),
    "a name twice": (lambda _: Wheel("evil", entries=[("evil.py", b"other\n")]).build(), "multiple entries"),
    "a line of RECORD that leads out": (
        lambda _: Wheel("evil", record=["../../../../../victim,,"]).build(),
        "../../../../../victim",
    ),
    "a script whose name climbs": (
        lambda _: Wheel("evil", scripts="[console_scripts]\n../../../victim = evil:version\n").build(),
        "victim",
    ),
    "a script with a full name": (
        lambda folder: Wheel("evil", scripts=f"[console_scripts]\n{folder}/victim = evil:version\n").build(),
        "victim",
    ),
    "a script called python": (
        lambda _: Wheel("evil", scripts="[console_scripts]\npython = evil:version\n").build(),
        "python",
    ),
    "a script that is code": (
        lambda _: Wheel("evil", scripts="[console_scripts]\nx = evil:version;import os\n").build(),
        "invalid console script",
    ),
    "what makes an environment one": (
        lambda _: Wheel("evil", entries=[("evil-1.0.data/data/pyvenv.cfg", b"home = /victim\n")]).build(),
        "pyvenv.cfg",
    ),
    "the mark of an environment of ours": (
        lambda _: Wheel("evil", entries=[("evil-1.0.data/data/surefoot-generation", b"x\n")]).build(),
        "surefoot-generation",
    ),
    "a size that is too large": (
        lambda _: lying_about_size(ZEROS.build(), "zeros.bin", 0xFFFFFFF0),
        "conflicting uncompressed sizes",
    ),
    "a size that is too small": (
        lambda _: lying_about_size(ZEROS.build(), "zeros.bin", 10),
        "conflicting uncompressed sizes",
    ),
}
PIP = (
    "a name that climbs",
    "data that climb",
    "a line of RECORD that leads out",
    "a script whose name climbs",
    "a script called python",
)


@pytest.mark.parametrize("trick", UV)
def test_a_wheel_that_reaches_out_is_refused(place: Place, trick: str) -> None:
    make, word = UV[trick]
    place.index.put(EVIL, make(place.folder))
    place.want("evil")
    before = place.around()
    ended = place.run()
    assert (ended.status, word in ended.said) == (9, True), ended.said
    assert "Traceback" not in ended.said
    assert place.is_as_before(before)


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_wheel_that_unpacks_to_more_than_the_bound_is_ended(place: Place, backend: str) -> None:
    zeros = bytes(100 << 20)
    bomb = Wheel("evil", entries=[(f"{number}.bin", zeros) for number in range(16)], compress=True)
    place.index.put(EVIL, bomb.build())
    place.want("evil")
    before = place.around()
    ended = place.run("--backend", backend, SUREFOOT_MOST_MEGABYTES="64")
    assert (ended.status, "64 are allowed" in ended.said) == (9, True), ended.said
    assert place.is_as_before(before)


@pytest.mark.parametrize("trick", PIP)
def test_a_wheel_that_reaches_out_is_refused_by_pip_too(place: Place, trick: str) -> None:
    place.index.put(EVIL, UV[trick][0](place.folder))
    place.want("evil")
    before = place.around()
    ended = place.run("--backend", "pip")
    assert ended.status == 9, ended.said
    assert place.is_as_before(before)


def test_what_was_refused_once_is_refused_again_and_its_repair_is_installed(place: Place) -> None:
    """uv keeps what it made of such a wheel, without the names that it left out: it must not be taken for good."""
    place.index.put(EVIL, Wheel("evil", entries=[("../victim", b"x")]).build())
    place.want("evil")
    assert [place.run().status for _ in range(2)] == [9, 9]
    assert [path for path in place.cache.rglob("*") if path.name == "evil.py"] == []
    place.index.put(EVIL, Wheel("evil").build())
    ended = place.run()
    assert ended.status == 0, ended.said
    assert version(place.project, "evil") == "1.0"


def test_a_link_in_a_wheel_is_no_link_afterwards(place: Place) -> None:
    victim = place.folder / "victim"
    victim.write_text("mine")
    place.index.put(EVIL, Wheel("evil", links=[("evil_link", str(victim))]).build())
    place.want("evil")
    ended = place.run()
    assert ended.status == 0, ended.said
    assert [path for path in place.project.rglob("evil_link") if path.is_symlink()] == []
    assert victim.read_text() == "mine"
    victim.unlink()


def test_a_line_of_record_cannot_make_an_uninstallation_delete_what_is_not_in_the_environment(place: Place) -> None:
    victim = place.folder / "victim"
    victim.write_text("mine")
    place.index.put(EVIL, Wheel("evil", record=[f"{victim},,"]).build())
    place.want("evil")
    assert place.run().status in {0, 9}
    place.want("")
    assert place.run().status == 0
    assert victim.read_text() == "mine"
    victim.unlink()


def test_the_hostile_setup_script_of_an_archive_does_not_run_where_nothing_may_be_built(place: Place) -> None:
    canary = place.folder / "ran"
    script = f"open({str(canary)!r}, 'w')\nfrom setuptools import setup\nsetup(name='evil', version='1.0')\n"
    files = {"setup.py": script, "PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"}
    place.index.put("evil-1.0.tar.gz", sdist("evil", files))
    place.want("evil")
    before = place.around()
    for flag in ("--no-build", "--require-hashes"):
        ended = place.run(flag)
        assert ended.status in {1, 6}, ended.said
        assert not canary.exists()
    assert place.is_as_before(before)
