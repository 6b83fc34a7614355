"""The exception tree of inference: everything that can go wrong between a file and its script.

    InferenceError
    ├── MediaError                 the file itself
    │   ├── RefusedMediaError          not media we accept (playlist, image sequence, absurd dimensions, too many streams …)
    │   ├── BrokenMediaError           media, but it cannot be decoded
    │   └── DecoderStoppedError        every decoder that was tried crashed, which tells nothing of the file
    ├── SpoolError                 a piece of what the survey left behind is missing
    ├── WeightsError               model weights
    │   ├── MissingWeightsError        not on this machine; remedy names the command that gets them
    │   └── CorruptWeightsError        present, but the checksum differs from the pinned one
    ├── MissingProgramError        a program or a Python extra is not installed
    ├── ExternalProcessError       a child process failed, was too slow or took too much memory
    ├── WriterError                a writer could not write a plan, a segment or the merge
    │   ├── AnswerError                what a text engine answered cannot be read with certainty
    │   ├── EndpointError              a remote model is not declared, or not declared well
    │   └── RemoteError                its server did not answer, or refused to
    └── Cancelled                  the caller asked to stop; nothing is wrong

Every error has a stable ``code``, one sentence that names the file or the thing, and one ``remedy``. The tree is closed: all of it is
defined here, and a test looks for exceptions elsewhere.

Never seen by a caller, because whoever raises them catches them next door and goes on: ``SyntaxFault`` (a text engine's answer cannot be
read on from here: try the next place), ``BrokenAnswerError`` and ``Trouble`` (an attempt at a server failed: try again).
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


class DecoderStoppedError(MediaError):
    """A decoder crashed, and no other one could read it either: a fault of the decoder, whatever the file is."""

    code = "media.decoder_stopped"
    remedy = "The file may be whole: convert it to MP4 (H.264 and AAC) with another program, and try again."


class SpoolError(InferenceError):
    """A piece of the spool is missing or unreadable."""

    code = "media.spool"
    remedy = "Run the survey of this film again; finished pieces are kept."


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
    blocks = False
    """Nothing else can be written by this writer either, as things are."""


class AnswerError(WriterError):
    """A model's text cannot be read with certainty; ``place`` is a line and column, or a JSON path."""

    code = "writer.answer"
    remedy = "Ask the model again, or use a server that constrains answers to a JSON Schema."

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"The model's answer cannot be read at {place}: {message}")
        self.place = place


class EndpointError(WriterError):
    """An endpoint is not declared, or not declared well."""

    code = "writer.endpoint"
    remedy = "Correct the file that OMNISCRIPT_ENDPOINTS names; docs/writers.md lists every key."


class RemoteError(WriterError):
    """A server did not answer, or refused to.

    Attributes:
        status: its HTTP status, 0 where there was none.
        blocks: nothing can be asked there as things are, so the job cannot go on with this writer.
    """

    code = "writer.remote"
    remedy = "Look at the server's log, then try again; what was answered is kept."

    def __init__(self, message: str, *, remedy: str | None = None, status: int = 0, blocks: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.blocks = blocks


class Cancelled(InferenceError):
    """The caller asked to stop."""

    code = "cancelled"
    remedy = "Start it again when you like; finished segments are kept."
