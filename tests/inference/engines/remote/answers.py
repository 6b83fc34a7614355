"""Answers of a model that knows the film: plan and script of the stretch that a request shows, found by its pictures or its sound.

``answer_from(script, spool)`` looks where in the film the decoded pictures and samples of a request are (so they must be the real ones),
and writes that stretch of a known script in the wire form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from inference.answers.clip_times import read_tenths
from inference.answers.schema import CharacterAnswer, EventAnswer, PlanAnswer, SceneAnswer, ScriptAnswer, SegmentAnswer, to_wire
from inference.media import Spool
from omniscript_mam.script import Script

if TYPE_CHECKING:
    from tests.inference.engines.remote.server import Asked

RATE_HZ = 16_000
THINKING = "<thinking>\nPlot: as told.\nRelations: none.\n</thinking>\n"


def answer_from(script: Script, spool: Spool) -> Callable[[Asked], str]:
    """A function for :class:`tests.inference.engines.remote.server.ChatServer` that knows this film."""
    place = Place(spool)

    def answer(asked: Asked) -> str:
        start_s, end_s = place.find(asked)
        wire = to_wire(plan_of(script, start_s, end_s) if asked.purpose == "plan" else script_of(script, start_s, end_s, asked.prompt))
        if asked.schema is None and "<thinking>" in asked.system:
            wire = THINKING + wire
        if asked.begun:
            assert wire.startswith(asked.begun), f"asked to go on from what was not said: {asked.begun[-80:]!r}"
        return wire.removeprefix(asked.begun)

    return answer


class Place:
    """Finds the stretch of a film that a request shows."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        frames = [spool.frame_at(k / 4) for k in range(int(spool.duration_s * 4) + 1)] if spool.has_video else []
        self._looks = np.array([_look(Image.fromarray(frame.image)) for frame in frames if frame is not None])
        self._times_s = [frame.time_s for frame in frames if frame is not None]

    def find(self, asked: Asked) -> tuple[float, float]:
        """Start and end in seconds of the film. The length stands in the prompt."""
        found = re.search(r"(\d{2,3}:\d\d(?:\.\d)?) long", asked.prompt)
        assert found, "the prompt does not say how long the clip is"
        length_s = (read_tenths(found[1]) or 0) / 10
        if asked.sound is not None and np.abs(asked.sound).max() > 0.01:
            start_s = self._by_sound(asked.sound)
        else:
            start_s = self._by_pictures(asked.frames)
        return start_s, min(start_s + length_s, self._spool.duration_s)

    def _by_sound(self, sound: np.ndarray) -> float:
        whole = self._spool.audio(0.0, self._spool.duration_s)
        size = 1 << (len(whole) + len(sound)).bit_length()
        match = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(sound, size)), size)
        return float(np.argmax(match[: len(whole)])) / RATE_HZ

    def _by_pictures(self, frames: list[tuple[float, Image.Image]]) -> float:
        """By all pictures but the first, whose time counts as 0 even where it came on screen before the clip."""
        assert frames, "nothing to recognise the clip by"
        shown = frames[1:] or frames
        looks = np.array([_look(image) for _, image in shown])
        ticks = np.array([round(4 * (time_s - shown[0][0])) for time_s, _ in shown])
        starts = range(max(1, len(self._looks) - int(ticks.max())))
        costs = [np.abs(self._looks[start + ticks] - looks).mean() for start in starts]
        assert min(costs) < 6.0, f"these pictures are not of this film (off by {min(costs):.1f} levels)"
        return max(0.0, self._times_s[int(np.argmin(costs))] - shown[0][0])


def _look(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L").resize((16, 16), Image.Resampling.BOX), dtype=np.float32)


def script_of(script: Script, start_s: float, end_s: float, prompt: str = "") -> ScriptAnswer:
    """The events that begin in this stretch; characters by the identifier that the prompt lists for their name, else by name."""
    scenes = []
    for scene in script.scenes:
        events = [
            EventAnswer(
                start=event.start_s - start_s,
                end=min(event.end_s, end_s) - start_s,
                character=_called(script.character_name(event.character_id), prompt),
                dialogue=event.dialogue,
                action=event.action,
                expression=event.expression,
                audio_cue=event.audio_cue,
            )
            for event in scene.events
            if start_s - 0.05 <= event.start_s < end_s - 0.05
        ]
        if events:
            place = {"location": scene.location, "environment": scene.environment, "time": scene.time, "mood": scene.mood}
            scenes.append(SceneAnswer(**place, type=scene.type.value if scene.type else "", events=events))
    return ScriptAnswer(scenes=scenes)


def _called(name: str, prompt: str) -> str:
    listed = re.search(rf"^((?:char|unknown)_\d+): {re.escape(name)}\b", prompt, re.M)
    return listed[1] if listed else name


def plan_of(script: Script, start_s: float, end_s: float) -> PlanAnswer:
    """Who is there and what happens: the plot segments of the script in this stretch, or one for all of it."""
    present = {event.character_id for event in script.events() if start_s <= event.start_s < end_s}
    people = [
        CharacterAnswer(id=f"char_{number:03d}", name=character.name, appearance=character.appearance, match_confidence=0.9)
        for number, character in enumerate(script.characters, 1)
        if character.id in present
    ]
    ids = [person.id for person in people]
    inside = [part for part in script.plot if part.start_s < end_s and part.end_s > start_s]
    segments = [
        SegmentAnswer(
            start=max(0.0, part.start_s - start_s), end=min(part.end_s, end_s) - start_s, plot=part.summary, active_characters=ids
        )
        for part in inside
    ] or [SegmentAnswer(start=0.0, end=end_s - start_s, plot="What happens.", active_characters=ids)]
    return PlanAnswer(characters=people, segments=segments, summary=f"The story up to {end_s:.0f} s.", continuity_note="It goes on.")
