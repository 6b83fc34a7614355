"""One tile of a sprite sheet, cut out by an SVG view box: no inline style, no script, and the browser keeps one picture for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """A sprite sheet: tiles of one size in rows, one every ``interval_s`` seconds from the film's start."""

    url: str
    columns: int
    num_tiles: int
    width_px: int
    height_px: int
    interval_s: float

    @property
    def sheet_width_px(self) -> int:
        """Width of the whole sheet."""
        return self.columns * self.width_px

    @property
    def sheet_height_px(self) -> int:
        """Height of the whole sheet."""
        return -(-self.num_tiles // self.columns) * self.height_px

    def view_box(self, time_s: float) -> str:
        """The part of the sheet that shows the film at a time, as an SVG view box."""
        index = min(self.num_tiles - 1, max(0, int(time_s / self.interval_s)))
        return f"{index % self.columns * self.width_px} {index // self.columns * self.height_px} {self.width_px} {self.height_px}"


def sheet_of(url: str, details: dict[str, Any]) -> Sheet | None:
    """The sheet that a rendition's details describe; ``None`` without a sheet, or where a measure is missing or not positive."""
    try:
        sheet = Sheet(
            url, int(details["columns"]), int(details["num_tiles"]), int(details["tile_width_px"]), int(details["tile_height_px"]),
            float(details["interval_s"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
    is_usable = bool(url) and min(sheet.columns, sheet.num_tiles, sheet.width_px, sheet.height_px) > 0 and sheet.interval_s > 0
    return sheet if is_usable else None
