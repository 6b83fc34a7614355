"""What a file is called when it comes in: names are only shown, never used as paths."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath


def clean_name(original_name: str) -> str:
    """The last part of a name, without control characters, at most 255 characters; ``upload`` when nothing is left."""
    last = PurePosixPath(original_name.replace("\\", "/")).name
    printable = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C")
    return printable.strip(" .")[:255] or "upload"


def title_from(name: str) -> str:
    """A title from a file name: without extension, underscores and dots as spaces."""
    return " ".join(PurePosixPath(name).stem.replace("_", " ").replace(".", " ").split()) or name
