"""Speech to lines of dialogue, with word times, and nothing invented.

Problem: on film sound a recogniser left alone invents words on music and silence, repeats itself in loops, stops in the middle of a
window, and places a line's first word too early. So:

    1. windows of at most 14 s are laid over the stretches where the detector hears a voice, cut where it hears least; music and silence
       cost nothing (:func:`plan_windows`);
    2. windows are decoded without the text before them, so that an error does not spread; a window that loops is decoded again;
    3. where the detector is sure of speech but no word was recognised, that stretch alone is decoded again (:func:`_rescue`);
    4. words move onto the voice: a line starts where the voice sets in (:mod:`.lines`);
    5. a line stays only if the detector hears a voice under it and the recogniser believes in it (:mod:`.lines`).

Units: seconds from the first displayed frame; 16 kHz mono float32. Contents: :func:`transcribe`, :func:`vote_language`,
:func:`language_shares`, :func:`model_folder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.evidence.hearing import recogniser
from inference.evidence.hearing.recogniser import Hypothesis
from inference.evidence.hearing.spoken_lines import SpokenWord, lines_of
from inference.evidence.hearing.voice_activity import FRAMES_PER_S, Curve, hysteresis, smooth
from inference.evidence.observed import Line, SpeechSpan
from inference.sampling import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from inference.film import Film

Audio = npt.NDArray[np.float32]
Window = tuple[float, float]


@dataclass(frozen=True)
class TranscriptionOptions:
    """Everything that was tuned, in seconds and probabilities; and whose model listens (``model_folder``: "" for ours)."""

    voice_on: float = 0.3
    """Speech or singing probability that makes a stretch worth recognising: loose, because a missed line cannot be repaired."""
    voice_off: float = 0.15
    margin_s: float = 0.35
    join_gap_s: float = 4.0
    """Voices closer than this share a window: context helps more than the pause costs."""
    max_window_s: float = 14.0
    """Measured on a voiced cutscene: 28 s gives 9.9 % word errors, 20 s 10.6 %, 14 s 9.4 % at three quarters of the cost."""
    pad_s: float = 4.0
    """Silence behind a window: with 2 s the decoder more often stops early (100 word errors in 1,040 on four films, 88 with 4 s)."""
    beam: int = 5
    loop_compression: float = 2.4
    sure_voice: float = 0.6
    """A stretch whose mean speech probability is above this, with no words, is decoded again."""
    rescue_min_s: float = 0.7
    model_folder: str = ""


TRANSCRIPTION = TranscriptionOptions()


def model_folder(film: Film) -> str:
    """The folder of the Whisper model that the user named in ``options["whisper_model_path"]``; "" for ours."""
    return str(film.options.get("whisper_model_path") or "")


def transcribe(
    audio: Audio, curve: Curve, start_s: float, languages: Sequence[str], options: TranscriptionOptions = TRANSCRIPTION
) -> list[Line]:
    """Recognise one stretch of film.

    Args:
        audio: the sound from ``start_s`` on.
        curve: its :func:`~inference.evidence.hearing.voice_activity.activity_curve`.
        languages: the film's languages, likeliest first; with one only, nothing is guessed.

    Returns:
        Lines in order of time, without voice vectors.
    """
    windows = plan_windows(curve, options)
    words = _recognise(audio, windows, languages, options)
    words += _rescue(audio, curve, words, languages, options)
    words.sort(key=lambda word: (word.start_s, word.end_s))
    return lines_of(words, curve, start_s)


def plan_windows(curve: Curve, options: TranscriptionOptions = TRANSCRIPTION) -> list[Window]:
    """Windows over the voices, in seconds from the curve's start, none longer than ``max_window_s``, cut where the voice is weakest."""
    voice = smooth(curve)[:, :2].max(axis=1) if len(curve) else np.zeros(0, np.float32)
    duration_s = len(curve) / FRAMES_PER_S
    groups: list[list[float]] = []
    for first, last in hysteresis(voice, options.voice_on, options.voice_off):
        begin = max(0.0, first / FRAMES_PER_S - options.margin_s)
        end = min(duration_s, last / FRAMES_PER_S + options.margin_s)
        if groups and begin - groups[-1][1] <= options.join_gap_s:
            groups[-1][1] = end
        else:
            groups.append([begin, end])
    windows: list[Window] = []
    for begin, end in groups:
        windows += _cut(begin, end, voice, options.max_window_s)
    return windows


def _cut(begin: float, end: float, voice: npt.NDArray[np.float32], longest_s: float) -> list[Window]:
    """Cut a long stretch at its weakest places, into parts of about equal length."""
    if end - begin <= longest_s:
        return [(begin, end)]
    num_parts = int(np.ceil((end - begin) / (0.9 * longest_s)))
    part = (end - begin) / num_parts
    earliest = begin + max(0.6 * part, (end - begin) - (num_parts - 1) * longest_s)
    latest = begin + min(longest_s, 1.4 * part)
    near = np.convolve(voice, np.ones(25) / 25, "same")[int(earliest * FRAMES_PER_S) : int(latest * FRAMES_PER_S)]
    at = earliest + (int(near.argmin()) / FRAMES_PER_S if len(near) else 0.0)
    return [(begin, at), *_cut(at, end, voice, longest_s)]


def _recognise(audio: Audio, windows: Sequence[Window], languages: Sequence[str], options: TranscriptionOptions) -> list[SpokenWord]:
    """Words of all windows, on the clock of ``audio``; loops are decoded again, and cut if they persist."""
    sounds = [_part(audio, window) for window in windows]
    spoken = _languages_of(sounds, languages, options.model_folder)
    words: list[SpokenWord] = []
    for language in sorted(set(spoken)):
        chosen = [i for i, code in enumerate(spoken) if code == language]
        heard = recogniser.decode(
            [sounds[i] for i in chosen], language, beam=options.beam, pad_s=options.pad_s, folder=options.model_folder
        )
        for i, hypothesis in zip(chosen, heard, strict=True):
            if _repeats(hypothesis):
                hypothesis = recogniser.decode([sounds[i]], language, beam=options.beam, pad_s=2.0, folder=options.model_folder)[0]
            if _loops(hypothesis, options):
                hypothesis = recogniser.decode(
                    [sounds[i]], language, beam=1, pad_s=recogniser.MAX_WINDOW_S, repetition_penalty=1.2, folder=options.model_folder
                )[0]
            if not _loops(hypothesis, options):
                words += _on_clock(hypothesis, windows[i][0], language)
    return words


def _rescue(
    audio: Audio, curve: Curve, words: Sequence[SpokenWord], languages: Sequence[str], options: TranscriptionOptions
) -> list[SpokenWord]:
    """Decode again where there is surely speech but no word was recognised: the decoder sometimes skips a sentence."""
    speech = smooth(curve)[:, 0].copy() if len(curve) else np.zeros(0, np.float32)
    for word in words:
        first, last = int((word.start_s - 0.15) * FRAMES_PER_S), int((word.end_s + 0.15) * FRAMES_PER_S) + 1
        speech[max(0, first) : last] = 0.0
    duration_s = len(curve) / FRAMES_PER_S
    windows, gaps = [], []
    for first, last in hysteresis(speech, options.sure_voice, options.voice_on):
        long_enough = (last - first) / FRAMES_PER_S >= options.rescue_min_s
        if long_enough and float(speech[first:last].mean()) >= options.sure_voice:
            gap = first / FRAMES_PER_S, last / FRAMES_PER_S
            for begin, end in _cut(*gap, speech, options.max_window_s):
                gaps.append((begin, end))
                windows.append((max(0.0, begin - 0.3), min(duration_s, end + 0.3)))
    found = []
    for gap, window in zip(gaps, windows, strict=True):
        again = _recognise(audio, [window], languages, options)
        found += [word for word in again if gap[0] - 0.2 <= (word.start_s + word.end_s) / 2 <= gap[1] + 0.2]
    return found


def _loops(hypothesis: Hypothesis, options: TranscriptionOptions) -> bool:
    """The decoder went round in circles: its text compresses too well, or one word repeats."""
    return hypothesis.compression > options.loop_compression or _repeats(hypothesis)


def _repeats(hypothesis: Hypothesis) -> bool:
    """A loop too short to compress well: one word five times running ("oh, oh, oh …")."""
    said = [word.text.strip(" ,.!?").casefold() for word in hypothesis.words]
    return any(len(set(said[i : i + 5])) == 1 for i in range(len(said) - 4))


def _languages_of(sounds: Sequence[Audio], languages: Sequence[str], folder: str) -> list[str]:
    """The language of each window: the only one there is, else the likeliest of those spoken in the film."""
    if len(languages) == 1:
        return [languages[0]] * len(sounds)
    known = set(languages) or set(recogniser.languages(folder))
    scored = recogniser.language_probabilities(sounds, folder)
    return [max(known, key=lambda code: (row.get(code, 0.0), code)) for row in scored]


def _on_clock(hypothesis: Hypothesis, offset_s: float, language: str) -> list[SpokenWord]:
    return [
        SpokenWord(
            offset_s + word.start_s,
            offset_s + word.end_s,
            word.text,
            word.probability,
            language,
            hypothesis.avg_logprob,
            hypothesis.no_speech,
        )
        for word in hypothesis.words
    ]


def _part(audio: Audio, window: Window) -> Audio:
    return audio[round(window[0] * SAMPLE_RATE_HZ) : round(window[1] * SAMPLE_RATE_HZ)]


# The language of the film ---------------------------------------------------------------------------------------------

_VOTES = 8
_VOTE_WINDOW_S = 28.0


def vote_language(film: Film, spans: Sequence[SpeechSpan]) -> tuple[str, float]:
    """The film's main language and its share of the vote; ("", 0.0) if nobody speaks and the user named no language."""
    shares = language_shares(film, spans)
    if not shares:
        return (film.languages[0], 0.0) if film.languages else ("", 0.0)
    code = max(shares, key=lambda key: (shares[key], key))
    return code, shares[code]


def language_shares(film: Film, spans: Sequence[SpeechSpan]) -> dict[str, float]:
    """Which languages are spoken, as shares of a vote that sums to 1, largest first.

    A single short clip is easily mistaken, so up to eight windows, those with most speech, spread over the film, each give their
    probabilities, weighted by the seconds of speech in them. Languages that the user named are the only candidates.
    """
    windows = _vote_windows([span for span in spans if span.kind == "speech"], film.spool.duration_s)
    if not windows:
        return {}
    named = [code.split("-")[0].lower() for code in film.languages]
    if len(named) == 1:
        return {named[0]: 1.0}
    totals: dict[str, float] = {}
    for begin, end, speech_s in windows:
        row = recogniser.language_probabilities([film.spool.audio(begin, end)], model_folder(film))[0]
        for code, probability in row.items():
            if not named or code in named:
                totals[code] = totals.get(code, 0.0) + probability * speech_s
    total = sum(totals.values()) or 1.0
    shares = {code: round(value / total, 4) for code, value in totals.items() if value / total >= 0.01}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _vote_windows(spans: Sequence[SpeechSpan], duration_s: float) -> list[tuple[float, float, float]]:
    """(begin, end, seconds of speech) of the speechiest windows, one from each of eight equal parts of the film's speech."""
    candidates = []
    for span in spans:
        begin, end = span.start_s, min(span.start_s + _VOTE_WINDOW_S, duration_s)
        speech_s = sum(max(0.0, min(other.end_s, end) - max(other.start_s, begin)) for other in spans)
        candidates.append((begin, end, speech_s))
    chosen: list[tuple[float, float, float]] = []
    for part in np.array_split(np.arange(len(candidates)), min(_VOTES, len(candidates))) if candidates else []:
        best = max((candidates[i] for i in part), key=lambda item: item[2])
        if not chosen or best[0] >= chosen[-1][1]:
            chosen.append(best)
    return chosen
