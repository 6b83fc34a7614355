"""Media: what a file is, its frames and sound on one clock, its shots, and its renditions.

The way through: :func:`probe` describes a file (and refuses what is not media); :func:`survey_chunk` decodes it once, piece by
piece, into a spool; :class:`Spool` gives sound, frames and shots to every model; the ``make_…`` functions derive the files that
people watch. Untrusted bytes are only ever decoded in child processes with limits. Time zero is the first displayed frame,
everywhere.
"""

from __future__ import annotations

from inference.errors import SpoolError
from inference.media.description import AudioStream, Frame, MediaInfo, RenditionFile, SubtitleStream, VideoStream
from inference.media.probe import probe
from inference.media.renditions.pictures import make_poster, make_sprites, make_waveform
from inference.media.renditions.proxy import make_proxy
from inference.media.sandbox.ffmpeg import ffmpeg_passed_over, ffmpeg_program
from inference.media.signatures import refusal_of_beginning, verdict_of
from inference.media.spool import Spool, survey_chunk, survey_ranges

__all__ = [
    "AudioStream",
    "Frame",
    "MediaInfo",
    "RenditionFile",
    "Spool",
    "SpoolError",
    "SubtitleStream",
    "VideoStream",
    "ffmpeg_passed_over",
    "ffmpeg_program",
    "make_poster",
    "make_proxy",
    "make_sprites",
    "make_waveform",
    "probe",
    "refusal_of_beginning",
    "survey_chunk",
    "survey_ranges",
    "verdict_of",
]
