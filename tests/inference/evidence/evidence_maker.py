"""Hand-made evidence for the lite writer's tests: short helpers, so that a test says only what matters to it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from inference.evidence.observed import AudioEvidence, Evidence, FaceSample, FaceTrack, Line, Look, SpeechSpan, TextSpan, VisualEvidence
from inference.media import AudioStream, MediaInfo, VideoStream
from inference.media.captions import CaptionRow
from inference.writers.base import Film, Plan, PlannedSegment
from inference.writers.lite.merge import Tools


def voice(number: int, size: int = 8) -> list[float]:
    """A unit vector per speaker."""
    vector = [0.0] * size
    vector[number] = 1.0
    return vector


def line(start_s: float, end_s: float, text: str, speaker: int = 0, language: str = "en", confidence: float = 0.9) -> Line:
    return Line(start_s=start_s, end_s=end_s, text=text, language=language, confidence=confidence, voice=voice(speaker))


def subtitle(start_s: float, end_s: float, text: str, confidence: float = 0.95, role: str = "subtitle", language: str = "") -> TextSpan:
    box = (0.2, 0.85, 0.6, 0.08)
    return TextSpan(start_s=start_s, end_s=end_s, text=text, box=box, confidence=confidence, role=role, language=language)


def look(start_s: float, end_s: float, brightness: float = 0.5, palette: list[str] | None = None, **more: float) -> Look:
    values = {"saturation": 0.3, "contrast": 0.2, "blue_bias": 0.0, "dark_share": 0.1, "sky": 0.0, "vegetation": 0.0, "motion": 0.1}
    return Look(start_s=start_s, end_s=end_s, brightness=brightness, palette=palette or ["#808080"], **{**values, **more})


def face(start_s: float, end_s: float, who: int, speaks: bool = False, **more: object) -> FaceTrack:
    times = np.arange(start_s, end_s, 0.25)
    samples = [
        FaceSample(time_s=float(t), box=(0.4, 0.2, 0.1, 0.2), score=0.9, mouth_open=0.3 * (i % 2) if speaks else 0.02)
        for i, t in enumerate(times)
    ]
    return FaceTrack(start_s=start_s, end_s=end_s, samples=samples, embedding=voice(who), **more)


def segment(
    end_s: float,
    lines: list[Line] = (),
    start_s: float = 0.0,
    index: int = 0,
    shots: list[tuple[float, float]] | None = None,
    **visual: list,
) -> Evidence:
    speech = [SpeechSpan(start_s=one.start_s, end_s=one.end_s, kind="speech") for one in lines]
    return Evidence(
        index=index,
        start_s=start_s,
        end_s=end_s,
        shots=shots or [(start_s, end_s)],
        audio=AudioEvidence(lines=list(lines), speech=speech, sounds=visual.pop("sounds", []), loudness_db=visual.pop("loudness_db", [])),
        visual=VisualEvidence(**visual),
    )


def media_info(duration_s: float, *, sound: bool = True, picture: bool = True) -> MediaInfo:
    video = VideoStream(0, "h264", 640, 360, 0, Fraction(24000, 1001), False, 0.0, int(duration_s * 24)) if picture else None
    audio = (AudioStream(1, "aac", 48000, 2, "stereo", 0.0),) if sound else ()
    return MediaInfo(1, "mov,mp4", duration_s, start_timecode="01:00:00:00", video=video, audio=audio, heard=(0,) if sound else ())


@dataclass
class StubSpool:
    """Stands in for a spool where only its facts are asked for."""

    duration_s: float
    has_audio: bool = True
    has_video: bool = True
    cuts_s: list[float] = field(default_factory=list)

    def captions(self) -> tuple[dict[str, list[CaptionRow]], bool]:
        return {}, False

    def notes(self) -> tuple[str, ...]:
        return ()

    def shots(self) -> list[tuple[float, float]]:
        edges = [0.0, *self.cuts_s, self.duration_s]
        return list(itertools.pairwise(edges))


def film(tmp_path: Path, duration_s: float, *, sound: bool = True, picture: bool = True, title: str = "") -> Film:
    info = media_info(duration_s, sound=sound, picture=picture)
    return Film(tmp_path / "film.mp4", info, StubSpool(duration_s, sound, picture), tmp_path, title)


def plan_of(*segments: Evidence, language: str = "en") -> Plan:
    planned = [PlannedSegment(index=i, start_s=s.start_s, end_s=s.end_s) for i, s in enumerate(segments)]
    return Plan(segments=planned, language=language)


def by_vector(vectors: list[np.ndarray], ranges: list[tuple[float, float]]) -> list[int]:
    """Exact clustering of the made-up unit vectors."""
    return [int(np.argmax(vector)) if len(vector) else -1 for vector in vectors]


TOOLS = Tools(by_vector, by_vector, lambda label: "" if label == "Speech" else label.lower())
