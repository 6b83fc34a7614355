"""The speech recogniser: Whisper base in int8, driven window by window.

Problem: the recogniser's own loop reads all sound in steps of 30 seconds, music and silence included, and pads every window to 30
seconds, where most of the time goes. Here the caller chooses the windows (:mod:`inference.evidence.hearing.transcribe`), several are
decoded at once, and a window is padded by a second or two only: the encoder takes any length up to 30 s.

Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", is the model. The weights are run by CTranslate2
through faster-whisper. One model per process; threads from ``OMNISCRIPT_THREADS``.

Times in a :class:`Hypothesis` are seconds from the window's start. Sound is 16 kHz mono float32.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from inference.environment import read_environment
from inference.errors import WeightsError
from inference.sampling import SAMPLE_RATE_HZ
from inference.weights import weights_path

Audio = npt.NDArray[np.float32]

MAX_WINDOW_S = 30.0
_FRAMES_PER_S = 100
_MAX_TOKENS = 448
_BATCH = 8


@dataclass(frozen=True)
class HeardWord:
    """One word as decoded: ``text`` keeps its leading blank, if its language writes one."""

    start_s: float
    end_s: float
    text: str
    probability: float


@dataclass(frozen=True)
class Hypothesis:
    """What one window was decoded to.

    Attributes:
        avg_logprob: mean log probability per token.
        no_speech: the model's own probability that nobody speaks in the window.
        compression: length of the text over its zlib length; repetition drives it up.
    """

    text: str
    words: tuple[HeardWord, ...]
    avg_logprob: float
    no_speech: float
    compression: float


@functools.lru_cache(maxsize=1)
def _model(folder: str) -> WhisperModel:
    """The model in a folder of the user's (CTranslate2's format), or our own if ``folder`` is ""."""
    if folder and not (Path(folder) / "model.bin").is_file():
        # WhisperModel would take it for a name and look for it on the network.
        raise WeightsError(
            f"There is no Whisper model in CTranslate2's format in {folder}.",
            remedy="Name a folder that holds model.bin, config.json and tokenizer.json, or leave the option out.",
        )
    return WhisperModel(
        folder or str(weights_path("whisper-base")), device="cpu", compute_type="int8", cpu_threads=read_environment().num_threads
    )


@functools.lru_cache(maxsize=8)
def _tokenizer(language: str, folder: str) -> Tokenizer:
    model = _model(folder)
    return Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language)


@functools.lru_cache(maxsize=2)
def _suppressed(folder: str) -> list[int]:
    """Tokens that are never spoken (symbols, tags)."""
    return list(get_suppressed_tokens(_tokenizer("en", folder), [-1]))


def languages(folder: str = "") -> tuple[str, ...]:
    """Language codes that the model knows."""
    return tuple(_model(folder).supported_languages)


def decode(
    windows: Sequence[Audio], language: str, *, beam: int = 5, pad_s: float = 3.0, repetition_penalty: float = 1.0, folder: str = ""
) -> list[Hypothesis]:
    """Recognise windows of sound, each of at most 30 s.

    Args:
        language: code of the language spoken in all of them.
        beam: width of the beam search.
        pad_s: silence added behind each window (windows of one batch share the longest one's length).
        repetition_penalty: above 1, discourages words already said in the window.
        folder: of a model to use instead of ours.

    Raises:
        WeightsError: there is no model in the folder.
    """
    order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
    found: dict[int, Hypothesis] = {}
    for first in range(0, len(order), _BATCH):
        group = order[first : first + _BATCH]
        decoded = _decode_batch([windows[i] for i in group], language, beam, pad_s, repetition_penalty, folder)
        found.update(zip(group, decoded, strict=True))
    return [found[i] for i in range(len(windows))]


def _decode_batch(windows: list[Audio], language: str, beam: int, pad_s: float, repetition_penalty: float, folder: str) -> list[Hypothesis]:
    model, tokenizer = _model(folder), _tokenizer(language, folder)
    encoded = model.encode(_features(model, windows, pad_s))
    prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
    results = model.model.generate(
        encoded,
        [prompt] * len(windows),
        beam_size=beam,
        max_length=_MAX_TOKENS,
        suppress_blank=True,
        suppress_tokens=_suppressed(folder),
        return_scores=True,
        return_no_speech_prob=True,
        sampling_temperature=0,
        repetition_penalty=repetition_penalty,
    )
    tokens = [[token for token in result.sequences_ids[0] if token < tokenizer.eot] for result in results]
    num_frames = [int(len(window) / SAMPLE_RATE_HZ * _FRAMES_PER_S) for window in windows]
    aligned = model.find_alignment(tokenizer, tokens, encoded, num_frames)
    hypotheses = []
    for result, ids, words in zip(results, tokens, aligned, strict=True):
        length = len(result.sequences_ids[0])
        text = tokenizer.decode(ids)
        hypotheses.append(
            Hypothesis(
                text=text,
                words=tuple(_words(words)),
                avg_logprob=float(result.scores[0]) * length / (length + 1),
                no_speech=float(result.no_speech_prob),
                compression=compression(text),
            )
        )
    return hypotheses


def language_probabilities(windows: Sequence[Audio], folder: str = "") -> list[dict[str, float]]:
    """For each window of at most 30 s, the probability of every language."""
    if not windows:
        return []
    model = _model(folder)
    scored = model.model.detect_language(model.encode(_features(model, list(windows), MAX_WINDOW_S)))
    return [{token.strip("<|>"): float(probability) for token, probability in row} for row in scored]


def compression(text: str) -> float:
    """How much shorter zlib makes a text; above 2.4 it repeats itself (Radford et al. 2022, section 4.5)."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def _features(model: WhisperModel, windows: list[Audio], pad_s: float) -> npt.NDArray[np.float32]:
    """Log-mel features [windows, bands, frames], padded to the longest window plus ``pad_s``, at most 30 s."""
    rows = [model.feature_extractor(window)[..., :-1] for window in windows]
    longest = max(row.shape[-1] for row in rows)
    num_frames = min(int(MAX_WINDOW_S * _FRAMES_PER_S), longest + int(pad_s * _FRAMES_PER_S))
    num_frames -= num_frames % 2  # the encoder halves the frame rate
    padded = np.zeros((len(rows), rows[0].shape[0], num_frames), np.float32)
    for target, row in zip(padded, rows, strict=True):
        kept = row[:, :num_frames]
        target[:, : kept.shape[1]] = kept
    return padded


def _words(aligned: list[dict[str, object]]) -> list[HeardWord]:
    """faster-whisper's aligned tokens as words; punctuation that stands alone joins the word before it."""
    words: list[HeardWord] = []
    for item in aligned:
        text = str(item["word"])
        word = HeardWord(float(item["start"]), float(item["end"]), text, float(item["probability"]))  # type: ignore[arg-type]
        if (
            words
            and text.strip()
            and not any(character.isalnum() for character in text)
            and not text.startswith((' "', " “", " (", " ¿", " ¡"))
        ):
            before = words[-1]
            words[-1] = HeardWord(before.start_s, before.end_s, before.text + text.strip(), before.probability)
        elif text.strip():
            words.append(word)
    return words
