"""What the models saw and heard: plain observations with times and confidences, no names and no conclusions.

:class:`Evidence` is what was observed of one stretch of film, and all that writers make a script of, so that a film is never decoded
twice; :class:`Outline` is what is known of the whole film before anybody looks closely. Both are checkpoints (JSON). Times are seconds
from the first displayed frame of the whole film; boxes are fractions of the frame (x, y, width, height in 0..1); embeddings are unit
vectors.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from .spans import Span

Box = tuple[float, float, float, float]


class Observation(BaseModel):
    """Base of all observations."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Word(Observation):
    """One recognised word; ``text`` keeps its punctuation and has no leading blank."""

    start_s: float
    end_s: float
    text: str
    probability: float


class Line(Observation):
    """One spoken utterance: what was said, in which language, and a voice embedding (empty if too short to tell).

    ``pitch_hz`` is the median pitch of its voiced parts, ``voiced_s`` their length in seconds; 0 where nothing can be told.
    """

    start_s: float
    end_s: float
    text: str
    language: str
    words: list[Word] = Field(default_factory=list)
    confidence: float
    voice: list[float] = Field(default_factory=list)
    singing: bool = False
    pitch_hz: float = 0.0
    voiced_s: float = 0.0


class TextSpan(Observation):
    """Text on screen while it stayed the same. ``role`` is subtitle (bottom band, changes with speech), title, credit or sign."""

    start_s: float
    end_s: float
    text: str
    box: Box
    confidence: float
    role: str
    language: str = ""


class SubtitleLine(Observation):
    """What a subtitle that comes with the film says: words with their speaker, a song, a sound, or a sign.

    Attributes:
        kind: "speech", "song", "sound" ("door slams"), or "sign" (forced: what is written in the picture, or said in another language).
        label: who says it, where the subtitle tells.
        language: BCP 47, or "". origin: the file or track, as people call it ("film.en.srt", "subtitle track 2").
    """

    start_s: float
    end_s: float
    text: str
    kind: str = "speech"
    label: str = ""
    language: str = ""
    origin: str = ""


class FaceSample(Observation):
    """A face at one instant. ``mouth_open`` is a 0..1 measure (None where the landmarks do not give it)."""

    time_s: float
    box: Box
    score: float
    mouth_open: float | None = None


class FaceTrack(Observation):
    """One face followed within one shot.

    Attributes:
        embedding: mean identity vector (empty if every face was too small to tell).
        expression: label → mean probability over the samples (labels: anger, disgust, fear, happiness, neutral, sadness, surprise).
        age: years, or None; gender: "female"/"male" or "" when below threshold.
    """

    start_s: float
    end_s: float
    samples: list[FaceSample]
    embedding: list[float] = Field(default_factory=list)
    expression: dict[str, float] = Field(default_factory=dict)
    age: float | None = None
    gender: str = ""
    gender_confidence: float = 0.0


class ObjectSample(Observation):
    """Things seen at one instant: COCO label, score and box for each (people included)."""

    time_s: float
    labels: list[str]
    scores: list[float]
    boxes: list[Box]


class PoseSample(Observation):
    """The 17 joints (COCO order) of the main person at one instant: (x, y, score) each, fractions of the frame."""

    time_s: float
    joints: list[tuple[float, float, float]]


class Sound(Observation):
    """A sound event after merging over time: AudioSet display name and mean score."""

    start_s: float
    end_s: float
    label: str
    score: float


class SpeechSpan(Observation):
    """Where the voice-activity detector heard a class: "speech", "singing" or "music"."""

    start_s: float
    end_s: float
    kind: str


class Look(Observation):
    """How one shot looks, as means over its samples (0..1 each unless said otherwise).

    Attributes:
        brightness, saturation: of HSV.
        contrast: standard deviation of luma.
        blue_bias: mean blue minus mean red, -1..1.
        dark_share: share of pixels with luma below 0.15.
        sky: share of the top third that looks like sky (smooth and bright, blue or grey).
        vegetation: share of green, textured pixels.
        motion: mean frame difference per second of luma.
        labels: whole-image class label → probability, where confident.
        palette: up to five dominant colours as #rrggbb.
    """

    start_s: float
    end_s: float
    brightness: float
    saturation: float
    contrast: float
    blue_bias: float
    dark_share: float
    sky: float
    vegetation: float
    motion: float
    labels: dict[str, float] = Field(default_factory=dict)
    palette: list[str] = Field(default_factory=list)


class AudioEvidence(Observation):
    """The ears' half of a segment."""

    lines: list[Line] = Field(default_factory=list)
    speech: list[SpeechSpan] = Field(default_factory=list)
    sounds: list[Sound] = Field(default_factory=list)
    loudness_db: list[float] = Field(default_factory=list)
    """RMS level in dBFS per whole second from the segment's start."""


class VisualEvidence(Observation):
    """The eyes' half of a segment."""

    faces: list[FaceTrack] = Field(default_factory=list)
    objects: list[ObjectSample] = Field(default_factory=list)
    poses: list[PoseSample] = Field(default_factory=list)
    texts: list[TextSpan] = Field(default_factory=list)
    looks: list[Look] = Field(default_factory=list)


class Evidence(Observation):
    """All that was observed in one stretch; ``shots`` are (start, end) within it. ``index`` is its segment's, where it is a segment."""

    index: int = 0
    start_s: float
    end_s: float
    shots: list[Span]
    audio: AudioEvidence
    visual: VisualEvidence
    subtitles: list[SubtitleLine] = Field(default_factory=list)
    models: dict[str, str] = Field(default_factory=dict)
    """Model name → version, of every model that contributed."""


class Cut(Observation):
    """A chosen border. ``how``: "shot" (silent shot boundary), "pause" (longest pause), or "quiet" (inside speech; nothing better)."""

    time_s: float
    how: str


class Outline(Observation):
    """What is known of the whole film before anybody looks closely: where its shots and voices are, and where it is best cut.

    Attributes:
        shots: gapless from 0 to the film's end. voices: where the voice-activity detector heard something; may overlap.
        language: the likeliest spoken language (BCP 47), "" where nobody knows. languages: language → share of the vote, likeliest first.
        cuts: the best borders, in order. remarks: what people should know about them, in sentences.
        subtitles: the lines of the subtitles that fit the film, in order.
        notes: what was made of its subtitles, in sentences for the script.
    """

    shots: list[Span] = Field(default_factory=list)
    voices: list[SpeechSpan] = Field(default_factory=list)
    language: str = ""
    languages: dict[str, float] = Field(default_factory=dict)
    cuts: list[Cut] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)
    subtitles: list[SubtitleLine] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)

    @property
    def spoken(self) -> list[Span]:
        """Where somebody speaks or sings."""
        return [(voice.start_s, voice.end_s) for voice in self.voices if voice.kind in ("speech", "singing")]
