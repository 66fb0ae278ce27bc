"""Regular expressions that are compiled when they are first used: most of a run's hundred are for what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import re


class _Pattern:
    """Stands for a `re.Pattern`: the first method that is asked for compiles it."""

    def __init__(self, *given: object) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- of any attribute of a pattern
        import re

        compile_pattern: Any = re.compile
        found = getattr(compile_pattern(*self._given), name)  # `re` keeps what it compiled last, and we the method
        self.__dict__[name] = found
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, which raises for a wrong `text` only when the pattern is first used."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
