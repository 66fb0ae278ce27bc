"""Is every requirement of every installed distribution satisfied? The environment's own markers decide which hold."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import plain_requirements
from phases.python.discovery import searching
from phases.python.environments import modules, places
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import Context
    from phases.python.environments.modules import Distribution

_MARKERS = """
import json, os, platform, sys
v = sys.implementation.version
kind = v.releaselevel
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": "%d.%d.%d" % v[:3] + ("" if kind == "final" else kind[0] + str(v.serial)),
    "os_name": os.name, "platform_machine": platform.machine(), "platform_release": platform.release(),
    "platform_system": platform.system(), "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "python_version": ".".join(platform.python_version_tuple()[:2]), "sys_platform": sys.platform,
}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """`by` needs `requirement`; `found` is the version that is installed, "" for none."""

    by: str
    name: str
    requirement: str
    found: str

    def __str__(self) -> str:
        if not self.found:
            return tr("{by} needs {what}, which is not installed", by=self.by, what=self.requirement)
        return tr("{by} needs {what}, but {found} is installed", by=self.by, what=self.requirement, found=self.found)


def unmet(env: Path, context: Context) -> list[Unmet]:
    """Everything that is missing, or there in a wrong version."""
    markers = markers_of(env, context)
    installed = modules.distributions(places.site_packages(env))
    return [each for distribution in installed.values() for each in _of(distribution, installed, markers)]


def markers_of(env: Path, context: Context) -> dict[str, str]:
    """The values that markers are evaluated with, as the environment's own Python has them."""
    argv = [str(places.python(env)), "-I", "-S", "-c", _MARKERS]
    if places.layout(env) is None and places.interpreter(env) == searching.own().executable:
        return _own_markers()  # it is the very one that we run in
    told: dict[str, str] = json.loads(context.run(argv, cwd=context.scratch, quiet=True).stdout)
    return told


def _own_markers() -> dict[str, str]:
    version, kind = sys.implementation.version, sys.implementation.version.releaselevel
    serial = "" if kind == "final" else f"{kind[0]}{version.serial}"
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{version.major}.{version.minor}.{version.micro}{serial}",
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def roots(env: Path, only: frozenset[str] | None = None) -> tuple[Distribution, ...]:
    """The distributions that no other one (of `only`) needs: those that somebody asked for."""
    found = modules.distributions(places.site_packages(env))
    installed = {name: each for name, each in found.items() if only is None or name in only}
    needed = {_name(line) for each in installed.values() for line in each.requires if "extra ==" not in line}
    return tuple(each for name, each in installed.items() if name not in needed)


def _of(
    distribution: Distribution, installed: Mapping[str, Distribution], markers: Mapping[str, str]
) -> Iterator[Unmet]:
    for line in distribution.requires:
        try:
            requirement = plain_requirements.parse(line)
            applies = requirement.applies(markers)
            found = installed.get(normalise(requirement.name)) if applies else None
            admitted = found is None or requirement.admits(found.declared_version)
        except plain_requirements.NotPlain:
            yield from _of_any_form(line, distribution, installed, markers)
            continue
        if applies and (found is None or not admitted):
            version = found.declared_version if found else ""
            yield Unmet(by=distribution.name, name=normalise(requirement.name), requirement=line, found=version)


def _of_any_form(
    line: str, distribution: Distribution, installed: Mapping[str, Distribution], markers: Mapping[str, str]
) -> Iterator[Unmet]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return  # old metadata that no installer could have obeyed
    if requirement.marker and not requirement.marker.evaluate({**markers, "extra": ""}):
        return
    name = normalise(requirement.name)
    found = installed.get(name)
    if found is None:
        yield Unmet(by=distribution.name, name=name, requirement=line, found="")
        return
    with suppress(InvalidVersion):  # a version that no specifier can speak of
        if not requirement.specifier.contains(Version(found.declared_version), prereleases=True):
            yield Unmet(by=distribution.name, name=name, requirement=line, found=found.declared_version)


def _name(line: str) -> str:
    found = re.match(r"\s*[\w.-]+", line)
    return normalise(found[0].strip()) if found else ""
