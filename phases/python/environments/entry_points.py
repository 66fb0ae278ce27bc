"""The commands that a distribution promises: is each of them there, and does it lead somewhere?"""

from __future__ import annotations

import configparser
import os
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.python.environments.modules import Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A console or GUI script: its name and the module that it calls. `extra`: only there with an extra."""

    name: str
    module: str
    extra: bool = False


def commands(distribution: Distribution) -> Iterator[Command]:
    """What its `entry_points.txt` promises."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of commands keep their case
    try:
        parser.read_string(distribution.text("entry_points.txt"))
    except configparser.Error:
        return
    for section in ("console_scripts", "gui_scripts"):
        for name, target in parser.items(section) if parser.has_section(section) else ():
            yield Command(name=name.strip(), module=target.partition(":")[0].strip(), extra="[" in target)


def is_there(env: Path, command: Command) -> bool:
    """Is there a program of that name in the environment?"""
    folder = places.scripts(env)
    return any(os.access(folder / f"{command.name}{suffix}", os.X_OK) for suffix in ("", ".exe"))
