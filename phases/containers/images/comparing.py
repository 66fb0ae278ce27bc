"""What is in an image, and how two differ. Of variables only the names are told: some hold secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Json

_WORDS = ("Entrypoint", "Cmd", "User", "WorkingDir", "StopSignal", "Healthcheck")
_KEYS = ("ExposedPorts", "Volumes")


def told(found: Json) -> Json:
    """An image, for people and scripts."""
    settings = found.get("Config") or {}
    return {
        "id": found["Id"],
        "tags": sorted(found.get("RepoTags") or ()),
        "digests": sorted(found.get("RepoDigests") or ()),
        "size": found.get("Size", 0),
        "created": found.get("Created", ""),
        "platform": "/".join(filter(None, (found.get("Os"), found.get("Architecture"), found.get("Variant")))),
        "layers": list((found.get("RootFS") or {}).get("Layers") or ()),
        "variables": sorted(_variables(settings)),
        "labels": dict(sorted((settings.get("Labels") or {}).items())),
        **{_spelt(name): settings.get(name) for name in _WORDS if settings.get(name)},
        **{_spelt(name): sorted(settings.get(name) or ()) for name in _KEYS if settings.get(name)},
    }


def compared(one: Json, other: Json) -> Json:
    """How `other` differs from `one`: the layers from the base up that both have, sizes, settings."""
    first, second = told(one), told(other)
    layers = list(zip(first["layers"], second["layers"], strict=False))
    shared = next((count for count, (here, there) in enumerate(layers) if here != there), len(layers))
    words = [_spelt(each) for each in (*_WORDS, *_KEYS)]
    return {
        "same": first["id"] == second["id"],
        "layers": {
            "shared": shared,
            "only_first": len(first["layers"]) - shared,
            "only_second": len(second["layers"]) - shared,
        },
        "size": {"first": first["size"], "second": second["size"], "difference": second["size"] - first["size"]},
        "platform": [first["platform"], second["platform"]],
        "variables": _difference(_variables(one.get("Config") or {}), _variables(other.get("Config") or {})),
        "labels": _difference(first["labels"], second["labels"]),
        "settings": {
            name: [first.get(name), second.get(name)] for name in words if first.get(name) != second.get(name)
        },
    }


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names only."""
    return {
        "added": sorted(other.keys() - one.keys()),
        "removed": sorted(one.keys() - other.keys()),
        "changed": sorted(name for name in one.keys() & other.keys() if one[name] != other[name]),
    }


def _variables(settings: Json) -> dict[str, str]:
    return dict(str(each).partition("=")[::2] for each in settings.get("Env") or ())


def _spelt(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
