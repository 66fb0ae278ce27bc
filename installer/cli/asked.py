"""What was asked for on the command line, as frozen data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.show import Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The flags that every verb understands. `flags` are those that are settings, too; None: not given."""

    directory: str = ""
    as_json: bool = False
    volume: Volume = "normal"
    dry_run: bool = False
    detailed: bool = False
    yes: bool | None = None
    until: str = ""
    skip: tuple[str, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)  # Any: text, switch or number, by `settings.KEYS`
