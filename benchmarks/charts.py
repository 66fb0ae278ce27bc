"""Pictures of figures, as SVG without a library, light or dark as the reader's screen is."""

from __future__ import annotations

import math
import statistics
from html import escape
from typing import TYPE_CHECKING

from benchmarks.tables import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Curve, Row

_STYLE = """<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a }
  .title { font-weight: 600 } .ours { fill: #1f6feb } .peer { fill: #afb8c1 } .grid { stroke: #d0d7de; fill: none }
  .line0 { stroke: #1f6feb } .line1 { stroke: #bc4c00 } .line2 { stroke: #1a7f37 }
  .dot0 { fill: #1f6feb } .dot1 { fill: #bc4c00 } .dot2 { fill: #1a7f37 }
  .line3 { stroke: #8c959f; stroke-dasharray: 4 4 }
  .line0, .line1, .line2, .line3 { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .peer { fill: #57606a } .grid { stroke: #3d444d }
    .ours { fill: #4493f8 } .line0 { stroke: #4493f8 } .dot0 { fill: #4493f8 }
    .line1 { stroke: #f0883e } .dot1 { fill: #f0883e } .line2 { stroke: #3fb950 } .dot2 { fill: #3fb950 }
  }
</style>"""
_WIDTH = 860
_BAR, _ROW = 13, 58
_LEFT, _FULL = 20, 640


def bars(rows: Sequence[Row]) -> str:
    """Two bars a row, ours and the peer's, the longer of them at full width; shorter is better."""
    parts = [_text(_LEFT, 26, "Median time, by turns on one machine; shorter is better", "title")]
    for number, row in enumerate(rows):
        parts += _pair(row, 48 + number * _ROW)
    return _svg(_WIDTH, 48 + len(rows) * _ROW + 6, parts, "Surefoot and what it is compared with")


def _pair(row: Row, top: int) -> list[str]:
    ours, theirs = statistics.median(row.ours), statistics.median(row.theirs)
    most = max(ours, theirs)
    parts = [_text(_LEFT, top + 10, _plain(row.what))]
    for number, (kind, seconds, name) in enumerate((("ours", ours, "Surefoot"), ("peer", theirs, _plain(row.against)))):
        y, width = top + 16 + number * (_BAR + 2), max(2.0, _FULL * seconds / most * 0.62)
        parts.append(f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>')
        parts.append(_text(_LEFT + width + 6, y + 11, f"{shown(seconds)} · {name}", "small"))
    return parts


_PANEL, _HIGH, _GAP = 390, 250, 30


def curves(found: Sequence[Curve]) -> str:
    """A panel for each axis, both scales logarithmic. "" where no curve has two points."""
    axes: dict[str, list[Curve]] = {}
    for curve in found:
        if curve.exponent is not None:
            axes.setdefault(curve.axis, []).append(curve)
    parts: list[str] = []
    for number, (axis, group) in enumerate(axes.items()):
        x, y = 20 + number % 2 * (_PANEL + _GAP), 20 + number // 2 * (_HIGH + 90)
        parts += _Panel(axis, group, x, y).parts()
    if not parts:
        return ""
    return _svg(50 + 2 * (_PANEL + _GAP), 20 + (len(axes) + 1) // 2 * (_HIGH + 90), parts, "How time grows with size")


class _Panel:
    """One pair of axes, and where on it a value lies."""

    def __init__(self, axis: str, group: Sequence[Curve], x: float, y: float) -> None:
        self.axis, self.group, self.x, self.y = axis, group, x, y
        points = [point for curve in group for point in curve.points]
        self.sizes = _decades([point.size for point in points])
        self.times = _decades([seconds for point in points for seconds in (point.seconds, point.theirs) if seconds])

    def parts(self) -> list[str]:
        """The grid, the curves, the legend."""
        parts = [_text(self.x, self.y + 12, f"time by {self.axis}", "title")]
        for power in range(self.sizes[0], self.sizes[1] + 1):
            x = self._across(10.0**power)
            parts += [_path(f"M{x:.1f} {self.y + 22}V{self.y + 22 + _HIGH - 50}", "grid")]
            parts += [_text(x - 8, self.y + _HIGH - 12, f"{10**power:,}", "small")]
        for power in range(self.times[0], self.times[1] + 1):
            y = self._up(10.0**power)
            parts += [_path(f"M{self.x + 50} {y:.1f}H{self.x + _PANEL}", "grid")]
            parts += [_text(self.x, y + 4, _power(power), "small")]
        for number, curve in enumerate(self.group):
            parts += self._curve(curve, number % 3)
        return parts

    def _curve(self, curve: Curve, number: int) -> list[str]:
        places = [(self._across(point.size), self._up(point.seconds)) for point in curve.points]
        theirs = [(self._across(point.size), self._up(point.theirs)) for point in curve.points if point.theirs]
        label, peer = f"{_plain(curve.what)}: size ^ {curve.exponent:.2f}", _plain(curve.against)
        y = self.y + _HIGH + 8 + number * 16
        dots = [f'<circle class="dot{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
        legend = [_path(f"M{self.x + 50} {y - 4}h18", f"line{number}"), _text(self.x + 74, y, label, "small")]
        if theirs:
            legend += [_path(f"M{self.x + 50} {y + 12}h18", "line3"), _text(self.x + 74, y + 16, peer, "small")]
            legend.append(_path(_line(theirs), "line3"))
        return [_path(_line(places), f"line{number}"), *dots, *legend]

    def _across(self, size: float) -> float:
        first, last = self.sizes
        return self.x + 50 + (_PANEL - 50) * (math.log10(size) - first) / (last - first)

    def _up(self, seconds: float) -> float:
        first, last = self.times
        return self.y + _HIGH - 28 - (_HIGH - 50) * (math.log10(seconds) - first) / (last - first)


def _line(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around `values`, at least one apart."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return first, max(last, first + 1)


def _power(power: int) -> str:
    return {-4: "0.1 ms", -3: "1 ms", -2: "10 ms", -1: "0.1 s"}.get(power, f"{10.0**power:g} s")


def _path(line: str, kind: str) -> str:
    return f'<path class="{kind}" d="{line}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _plain(text: str) -> str:
    return text.replace("`", "")


def _svg(width: int, height: int, parts: Sequence[str], title: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", _STYLE, *parts, "</svg>"]) + "\n"
