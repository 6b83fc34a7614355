"""How finely a film is kept: the rates and sizes of the spool, owned here and imported by whoever reads or writes samples.

Problem: the survey writes sound and frames once, and every model after it counts in their units. A rate that two modules state for
themselves is a rate that will differ one day. Units: hertz and pixels. Imports nothing, so that the model may run where no media library
is (a vLLM server).
"""

from __future__ import annotations

SAMPLE_RATE_HZ = 16_000
"""Samples of sound a second, mono: what every speech and sound model in use was trained on (Whisper, YAMNet, the voice detectors)."""

FRAME_RATE_HZ = 4
"""Sampled frames a second: the frame on screen at each whole quarter second. Lips, gestures and cuts need no more; the cuts are found
on all frames (:mod:`inference.media.shots`)."""

MAX_FRAME_HEIGHT_PX = 480
"""Height of a sampled frame at most; burnt-in subtitles are still legible at it."""

MAX_FRAME_WIDTH_PX = 1600
"""Width of a sampled frame at most: only panoramas reach it."""
