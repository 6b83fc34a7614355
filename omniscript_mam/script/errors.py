"""The exception tree of the Script document.

    ScriptError
    ├── ScriptValidationError   the document breaks a rule; carries every fault with its path
    ├── ScriptVersionError      the schema version is unknown or newer than this code
    └── TimingError             a frame rate, timecode or timestamp is not legal

Every error has a stable ``code``, one sentence, and one remedy.
"""

from __future__ import annotations

from dataclasses import dataclass


class ScriptError(ValueError):
    """Base of every error raised by :mod:`omniscript_mam.script`."""

    code = "script"
    remedy = "Correct the document and try again."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


@dataclass(frozen=True)
class Fault:
    """One broken rule: where it is (``scenes[2].events[0].end_s``) and what is wrong."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ScriptValidationError(ScriptError):
    """The document is not a legal Script. ``faults`` lists every fault found, in document order."""

    code = "script.invalid"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        shown = "; ".join(str(fault) for fault in faults[:5])
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        super().__init__(f"The script is not valid: {shown}{more}")


class ScriptVersionError(ScriptError):
    """The document's schema version cannot be read by this release."""

    code = "script.version"
    remedy = "Install a newer release of OmniScript MAM, or export the script again from the one that wrote it."


class TimingError(ScriptError):
    """A frame rate, timecode or timestamp is not legal."""

    code = "script.timing"
