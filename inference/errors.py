"""The exception tree of inference: everything that can go wrong between a file and its script.

    InferenceError
    ├── MediaError             the file itself
    │   ├── RefusedMediaError      not media we accept (playlist, image sequence, absurd dimensions, too many streams …)
    │   └── BrokenMediaError       media, but it cannot be decoded
    ├── WeightsError           model weights
    │   ├── MissingWeightsError    not on this machine; remedy names the command that gets them
    │   └── CorruptWeightsError    present, but the checksum differs from the pinned one
    ├── MissingProgramError    ffmpeg or a Python extra is not installed
    ├── ExternalProcessError   a child process failed, was too slow or took too much memory
    ├── WriterError            a writer could not write a plan, a segment or the merge
    └── Cancelled              the caller asked to stop; nothing is wrong

Every error has a stable ``code``, one sentence that names the file or the thing, and one ``remedy``.
"""

from __future__ import annotations


class InferenceError(Exception):
    """Base of every error raised by :mod:`inference`."""

    code = "inference"
    remedy = "Look at the log of the job, then try again."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class MediaError(InferenceError):
    """Something is wrong with the file."""

    code = "media"
    remedy = "Check that the file plays in a media player, or convert it to MP4 and try again."


class RefusedMediaError(MediaError):
    """The file is not media that we accept, whatever its name says."""

    code = "media.refused"
    remedy = "Give a video or audio file that FFmpeg reads as one self-contained container (MP4, MOV, MKV, MXF, WebM, WAV …)."


class BrokenMediaError(MediaError):
    """The container is recognised, but what is in it cannot be decoded."""

    code = "media.broken"
    remedy = "The file is damaged or was not copied completely: copy it again from its source."


class WeightsError(InferenceError):
    """Something is wrong with model weights."""

    code = "weights"
    remedy = "Run `omniscript models pull`."


class MissingWeightsError(WeightsError):
    """A model's weights are not on this machine."""

    code = "weights.missing"


class CorruptWeightsError(WeightsError):
    """A weight file does not have the pinned SHA-256."""

    code = "weights.corrupt"
    remedy = "Run `omniscript models pull --force` to fetch it again."


class MissingProgramError(InferenceError):
    """A program or an optional Python package is not installed."""

    code = "program.missing"
    remedy = "Run `omniscript doctor`; it says what is missing and how to get it."


class ExternalProcessError(InferenceError):
    """A child process failed, was stopped for time or for memory."""

    code = "process"


class WriterError(InferenceError):
    """A writer could not do its part."""

    code = "writer"


class Cancelled(InferenceError):
    """The caller asked to stop."""

    code = "cancelled"
    remedy = "Start it again when you like; finished segments are kept."
