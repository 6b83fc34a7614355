"""Does a subtitle belong to this film? Its words are looked for where they are heard.

Problem: a file of the right name may be another film's, another cut's (shifted, or shifted from some scene on), or a translation. Some
stretches with most voice, spread over the film, are recognised; for each the best place in the track is sought. Where most of them are
found at their own time, the track is the film's; a small delay that all share is taken out. Otherwise it is left out, and a note says
why.

Times in seconds from the first displayed frame. Contents: :class:`Verdict`, :func:`verdict_on`, :func:`choose`, :func:`passages`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.distance import Levenshtein

from ..observed import Line, SpeechSpan, SubtitleLine
from ..spans import Span, join_spans
from ..subtitles.tracks import Track
from .wordings import tokenize

HEARD_AGAIN = 0.5
"""Least likeness, by letters, of a stretch as recognised and a place in the track. Two texts of one language have a third by chance, and a
recogniser that gets every third word of film sound wrong still has two thirds."""
NEARER = 0.15
"""How much better a place elsewhere in the track must be than the best one near that time."""
NEAR_S = 4.0
LATE_S = 1.5
"""A track whose words are this far from where they are heard is of another cut."""
LEAST_TOKENS = 6
MOST_AGREE = 0.6
STRETCH_S = 12.0
EVERY_S = 120.0
MIN_STRETCHES, MAX_STRETCHES = 3, 16


@dataclass(frozen=True)
class Verdict:
    """``fits``: the track is this film's; ``delay_s``: how late it is all over; ``share``: stretches that agree; ``reason``: why not."""

    fits: bool
    share: float = 0.0
    delay_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class _Token:
    text: str
    time_s: float


def passages(voices: Sequence[SpeechSpan], duration_s: float) -> list[Span]:
    """The stretches to listen to: at most :data:`STRETCH_S` long, those with most voice, one from each equal part of the film."""
    spoken = join_spans([(voice.start_s, voice.end_s) for voice in voices if voice.kind == "speech"], 0.8)
    count = min(MAX_STRETCHES, max(MIN_STRETCHES, math.ceil(duration_s / EVERY_S)))
    part_s = duration_s / count
    chosen: list[Span] = []
    for number in range(count):
        first_s, last_s = number * part_s, (number + 1) * part_s
        starts = [start_s for start_s, _ in spoken if first_s <= start_s < last_s]
        windows = [(start_s, min(start_s + STRETCH_S, last_s + STRETCH_S / 2, duration_s)) for start_s in starts]
        best = max(windows, key=lambda window: (_voiced(spoken, window), -window[0]), default=None)
        if best is not None and (not chosen or best[0] >= chosen[-1][1]):
            chosen.append(best)
    return chosen


def choose(
    tracks: Sequence[Track], heard: Sequence[Sequence[Line]], language: str, *, has_sound: bool
) -> tuple[list[SubtitleLine], list[str]]:
    """The lines of the track that fits best, with signs of forced ones; and a note on every other track.

    Args:
        heard: the lines that were recognised in each of :func:`passages`.
        language: the film's spoken language, where it is known.
    """
    notes: list[str] = []
    fitting: list[tuple[Verdict, Track]] = []
    forced: list[Track] = []
    for track in tracks:
        if track.is_forced or all(line.kind == "sign" for line in track.lines):
            forced.append(track)
            continue
        verdict = verdict_on(track, heard, language, has_sound=has_sound)
        if verdict.fits:
            fitting.append((verdict, track))
        else:
            notes.append(f"{_named(track)} left out: {verdict.reason}.")
    if not fitting:
        notes += [f"{_named(track)} left out: it holds signs only, and no other subtitle shows that it is this film's." for track in forced]
        return [], notes
    verdict, best = max(fitting, key=lambda pair: (round(pair[0].share, 1), len(pair[1].lines) > 0.8 * _most(fitting), _num_told(pair[1])))
    lines = [_moved(line, -verdict.delay_s, language if has_sound and language else best.language) for line in best.lines]
    told = f"{_named(best)} used for the dialogue" + (
        f", {abs(verdict.delay_s):.1f} s {'earlier' if verdict.delay_s > 0 else 'later'}" if verdict.delay_s else ""
    )
    notes.insert(0, f"{told}.")
    notes += [f"{_named(track)} left out: {best.name} says the same." for _, track in fitting if track is not best]
    for track in forced:
        lines += track.lines
        notes.append(f"{_named(track)} used for signs and foreign words.")
    return sorted(lines, key=lambda line: (line.start_s, line.end_s)), notes


def verdict_on(track: Track, heard: Sequence[Sequence[Line]], language: str, *, has_sound: bool) -> Verdict:
    """Whether a track is this film's."""
    stretches = [tokens for lines in heard if len(tokens := _heard(lines)) >= LEAST_TOKENS]
    written = _written(track.lines)
    if not stretches:
        if not has_sound:
            return Verdict(True, 1.0)
        return Verdict(False, reason="no words are heard that it could be compared with")
    delays: list[float] = []
    for tokens in stretches:
        delay_s = _delay(tokens, written)
        if delay_s is not None:
            delays.append(delay_s)
    common_s = median(delays) if delays else 0.0
    near = [delay_s for delay_s in delays if abs(delay_s) <= LATE_S]
    if len(delays) - len(near) > 0.25 * len(delays):
        far_s = max(delays, key=abs)
        where = f"{abs(far_s):.1f} s {'later' if far_s > 0 else 'earlier'} than they are heard"
        return Verdict(False, reason=f"its words come {where}: it belongs to another cut")
    share = len(near) / len(stretches)
    if near and share >= MOST_AGREE:
        return Verdict(True, share, round(common_s, 2) if abs(common_s) >= 0.3 else 0.0)
    if language and track.language and track.language != language.split("-")[0] and not near:
        return Verdict(False, share, reason=f"it is in another language ({track.language}) than is spoken ({language})")
    if near:
        return Verdict(False, share, reason=f"its words are heard in {len(near)} of {len(stretches)} places only")
    return Verdict(False, reason="its words are not those that are heard: it belongs to another film")


def _delay(heard: Sequence[_Token], written: Sequence[_Token]) -> float | None:
    """How much later the track has these words, at the place that is most like them; ``None`` where no place is."""
    words = [token.text for token in heard]
    text = " ".join(words)
    near, far = (0.0, 0), (0.0, 0)
    for i in range(max(1, len(written) - len(words) // 2)):
        place = " ".join(token.text for token in written[i : i + len(words)])
        likeness = Levenshtein.normalized_similarity(text, place, score_cutoff=HEARD_AGAIN)
        if likeness and abs(written[i].time_s - heard[0].time_s) <= NEAR_S:
            near = max(near, (likeness, i))
        elif likeness:
            far = max(far, (likeness, i))
    likeness, first = far if far[0] > near[0] + NEARER else near
    if likeness < HEARD_AGAIN:
        return None
    place_tokens = written[first : first + len(words)]
    delays = [
        place_tokens[block.dest_start + k].time_s - heard[block.src_start + k].time_s
        for block in Levenshtein.opcodes(words, [token.text for token in place_tokens])
        if block.tag == "equal"
        for k in range(block.src_end - block.src_start)
    ]
    return median(delays) if delays else None


def _heard(lines: Sequence[Line]) -> list[_Token]:
    return [
        _Token(text, (word.start_s + word.end_s) / 2)
        for line in lines
        if not line.singing
        for word in line.words
        for text in tokenize(word.text)
    ]


def _written(lines: Sequence[SubtitleLine]) -> list[_Token]:
    """The words of all lines, each with the time at which it would be said if all took equally long."""
    written: list[_Token] = []
    for line in lines:
        words = tokenize(line.text) if line.kind in {"speech", "song"} else []
        # Subtitles stay longer than their words last: fifteen letters a second are spoken.
        length_s = min(line.end_s - line.start_s, max(0.4, len(line.text) / 15))
        written += [_Token(word, line.start_s + (k + 0.5) / len(words) * length_s) for k, word in enumerate(words)]
    return written


def _voiced(spoken: Sequence[Span], window: Span) -> float:
    return sum(max(0.0, min(end_s, window[1]) - max(start_s, window[0])) for start_s, end_s in spoken)


def _moved(line: SubtitleLine, by_s: float, language: str) -> SubtitleLine:
    start_s = max(0.0, line.start_s + by_s)
    return line.model_copy(
        update={"start_s": start_s, "end_s": max(start_s + 0.1, line.end_s + by_s), "language": language or line.language}
    )


def _most(fitting: Sequence[tuple[Verdict, Track]]) -> int:
    return max(len(track.lines) for _, track in fitting)


def _num_told(track: Track) -> int:
    """How much a track says besides words: speakers and sounds."""
    return sum(bool(line.label) or line.kind == "sound" for line in track.lines)


def _named(track: Track) -> str:
    return f"Subtitles of {track.name}" if "." in track.name else track.name.capitalize()
