"""Results of finished steps as files: what lets a run that was killed go on where it stopped.

A file is there whole or not at all: it is written beside its place, flushed to disk and renamed into it. Two runs on one folder do no harm.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkpoints:
    """Results of finished steps, one file each. A file is there whole or not at all."""

    folder: Path

    def has(self, name: str) -> bool:
        """Whether this step is done."""
        return (self.folder / name).is_file()

    def read(self, name: str) -> str | None:
        """The step's result, or None if it is not done."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """Keep a result: written beside its place, flushed to disk, renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(self.folder / name)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def read_or_make(self, name: str, make: Callable[[], str]) -> str:
        """The kept result, or a new one that is kept from now on."""
        kept = self.read(name)
        if kept is None:
            kept = make()
            self.write(name, kept)
        return kept
