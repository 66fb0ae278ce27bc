"""How a run ended, as the page of a job: Markdown in which no text of others can be anything but text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily
from installer.i18n import tr
from installer.show.words import clean_lines, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import Json

_SPECIAL = lazily.pattern(r"([\\`*_\[\]#|~$@])")
_LINK = lazily.pattern(r"(?i)(:(?=//)|www(?=\.)|@)")
_MOST = 100  # packages in one list
_LARGEST = 200_000  # characters; GitHub drops a page of more than 1 MiB


def page(report: Json) -> str:
    """The page for a report: see `report` in docs/schemas/events.schema.json; whatever it lacks is left out."""
    lines = [
        f"## Surefoot: {_text(_state(str(report.get('state', ''))))}",
        "",
        *_error(report.get("error") or {}),
        *_warnings(report.get("warnings") or []),
        *_phases(report.get("phases") or []),
        *_packages(report.get("packages") or {}),
        *_hint(str(report.get("hint") or "")),
    ]
    return "\n".join(lines)[:_LARGEST] + "\n"


def _state(state: str) -> str:
    words = {
        "done": tr("done"),
        "degraded": tr("done, but not all of it"),
        "nothing": tr("nothing to do"),
        "failed": tr("failed"),
        "rolled back": tr("taken back"),
        "rollback incomplete": tr("rollback incomplete"),
        "dry-run": tr("a dry run"),
    }
    return words.get(state, state)


def _error(error: Json) -> Iterator[str]:
    if error:
        yield f"**{_text(str(error.get('message', '')))}**"
        yield ""
        yield from _code("\n".join(map(str, error.get("details", ()))))
        yield from _hint(str(error.get("hint") or ""))


def _warnings(warnings: list[Json]) -> Iterator[str]:
    yield from (f"- ⚠️ {_text(str(each.get('message', '')))}" for each in warnings)
    if warnings:
        yield ""


def _phases(phases: list[Json]) -> Iterator[str]:
    if not phases:
        return
    signs = {"completed": "✅", "failed": "❌", "running": "⏳"}
    yield f"| {tr('Phase')} | | {tr('Time')} |"
    yield "|---|---|---|"
    for each in phases:
        sign = signs.get(each["status"], "")
        yield f"| {_text(each['phase'])} | {sign} | {duration(each['seconds'])} |"
    yield ""


def _packages(changes: Json) -> Iterator[str]:
    rows = [f"+ {name} {version}" for name, version in changes.get("added", {}).items()]
    rows += [f"- {name} {version}" for name, version in changes.get("removed", {}).items()]
    rows += [f"~ {name} {old} -> {new}" for name, (old, new) in changes.get("changed", {}).items()]
    if rows:
        yield f"<details><summary>{tr('Packages that changed: {count}', count=len(rows))}</summary>"
        yield ""
        more = [tr("… and {count} more", count=len(rows) - _MOST)] if len(rows) > _MOST else []
        yield from _code("\n".join([*rows[:_MOST], *more]))
        yield "</details>"
        yield ""


def _hint(hint: str) -> Iterator[str]:
    if hint:
        yield f"💡 {_text(tr('hint: {hint}', hint=hint))}"
        yield ""


def _code(text: str) -> Iterator[str]:
    """`text` as it is, in a fence longer than any in it."""
    if text.strip():
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        yield f"{fence}text"
        yield from (line.rstrip() for line in clean_lines(text))
        yield fence
        yield ""


def _text(text: str) -> str:
    """`text` on one line, in which nothing is a mark, a tag, a link, a mention or the end of a cell."""
    flat = " ".join(clean_lines(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # GitHub makes links of bare addresses, of mail's also behind a mark; what stands between is not shown
    return _LINK.sub(r"\1<!-- -->", _SPECIAL.sub(r"\\\1", flat))
