"""Audio cues: the sounds of a film in the words of a screenplay, each told once, where it begins.

A sound that goes on is one cue, also across scenes and over the pauses that speech makes in it (the tagger loses music under words). The
cue's event ends with its scene. A phrase says no more of music than the tagger does.

Times in seconds. Contents: :func:`continuous_sounds`, :func:`cue_events`, :func:`named_cue_events`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from inference.evidence.observed import Sound, SubtitleLine
from inference.evidence.spans import Span, overlap_s
from omniscript_mam.script import Event

from .drafting import belongs, draft_event, stamp

SoundPhrase = Callable[[str], str]
"""AudioSet display name → a phrase a person would write, or "" for sounds not worth a cue (speech, silence)."""

LEAST_CUE_S = 0.4
"""A sound shorter than this has no cue. Chosen, like the other numbers here."""
NAMED = 0.9
"""How sure a sound is that a subtitle names."""
SAME_SOUND_S = 2.0
"""A sound that is heard again so soon has been going on."""
SAME_MUSIC_S = 6.0
"""The same for music, which the tagger loses under words."""


@dataclass(frozen=True)
class Cue:
    """One continuous sound, with the tagger's label and best score."""

    start_s: float
    end_s: float
    phrase: str
    score: float
    label: str


def continuous_sounds(sounds: Iterable[Sound], sound_phrase: SoundPhrase) -> list[Cue]:
    """The sounds worth a cue, in order; the same phrase again within a short while is one sound."""
    cues: list[Cue] = []
    for sound in sorted(sounds, key=lambda s: (s.start_s, s.end_s, s.label)):
        phrase = sound_phrase(sound.label)
        if not phrase or sound.end_s - sound.start_s < LEAST_CUE_S:
            continue
        longest_s = SAME_MUSIC_S if "music" in phrase else SAME_SOUND_S
        same = next(
            (i for i in range(len(cues) - 1, -1, -1) if cues[i].phrase == phrase and sound.start_s - cues[i].end_s < longest_s), None
        )
        if same is None:
            cues.append(Cue(sound.start_s, sound.end_s, phrase, sound.score, sound.label))
        else:
            before = cues[same]
            cues[same] = Cue(before.start_s, max(before.end_s, sound.end_s), phrase, max(before.score, sound.score), before.label)
    return _without_vaguer(cues)


def _without_vaguer(cues: list[Cue]) -> list[Cue]:
    """Without plain "music" where the tagger says which for most of it."""
    exact = [cue for cue in cues if cue.phrase.endswith(" music")]
    kept = []
    for cue in cues:
        shared_s = sum(max(0.0, overlap_s(cue, other)) for other in exact)
        if cue.phrase != "music" or shared_s < 0.5 * (cue.end_s - cue.start_s):
            kept.append(cue)
    return kept


def cue_events(cues: Iterable[Cue], span: Span, version: str) -> list[Event]:
    """The cues that begin in a scene (or just before it, if they are mostly heard here)."""
    events = []
    for cue in cues:
        start_s, end_s = max(cue.start_s, span[0]), min(cue.end_s, span[1])
        if end_s - start_s < LEAST_CUE_S:
            continue
        began_here = span[0] <= cue.start_s and belongs(start_s, end_s, (cue.start_s, cue.end_s))
        hardly_before = cue.start_s < span[0] and not belongs(cue.start_s, span[0], (cue.start_s, cue.end_s))
        if began_here or hardly_before:
            provenance = {"audio_cue": stamp(version, 0.9 * cue.score, f"{cue.label} {cue.score:.2f}")}
            events.append(draft_event(span, start_s, end_s, audio_cue=cue.phrase, provenance=provenance))
    return events


def named_cue_events(named: Iterable[SubtitleLine], cues: Sequence[Cue], span: Span, version: str) -> list[Event]:
    """The sounds that subtitles name in a scene, in their words; music that was heard anyway is not said twice."""
    events = []
    for line in named:
        if not span[0] <= line.start_s < span[1]:
            continue
        if line.text == "music" and any(
            cue.phrase.endswith("music") and cue.start_s < line.end_s and cue.end_s > line.start_s for cue in cues
        ):
            continue
        end_s = min(max(line.end_s, line.start_s + LEAST_CUE_S), span[1])
        if end_s - line.start_s >= 0.05:
            provenance = {"audio_cue": stamp(version, NAMED, f"named by {line.origin}")}
            events.append(draft_event(span, line.start_s, end_s, audio_cue=line.text[:500], provenance=provenance))
    return events
