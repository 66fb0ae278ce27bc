"""The layers of an image on their way: how much of it is here, as people want to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass, field
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.model import Json

_ALL = 100  # per cent
_HALF = 0.5  # of a layer's way is its download, the other its extraction
_DIGEST = "Digest: "
_STATES = {
    "Pulling fs layer": "pending",
    "Waiting": "pending",
    "Downloading": "downloading",
    "Verifying Checksum": "verifying",
    "Download complete": "verifying",
    "Extracting": "extracting",
    "Pull complete": "complete",
    "Already exists": "complete",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One of them: its size in bytes (0: not told), the part of its way that is behind it, and how it stands."""

    state: str
    share: float = 0.0
    size: int = 0


@dataclass(slots=True)
class Layers:
    """All of them; `digest` is what the engine says that came."""

    report: Callable[[int, int], None]
    note: Callable[[str], None]
    digest: str = ""
    known: dict[str, Layer] = field(default_factory=dict)
    shown: int = -1

    def take(self, message: Json) -> None:
        """Note what `message` says, and tell of it."""
        status, name = str(message.get("status", "")), str(message.get("id", ""))
        if status.startswith(_DIGEST):
            self.digest = status.removeprefix(_DIGEST).strip()
        if not name or status not in _STATES:
            return
        before = self.known.get(name, Layer(state="pending"))
        now = _after(before, status, message.get("progressDetail") or {})
        self.known[name] = now
        if status == "Pull complete":
            self.note(tr("layer {layer} is here: {size} bytes", layer=name, size=now.size))
        self._tell()

    def _tell(self) -> None:
        """In per cent; never less than was told before, though layers are heard of one by one."""
        weights = [max(1, each.size) for each in self.known.values()]
        done = sum(weight * each.share for weight, each in zip(weights, self.known.values(), strict=True))
        if (whole := int(done * _ALL / sum(weights))) > self.shown:
            self.shown = whole
            self.report(whole, _ALL)


def _after(before: Layer, status: str, detail: Json) -> Layer:
    state, total = _STATES[status], int(detail.get("total") or 0)
    part = min(1.0, int(detail.get("current") or 0) / total) if total else 0.0
    share = {
        "pending": 0.0,
        "downloading": part * _HALF,
        "verifying": _HALF,
        "extracting": _HALF + part * _HALF,
        "complete": 1.0,
    }[state]
    size = total if state == "downloading" and total else before.size
    return Layer(state=state, share=max(share, before.share), size=size)
