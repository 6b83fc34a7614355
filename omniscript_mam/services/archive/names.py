"""What a file is called when it comes in: names are only shown, never used as paths."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from omniscript_mam.models import Asset


def clean_name(original_name: str) -> str:
    """The last part of a name, without control characters, at most 255 characters; ``upload`` when nothing is left."""
    last = PurePosixPath(original_name.replace("\\", "/")).name
    printable = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C")
    return printable.strip(" .")[:255] or "upload"


def title_from(name: str) -> str:
    """A title from a file name: without extension, underscores and dots as spaces."""
    return " ".join(PurePosixPath(name).stem.replace("_", " ").replace(".", " ").split()) or name


def is_subtitle_name(name: str) -> bool:
    """True for a name that a subtitle file has."""
    from inference.evidence.subtitles.files import SUFFIXES

    return PurePosixPath(name).suffix.lower() in SUFFIXES


def already_here(asset: Asset, original_name: str) -> str:
    """In plain words: under which name the bytes are in the archive that came again, as ``original_name`` this time."""
    name, kept = clean_name(original_name), asset.essence.original_name
    again = "" if name == kept else f", which came as “{kept}”"
    return f"“{name}” is in the archive already, as “{asset.title}”{again}: the bytes are the same, so nothing was added."
