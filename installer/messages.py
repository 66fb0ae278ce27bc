"""What a script says about a phase, a sentence or a JSON object, made safe to keep: bounded, readable, no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from installer.errors import UsageError
from installer.i18n import tr
from installer.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 8_000  # characters of a sentence; a log is the place for more
_LARGEST = 256 << 10  # characters of a JSON object
_DEEPEST = 32

Data = dict[str, Any]  # Any: JSON of the script's own


def read(given: str | Mapping[str, Any] | None) -> tuple[str, Data]:
    """The sentence in `given`, and the object that it is ({} for a plain sentence). Raises `UsageError`."""
    if given is None:
        return "", {}
    data = _object(given)
    if data is None:
        return sentence(str(given)), {}
    said = data.get("message", data.get("error"))
    return sentence(said if isinstance(said, str) else json.dumps(data, ensure_ascii=False)), data


def sentence(text: str) -> str:
    """`text` as it may be kept: no secret, no lone surrogate of bytes that are no UTF-8, not endless."""
    readable = text.encode("utf-8", "backslashreplace").decode()
    return redact(readable if len(readable) <= _LONGEST else readable[:_LONGEST] + " …")


def _object(given: str | Mapping[str, Any]) -> Data | None:
    """The JSON object in `given`; None if it is a sentence, or a text that only looks like an object."""
    if isinstance(given, str):
        if not given.lstrip().startswith("{") or len(given) > _LARGEST:
            return None
        try:
            return _cleaned(json.loads(given))
        except (ValueError, RecursionError):
            return None  # a failure must be recorded, whatever the script says about it
    try:
        return _cleaned(dict(given))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            "checkpoint.data", tr("the additional data is no JSON object: {reason}", reason=error)
        ) from error


def _cleaned(data: Data) -> Data:
    """A copy of `data` as JSON has it, every text in it safe to keep. Raises `ValueError`."""
    text = json.dumps(data, allow_nan=False)
    if len(text) > _LARGEST:
        raise ValueError(f"it is longer than {_LARGEST} characters")
    cleaned: Data = _clean(json.loads(text), 0)
    return cleaned


def _clean(value: Any, depth: int) -> Any:  # noqa: ANN401 -- JSON
    if depth > _DEEPEST:
        raise ValueError(f"it is nested deeper than {_DEEPEST}")
    if isinstance(value, str):
        return sentence(value)
    if isinstance(value, list):
        return [_clean(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {sentence(name): _clean(each, depth + 1) for name, each in value.items()}
    return value
