"""From recognised fragments to whole sentences, before voices are told apart.

The recogniser breaks at every short pause; half a sentence is too short to tell a voice by and no line of a script. A sentence that goes
on after a breath is one speaker's, so fragments are joined first and their voice vectors averaged by length; that makes clusters surer.
Sentences are not joined into speeches: who answers in dialogue leaves no longer pause than who goes on. Subtitles that are burnt in are
lines already; a file's are cut to be read, so they are joined like fragments that were heard.

Times in seconds. Contents: :func:`join_sentences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..hearing.sentence_marks import BARE_RUN, MARKED, opens_sentence
from .reconcile import Utterance
from .wordings import script_of

BREATH_S = 1.0
"""Longest pause inside a sentence."""
LONGEST_S = 15.0
"""A joined line is not longer than this: people look for a line by its start."""
_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', '!"', '?"', ".”", "!”", "?”")


def join_sentences(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Fragments of one sentence become one line."""
    joined: list[Utterance] = []
    for utterance in utterances:
        before = joined[-1] if joined else None
        if before is not None and _may_join(before, utterance):
            joined[-1] = _together(before, utterance)
        else:
            joined.append(utterance)
    return joined


def _may_join(before: Utterance, after: Utterance) -> bool:
    return (
        not before.text.endswith(_ENDS)
        and not _is_unpunctuated(before.text, after.text)
        and not opens_sentence(after.text.split(maxsplit=1)[0] if after.text.split() else "")
        and after.start_s - before.end_s <= BREATH_S
        and (before.source == after.source == "speech" or _are_one_file(before, after))
        and not before.translation
        and not after.translation
        and before.language == after.language
        and before.singing == after.singing
        and after.start_s >= before.end_s - 0.3
        and after.end_s - before.start_s <= LONGEST_S
    )


def _are_one_file(before: Utterance, after: Utterance) -> bool:
    return bool(before.origin) and before.origin == after.origin and after.label in ("", before.label)


def _is_unpunctuated(before: str, after: str) -> bool:
    """Whether so many words around the joint have no mark that a missing full stop says nothing."""
    num = 0
    for word in reversed(before.split()):
        if MARKED.search(word):
            break
        num += 1
    for word in after.split():
        num += 1
        if MARKED.search(word):
            break
    return num >= BARE_RUN


def _together(before: Utterance, after: Utterance) -> Utterance:
    joint = "" if script_of(before.text[-1:]) == script_of(after.text[:1]) == "han" else " "
    lengths = (before.end_s - before.start_s, after.end_s - after.start_s)
    share = lengths[0] / max(1e-6, sum(lengths))
    return replace(
        before,
        end_s=after.end_s,
        text=before.text + joint + after.text,
        confidence=share * before.confidence + (1.0 - share) * after.confidence,
        voice=_mean(before.voice, after.voice, lengths),
        pitch_hz=(before if before.voiced_s >= after.voiced_s else after).pitch_hz,
        voiced_s=before.voiced_s + after.voiced_s,
    )


def _mean(left: np.ndarray, right: np.ndarray, lengths_s: tuple[float, float]) -> np.ndarray:
    """The unit vector between two voices, weighted by length; the one there is, if one is empty."""
    if not len(left) or not len(right):
        return left if len(left) else right
    mean = left.astype(np.float32) * lengths_s[0] + right.astype(np.float32) * lengths_s[1]
    return (mean / (np.linalg.norm(mean) + 1e-9)).astype(np.float16)
