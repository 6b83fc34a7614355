"""The committed archive of tests/search as a set, and questions about films that ``eval/world`` makes up, whose scripts are known."""

from __future__ import annotations

import random
from itertools import pairwise

from benchmarks.ranking.labelled import LabelledSet, Question
from eval.world import story
from omniscript_mam.script import ENVIRONMENT_ID, Scene, Script
from tests.search.archive import ANSWERABLE, FILMS, script_of

NUM_FILMS, FILM_S, NUM_PEOPLE = 12, 120.0, 3


def committed() -> LabelledSet:
    """The archive and its labelled queries; an answer is the scene of the best labels."""
    scripts = {asset_id: (title, script_of(asset_id)) for asset_id, (title, *_) in FILMS.items()}
    scene_of = {
        f"{asset_id}:{event.id}": scene.id for asset_id, (_, script) in scripts.items() for scene in script.scenes for event in scene.events
    }
    questions = []
    for query in ANSWERABLE:
        best = [key for key, grade in query.relevant.items() if grade == 2]
        answers = frozenset(f"{key.partition(':')[0]}:{scene_of.get(key, key.partition(':')[2])}" for key in best)
        questions.append(Question(query.text, answers, query.text, query.kind))
    return LabelledSet("committed", scripts, questions)


def world() -> LabelledSet:
    """Rendered stories: for each film, questions of several kinds put together from what a scene of it holds."""
    dice = random.Random("questions about films")
    scripts = {f"world{seed}": (f"World {seed}", story(seed, FILM_S, NUM_PEOPLE)) for seed in range(NUM_FILMS)}
    questions: list[Question] = []
    for asset_id, (_, script) in scripts.items():
        names = {person.id: person.name for person in script.characters if person.id != ENVIRONMENT_ID}
        for scene in script.scenes:
            questions += _about(dice, asset_id, script, scene, names)
    return LabelledSet("world", scripts, _decided(questions))


def _about(dice: random.Random, asset_id: str, script: Script, scene: Scene, names: dict[str, str]) -> list[Question]:
    answer = frozenset({f"{asset_id}:{scene.id}"})
    asked: list[tuple[str, str]] = []
    spoken = [event for event in scene.events if event.dialogue and event.character_id in names]
    acted = [event for event in scene.events if event.action and event.character_id in names]
    if spoken:
        event = dice.choice(spoken)
        asked.append(("quoted line", f'"{event.dialogue}"'))
        asked.append(("who says what", f"{names[event.character_id]} says {_some_words(dice, event.dialogue, 4)}"))
    if acted:
        event = dice.choice(acted)
        asked.append(("action", f"{names[event.character_id]} {event.action}"))
        where = ", ".join(filter(None, (scene.location.lower(), scene.time.lower())))
        asked.append(("place and time", f"{names[event.character_id]} in {where}: {_some_words(dice, event.action, 2)}"))
    sounds = [event for event in scene.events if event.audio_cue]
    if sounds:
        asked.append(("sound", f"the sound of {dice.choice(sounds).audio_cue}"))
    signs = [event for event in scene.events if event.on_screen_text]
    if signs:
        asked.append(("on-screen text", f"a sign that says {dice.choice(signs).on_screen_text}"))
    pairs = list(pairwise(acted))
    if pairs:
        first, second = dice.choice(pairs)
        asked.append(("order", f"{names[first.character_id]} {first.action} then {names[second.character_id]} {second.action}"))
    return [Question(text, answer, asset_id, kind) for kind, text in asked]


def _some_words(dice: random.Random, text: str, num_words: int) -> str:
    words = text.split()
    first = dice.randrange(max(1, len(words) - num_words + 1))
    return " ".join(words[first : first + num_words])


def _decided(questions: list[Question]) -> list[Question]:
    """Questions that several scenes were asked alike have all of those as answers."""
    answers: dict[str, frozenset[str]] = {}
    for question in questions:
        answers[question.text] = answers.get(question.text, frozenset()) | question.answers
    unique = {question.text: question for question in questions}
    return [Question(text, answers[text], question.group, question.kind) for text, question in unique.items()]
