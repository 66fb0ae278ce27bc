"""What is read without `packaging` means what `packaging` says it means."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some
from packaging.requirements import Requirement
from packaging.version import Version

from phases.python import plain_requirements
from phases.python.plain_requirements import NotPlain, parse

MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.2",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.11.2",
    "platform_python_implementation": "CPython",
    "python_version": "3.11",
    "sys_platform": "linux",
}
VERSIONS = ("0", "1", "1.0", "1.0.0", "2.0.1", "2.2", "3", "3.10", "10.2", "2024.1")

versions = some.sampled_from(VERSIONS)
clauses = some.builds("{}{}{}".format, some.sampled_from(("==", "!=", "<=", ">=", "<", ">")), versions, some.just(""))
clauses |= some.builds("{}{}.*".format, some.sampled_from(("==", "!=")), versions)
clauses |= some.sampled_from(("~=1.0", "~=2.0.1", "~=3.10", ">=1.0rc1", "===1.0", "== 1.0"))
bounds = some.lists(clauses, max_size=3).map(",".join)
keys = some.sampled_from((*MARKERS, "extra"))
values = some.sampled_from(("", "linux", "win32", "posix", "Linux", "CPython", "3.11", "3.9", "3.11.2", "3.12", "test"))
operators = some.sampled_from(("==", "!=", "<", ">=", "<=", ">", "in", "not in", "~="))
comparisons = some.builds("{} {} '{}'".format, keys, operators, values)
markers = some.lists(comparisons, min_size=1, max_size=3).flatmap(
    lambda parts: some.sampled_from((" and ", " or ")).map(lambda word: word.join(parts))
)
markers |= some.builds("({}) and extra == 'x'".format, markers)
lines = some.builds("Some_Name{}{}{}".format, some.sampled_from(("", "[a,b]")), bounds, some.just(""))
lines |= some.builds("some.name ({}) ; {}".format, bounds.filter(bool), markers)
lines |= some.builds("name{}; {}".format, bounds, markers)


@given(lines, versions)
def test_it_agrees_with_packaging_or_leaves_it_to_it(line: str, version: str) -> None:
    plain = parse(line)
    with suppress(NotPlain):
        assert plain.admits(version) == Requirement(line).specifier.contains(Version(version), prereleases=True)
    with suppress(NotPlain, ValueError, KeyError):
        applies = plain.applies(MARKERS)
        marker = Requirement(line).marker
        assert applies == (marker is None or marker.evaluate({**MARKERS, "extra": ""}))


@pytest.mark.parametrize(
    ("line", "applies", "admits"),
    [
        ("attrs", True, True),
        ("attrs>=22.2.0", True, False),
        ("Jinja2 (>=2.0,<3.0)", True, False),
        ("httpcore==1.*", True, True),
        ("typing-extensions>=1; python_version < '3.11'", False, True),
        ('exceptiongroup>=1; python_version < "3.12" and sys_platform != "win32"', True, True),
        ("requests[socks]<2 ; extra == 'http'", False, True),
        ("uvloop; (sys_platform != 'win32' or os_name == 'x') and extra == 'fast'", False, True),
    ],
)
def test_the_forms_that_nearly_all_have_are_plain(line: str, *, applies: bool, admits: bool) -> None:
    plain = parse(line)
    assert (plain.applies(MARKERS), plain.admits("1.5.2")) == (applies, admits)


@pytest.mark.parametrize("line", ["name @ https://example.org/name.whl", "name>=1; (a", "-name", ""])
def test_other_forms_are_left_to_packaging(line: str) -> None:
    with pytest.raises(NotPlain):
        plain_requirements.parse(line).applies(MARKERS)
