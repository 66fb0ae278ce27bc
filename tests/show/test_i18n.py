from __future__ import annotations

import ast
import string
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer import i18n
from installer.errors import Refused
from installer.locale_zh import SENTENCES
from installer.looking import below
from installer.model import RelPath
from installer.pins import at, pinned

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


SOURCES = sorted([*ROOT.glob("installer/**/*.py"), *ROOT.glob("phases/**/*.py")])


def spoken() -> dict[str, str]:
    """Every literal that is given to `tr`, and a place where."""
    found: dict[str, str] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                if not isinstance(node.args[0], ast.Constant):
                    continue  # a sentence from a table; it is among the literals below
                template = node.args[0].value
                assert isinstance(template, str), f"{place}: tr wants a text"
                found.setdefault(template, place)
                given = {keyword.arg for keyword in node.keywords}
                filled = not given or None in given or given == fields(template)  # none: filled in later
                assert filled, f"{place}: the fields are {fields(template)}"
    return found


def literals() -> set[str]:
    """Every text in the sources but for the translations."""
    return {
        node.value
        for path in SOURCES
        if "locale_zh" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def fields(template: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_everything_that_is_said_is_said_in_chinese_too() -> None:
    missing = {template: place for template, place in spoken().items() if template not in SENTENCES}
    assert missing == {}


def test_nothing_is_translated_that_nobody_says() -> None:
    assert SENTENCES.keys() - literals() == set()


def test_a_translation_has_the_fields_of_its_template() -> None:
    wrong = {template for template, chinese in SENTENCES.items() if fields(template) != fields(chinese)}
    assert wrong == set()


def test_a_translation_is_chinese() -> None:
    same = {
        template
        for template, chinese in SENTENCES.items()
        if not any(unicodedata.east_asian_width(letter) in "WF" for letter in chinese)
    }
    assert same == set()


def test_the_words_of_the_source_are_kept() -> None:
    i18n.use("zh")
    try:
        assert i18n.tr("🔍 An unfinished installation was found") == "🔍 检测到未完成的安装"
        assert i18n.tr("Install ID: {install_id}", install_id="20251115_143000") == "安装 ID: 20251115_143000"
        assert i18n.tr("Current phase: {phase}", phase="python_deps") == "当前阶段: python_deps"
        completed = i18n.tr("Completed: {phases}", phases="environment_setup, submodule_sync")
        assert completed == "已完成: environment_setup, submodule_sync"
        assert i18n.tr("⚡ Continue from the checkpoint? [Y/n]") == "⚡ 是否从断点继续安装？[Y/n]"
        assert i18n.tr("❌ Installation failed at line {line}", line=12) == "❌ 安装失败于第 12 行"
        assert i18n.tr("Roll back to the last checkpoint? [y/N]") == "是否回滚到上一个检查点？[y/N]"
        assert i18n.language() == "zh"
    finally:
        i18n.use("en")
    assert i18n.tr("Current phase: {phase}", phase="x") == "Current phase: x"


@pytest.mark.parametrize(
    ("flag", "environ", "manifest", "chosen"),
    [
        ("", {}, "", "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "", "zh"),
        ("", {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE"}, "", "en"),
        ("", {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "", "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "en", "en"),
        ("", {"SAGE_LANG": "zh"}, "en", "zh"),
        ("", {"SAGE_LANG": "fr", "LANG": "zh_TW"}, "", "zh"),
        ("en", {"SAGE_LANG": "zh"}, "zh", "en"),
        ("", {"SUREFOOT_LANG": "zh"}, "", "zh"),
    ],
)
def test_the_language_goes_by_flag_variable_manifest_and_locale(
    flag: str, environ: dict[str, str], manifest: str, chosen: str
) -> None:
    assert i18n.choose(flag, manifest, prefix="SAGE", environ=environ) == chosen


def test_an_installed_tool_names_the_commands_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_installed", False)
    assert i18n.tr("`manage.py test` or `quickstart.py`") == "`manage.py test` or `quickstart.py`"
    i18n.installed()
    assert i18n.tr("`manage.py test` or `quickstart.py`") == "`surefoot-manage test` or `surefoot`"


@pytest.mark.parametrize(
    "use",
    [
        lambda _: RelPath("/etc"),
        lambda _: RelPath("../etc"),
        lambda _: RelPath("\ud800"),
        lambda root: below(root, "a/"),
        lambda root: at(root / "a" / "..").__enter__(),
    ],
)
def test_a_path_is_refused_in_the_readers_language(tmp_path: Path, use: Callable[[Path], object]) -> None:
    i18n.use("zh")
    with pinned(tmp_path), pytest.raises(Refused) as error:
        use(tmp_path)
    assert any(unicodedata.name(each, "").startswith("CJK") for each in error.value.message)
