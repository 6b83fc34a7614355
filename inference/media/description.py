"""What a media file is, in plain values: the result of the probe, and what everything after it goes by.

Problem: the writers, the web page and the exporters must agree on what second 12.5 of a film is, whatever its container says.
Conventions: time zero is the first displayed frame (the first audible sample where there is no video); all ``start_s`` of audio
streams count from there; only ``VideoStream.start_s``, ``MediaInfo.zero_s`` and ``MediaInfo.clock_start_s`` are on the
container's own clock. Frame rates are fractions. Sizes are display sizes: after rotation and after pixel aspect.

Contents: :class:`VideoStream`, :class:`AudioStream`, :class:`SubtitleStream`, :class:`MediaInfo`, :func:`outside_notes`,
:class:`Frame`, :class:`FrameOnDemand`, :class:`RenditionFile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from inference.sampling import MAX_FRAME_HEIGHT_PX, MAX_FRAME_WIDTH_PX


@dataclass(frozen=True)
class VideoStream:
    """The picture track that is used.

    Attributes:
        index: number of the stream in the container.
        width_px, height_px: size as shown, after rotation and pixel aspect.
        coded_width_px, coded_height_px: size as stored.
        rotation_deg: clockwise turn that makes the stored picture upright: 0, 90, 180 or 270.
        is_mirrored: the stored picture must also be flipped left to right, before the turn.
        is_interlaced: some of the pictures looked at are. transfer: "pq" or "hlg" of high dynamic range, else "".
        frame_rate: exact rate; of a variable-rate file, the mean rate.
        start_s: time of the first displayed frame on the container's clock.
        start_pts, time_base: the same as an integer stamp in the stream's own unit, so that no rounding enters the clock.
        num_frames: frames as the container's packets tell.
        keyframe_gap_s: longest time between two keyframes.
        is_outside: the library crashes on it, so the ffmpeg program decodes it.
    """

    index: int
    codec: str
    width_px: int
    height_px: int
    rotation_deg: int
    frame_rate: Fraction
    is_variable: bool
    start_s: float
    num_frames: int
    coded_width_px: int = 0
    coded_height_px: int = 0
    is_mirrored: bool = False
    is_interlaced: bool = False
    transfer: str = ""
    pixel_format: str = ""
    profile: str = ""
    start_pts: int = 0
    time_base: Fraction = Fraction(1, 90_000)
    duration_s: float = 0.0
    keyframe_gap_s: float = 0.0
    is_outside: bool = False

    @property
    def sampled_size(self) -> tuple[int, int]:
        """Width and height of the frames that the survey keeps: as shown, at most 480 pixels high and 1600 wide."""
        share = min(1.0, MAX_FRAME_HEIGHT_PX / self.height_px, MAX_FRAME_WIDTH_PX / self.width_px)
        return max(1, round(self.width_px * share)), max(1, round(self.height_px * share))


@dataclass(frozen=True)
class AudioStream:
    """A sound track.

    Attributes:
        start_s: from the first displayed frame (negative: sound starts earlier).
        language: ISO 639 or "".
        weights: one factor per channel where FFmpeg's plain mix would be wrong; empty: the plain mix.
        mix_note: why, in words that go on from "In sound track 1".
        is_default: the container says so. is_extra: commentary, descriptions and the like.
        is_silent, is_timecode: what listening to it found. timecode: what the label of the latter is at its start, or "".
        is_outside: the library crashes on it or cannot read it, so the ffmpeg program decodes it.
    """

    index: int
    codec: str
    sample_rate_hz: int
    num_channels: int
    layout: str
    start_s: float
    language: str = ""
    duration_s: float = 0.0
    has_gaps: bool = False
    weights: tuple[float, ...] = ()
    mix_note: str = ""
    is_default: bool = False
    is_extra: bool = False
    is_silent: bool = False
    is_timecode: bool = False
    timecode: str = ""
    is_outside: bool = False


CAPTIONS = frozenset({"eia_608", "cc_dec"})
"""CEA-608 in a track of its own, by the name of the codec or of its decoder."""

TEXT_SUBTITLES = frozenset({"mov_text", "subrip", "srt", "text", "webvtt", "ass", "ssa"}) | CAPTIONS
"""Codecs whose packets are text, or become text without another library (teletext needs one; DVD, DVB and Blu-ray tracks are pictures)."""


@dataclass(frozen=True)
class SubtitleStream:
    """A subtitle track inside the container. ``is_forced``: only signs and what is said in another language."""

    index: int
    codec: str
    language: str = ""
    is_forced: bool = False


@dataclass(frozen=True)
class MediaInfo:
    """What the probe found; holds no path, so it stays true when the file moves.

    Attributes:
        container: FFmpeg's name of the container format.
        duration_s: from the first displayed frame to the end of the last picture or sound.
        start_timecode: SMPTE label of the first frame, or "" (``;`` before the frames means drop-frame).
        video: None where there is no moving picture (cover art is not video).
        heard: indexes into ``audio`` of the tracks that the survey and the proxy play.
        zero_s: the container's clock at our time zero.
        clock_start_s: where the container's own clock starts.
        is_seekable: False where the container has no trustworthy stamps or index, so reading always starts at the beginning.
        has_jumps: the stamps jump (a recording that was cut or wrapped); they are laid end to end.
        notes: what is odd about the file, in words for the user.
    """

    num_bytes: int
    container: str
    duration_s: float
    start_timecode: str = ""
    drop_frame: bool = False
    video: VideoStream | None = None
    audio: tuple[AudioStream, ...] = ()
    subtitles: tuple[SubtitleStream, ...] = ()
    heard: tuple[int, ...] = ()
    zero_s: float = 0.0
    clock_start_s: float = 0.0
    is_seekable: bool = True
    has_jumps: bool = False
    has_attached_picture: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def heard_audio(self) -> tuple[AudioStream, ...]:
        """The sound tracks that are surveyed and played: one, or the mono tracks of a production file."""
        return tuple(self.audio[number] for number in self.heard)

    @property
    def zero_after_start_s(self) -> float:
        """Our time zero counted from where the container's clock starts, as the ffmpeg program counts what it seeks (``-ss``)."""
        return self.zero_s - self.clock_start_s

    @property
    def program_zero_s(self) -> float:
        """Our time zero on the stamps of the ffmpeg program when it is run with :attr:`program_clock`."""
        return self.zero_after_start_s if self.has_jumps else self.zero_s

    @property
    def program_clock(self) -> tuple[str, ...]:
        """Flags of the ffmpeg program: stamps as they are; a jumping clock cannot be kept, the program mends it and starts at zero."""
        return () if self.has_jumps else ("-copyts",)

    def to_data(self) -> dict[str, Any]:
        """Plain JSON values; fractions become ``"24000/1001"``."""
        data = asdict(self)
        if data["video"] is not None:
            for name in ("frame_rate", "time_base"):
                fraction = data["video"][name]
                data["video"][name] = f"{fraction.numerator}/{fraction.denominator}"
        for name in ("audio", "subtitles", "heard", "notes"):
            data[name] = list(data[name])
        for stream in data["audio"]:
            stream["weights"] = list(stream["weights"])
        return data

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> MediaInfo:
        """Read what :meth:`to_data` wrote.

        Raises:
            ValueError: a field is unknown, missing or of another type.
        """
        try:
            values = dict(data)
            video = values.get("video")
            if video is not None:
                fractions = {name: Fraction(video[name]) for name in ("frame_rate", "time_base")}
                values["video"] = VideoStream(**{**video, **fractions})
            values["audio"] = tuple(
                AudioStream(**{**stream, "weights": tuple(map(float, stream.get("weights", ())))}) for stream in values.get("audio", ())
            )
            values["subtitles"] = tuple(SubtitleStream(**stream) for stream in values.get("subtitles", ()))
            values["heard"] = tuple(int(number) for number in values.get("heard", ()))
            values["notes"] = tuple(str(note) for note in values.get("notes", ()))
            return cls(**values)
        except (TypeError, KeyError, ZeroDivisionError, AttributeError) as error:
            raise ValueError(f"not a media description: {error}") from error


def outside_notes(kinds: Iterable[str]) -> tuple[str, ...]:
    """What people are told where "picture" or "sound" was decoded outside."""
    lost = {"picture": " Closed captions inside the pictures are not read this way."}
    return tuple(f"The usual decoder crashed on the {kind}; the ffmpeg program decoded it.{lost.get(kind, '')}" for kind in sorted(kinds))


@dataclass(frozen=True)
class Frame:
    """One picture: ``time_s`` is its exact presentation time, ``image`` is uint8 RGB, height x width x 3, upright."""

    time_s: float
    image: np.ndarray


@dataclass(frozen=True)
class FrameOnDemand:
    """A :class:`Frame` whose picture is decoded each time ``image`` is read and held by nobody: 600 pictures of 640 x 640 are 737 MB."""

    time_s: float
    decode: Callable[[], np.ndarray] = field(repr=False, compare=False)

    @property
    def image(self) -> np.ndarray:
        """uint8 RGB, height x width x 3."""
        return self.decode()


@dataclass(frozen=True)
class RenditionFile:
    """A derived file. ``kind``: proxy, poster, sprite, sprite_vtt or waveform. ``companions`` were made along with it (a
    sprite's WebVTT).
    """

    kind: str
    path: Path
    mime_type: str
    details: dict[str, Any] = field(default_factory=dict)
    companions: tuple[RenditionFile, ...] = ()
