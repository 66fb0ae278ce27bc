"""What a workflow's file declares: may it be begun from outside, and with which inputs."""

from __future__ import annotations

import base64
import re
from typing import Any

from installer import extras
from installer.frozen import dataclass
from phases.builds.model import KEY

_MOST = 1 << 20  # bytes of a workflow's file


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`dispatch`: does it listen to `workflow_dispatch`? `inputs`: those that it declares for it.

    `keyed`: does it know a wish's key, so that a run's title may show it?
    """

    dispatch: bool
    inputs: frozenset[str]
    keyed: bool


def declared(content: str) -> Declared | None:
    """What the file with `content`, in base64 as the API has it, declares; None where it cannot be read."""
    try:
        return of_text(base64.b64decode(content)[:_MOST].decode())
    except ValueError:
        return None


def of_text(text: str) -> Declared | None:
    """The same of its text. Only names are taken from it."""
    yaml: Any = extras.need("builds", "yaml")  # comes with apprise
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(found, dict):
        return None
    on = found.get("on", found.get(True))  # YAML 1.1 takes the bare word `on` for true
    dispatch = "workflow_dispatch" in ([on] if isinstance(on, str) else on if isinstance(on, list | dict) else ())
    about = on["workflow_dispatch"] if dispatch and isinstance(on, dict) else None
    inputs = about.get("inputs") if isinstance(about, dict) else None
    names = frozenset(map(str, inputs if isinstance(inputs, dict) else ()))
    return Declared(dispatch=dispatch, inputs=names, keyed=KEY in text)


def unexpected(message: str) -> frozenset[str]:
    """The inputs of a request that GitHub does not know: `Unexpected inputs provided: ["a", "b"]`."""
    found = re.search(r"Unexpected inputs provided: \[([^\]]*)\]", message)
    return frozenset(re.findall(r'"([^"]+)"', found[1])) if found else frozenset()
