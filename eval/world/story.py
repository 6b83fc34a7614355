"""Made-up stories of any length: scenes with place, time and mood, events with lines, actions, expressions and sounds. Seeded."""

from __future__ import annotations

import random

from eval.errors import StoryError
from omniscript_mam.script import Character, Event, Meta, Scene, SceneType, Script

NAMES = ("Anna", "Tom", "Lucy", "Ben", "Clara", "Max", "Ruth", "Oscar", "Maya", "Fred")
PLACES = (
    ("Living room", SceneType.INTERIOR),
    ("Kitchen", SceneType.INTERIOR),
    ("Office", SceneType.INTERIOR),
    ("Bedroom", SceneType.INTERIOR),
    ("Park", SceneType.EXTERIOR),
    ("Street", SceneType.EXTERIOR),
    ("Beach", SceneType.EXTERIOR),
    ("Forest", SceneType.EXTERIOR),
)
TIMES = ("Day", "Night", "Dawn", "Dusk")
TALKS = {
    "tense": (
        ("angry", "Why did you take the {thing}, {other}?"),
        ("annoyed", "I never touched the {thing}."),
        ("angry", "Do not lie to me again."),
        ("sad", "You never believe a word I say."),
        ("angry", "Give it back before it is too late."),
        ("neutral", "I will not talk about this now."),
    ),
    "happy": (
        ("happy", "Look, {other}, I found the {thing}!"),
        ("surprised", "Really? Where did you find it?"),
        ("happy", "It was under the old bench all the time."),
        ("happy", "Then let us celebrate tonight."),
        ("happy", "You are the best friend I have."),
        ("neutral", "I will bring some bread and cheese."),
    ),
    "sad": (
        ("sad", "I lost the {thing}, {other}. I am so sorry."),
        ("sad", "It was the last thing my father gave me."),
        ("neutral", "We can still look for it tomorrow."),
        ("sad", "I do not think that we will find it."),
        ("neutral", "Come home with me and rest."),
    ),
    "calm": (
        ("neutral", "How was your journey, {other}?"),
        ("neutral", "Long, but the train was empty."),
        ("happy", "I made some tea for you."),
        ("neutral", "Did you bring the {thing}?"),
        ("neutral", "It is in my bag by the door."),
    ),
}
"""Mood → lines with their expressions; ``{other}`` is who is spoken to."""
THINGS = ("map", "silver key", "red book", "letter", "camera", "golden ring", "lantern", "violin")
ACTIONS = ("waves", "points at the sky", "sits down", "jumps for joy", "shrugs", "dances")
SOUNDS = {
    SceneType.INTERIOR: {"Night": "rain against the window", "Day": "a phone rings"},
    SceneType.EXTERIOR: {"Night": "crickets chirp", "Day": "birds sing", "Dawn": "birds sing"},
}
SCENE_S = 24.0
"""About how long a scene is."""


def story(seed: int, duration_s: float, num_characters: int = 2) -> Script:
    """A script of about ``duration_s`` seconds; lines may move the times a little when it is rendered.

    Raises:
        StoryError: there are fewer than two or more than ten characters, or no time for a scene.
    """
    if not 2 <= num_characters <= len(NAMES):
        raise StoryError(f"A story has 2 to {len(NAMES)} characters, not {num_characters}.")
    if duration_s < 4:
        raise StoryError("A story takes at least four seconds.")
    rng = random.Random(f"story {seed}")
    people = [Character(id=f"char_{i + 1:03d}", name=name, named=True) for i, name in enumerate(rng.sample(NAMES, num_characters))]
    num_scenes = max(1, round(duration_s / SCENE_S))
    length_s = duration_s / num_scenes
    scenes = [_scene(rng, number, number * length_s, (number + 1) * length_s, people) for number in range(num_scenes)]
    return Script(meta=Meta(title=f"Story {seed}", duration_s=duration_s, languages=["en"]), characters=people, scenes=scenes)


def _scene(rng: random.Random, number: int, start_s: float, end_s: float, people: list[Character]) -> Scene:
    place, kind = rng.choice(PLACES)
    time, mood = rng.choice(TIMES), rng.choice(list(TALKS))
    pair = rng.sample(people, 2)
    thing = rng.choice(THINGS)
    events: list[Event] = []
    sound = SOUNDS[kind].get(time)
    for cue in filter(None, (sound, f"{mood} music")):
        events.append(_event(number, len(events), start_s, end_s - 0.3, "environment", audio_cue=cue))
    now_s = start_s + 0.6
    events.append(_event(number, len(events), now_s, min(now_s + 2.2, end_s), pair[1].id, action="walks in"))
    now_s += 2.6
    for turn, (expression, line) in enumerate(TALKS[mood]):
        if now_s + 2.6 > end_s - 0.3:
            break
        text = line.format(other=pair[(turn + 1) % 2].name, thing=thing)
        events.append(_event(number, len(events), now_s, now_s + 2.4, pair[turn % 2].id, dialogue=text, expression=expression))
        now_s += 2.9
        if rng.random() < 0.3 and now_s + 2.0 < end_s - 0.3:
            events.append(_event(number, len(events), now_s, now_s + 1.6, pair[rng.randrange(2)].id, action=rng.choice(ACTIONS)))
            now_s += 1.9
    return Scene(id=f"s{number + 1}", start_s=start_s, end_s=end_s, location=place, type=kind, time=time, mood=mood, events=events)


def _event(scene: int, number: int, start_s: float, end_s: float, who: str, **texts: str) -> Event:
    return Event(id=f"e{scene + 1:03d}{number:02d}", start_s=start_s, end_s=end_s, character_id=who, **texts)
