"""The exception tree of the exporters.

    ExportError
    └── UnknownFormatError   there is no format of that name

Each has a stable ``code``, one sentence, and one ``remedy``.
"""

from __future__ import annotations


class ExportError(Exception):
    """Base of every error raised by :mod:`omniscript_mam.exporters`."""

    code = "export"
    remedy = "Choose another format."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class UnknownFormatError(ExportError):
    """There is no format of that name."""

    code = "export.format"
