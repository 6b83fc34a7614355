"""What a writer tells beside lines: what is done, felt, heard, and where and when that is. Each is borne out, contradicted, or unchecked.

Small models see little: whether anybody is in view, a few dozen things, what faces show, light and sky, sounds. A value that one of them
shares is borne out and counts for its writer; one that they speak against counts against it; the rest is worth as much as its writer's
credit (:mod:`.credit`). What somebody tells who does not see is told as such.

Times in seconds of the film. Contents: :class:`ValueWeighing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inference.evidence.joining.wordings import tokenize
from inference.evidence.spans import Span
from omniscript_mam.script import ENVIRONMENT_ID, Provenance

from ..drafts import DraftEvent, DraftHighPoint, DraftScene
from .credit import UNSURE, Credit, Credits, by_credit, mark
from .witness import Witness

NOT_SEEN, NOT_HEARD = "its writer does not see the film", "its writer does not hear the film"
UNSEEN = 0.2
"""What a sight is worth of somebody who does not see, and a sound of somebody who does not hear."""
LEAST_LETTERS = 4
"""Words of fewer letters do not tell what a text is about."""
SILENT_DB = -50.0
"""Below this, nothing is heard in a second."""
SHOWN, NOT_SHOWN = 0.35, 0.15
"""Mean probability of an expression over a face's samples from which it shows, and below which it does not."""

_NO_WORDS = frozenset(
    "with from into onto over under that this they them their then there here have has been being were which while what when where who "
    "back down away just very more some something someone somebody view looks look seen shot scene camera person people".split()
)
_FEELINGS = {
    "happiness": r"\b(?:smil|happ|joy|laugh|grin|delight|cheer|glad|amus|beam|pleased)|笑|高兴|开心|喜悦",
    "sadness": r"\b(?:sad|cry|cries|tear|weep|sorrow|grie|mourn|unhapp|miserab|sob)|哭|悲|伤心|难过",
    "anger": r"\b(?:ang(?:er|ri|ry)|furi|rage|scowl|glar|irritat|annoy|hostil)|怒|愤|生气",
    "fear": r"\b(?:fear|afraid|scare|terrif|frighten|panic|horror|anxi|nervous|worr)|怕|惧|恐|紧张",
    "surprise": r"\b(?:surpris|shock|astonish|amaz|startl|stunn)|惊讶|吃惊|震惊",
    "disgust": r"\b(?:disgust|revol|contempt|sneer)|厌恶|恶心",
    "neutral": r"\b(?:calm|neutral|serious|blank|expressionless|composed|stern|thoughtful)|平静|严肃",
}
_TIMES = {"light": r"\b(?:day|morning|noon|afternoon)|白天|早|中午|下午|上午", "dark": r"\b(?:night|midnight|evening|dusk)|夜|晚|黄昏"}


@dataclass(frozen=True)
class _Finding:
    """What became of a claim: ``is_borne`` (``None``: nothing speaks for or against it), how sure the witness is, and its words."""

    is_borne: bool | None
    sure: float = 0.0
    words: str = ""


UNCHECKED = _Finding(None)


@dataclass
class ValueWeighing:
    """Everything but lines of a stretch, while it is weighed.

    ``credits`` are filled by :meth:`check` before :meth:`event` and :meth:`scene` give marks by them.
    """

    witness: Witness
    hears: bool
    sees: bool
    by: Provenance
    credits: Credits

    def check(self, scenes: Iterable[DraftScene]) -> None:
        """Count what is borne out and what is not, of everything that can be checked."""
        for scene in scenes:
            span = _span(scene)
            for name, find in self._of_scene.items():
                if getattr(scene, name):
                    self._count(name, find(getattr(scene, name), span))
            for event in scene.events:
                for name, look in self._of_event.items():
                    if getattr(event, name):
                        self._count(name, look(event))

    def event(self, event: DraftEvent) -> DraftEvent:
        """The event, each of its values with its mark; those that have one keep it."""
        marks = {name: self._mark(name, look(event)) for name, look in self._of_event.items() if getattr(event, name)}
        if event.subtext:
            marks["subtext"] = by_credit(self.by, self._best(), 0.7)
        if "character_id" not in event.provenance and event.character:
            marks["character_id"] = by_credit(self.by, self._best())
        return event.model_copy(update={"provenance": {**marks, **event.provenance}})

    def scene(self, scene: DraftScene) -> DraftScene:
        """The scene's own values with their marks."""
        span = _span(scene)
        marks = {name: self._mark(name, find(getattr(scene, name), span)) for name, find in self._of_scene.items() if getattr(scene, name)}
        return scene.model_copy(update={"provenance": {**marks, **scene.provenance}})

    def high_point(self, point: DraftHighPoint) -> DraftHighPoint:
        """A high point is an opinion: it is worth its writer's credit."""
        by = by_credit(self.by, self._best(), 0.7)
        lost = {channel for channel, sense in (("visual", self.sees), ("audio", self.hears)) if not sense}
        reasons = {channel: text for channel, text in point.reasoning.items() if channel not in lost}
        return point.model_copy(update={"provenance": {"description": by, "score": by}, "reasoning": reasons})

    @property
    def _of_event(self) -> dict[str, Callable[[DraftEvent], _Finding]]:
        return {"action": self._action, "expression": self._expression, "audio_cue": self._sound, "voice_type": self._voice_type}

    @property
    def _of_scene(self) -> dict[str, Callable[[str, Span], _Finding]]:
        return {"location": self._place, "type": self._type, "environment": self._place, "time": self._time, "mood": self._mood}

    # What becomes of a claim --------------------------------------------------------------------------------------------------

    def _credit(self, name: str) -> Credit:
        return self.credits.ears if name == "audio_cue" else self._best() if name == "mood" else self.credits.eyes

    def _best(self) -> Credit:
        """Credit of what takes ears and eyes: that of the sense that was checked more."""
        return max(self.credits.ears, self.credits.eyes, key=lambda credit: credit.num_checked)

    def _count(self, name: str, finding: _Finding) -> None:
        perceives = self.hears if name == "audio_cue" else self.sees
        if finding.is_borne is not None and perceives and name != "mood":
            self._credit(name).note(finding.is_borne)

    def _mark(self, name: str, finding: _Finding) -> Provenance:
        if finding.is_borne:
            credit = self._credit(name).value if (self.hears if name == "audio_cue" else self.sees) else 0.0
            sure = min(0.9, finding.sure + (1.0 - finding.sure) * 0.5 * credit)
            return mark(self.by, sure, finding.words, "" if sure >= UNSURE else "small models are not sure of it")
        lacking = (
            NOT_HEARD if name == "audio_cue" and not self.hears else NOT_SEEN if name not in ("audio_cue", "mood") and not self.sees else ""
        )
        if lacking:
            against = "; ".join(part for part in (lacking, finding.words) if part)
            return mark(self.by, min(UNSEEN, 0.1 if finding.is_borne is False else UNSEEN), "inferred from what it was told", against)
        if finding.is_borne is False:
            return mark(self.by, min(0.3, 0.5 * self._credit(name).value), against=finding.words)
        return by_credit(self.by, self._credit(name))

    # What is looked at -----------------------------------------------------------------------------------------------------------

    def _action(self, event: DraftEvent) -> _Finding:
        span = (event.start_s, event.end_s)
        words = _words(event.action)
        for seen in self.witness.events(span, "action"):
            if words & _words(seen.action):
                return _Finding(True, (seen.confidence_of("action") or 0.5) + 0.1, f"small models see: {seen.action}")
        named = {form for token in tokenize(event.action) for form in (token, token.removesuffix("s"))}
        things = sorted(thing for thing in self.witness.things(span) if set(tokenize(thing)) <= named)
        if things:
            return _Finding(True, 0.6, f"small models see: {', '.join(things)}")
        return self._nobody(event, span)

    def _nobody(self, event: DraftEvent, span: Span) -> _Finding:
        is_person = event.character.casefold() not in ("", ENVIRONMENT_ID)
        if is_person and self.witness.is_anybody_seen(span) is False:
            return _Finding(False, words=f"nobody is seen from {span[0]:.1f} to {span[1]:.1f} s")
        return UNCHECKED

    def _expression(self, event: DraftEvent) -> _Finding:
        span = (event.start_s, event.end_s)
        faces = [face for face in self.witness.faces(span) if face.expression]
        felt = [label for label, pattern in _FEELINGS.items() if re.search(pattern, event.expression, re.IGNORECASE)]
        if not faces:
            return self._nobody(event, span)
        shown = {label: max(face.expression.get(label, 0.0) for face in faces) for label in _FEELINGS}
        most = max(shown, key=lambda label: shown[label])
        if felt and max(shown[label] for label in felt) >= SHOWN:
            return _Finding(True, max(shown[label] for label in felt), f"a face in view shows {felt[0]}")
        if felt and max(shown[label] for label in felt) < NOT_SHOWN:
            return _Finding(False, words=f"the faces in view show {most} ({shown[most]:.0%})")
        return UNCHECKED

    def _sound(self, event: DraftEvent) -> _Finding:
        span = (event.start_s, event.end_s)
        words = _words(event.audio_cue)
        for heard in self.witness.sounds(span):
            if words & _words(heard):
                return _Finding(True, 0.65, f"small models hear: {heard}")
        loudest_db = self.witness.loudest_db(span)
        if loudest_db is not None and loudest_db < SILENT_DB:
            return _Finding(False, words=f"it is silent from {span[0]:.1f} to {span[1]:.1f} s ({loudest_db:.0f} dB)")
        return UNCHECKED

    def _voice_type(self, event: DraftEvent) -> _Finding:
        return self._nobody(event, (event.start_s, event.end_s)) if event.voice_type == "OnScreen" else UNCHECKED

    def _place(self, text: str, span: Span) -> _Finding:
        words, scene = _words(text), self.witness.scene(span)
        seen = [scene.location, scene.environment] if scene is not None else []
        shared = next((each for each in [*seen, *sorted(self.witness.things(span)), *self.witness.texts] if _words(each) & words), "")
        return _Finding(True, 0.65, f"small models see: {' '.join(shared.split())[:100]}") if shared else UNCHECKED

    def _type(self, text: str, span: Span) -> _Finding:
        return self._of_stand_in("type", span, lambda seen: seen == text)

    def _time(self, text: str, span: Span) -> _Finding:
        mine = {kind for kind, pattern in _TIMES.items() if re.search(pattern, text, re.IGNORECASE)}
        if not mine:
            return UNCHECKED
        return self._of_stand_in("time", span, lambda seen: any(re.search(_TIMES[kind], seen, re.IGNORECASE) for kind in mine))

    def _mood(self, text: str, span: Span) -> _Finding:
        finding = self._of_stand_in("mood", span, lambda seen: bool(_words(seen) & _words(text)))
        return finding if finding.is_borne else UNCHECKED

    def _of_stand_in(self, name: str, span: Span, agrees: Callable[[str], bool]) -> _Finding:
        scene = self.witness.scene(span)
        seen = str(getattr(scene, name) or "") if scene is not None else ""
        if scene is None or not seen:
            return UNCHECKED
        source, sure = scene.provenance.get(name), scene.confidence_of(name) or 0.0
        because = f" ({source.evidence})" if source is not None and source.evidence else ""
        if agrees(seen):
            return _Finding(True, sure, f"small models say {seen}{because}")
        return _Finding(False, words=f"small models say {seen}{because}") if sure >= 0.5 else UNCHECKED


def _span(scene: DraftScene) -> Span:
    times = [(event.start_s, event.end_s) for event in scene.events] or [(scene.start_s or 0.0, scene.start_s or 0.0)]
    return min(start_s for start_s, _ in times), max(end_s for _, end_s in times)


def _words(text: str) -> frozenset[str]:
    """What a text is about: the beginnings of its longer words, each ideograph."""
    tokens = [token for token in tokenize(text) if token not in _NO_WORDS]
    return frozenset(token[:5] if token.isascii() else token for token in tokens if not token.isascii() or len(token) >= LEAST_LETTERS)
