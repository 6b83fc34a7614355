"""Pictures of the report as SVG text: radar (paper, Fig. 5), curves over duration (Fig. 6), bars of recall, timeline of an alignment.

Values are in [0, 1]; sizes in pixels. Colours come from the page's style sheet (``.s0`` … by system; ``matched``, ``missed``, …).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from eval.alignment import Group
from eval.inputs import Unit


def radar(axes: Sequence[str], series: Mapping[str, Sequence[float]], size_px: int = 420) -> str:
    """One closed line per system over equally spaced axes, rings every 0.2."""
    centre, radius = size_px / 2, size_px / 2 - 70

    def point(i: int, value: float) -> tuple[float, float]:
        angle = 2 * math.pi * i / len(axes) - math.pi / 2
        return centre + radius * value * math.cos(angle), centre + radius * value * math.sin(angle)

    parts = [f'<svg class="radar" viewBox="0 0 {size_px} {size_px}" role="img" aria-label="{escape("Radar of " + ", ".join(axes))}">']
    for ring in (0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(f'<polygon class="ring" points="{_points(point(i, ring) for i in range(len(axes)))}"/>')
    for i, name in enumerate(axes):
        x, y = point(i, 1.0)
        label_x, label_y = point(i, 1.16)
        parts.append(f'<line class="ring" x1="{centre}" y1="{centre}" x2="{x:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{label_x:.1f}" y="{label_y:.1f}" text-anchor="middle" dominant-baseline="middle">{escape(name)}</text>')
    for number, (name, values) in enumerate(series.items()):
        outline = _points(point(i, value) for i, value in enumerate(values))
        parts.append(f'<polygon class="area s{number % 6}" points="{outline}"><title>{escape(name)}</title></polygon>')
    return "".join([*parts, "</svg>"])


def curves(series: Mapping[str, Mapping[int, float]], width_px: int = 460, height_px: int = 260) -> str:
    """One line per system over the film's duration in minutes (the split)."""
    minutes = sorted({x for points in series.values() for x in points})
    if not minutes:
        return ""
    left, top, right, bottom = 40, 12, width_px - 12, height_px - 28
    span = max(1, minutes[-1] - minutes[0])

    def place(x: int, y: float) -> tuple[float, float]:
        return left + (right - left) * (x - minutes[0]) / span, bottom - (bottom - top) * y

    parts = [f'<svg class="curves" viewBox="0 0 {width_px} {height_px}" role="img" aria-label="Scores over duration">']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = place(minutes[0], share)[1]
        parts.append(f'<line class="ring" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y:.1f}" text-anchor="end" dominant-baseline="middle">{100 * share:.0f}</text>')
    for x in minutes:
        parts.append(f'<text x="{place(x, 0)[0]:.1f}" y="{height_px - 8}" text-anchor="middle">{x} min</text>')
    for number, (name, points) in enumerate(series.items()):
        placed = [place(x, y) for x, y in sorted(points.items())]
        parts.append(f'<polyline class="line s{number % 6}" points="{_points(placed)}"><title>{escape(name)}</title></polyline>')
        parts += [f'<circle class="dot s{number % 6}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in placed]
    return "".join([*parts, "</svg>"])


def bars(rows: Sequence[tuple[str, Sequence[float]]], width_px: int = 460) -> str:
    """Groups of horizontal bars: a row per field, a bar per system."""
    bar, gap, left = 10, 10, 96
    height = sum(len(values) * (bar + 2) + gap for _, values in rows) + gap
    parts = [f'<svg class="bars" viewBox="0 0 {width_px} {height}" role="img" aria-label="Recall per field">']
    y = gap
    for name, values in rows:
        middle = y + len(values) * (bar + 2) / 2
        parts.append(f'<text x="{left - 8}" y="{middle:.1f}" text-anchor="end" dominant-baseline="middle">{escape(name)}</text>')
        for number, value in enumerate(values):
            length = (width_px - left - 50) * value
            parts.append(f'<rect class="bar s{number % 6}" x="{left}" y="{y}" width="{length:.1f}" height="{bar}" rx="2"/>')
            parts.append(f'<text x="{left + length + 5:.1f}" y="{y + bar / 2}" dominant-baseline="middle">{100 * value:.1f}</text>')
            y += bar + 2
        y += gap
    return "".join([*parts, "</svg>"])


def timeline(reference: Sequence[Unit], estimate: Sequence[Unit], groups: Sequence[Group], width_px: int = 1100) -> str:
    """Two lanes over time, reference above estimate; each block links to its group's row (``#gN``)."""
    duration_s = max([unit.end_s for unit in (*reference, *estimate)], default=1.0) or 1.0
    parts = [f'<svg class="timeline" viewBox="0 0 {width_px} 74" role="img" aria-label="Timeline of the alignment">']
    for number, group in enumerate(groups):
        kind = "matched" if group.is_aligned else "missed" if group.ref else "invented"
        for lane, units in ((6, [reference[i] for i in group.ref]), (40, [estimate[j] for j in group.est])):
            for unit in units:
                x = width_px * unit.start_s / duration_s
                width = max(1.5, width_px * (unit.end_s - unit.start_s) / duration_s)
                rect = f'<rect class="{kind}" x="{x:.1f}" y="{lane}" width="{width:.1f}" height="28" rx="2"/>'
                parts.append(f'<a href="#g{number}">{rect}</a>')
    return "".join([*parts, "</svg>"])


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
