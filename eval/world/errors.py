"""The exception tree of the film renderer.

    WorldError
    ├── MissingVoiceError   no speech synthesiser on this machine
    ├── MissingFontError    no font that has the letters of a subtitle
    └── EncodingError       ffmpeg is missing or failed

Each has a stable ``code``, one sentence, and one ``remedy``.
"""

from __future__ import annotations


class WorldError(Exception):
    """Base of every error raised by :mod:`eval.world`."""

    code = "world"
    remedy = "Look at the message, then try again."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class MissingVoiceError(WorldError):
    """There is no speech synthesiser, or it failed."""

    code = "world.voice"
    remedy = "Install it with `pip install espeakng-loader` (or the system package espeak-ng)."


class MissingFontError(WorldError):
    """No font on this machine has the letters."""

    code = "world.font"
    remedy = "Install a font: the system packages fonts-dejavu-core (Latin) and fonts-noto-cjk (Chinese)."


class EncodingError(WorldError):
    """The film could not be encoded."""

    code = "world.encoding"
    remedy = "Install ffmpeg (the system's, or `pip install imageio-ffmpeg`) and check that the disk is not full."
