"""Which modules a distribution gives, from what build backends leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phases.python.environments import entry_points, modules

if TYPE_CHECKING:
    from pathlib import Path


def installed(tmp_path: Path, name: str, *record: str, **texts: str) -> modules.Distribution:
    """A distribution whose RECORD lists `record` and whose metadata folder holds `texts`."""
    site = tmp_path / "site-packages"
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in record))
    for file, text in texts.items():
        (info / file.replace("_json", ".json").replace("_txt", ".txt")).write_text(text)
    return modules.distributions([site])[name.lower().replace("_", "-")]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (("pkg/__init__.py", "pkg/sub/__init__.py", "pkg-1.0.dist-info/RECORD"), ("pkg",)),
        (("single.py", "_private.py", "../../../bin/tool"), ("single",)),
        (("fast.cpython-312-x86_64-linux-gnu.so", "other.abi3.so"), ("fast", "other")),
        (("space/one/__init__.py", "space/two/deep/__init__.py"), ("space.one", "space.two.deep")),
        (("pkg/__init__.py", "tests/__init__.py", "docs/conf.py"), ("pkg",)),
        (("pkg.libs/libz.so", "pkg/__init__.py"), ("pkg",)),
        (("yaml-stubs/__init__.pyi",), ()),
    ],
)
def test_modules_are_read_from_the_record(tmp_path: Path, record: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert modules.provided(installed(tmp_path, "Pkg", *record)) == expected


def test_setuptools_writes_them_into_its_finder(tmp_path: Path) -> None:
    found = installed(tmp_path, "thing", "__editable___thing_1_0_finder.py", "__editable__.thing-1.0.pth")
    site = tmp_path / "site-packages"
    (site / "__editable___thing_1_0_finder.py").write_text(
        "import sys\nMAPPING: dict[str, str] = {'real_name': '/src/real_name', 'second': '/src/second'}\nX = {}\n"
    )
    (site / "__editable__.thing-1.0.pth").write_text("import __editable___thing_1_0_finder; x.install()\n")
    assert modules.provided(found) == ("real_name", "second")


def test_meson_python_writes_them_into_its_loader(tmp_path: Path) -> None:
    found = installed(tmp_path, "thing", "_thing_editable_loader.py", "thing-editable.pth")
    (tmp_path / "site-packages" / "_thing_editable_loader.py").write_text(
        "def init():\n    finder = MesonpyMetaFinder(\n        'thing',\n        {'real_name', 'second'},\n    )\n"
    )
    assert modules.provided(found) == ("real_name", "second")


def test_a_folder_of_its_own_gives_all_that_is_in_it(tmp_path: Path) -> None:
    found = installed(tmp_path, "thing", "thing.pth", direct_url_json='{"url": "file:///elsewhere"}')
    source = tmp_path / "project" / "src"
    (source / "real_name").mkdir(parents=True)
    (source / "real_name" / "__init__.py").touch()
    (source / "no_package").mkdir()
    (tmp_path / "site-packages" / "thing.pth").write_text(f"{source}\n")
    assert modules.provided(found) == ("real_name",)


def test_a_namespace_in_a_folder_of_its_own_gives_what_is_in_it(tmp_path: Path) -> None:
    found = installed(tmp_path, "space_api", "space.pth", direct_url_json='{"url": "file:///elsewhere"}')
    source = tmp_path / "project" / "src"
    (source / "space" / "api").mkdir(parents=True)
    (source / "space" / "api" / "__init__.py").touch()
    (tmp_path / "site-packages" / "space.pth").write_text(f"{source}\n")
    assert modules.provided(found) == ("space.api",)


def test_the_projects_own_folder_gives_only_what_is_called_like_it(tmp_path: Path) -> None:
    source = tmp_path / "project"
    found = installed(tmp_path, "my_thing", "my_thing.pth", direct_url_json=f'{{"url": "{source.as_uri()}"}}')
    for name in ("my_thing", "helpers", "tests"):
        (source / name).mkdir(parents=True)
        (source / name / "__init__.py").touch()
    (tmp_path / "site-packages" / "my_thing.pth").write_text(f"{source}\n")
    assert modules.provided(found) == ("my_thing",)
    assert found.comes_from(source)


def test_top_level_txt_adds_what_is_seen_nowhere_else(tmp_path: Path) -> None:
    found = installed(tmp_path, "thing", "space/one/__init__.py", top_level_txt="space\nhidden\n")
    assert modules.provided(found) == ("hidden", "space.one")


def test_commands_are_read_with_their_modules(tmp_path: Path) -> None:
    text = (
        "[console_scripts]\nTool = pkg.cli:main\nextra = pkg.x:main [x]\n[gui_scripts]\nwin=pkg.gui:run\n[other]\na=b\n"
    )
    found = installed(tmp_path, "pkg", entry_points_txt=text)
    assert [(each.name, each.module, each.extra) for each in entry_points.commands(found)] == [
        ("Tool", "pkg.cli", False),
        ("extra", "pkg.x", True),
        ("win", "pkg.gui", False),
    ]


@pytest.mark.parametrize("text", ["", "no section", "[console_scripts]\n= nothing\n"])
def test_broken_entry_points_promise_nothing(tmp_path: Path, text: str) -> None:
    assert [
        each for each in entry_points.commands(installed(tmp_path, "pkg", entry_points_txt=text)) if each.name
    ] == []
