"""What a script says about a phase, made safe to keep: a sentence or a JSON object, bounded, readable, no secret in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from installer.errors import UsageError
from installer.redact import redact

_LONGEST = 8_000  # characters of a sentence; a log is the place for more
_LARGEST = 256 << 10  # characters of a JSON object
_NAME = re.compile(r"(?!start\Z|point-)\w[\w.-]{0,63}", re.ASCII)

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


def is_name(phase: str) -> bool:
    """Can a phase be called so? The names of rollback points cannot."""
    return bool(_NAME.fullmatch(phase))


def _object(given: str | Mapping[str, Any]) -> Data | None:
    """The JSON object in `given`, or None if it is a sentence."""
    if isinstance(given, str):
        if not given.lstrip().startswith("{") or len(given) > _LARGEST:
            return None
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    try:
        text = json.dumps(given if isinstance(given, dict) else dict(given), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError("checkpoint.data", f"the additional data is no JSON object: {error}") from error
    if len(text) > _LARGEST:
        raise UsageError("checkpoint.data", f"the additional data is longer than {_LARGEST} characters")
    data: Data = _clean(json.loads(text))
    return data


def _clean(value: Any) -> Any:  # Any: JSON
    if isinstance(value, str):
        return sentence(value)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {sentence(name): _clean(each) for name, each in value.items()}
    return value
