"""Heavy libraries are optional extras, imported where they are used; a missing one is a sentence with its remedy."""

from __future__ import annotations

import importlib
import os
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from installer import DISTRIBUTION
from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOOLS = "surefoot-tools"  # the file in the tool's own environment, as in toolenv


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What the library is for, and the modules that stand for all of it."""

    purpose: str
    modules: tuple[str, ...]


EXTRAS: Mapping[str, Extra] = MappingProxyType(
    {
        "builds": Extra(purpose="build, notices", modules=("githubkit", "gitlab", "keyring", "apprise")),
        "cloud": Extra(purpose="checkpoint push, checkpoint pull", modules=("fsspec",)),
        "containers": Extra(purpose="images, apps in containers, volumes", modules=("docker", "prometheus_client")),
    }
)


def need(extra: str, module: str) -> Any:  # noqa: ANN401 -- a module of a library without types
    """Import `module` of `extra`. Raises `Precondition` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise missing(extra, module) from error


def missing(extra: str, module: str) -> Precondition:
    """The error for a library that is not here."""
    return Precondition(
        "extras.missing",
        tr("this needs the extra `{extra}` of Surefoot (`{module}` is not installed)", extra=extra, module=module),
        hint=tr("install it with `{command}`", command=remedy(extra)),
        extra=extra,
    )


def usable(extra: str) -> bool:
    """Can all of its modules be imported here?"""
    from importlib.util import find_spec

    return all(find_spec(module) is not None for module in EXTRAS[extra].modules)


def clone() -> str:
    """The copy with locks that this code is of, a clone or what a project pins; empty for an installed wheel."""
    from installer import __version__, toolenv

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.isdir(os.path.join(root, f"{DISTRIBUTION}-{__version__}.dist-info")):
        return ""
    return root if os.path.isfile(os.path.join(toolenv.locks_folder(root), "tool.txt")) else ""


def remedy(extra: str) -> str:
    """The command that installs `extra` where this copy of Surefoot lives."""
    if clone():
        return f"python3 manage.py extras add {extra}"
    together = ",".join(sorted({extra, *(name for name in EXTRAS if usable(name))}))
    if os.path.isfile(os.path.join(sys.prefix, "uv-receipt.toml")):
        return f"uv tool install '{DISTRIBUTION}[{together}]'"
    if os.path.isfile(os.path.join(sys.prefix, "pipx_metadata.json")):
        return " ".join(("pipx inject", DISTRIBUTION, *(f"'{each}'" for each in _requirements(extra))))
    return f"{sys.executable} -m pip install '{DISTRIBUTION}[{together}]'"


def _requirements(extra: str) -> list[str]:
    """What the installed wheel says that the extra consists of."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        found = [Requirement(each) for each in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        found = []
    ours = [
        each for each in found if each.marker and not each.marker.evaluate() and each.marker.evaluate({"extra": extra})
    ]
    return [f"{each.name}{each.specifier}" for each in ours] or [f"{DISTRIBUTION}[{extra}]"]
