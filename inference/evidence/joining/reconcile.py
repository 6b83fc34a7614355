"""One dialogue out of several witnesses: what was heard, what burnt-in subtitles say, and what a subtitle file of the film says.

Rules (each tested):
    * Where a subtitle stands while a line is spoken in the subtitle's language and both say nearly the same, the subtitle's wording wins
      and the speech's timing wins: subtitles were written by people, but appear early and stay long.
    * A subtitle in the spoken language that OCR read with confidence wins also where recognition heard something else.
    * A subtitle in another script or language is a translation: the line keeps its own words, the translation is kept as the line's
      on-screen text.
    * A subtitle in two scripts is split: the part in the spoken language is the wording, the rest the translation.
    * A subtitle with no recognised line becomes dialogue where somebody speaks or sings; where nobody does, it stays on-screen text.
    * A film without sound: its subtitles are the dialogue.
    * "GRUG: Wait!", "[Eep] No." name their speaker; the label leaves the wording.
    * A subtitle file that was found to fit the film (:mod:`.fitting`) outranks both: its words are the line's, to the letter, at the times
      of the speech that they stand with, else at their own. What was burnt in and says the same is not said twice; what was heard beside
      it stays, unless it repeats the line next to it. Its signs are on-screen text, and where a line is spoken meanwhile, its translation.

Times in seconds. Contents: :class:`Utterance`, :func:`reconcile`, :func:`split_label`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from rapidfuzz.distance import LCSseq, Levenshtein

from ..observed import Line, SpeechSpan, SubtitleLine, TextSpan, Word
from ..spans import join_spans, overlap_s
from .wordings import CJK, script_of, script_of_language, similarity, split_scripts, tokenize

Written = TypeVar("Written", TextSpan, SubtitleLine)

NEARLY_THE_SAME = 0.55
"""Normalised word similarity above which a subtitle and a line say the same. Chosen, like the two below."""
READ_WELL = 0.85
"""OCR confidence above which a subtitle in the spoken language outranks a differing recognition."""
FILED = 0.97
"""How sure words are that a subtitle file says and somebody is heard with; :data:`UNHEARD`: and nobody is."""
UNHEARD = 0.7
LATE_S = 1.0
"""How long a subtitle may stand before or after its line."""


@dataclass
class Utterance:
    """One line of dialogue after reconciliation.

    Attributes:
        source: "speech", "subtitle", or "both". origin: the subtitle file or track; "" for a burnt-in one.
        label: the speaker's name, where a subtitle gives it.
        translation: a subtitle in another language that stood with it.
        voice: unit vector (float16), or empty.
        pitch_hz, voiced_s: median pitch of the voiced parts and their length; 0 if unknown.
        speaker: identity number, filled in later; -1 while nobody knows.
    """

    start_s: float
    end_s: float
    text: str
    language: str
    confidence: float
    source: str = "speech"
    label: str = ""
    translation: str = ""
    singing: bool = False
    voice: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float16))
    pitch_hz: float = 0.0
    voiced_s: float = 0.0
    speaker: int = -1
    origin: str = ""


@dataclass(frozen=True)
class _Wording:
    """What a subtitle says of a line: where it stood, whose words, and the part in another script."""

    span: TextSpan | SubtitleLine
    text: str
    label: str = ""
    translation: str = ""


_LABEL = re.compile(
    r"^\s*(?:[-–—]\s*)?(?:\[(?P<square>[^\]\[]{1,30})\]|[(（](?P<round>[^()（）]{1,30})[)）]"
    r"|(?P<colon>[A-Z][A-Za-z .'’-]{0,24}|[\u4e00-\u9fff]{1,5})\s*[:：])\s*(?P<rest>.+)$",
    re.DOTALL,
)
_NOT_LABELS = {
    "note",
    "warning",
    "http",
    "https",
    "subtitle",
    "subtitles",
    "translation",
    "music",
    "applause",
    "laughter",
    "laughs",
    "sighs",
}


def split_label(text: str) -> tuple[str, str]:
    """(speaker label or "", the rest). Brackets name a speaker only if they look like a name: "[door slams]" stays."""
    match = _LABEL.match(text)
    if not match:
        return "", text.strip()
    label = (match["square"] or match["round"] or match["colon"] or "").strip()
    words = label.split()
    looks_like_name = 0 < len(words) <= 3 and all(word[0].isupper() or CJK.match(word) for word in words)
    if not looks_like_name or label.casefold() in _NOT_LABELS:
        return "", text.strip()
    return (label.title() if label.isupper() else label), match["rest"].strip()


def reconcile(
    lines: Sequence[Line],
    texts: Sequence[TextSpan],
    speech: Sequence[SpeechSpan],
    language: str,
    *,
    has_sound: bool,
    filed: Sequence[SubtitleLine] = (),
) -> tuple[list[Utterance], list[TextSpan]]:
    """Dialogue in time order, and the texts on screen that are not dialogue.

    Args:
        language: the film's spoken language (for what has no language of its own).
        has_sound: false for a film without sound, whose subtitles are its dialogue.
        filed: lines of a subtitle file that fits the film; sounds among them are not looked at.
    """
    voiced = join_spans([(span.start_s, span.end_s) for span in speech if span.kind in ("speech", "singing")], 0.3)
    written = [line for line in filed if line.kind in ("speech", "song")]
    utterances, lines = _by_file(lines, written, voiced)
    lines = sorted(lines, key=lambda line: (line.start_s, line.end_s))
    subtitles = [text for text in texts if text.role == "subtitle" and not _is_filed(text, written)]
    others = [text for text in texts if text.role != "subtitle"]
    left: list[TextSpan] = []
    for group_lines, group_subtitles in _groups(lines, subtitles):
        if not group_lines:
            for subtitle in group_subtitles:
                spoken = _from_subtitle(subtitle, voiced, language, has_sound)
                (utterances if spoken else left).append(spoken or subtitle)  # type: ignore[arg-type]
        elif not group_subtitles:
            utterances += [_from_line(line) for line in group_lines]
        else:
            utterances += _agree(group_lines, group_subtitles, language)
    utterances, signs = _with_signs(utterances, [line for line in filed if line.kind == "sign"])
    left += signs
    return sorted(utterances, key=lambda u: (u.start_s, u.end_s)), sorted(others + left, key=lambda t: (t.start_s, t.end_s))


def _by_file(
    lines: Sequence[Line], written: Sequence[SubtitleLine], voiced: Sequence[tuple[float, float]]
) -> tuple[list[Utterance], list[Line]]:
    """The lines of a subtitle file, at the times of speech where it is heard; and what was heard beside it."""
    if not written:
        return [], list(lines)
    utterances: list[Utterance] = []
    beside: list[Line] = []
    for group_lines, group_written in _groups(lines, written):
        if not group_written:
            beside += group_lines
        elif not group_lines:
            utterances += [_from_file(line, voiced) for line in group_written]
        else:
            alone = [line for line in group_lines if _covered(line, group_written) < 0.4]
            beside += alone if len(alone) < len(group_lines) else []
            met = [line for line in group_lines if line not in alone] or group_lines
            wordings = [_Wording(line, line.text, line.label) for line in group_written]
            utterances += _reworded(met, wordings, FILED)
    return utterances, [line for line in beside if not _is_repeated(line, utterances)]


def _from_file(line: SubtitleLine, voiced: Sequence[tuple[float, float]]) -> Utterance:
    """A file's line that nobody was recognised with: at the voice where there is one meanwhile, else at its own times."""
    inside = [(max(a, line.start_s - LATE_S), min(b, line.end_s)) for a, b in voiced]
    inside = [(a, b) for a, b in inside if b - a > 0.15]
    start_s, end_s = (inside[0][0], max(inside[-1][1], inside[0][0] + 0.1)) if inside else (line.start_s, line.end_s)
    confidence = FILED if inside else UNHEARD
    singing = line.kind == "song"
    return Utterance(start_s, end_s, line.text, line.language, confidence, "subtitle", line.label, singing=singing, origin=line.origin)


def _is_repeated(line: Line, utterances: Sequence[Utterance]) -> bool:
    """Whether a heard line repeats the words of a file's line next to it: recognition put them a little off."""
    words = tokenize(line.text)
    near = [u for u in utterances if u.start_s < line.end_s + LATE_S and u.end_s > line.start_s - LATE_S]
    return any(LCSseq.similarity(words, tokenize(u.text)) >= 0.7 * len(words) for u in near)


def _is_filed(text: TextSpan, written: Sequence[SubtitleLine]) -> bool:
    """Whether a burnt-in subtitle says what the file says at that time."""
    near = [line for line in written if line.start_s < text.end_s + LATE_S and line.end_s > text.start_s - LATE_S]
    return bool(near) and (
        any(similarity(line.text, text.text) >= NEARLY_THE_SAME for line in near)
        or similarity(" ".join(line.text for line in near), text.text) >= NEARLY_THE_SAME
    )


def _with_signs(utterances: Sequence[Utterance], signs: Sequence[SubtitleLine]) -> tuple[list[Utterance], list[TextSpan]]:
    """Signs as texts on screen; one that stands while a line is said is that line's translation."""
    told = list(utterances)
    texts: list[TextSpan] = []
    for sign in signs:
        meanwhile = [k for k, u in enumerate(told) if overlap_s(u, sign) > 0.5 * (u.end_s - u.start_s)]
        if meanwhile and similarity(told[meanwhile[0]].text, sign.text) >= NEARLY_THE_SAME:
            continue
        if meanwhile and not told[meanwhile[0]].translation:
            told[meanwhile[0]] = replace(told[meanwhile[0]], translation=sign.text)
        else:
            at = {"start_s": sign.start_s, "end_s": sign.end_s, "text": sign.text, "language": sign.language}
            texts.append(TextSpan(**at, box=(0.1, 0.8, 0.8, 0.1), confidence=FILED, role="sign"))
    return told, texts


def _groups(lines: Sequence[Line], subtitles: Sequence[Written]) -> list[tuple[list[Line], list[Written]]]:
    """Connected groups of lines and subtitles: a pair is connected when each is the other's best partner in time, either way."""
    parent = list(range(len(lines) + len(subtitles)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    shared = np.array([[_shared(line, subtitle) for subtitle in subtitles] for line in lines]).reshape(len(lines), len(subtitles))
    for i, line in enumerate(lines):
        for j, subtitle in enumerate(subtitles):
            shorter = max(1e-3, min(line.end_s - line.start_s, subtitle.end_s - subtitle.start_s))
            is_best = shared[i, j] > 0 and (shared[i, j] == shared[i].max() or shared[i, j] == shared[:, j].max())
            if is_best and shared[i, j] >= 0.3 * shorter:
                parent[root(i)] = root(len(lines) + j)
    groups: dict[int, tuple[list[Line], list[Written]]] = {}
    for i, line in enumerate(lines):
        groups.setdefault(root(i), ([], []))[0].append(line)
    for j, subtitle in enumerate(subtitles):
        groups.setdefault(root(len(lines) + j), ([], []))[1].append(subtitle)
    return list(groups.values())


def _shared(line: Line, subtitle: TextSpan | SubtitleLine) -> float:
    return max(0.0, min(line.end_s, subtitle.end_s + 0.2) - max(line.start_s, subtitle.start_s - 0.2))


def _from_line(line: Line) -> Utterance:
    return Utterance(
        line.start_s,
        line.end_s,
        line.text,
        line.language,
        line.confidence,
        singing=line.singing,
        voice=np.asarray(line.voice, np.float16),
        pitch_hz=line.pitch_hz,
        voiced_s=line.voiced_s,
    )


def _from_subtitle(subtitle: TextSpan, voiced: Sequence[tuple[float, float]], language: str, has_sound: bool) -> Utterance | None:
    """A subtitle nobody was recognised with: dialogue if somebody speaks meanwhile or the film has no sound."""
    wording, translation = split_scripts(subtitle.text, language)
    label, wording = split_label(wording or subtitle.text)
    inside = [(max(a, subtitle.start_s - LATE_S), min(b, subtitle.end_s)) for a, b in voiced]
    inside = [(a, b) for a, b in inside if b - a > 0.15]
    start_s, end_s = subtitle.start_s, subtitle.end_s
    if has_sound:
        foreign = bool(language) and script_of(wording) != script_of_language(language)
        if foreign or sum(b - a for a, b in inside) < 0.35 * (end_s - start_s):
            return None
        start_s, end_s = inside[0][0], max(inside[-1][1], inside[0][0] + 0.1)
    own_language = subtitle.language or (language if script_of(wording) == script_of_language(language) else "")
    return Utterance(start_s, end_s, wording, own_language, subtitle.confidence, "subtitle", label, translation)


def _agree(lines: Sequence[Line], subtitles: Sequence[TextSpan], language: str) -> list[Utterance]:
    """Lines and the subtitles that stood with them."""
    spoken = lines[0].language or language
    pairs = [split_scripts(subtitle.text, spoken) for subtitle in subtitles]
    translation = " ".join(dict.fromkeys(t for _, t in pairs if t))
    worded = [(subtitle, wording) for subtitle, (wording, _) in zip(subtitles, pairs, strict=True) if wording]
    heard = " ".join(line.text for line in lines)
    read = " ".join(split_label(wording)[1] for _, wording in worded)
    confidence = float(np.mean([subtitle.confidence for subtitle, _ in worded])) if worded else 0.0
    language_differs = any(s.language and spoken and s.language.split("-")[0] != spoken.split("-")[0] for s, _ in worded)
    same = similarity(heard, read) if worded else 0.0
    if same >= NEARLY_THE_SAME or (worded and confidence >= READ_WELL and not language_differs):
        alone = [line for line in lines if _covered(line, [subtitle for subtitle, _ in worded]) < 0.4]
        if len(alone) == len(lines):
            alone = []
        wordings = []
        for subtitle, wording in worded:
            label, text = split_label(wording)
            other = translation if len(worded) == 1 else split_scripts(subtitle.text, spoken)[1]
            wordings.append(_Wording(subtitle, text, label, other))
        met = [line for line in lines if line not in alone]
        return [*map(_from_line, alone), *_reworded(met, wordings, max(confidence, same))]
    foreign = " ".join(part for part in (read, translation) if part)
    return [replace(_from_line(line), translation=foreign) for line in lines]


def _reworded(lines: Sequence[Line], wordings: Sequence[_Wording], confidence: float) -> list[Utterance]:
    """The subtitles' words at the times of speech: each subtitle gets the stretch of spoken words that it aligns with."""
    words = [word for line in lines for word in (line.words or _evenly(line))]
    stretches = _align(words, [wording.text for wording in wordings])
    result = []
    for wording, stretch in zip(wordings, stretches, strict=True):
        span = wording.span
        if stretch is None:
            start_s = min(max(span.start_s, lines[0].start_s), lines[-1].end_s - 0.1)
            stretch = (start_s, max(start_s + 0.1, min(span.end_s, lines[-1].end_s)))
        first_s, last_s = stretch
        line = max(lines, key=lambda one: min(one.end_s, last_s) - max(one.start_s, first_s))
        filed = span if isinstance(span, SubtitleLine) else None
        result.append(
            replace(
                _from_line(line),
                start_s=first_s,
                end_s=last_s,
                text=wording.text,
                label=wording.label,
                translation=wording.translation,
                confidence=min(1.0, confidence),
                source="both",
                singing=line.singing or (filed is not None and filed.kind == "song"),
                origin=filed.origin if filed is not None else "",
            )
        )
    return result


def _covered(line: Line, subtitles: Sequence[TextSpan] | Sequence[SubtitleLine]) -> float:
    """Share of a line during which one of the subtitles stands."""
    return sum(_shared(line, subtitle) for subtitle in subtitles) / max(1e-3, line.end_s - line.start_s)


def _align(words: Sequence[Word], wordings: Sequence[str]) -> list[tuple[float, float] | None]:
    """For each wording the (start, end) of the spoken words it aligns with, in seconds; ``None`` if none."""
    tokens = [(token, k) for k, wording in enumerate(wordings) for token in tokenize(wording)]
    heard = [(token, i) for i, word in enumerate(words) for token in tokenize(word.text)]
    times: list[list[float]] = [[] for _ in wordings]
    for block in Levenshtein.opcodes([t for t, _ in tokens], [t for t, _ in heard]):
        if block.tag not in ("equal", "replace"):
            continue
        for offset in range(min(block.src_end - block.src_start, block.dest_end - block.dest_start)):
            word = words[heard[block.dest_start + offset][1]]
            times[tokens[block.src_start + offset][1]] += [word.start_s, word.end_s]
    stretches: list[tuple[float, float] | None] = [(min(t), max(t)) if t else None for t in times]
    if stretches and stretches[0] is not None and words:
        stretches[0] = (words[0].start_s, stretches[0][1])
    if stretches and stretches[-1] is not None and words:
        stretches[-1] = (stretches[-1][0], words[-1].end_s)
    return stretches


def _evenly(line: Line) -> list[Word]:
    parts = line.text.split() or [line.text]
    step_s = (line.end_s - line.start_s) / len(parts)
    return [
        Word(start_s=line.start_s + i * step_s, end_s=line.start_s + (i + 1) * step_s, text=part, probability=line.confidence)
        for i, part in enumerate(parts)
    ]
