"""Films for learning: a few stories, each told with several dialogues, whose pictures cannot tell the words.

Every version of a story has the same staging, and :class:`Lesson` shows all of them with the pictures of the first, to the bit, as a
dubbed film is shown. So what is said can only be known from the sound; a guess from the pictures is right once in
``len(DIALOGUES)`` times. The dialogues are the same in every story, spoken by other voices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from eval.world import render
from inference.answers.schema import EventAnswer, SceneAnswer, ScriptAnswer, to_wire
from inference.engines.base import Clip
from inference.media import Spool, probe, survey_chunk
from inference.media.description import Frame
from omniscript_mam.script import ENVIRONMENT_ID, EVENT_FIELDS, SCENE_FIELDS, Character, Event, Meta, Scene, SceneType, Script

SIZE = (64, 64)
DURATION_S = 8.0
FRAMES_PER_S = 2.0
DIALOGUES = (
    ("Where is my violin?", "Ask your brother."),
    ("Happy birthday, dear!", "You remembered it!"),
    ("The bridge fell down.", "Then we must swim."),
    ("Pack up, quickly.", "Five more minutes."),
)
"""What the first and the second of a story's characters say."""


@dataclass(frozen=True)
class Story:
    """What all versions of a story share: who, where, when, and what is done and heard between the lines."""

    people: tuple[str, str]
    scene: dict[str, object]
    expressions: tuple[str, str]
    enters: str
    leaves: str
    cue: str


STORIES = (
    Story(
        ("Anna", "Tom"),
        {"location": "Kitchen", "type": SceneType.INTERIOR, "environment": "A small kitchen", "time": "Night", "mood": "tense"},
        ("angry", "sad"),
        "walks in from the right",
        "points at the door",
        "rain against the window",
    ),
    Story(
        ("Ben", "Clara"),
        {"location": "Beach", "type": SceneType.EXTERIOR, "environment": "Sand and sea", "time": "Day", "mood": "happy"},
        ("surprised", "happy"),
        "jumps for joy",
        "dances",
        "waves on the shore",
    ),
)


def script_of(story: Story, lines: tuple[str, str]) -> Script:
    """One version of a story; the slots are longer than any line, so that no line moves what follows."""
    first, second = "char_001", "char_002"
    told = [
        (0.0, 7.6, ENVIRONMENT_ID, {"audio_cue": story.cue}),
        (0.4, 2.4, second, {"action": story.enters}),
        (2.8, 4.0, first, {"dialogue": lines[0], "expression": story.expressions[0]}),
        (4.8, 6.0, second, {"dialogue": lines[1], "expression": story.expressions[1]}),
        (6.4, 7.6, first, {"action": story.leaves}),
    ]
    events = [Event(id=f"e{i + 1}", start_s=a, end_s=b, character_id=who, **texts) for i, (a, b, who, texts) in enumerate(told)]
    return Script(
        meta=Meta(title=" and ".join(story.people), duration_s=DURATION_S),
        characters=[Character(id=who, name=name, named=True) for who, name in zip((first, second), story.people, strict=True)],
        scenes=[Scene(id="s1", start_s=0.0, end_s=DURATION_S, events=events, **story.scene)],
    )


def answer_of(script: Script) -> ScriptAnswer:
    """The script as a model says it: names where the Script has identifiers."""
    scenes = []
    for scene in script.scenes:
        events = [
            EventAnswer(
                start=event.start_s,
                end=event.end_s,
                character=script.character_name(event.character_id),
                **{key: getattr(event, key) for key in EVENT_FIELDS},
            )
            for event in sorted(scene.events, key=lambda event: (event.start_s, event.end_s))
        ]
        about = {key: str(getattr(scene, key) or "") for key in SCENE_FIELDS}
        scenes.append(SceneAnswer(events=events, **about))
    return ScriptAnswer(scenes=scenes)


@dataclass(frozen=True)
class Lesson:
    """One film as it is shown to the model, and what it should write. ``frames`` are the first version's; ``own_frames`` the film's.

    ``sound`` is float32 at 16 kHz.
    """

    story: int
    dialogue: int
    script: Script
    frames: list[Frame] | None
    own_frames: list[Frame]
    sound: np.ndarray | None

    @property
    def answer(self) -> str:
        return to_wire(answer_of(self.script))


def render_lessons(folder: Path) -> list[Lesson]:
    """Render every story with every dialogue and read the films back as a writer does."""
    lessons: list[Lesson] = []
    for i, story in enumerate(STORIES):
        for j, lines in enumerate(DIALOGUES):
            path = folder / f"{i}-{j}.mp4"
            script = render(script_of(story, lines), path, seed=i, size=SIZE, frame_rate=Fraction(12))
            clip = Clip(_spool(path), 0.0, script.meta.duration_s, FRAMES_PER_S)
            frames = [Frame(frame.time_s, frame.image) for frame in clip.frames()]  # read in every epoch
            lessons.append(Lesson(i, j, script, frames if j == 0 else lessons[-1].frames, frames, clip.sound()))
    return lessons


def _spool(path: Path) -> Spool:
    info = probe(path)
    folder = path.with_suffix(".spool")
    survey_chunk(path, info, folder, 0)
    return Spool(folder, info)


def muted(lesson: Lesson) -> Lesson:
    """The same pictures without sound."""
    return replace(lesson, sound=None)


def unseen(lesson: Lesson) -> Lesson:
    """The same sound without pictures."""
    return replace(lesson, frames=None)


def dubbed(lesson: Lesson, other: Lesson) -> Lesson:
    """A film's pictures with another film's sound."""
    return replace(lesson, sound=other.sound)
