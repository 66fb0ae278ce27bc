"""A JUnit report, read back."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def cases(report: Path) -> dict[tuple[str, str], list[str]]:
    """(group, name) to the messages of the failures."""
    suite = ET.parse(report).getroot()  # noqa: S314 -- our own file
    found = {
        (case.attrib["classname"], case.attrib["name"]): [each.attrib["message"] for each in case.findall("failure")]
        for case in suite.findall("testcase")
    }
    assert int(suite.attrib["tests"]) == len(found)
    assert int(suite.attrib["failures"]) == sum(map(bool, found.values()))
    return found
