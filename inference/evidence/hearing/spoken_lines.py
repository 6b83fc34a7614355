"""From recognised words to lines of dialogue: onto the voice, split, and sifted.

Problem: word times from cross-attention drift, most at the first word after a pause, which tends to swallow the pause; and text that
no voice stands behind must go. Here words are put where the voice is, joined into lines that end with a sentence or at a pause,
and lines without evidence are dropped.

Units: seconds; word times on the clock of the curve (0 at its start), line times from the first displayed frame.
Contents: :class:`SpokenWord`, :func:`lines_of`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inference.evidence.hearing.sentence_marks import BARE_RUN, MARKED, opens_sentence
from inference.evidence.hearing.voice_activity import FRAMES_PER_S, Curve, smooth
from inference.evidence.observed import Line, Word

PAUSE_S = 0.6
"""A silence this long inside a sentence starts a new line."""
BARE_PAUSE_S = 0.4
"""The same where the recogniser writes no punctuation, so that only pauses tell sentences apart."""
LONGEST_LINE_S = 10.0
"""A line longer than this is cut at a comma, else at its longest pause."""
_LONGEST_WORD_S = 1.2
_LEAST_WORD_S = 0.06
_HOLE_S, _FOLLOWING_HOLE_S = 0.3, 0.2
_LEAST_RUN_S = 0.1
_PRESENT = 0.3

_ENDS_SENTENCE = re.compile(r"[.!?…。！？]+[\"'”’»)]*$")
_ABBREVIATION = re.compile(r"^(?:mr|mrs|ms|dr|st|prof|sr|jr|vs|etc|no|mme|hr|fr|[a-z])\.$", re.IGNORECASE)

_STOCK = frozenset(
    phrase
    for row in """
    thank you|thanks|thank you very much|thank you so much|thanks for watching|thank you for watching|you|so|the end|oh|hmm|um|okay
    thanks for watching and see you next time|see you next time|see you in the next video|please subscribe|subscribe|bye|bye bye
    like and subscribe|please like and subscribe|i m sorry|subtitles by the amara org community|transcription by castingwords
    untertitel der amara org community|untertitel im auftrag des zdf für funk 2017|vielen dank|sous titrage société radio canada|merci
    sous titres réalisés par la communauté d amara org|merci d avoir regardé cette vidéo|gracias|gracias por ver el video|obrigado
    subtítulos por la comunidad de amara org|sottotitoli creati dalla comunità amara org|продолжение следует|спасибо за просмотр
    субтитры сделал dimatorzok|ご視聴ありがとうございました|谢谢观看|请不吝点赞 订阅 转发 打赏支持明镜与点点栏目|字幕by索兰娅
    시청해주셔서 감사합니다|music|applause|laughter
    """.split("\n")
    for phrase in row.strip().split("|")
    if phrase
)
"""What the recogniser is known to say when nobody speaks: closing phrases of videos it learned from. Believed only over a clear voice."""


@dataclass(frozen=True)
class SpokenWord:
    """A recognised word on the curve's clock; ``text`` keeps its leading blank, the last two fields are those of its window."""

    start_s: float
    end_s: float
    text: str
    probability: float
    language: str
    avg_logprob: float
    no_speech: float


def lines_of(words: Sequence[SpokenWord], curve: Curve, start_s: float) -> list[Line]:
    """Turn words (in order of time) into lines, and drop those that nobody said.

    Args:
        curve: voice activity over the same stretch.
        start_s: where the stretch begins in the film.
    """
    smoothed = smooth(curve)
    voice = smoothed[:, :2].max(axis=1) if len(curve) else np.zeros(0, np.float32)
    placed = place_words(words, smoothed[:, 0] if len(curve) else voice, voice)
    lines = []
    for group in split(placed):
        text = "".join(word.text for word in group).strip()
        speech, singing = (mean_over(smoothed[:, column], group[0].start_s, group[-1].end_s) for column in (0, 1))
        if not is_spoken(group, text, speech, mean_over(voice, group[0].start_s, group[-1].end_s)):
            continue
        lines.append(
            Line(
                start_s=round(start_s + group[0].start_s, 3),
                end_s=round(start_s + group[-1].end_s, 3),
                text=text,
                language=group[0].language,
                words=[
                    Word(
                        start_s=round(start_s + word.start_s, 3),
                        end_s=round(start_s + word.end_s, 3),
                        text=word.text.strip(),
                        probability=round(word.probability, 4),
                    )
                    for word in group
                ],
                confidence=round(confidence_of(group), 4),
                singing=singing > 0.5 and singing > speech + 0.1,
            )
        )
    return without_loops(lines)


def place_words(words: Sequence[SpokenWord], speech: npt.NDArray[np.float32], voice: npt.NDArray[np.float32]) -> list[SpokenWord]:
    """Put words onto the voice and in order.

    A word that begins in silence begins where the voice sets in under it; one that ends in silence ends where the voice stops; no word
    is longer than ``_LONGEST_WORD_S``: after a pause the end of a word is right and its start is not.

    Args:
        speech: probability of speech; where it is low under the whole word, ``voice`` (speech or singing) stands in for it.
    """
    placed: list[SpokenWord] = []
    for word in words:
        start, end = word.start_s, max(word.end_s, word.start_s + _LEAST_WORD_S)
        first, last = round(start * FRAMES_PER_S), max(round(end * FRAMES_PER_S), round(start * FRAMES_PER_S) + 1)
        under = np.flatnonzero(speech[max(0, first) : last] >= _PRESENT)
        if not len(under):
            under = np.flatnonzero(voice[max(0, first) : last] >= _PRESENT)
        if len(under):
            # Where the word swallowed a pause, its last stretch of voice is the word. A stretch that joins onto the word before may
            # be that word's end, so there the last one counts only if it is long enough to be a word.
            follows = bool(placed) and start - placed[-1].end_s < 0.1
            run = _last_run(under, _FOLLOWING_HOLE_S if follows else _HOLE_S)
            if not follows or (run[0] != under[0] and len(run) >= _LEAST_RUN_S * FRAMES_PER_S):
                start = max(start, (max(0, first) + int(run[0])) / FRAMES_PER_S)
            end = min(end, (max(0, first) + int(under[-1]) + 1) / FRAMES_PER_S)
        if end - start > _LONGEST_WORD_S:
            start = end - _LONGEST_WORD_S
        if placed and start < placed[-1].end_s:
            start = min(placed[-1].end_s, end - _LEAST_WORD_S)
        start = max(start, placed[-1].start_s if placed else 0.0, 0.0)
        placed.append(replace(word, start_s=start, end_s=max(end, start + _LEAST_WORD_S)))
    return placed


def _last_run(frames: npt.NDArray[np.intp], hole_s: float) -> npt.NDArray[np.intp]:
    """The last run of frames that has no hole longer than ``hole_s``."""
    holes = np.flatnonzero(np.diff(frames) > hole_s * FRAMES_PER_S)
    return frames[holes[-1] + 1 :] if len(holes) else frames


def split(words: Sequence[SpokenWord]) -> list[list[SpokenWord]]:
    """Group words into lines: a sentence end, a pause, or another language ends a line; long ones are cut again."""
    groups: list[list[SpokenWord]] = []
    bare = _unpunctuated(words)
    for i, word in enumerate(words):
        before = groups[-1][-1] if groups else None
        pause_s = BARE_PAUSE_S if i in bare else PAUSE_S
        ends = before is None or before.language != word.language or word.start_s - before.end_s >= pause_s or _ends_sentence(before, word)
        if ends:
            groups.append([word])
        else:
            groups[-1].append(word)
    return [part for group in groups for part in _shorten(group)]


def _unpunctuated(words: Sequence[SpokenWord]) -> set[int]:
    """Indexes of words inside long runs without a punctuation mark: there the recogniser has stopped writing any."""
    found: set[int] = set()
    first = 0
    for i, word in enumerate(words):
        if i == len(words) - 1 or MARKED.search(word.text.rstrip()):
            if i + 1 - first >= BARE_RUN:
                found.update(range(first + 1, i + 1))
            first = i + 1
    return found


def _ends_sentence(before: SpokenWord, after: SpokenWord) -> bool:
    text = before.text.strip()
    if opens_sentence(after.text) and not MARKED.search(text):
        return True
    if not _ENDS_SENTENCE.search(text) or _ABBREVIATION.match(text):
        return False
    if text.endswith(("...", "…")):  # a pause for effect goes on in small letters
        return not after.text.strip()[:1].islower()
    return True


def _shorten(group: list[SpokenWord]) -> list[list[SpokenWord]]:
    if len(group) < 2 or group[-1].end_s - group[0].start_s <= LONGEST_LINE_S:
        return [group]
    middle = (group[0].start_s + group[-1].end_s) / 2

    def liking(i: int) -> float:
        pause = group[i].start_s - group[i - 1].end_s
        comma = group[i - 1].text.rstrip().endswith((",", ";", ":", "，", "、", "-", "–"))
        return pause + 0.5 * comma - 0.1 * abs(group[i].start_s - middle)

    at = max(range(1, len(group)), key=liking)
    return [*_shorten(group[:at]), *_shorten(group[at:])]


def is_spoken(group: Sequence[SpokenWord], text: str, speech: float, voice: float) -> bool:
    """Whether a voice and the recogniser's own belief stand behind a line.

    Args:
        speech: mean speech probability under the line; voice: mean of speech or singing, whichever is higher.
    """
    plain = plain_text(text)
    if not plain:
        return False
    belief = float(np.mean([word.probability for word in group]))
    no_speech, logprob = group[0].no_speech, group[0].avg_logprob
    if voice < 0.2 or belief < 0.15:
        return False
    if no_speech > 0.6 and logprob < -0.8:
        return False
    if plain in _STOCK:
        return voice >= 0.6 and belief >= 0.45 and no_speech < 0.6
    if logprob < -1.0 and speech < 0.6:  # the recogniser's own limit (Radford et al. 2022, section 4.5)
        return False
    # Weak on both sides: noises and choirs that were read as a word or two.
    return speech >= 0.5 or belief >= 0.5


def confidence_of(group: Sequence[SpokenWord]) -> float:
    """Mean probability of the words, by their length in letters."""
    weights = [max(1, len(word.text.strip())) for word in group]
    return float(np.average([word.probability for word in group], weights=weights))


def without_loops(lines: Sequence[Line]) -> list[Line]:
    """Drop a line from its third repetition in a row on: people say a thing twice, decoders in a loop go on."""
    kept: list[Line] = []
    run, before = 0, None
    for line in lines:
        again = before is not None and plain_text(before.text) == plain_text(line.text) and line.start_s - before.end_s < 1.0
        run, before = run + 1 if again else 1, line
        if run <= 2 or line.confidence >= 0.8:
            kept.append(line)
    return kept


def plain_text(text: str) -> str:
    """Small letters and digits, words separated by one blank."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def mean_over(values: npt.NDArray[np.float32], begin_s: float, end_s: float) -> float:
    """Mean of a curve between two times; 0 where there is none."""
    part = values[max(0, round(begin_s * FRAMES_PER_S)) : max(round(end_s * FRAMES_PER_S), round(begin_s * FRAMES_PER_S) + 1)]
    return float(part.mean()) if len(part) else 0.0
