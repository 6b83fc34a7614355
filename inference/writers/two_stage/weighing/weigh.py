"""The door: what a model wrote of a stretch and what was observed of it in; the same with a mark on every value, and what was changed, out.

Nothing is taken away silently: notes keep the words (:mod:`.codes`), and counts say how much of a segment was borne out. Where nothing was
observed, every value says that it was compared with nothing, and a writer that does not hear keeps no line.

Times in seconds of the film. Contents: :func:`weigh`, :class:`Weighed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.engines.base import Senses
from inference.evidence.spans import Span
from inference.profiles import fold
from omniscript_mam.script import Provenance

from ..drafts import DraftClaims, DraftEvent, DraftHighPoint, DraftPerson, DraftRepair, DraftScene
from .codes import Notes
from .credit import UNSURE, Credits
from .echoes import PLACE_TYPES, Form
from .lines import LineWeighing
from .timing import told, with_length
from .values import NOT_HEARD, NOT_SEEN, ValueWeighing
from .witness import Witness

COMPARED_WITH_NOTHING = "it was compared with nothing"
EVENT_TEXTS = ("dialogue", "action", "expression", "audio_cue", "subtext")
SCENE_TEXTS = ("location", "environment", "time", "mood")
SIGHTS = frozenset({"action", "expression", "location", "type", "environment", "time"})


@dataclass
class Weighed:
    """A stretch after it was weighed."""

    scenes: list[DraftScene]
    points: list[DraftHighPoint]
    people: list[DraftPerson] = field(default_factory=list)
    repairs: list[DraftRepair] = field(default_factory=list)
    claims: DraftClaims = field(default_factory=DraftClaims)


def weigh(
    scenes: Sequence[DraftScene],
    points: Sequence[DraftHighPoint],
    span: Span,
    *,
    witness: Witness | None,
    senses: Senses,
    by: Provenance,
    form: Form,
) -> Weighed:
    """Set everything that a model wrote of a stretch against what was observed of it.

    Args:
        witness: what was observed; ``None`` where nothing could be.
        senses: what of the film reached the model.
        by: the model, as it stands in provenance.
        form: what it was told of the form.
    """
    notes = Notes()
    scenes = [_without_echoes(scene, form, notes) for scene in scenes]
    points = [point for point in points if not _is_echo(point.description, point.start_s, form, notes)]
    if witness is None:
        return _unweighed(scenes, points, span, senses, by, notes)
    credits = Credits()
    lines = LineWeighing(witness, senses.hears, by, notes, credits.ears)
    placed = [event.model_copy(update={"scene": number}) for number, scene in enumerate(scenes) for event in scene.events]
    events = lines.weigh(placed)
    scenes = _in_scenes(scenes, with_length(events, span, notes), lines.moved)
    values = ValueWeighing(witness, senses.hears, senses.sees, by, credits)
    values.check(scenes)
    marked = [values.scene(scene).model_copy(update={"events": [values.event(event) for event in scene.events]}) for scene in scenes]
    claims = DraftClaims(
        is_weighed=True,
        hears=senses.hears,
        sees=senses.sees,
        num_heard=len(witness.lines),
        num_put_in=lines.num_put_in,
        num_dropped=notes.count(("line.unheard", "line.replaced")),
        ears=(credits.ears.num_borne, credits.ears.num_checked),
        eyes=(credits.eyes.num_borne, credits.eyes.num_checked),
        **_counts(marked),
    )
    return Weighed(marked, [values.high_point(point) for point in points], list(lines.people.values()), notes.repairs, claims)


def _unweighed(
    scenes: Sequence[DraftScene], points: Sequence[DraftHighPoint], span: Span, senses: Senses, by: Provenance, notes: Notes
) -> Weighed:
    """Nothing to compare with: every value says so, and what its writer cannot perceive is no line and no sight."""
    marked = []
    for scene in scenes:
        events = []
        for event in with_length(scene.events, span, notes):
            if event.dialogue and not senses.hears:
                notes.add("line.unheard", event.start_s, f"“{event.dialogue}”")
                event = event.model_copy(update={"dialogue": "", "voice_type": ""})
                if not (event.action or event.audio_cue or event.expression):
                    continue
            named = [*(name for name in (*EVENT_TEXTS, "voice_type") if getattr(event, name)), "character_id"]
            events.append(event.model_copy(update={"provenance": {name: _alone(name, senses, by) for name in named}}))
        provenance = {name: _alone(name, senses, by) for name in (*SCENE_TEXTS, "type") if getattr(scene, name)}
        marked.append(scene.model_copy(update={"events": events, "provenance": provenance}))
    alone = by.model_copy(update={"against": COMPARED_WITH_NOTHING})
    told_of = [point.model_copy(update={"provenance": {"description": alone, "score": alone}}) for point in points]
    return Weighed(marked, told_of, repairs=notes.repairs, claims=DraftClaims(hears=senses.hears, sees=senses.sees, **_counts(marked)))


def _alone(name: str, senses: Senses, by: Provenance) -> Provenance:
    if name in SIGHTS and not senses.sees:
        return by.model_copy(update={"confidence": 0.2, "against": f"{NOT_SEEN}; {COMPARED_WITH_NOTHING}"})
    if name == "audio_cue" and not senses.hears:
        return by.model_copy(update={"confidence": 0.2, "against": f"{NOT_HEARD}; {COMPARED_WITH_NOTHING}"})
    return by.model_copy(update={"against": COMPARED_WITH_NOTHING})


def _without_echoes(scene: DraftScene, form: Form, notes: Notes) -> DraftScene:
    """The scene without texts that copy the question, and without a place that is none."""
    update: dict[str, object] = {name: "" for name in SCENE_TEXTS if _is_echo(getattr(scene, name), None, form, notes)}
    kind = PLACE_TYPES.get(fold(scene.location))
    if kind is not None:
        notes.add("place.type", None, scene.location)
        update |= {"location": "", "type": scene.type or kind}
    events = []
    for event in scene.events:
        echoes = {name: "" for name in EVENT_TEXTS if _is_echo(getattr(event, name), event.start_s, form, notes)}
        event = event.model_copy(update=echoes)
        if told(event):
            events.append(event)
        else:
            notes.add("event.nothing", event.start_s, "")
    return scene.model_copy(update={**update, "events": events})


def _is_echo(text: str, time_s: float | None, form: Form, notes: Notes) -> bool:
    if not form.is_echo(text):
        return False
    notes.add("text.echo", time_s, text)
    return True


def _in_scenes(scenes: Sequence[DraftScene], events: Sequence[DraftEvent], moved: bool) -> list[DraftScene]:
    """Events in their scenes; where lines were moved or put in, in the scene that is on at their time."""
    told_of = list(scenes) or [DraftScene()]
    own: list[list[DraftEvent]] = [[event for event in events if event.scene == number] for number in range(len(told_of))]
    if moved:
        starts = [min((event.start_s for event in mine), default=None) for mine in own]
        order = sorted((start_s, number) for number, start_s in enumerate(starts) if start_s is not None)
        own = [[] for _ in told_of]
        for event in events:
            before = [number for start_s, number in order if start_s <= event.start_s]
            own[before[-1] if before else order[0][1] if order else 0].append(event)
    made = []
    for scene, mine in zip(told_of, own, strict=True):
        ordered = sorted((event.model_copy(update={"scene": 0}) for event in mine), key=lambda event: (event.start_s, event.end_s))
        made.append(scene.model_copy(update={"events": ordered}))
    return sorted(made, key=lambda scene: scene.events[0].start_s if scene.events else float("inf"))


def _counts(scenes: Sequence[DraftScene]) -> dict[str, Any]:
    """How many values there are, and how many of them are unsure."""
    marks = [mark for scene in scenes for mark in scene.provenance.values()]
    marks += [mark for scene in scenes for event in scene.events for mark in event.provenance.values()]
    return {"num_values": len(marks), "num_unsure": sum(mark.confidence is not None and mark.confidence < UNSURE for mark in marks)}
