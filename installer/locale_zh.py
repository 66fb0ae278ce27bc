"""What we say, in Chinese. The keys are the English templates, word for word; the fields keep their names."""

from __future__ import annotations

SENTENCES: dict[str, str] = {}
