"""Subtitles burnt into the picture: white with a dark outline, one row a language, at the bottom.

Fonts are looked for in the system's usual folders and in installed font packages; a missing one is an error that names the remedy.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from eval.errors import MissingFontError
from omniscript_mam.script import Event, Scene

from .voices import is_chinese

FONTS = {
    "en": ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf"),
    "zh": ("NotoSansCJK-Regular.ttc", "NotoSansCJK-VF.otf.ttc", "wqy-zenhei.ttc", "SourceHanSansSC-Regular.otf"),
}
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_PACKAGES = ("manimgx_fonts_cjk",)


class Subtitles:
    """Draws the lines of the given languages."""

    def __init__(self, languages: Sequence[str], size: tuple[int, int]) -> None:
        self._languages = tuple(languages)
        self._fonts = {language: find_font(language, max(12, size[1] // 17)) for language in self._languages}

    def key(self, scene: Scene, time_s: float) -> str:
        """The id of the line shown now, or ""; pictures change when it does."""
        event = _line(scene, time_s) if self._languages else None
        return event.id if event else ""

    def draw(self, picture: Image.Image, scene: Scene, time_s: float) -> None:
        """Draw the line of this moment onto a picture."""
        event = _line(scene, time_s) if self._languages else None
        if event is None:
            return
        draw = ImageDraw.Draw(picture)
        rows = [(language, text_in(event, language)) for language in self._languages]
        bottom = picture.height * 0.95
        for language, text in reversed([row for row in rows if row[1]]):
            font = self._fonts[language]
            draw.text((picture.width / 2, bottom), text, font=font, fill="white", anchor="ms", stroke_width=2, stroke_fill="black")
            bottom -= 1.35 * font.size


def text_in(event: Event, language: str) -> str:
    """A line's text in a language: the line itself if it is written in it, otherwise the event's ``on_screen_text``."""
    chinese = language == "zh"
    return next((text for text in (event.dialogue, event.on_screen_text) if text and is_chinese(text) == chinese), "")


def find_font(language: str, size_px: int) -> ImageFont.FreeTypeFont:
    """A font for a language.

    Raises:
        MissingFontError: there is none on this machine.
    """
    for name in FONTS[language]:
        for folder in _folders():
            path = next(iter(sorted(folder.rglob(name))), None) if folder.is_dir() else None
            if path is not None:
                return ImageFont.truetype(str(path), size_px)
    if language == "en":
        default = ImageFont.load_default(size_px)
        if isinstance(default, ImageFont.FreeTypeFont):
            return default
    raise MissingFontError(f"No font for subtitles in {language!r} was found: looked for {', '.join(FONTS[language])}.")


def _folders() -> list[Path]:
    packages = [importlib.util.find_spec(name) for name in _PACKAGES]
    installed = [Path(spec.origin).parent for spec in packages if spec is not None and spec.origin]
    return [*(Path(folder).expanduser() for folder in _FOLDERS), *installed]


def _line(scene: Scene, time_s: float) -> Event | None:
    return next((event for event in scene.events if event.dialogue and event.start_s <= time_s < event.end_s), None)
