"""What was observed of a stretch of film, as questions can be put to it: who is heard, who is in view, what is seen and heard then.

Two witnesses in one: the observations themselves (:class:`inference.evidence.observed.Evidence`), and the script that the stand-in makes of
them, whose values say how sure they are and why. Times in seconds of the film. Contents: :class:`Witness`, :func:`covered`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import LCSseq

from inference.evidence.joining.wordings import similarity, tokenize
from inference.evidence.observed import Evidence, FaceTrack, ObjectSample
from inference.evidence.spans import Span
from omniscript_mam.script import Event, Scene, Script

SURE_PERSON, SURE_THING = 0.5, 0.5
"""Least scores of a person and of a thing that count as seen."""
LOOKED_S = 2.0
"""People are looked for every other second: what was in view this long before or after counts as in view."""
NEARLY = 0.7
"""Likeness by letters from which two texts are one, whatever their words."""
FULL_LETTERS = 5
"""Words of so many letters count fully, shorter ones less: two sentences share their "the" and "you" by chance."""


@dataclass(frozen=True)
class Witness:
    """``script`` is what the stand-in makes of ``evidence``."""

    script: Script
    evidence: Evidence

    @cached_property
    def lines(self) -> list[Event]:
        """Lines as they were heard or read, in order of time."""
        return [event for event in self.script.events() if event.dialogue]

    @property
    def tells(self) -> bool:
        """Whether there is anything to write a script from beside where shots begin."""
        audio, visual = self.evidence.audio, self.evidence.visual
        return bool(self.script.events() or audio.lines or audio.sounds or visual.faces or visual.texts or self._things(self.span))

    @property
    def span(self) -> Span:
        return self.evidence.start_s, self.evidence.end_s

    @property
    def texts(self) -> list[str]:
        """Texts that stand on screen."""
        return [text.text for text in self.evidence.visual.texts]

    def is_written(self, line: Event) -> bool:
        """Whether a line's words stand in a subtitle, to be kept to the letter."""
        written = [(each.start_s, each.end_s, each.text) for each in self.evidence.subtitles]
        written += [(each.start_s, each.end_s, each.text) for each in self.evidence.visual.texts]
        near = (text for start_s, end_s, text in written if start_s < line.end_s + LOOKED_S and end_s > line.start_s - LOOKED_S)
        return any(similarity(text, line.dialogue) > 0.9 for text in near)

    def is_voice(self, span: Span) -> bool:
        """Whether somebody is heard speaking or singing for a noticeable part of a stretch."""
        start_s, end_s = span[0] - 0.3, span[1] + 0.3
        shared = [min(each.end_s, end_s) - max(each.start_s, start_s) for each in self.evidence.audio.speech if each.kind != "music"]
        return sum(each for each in shared if each > 0) > 0.2

    def is_anybody_seen(self, span: Span) -> bool | None:
        """Whether a person or a face is in view; ``None`` where nobody looked."""
        if self.faces(span):
            return True
        samples = self._samples(span)
        if not samples:
            return None
        return any(
            label == "person" and score >= SURE_PERSON for each in samples for label, score in zip(each.labels, each.scores, strict=True)
        )

    def faces(self, span: Span) -> list[FaceTrack]:
        """Faces that are in view during a stretch."""
        return [face for face in self.evidence.visual.faces if face.start_s < span[1] + 0.5 and face.end_s > span[0] - 0.5]

    def things(self, span: Span) -> set[str]:
        """Names of what is surely in view during a stretch, people apart."""
        return self._things(span)

    def events(self, span: Span, field: str, near_s: float = 1.5) -> list[Event]:
        """The stand-in's events with such a text, around a stretch."""
        all_of = (event for event in self.script.events() if getattr(event, field))
        return [event for event in all_of if event.start_s < span[1] + near_s and event.end_s > span[0] - near_s]

    def sounds(self, span: Span) -> list[str]:
        """What is heard around a stretch, in words."""
        heard = [each.label for each in self.evidence.audio.sounds if each.start_s < span[1] + 1.5 and each.end_s > span[0] - 1.5]
        named = [
            each.text
            for each in self.evidence.subtitles
            if each.kind == "sound" and each.start_s < span[1] + 2 and each.end_s > span[0] - 2
        ]
        return list(dict.fromkeys([*(event.audio_cue for event in self.events(span, "audio_cue")), *heard, *named]))

    def loudest_db(self, span: Span) -> float | None:
        """The loudest second of a stretch in dBFS; ``None`` where nothing was measured."""
        first = int(span[0] - self.evidence.start_s)
        levels = self.evidence.audio.loudness_db[max(0, first) : max(0, int(span[1] - self.evidence.start_s)) + 1]
        return max(levels, default=None)

    def scene(self, span: Span) -> Scene | None:
        """The stand-in's scene that shares most of a stretch."""

        def shared_s(scene: Scene) -> float:
            return min(scene.end_s, span[1]) - max(scene.start_s, span[0])

        best = max(self.script.scenes, key=shared_s, default=None)
        return best if best is not None and shared_s(best) > 0 else None

    def _samples(self, span: Span) -> list[ObjectSample]:
        return [each for each in self.evidence.visual.objects if span[0] - LOOKED_S <= each.time_s <= span[1] + LOOKED_S]

    def _things(self, span: Span) -> set[str]:
        seen = {
            label
            for each in self._samples(span)
            for label, score in zip(each.labels, each.scores, strict=True)
            if score >= SURE_THING and label != "person"
        }
        looks = [look for look in self.evidence.visual.looks if look.start_s < span[1] and look.end_s > span[0]]
        return seen | {label.casefold().split(",")[0] for look in looks for label in look.labels}


def covered(text: str, others: Iterable[str]) -> float:
    """0..1: how much of a text's words stand in this order in other texts, long words before short ones."""
    written = list(others)
    mine, theirs = tokenize(text), tokenize(" ".join(written))
    if not mine or not theirs:
        return 0.0
    same = [mine[i] for op in LCSseq.opcodes(mine, theirs) if op.tag == "equal" for i in range(op.src_start, op.src_end)]
    share = sum(map(_weight, same)) / sum(map(_weight, mine))
    alike = max(similarity(text, other) for other in written)
    return max(share, alike if alike >= NEARLY else 0.0)


def _weight(token: str) -> float:
    return min(len(token), FULL_LETTERS) / FULL_LETTERS if token.isascii() else 1.0
