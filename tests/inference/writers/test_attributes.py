"""Slug lines and moods from made-up looks, sounds and words: right where it is plain, silent where it is not."""

from __future__ import annotations

import pytest

from inference.evidence.joining.gather import Shot
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.observed import Sound
from inference.writers.lite.attributes import SceneEvidence, describe
from inference.writers.lite.mood import find_mood
from tests.inference.evidence.evidence_maker import look, subtitle


def scene(*texts: str, cards=(), sounds=(), things=None, cuts: int = 0, labels=None, **look_values) -> SceneEvidence:
    palette = look_values.pop("palette", None)
    shown = look(0, 30, palette=palette, **look_values) if look_values or labels else None
    if shown is not None and labels:
        shown.labels = labels
    said = [Utterance(i * 3.0, i * 3.0 + 2, text, "en", 0.9) for i, text in enumerate(texts)]
    heard = [Sound(start_s=0, end_s=length, label=label, score=0.8) for label, length in sounds]
    captions = [subtitle(1, 4, card, role="title") for card in cards]
    return SceneEvidence(0, 30, [Shot(0, 30, shown, things or {})], said, captions, heard, num_cuts=cuts)


def value(name: str, made: SceneEvidence) -> str:
    finding = describe(made).get(name)
    return finding.value if finding else ""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (scene(brightness=0.12, dark_share=0.8, blue_bias=0.05, palette=["#0a0f20", "#1a2848"]), "Night"),
        (scene(brightness=0.7, dark_share=0.05, sky=0.6, palette=["#88bbff"]), "Day"),
        (scene(brightness=0.25, dark_share=0.6, palette=["#000000", "#f0e0c0", "#c0a070"]), ""),
        (scene(brightness=0.45, dark_share=0.2, palette=["#807060"]), ""),
        (scene(brightness=0.01, dark_share=1.0, palette=["#000000"]), ""),
        (scene("Good morning, everybody."), "Morning"),
        (scene("See you tonight.", brightness=0.7, dark_share=0.05, sky=0.6, palette=["#88bbff"]), "Day"),
        (scene(cards=["London, 1999 – night"]), "Night"),
        (scene(cards=["Night of the Hunter"]), ""),
        (scene("今晚我们出发。", brightness=0.12, dark_share=0.8, blue_bias=0.05, palette=["#0a0f20"]), "Night"),
    ],
)
def test_time_of_day(made, expected):
    assert value("time", made) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (scene(brightness=0.7, sky=0.7), "Exterior"),
        (scene(brightness=0.4, things={"bed": 0.8, "tv": 0.5}), "Interior"),
        (scene(brightness=0.4, things={"chair": 0.9}), ""),
        (scene(brightness=0.4), ""),
        (scene(brightness=0.4, things={"car": 0.8, "bed": 0.8}), ""),
        (scene(cards=["INT. KITCHEN"]), "Interior"),
        (scene(brightness=0.4, labels={"library": 0.8}), "Interior"),
    ],
)
def test_interior_or_exterior(made, expected):
    assert value("type", made) == expected


def test_places_and_surroundings():
    assert value("location", scene(cards=["Paris, 1944"])) == "Paris"
    assert value("location", scene(labels={"church, church building": 0.7})) == "Church"
    assert value("location", scene(labels={"church, church building": 0.3})) == ""
    assert value("environment", scene(sounds=[("Rain", 20), ("Thunder", 4)])) == "Rain, thunderstorm"
    assert describe(scene()) == {}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (scene("Run! They will kill us! Hide!", "There is danger!", sounds=[("Gunshot, gunfire", 20)], cuts=12, brightness=0.2), "Tense"),
        (scene("I hate you. You lied. Get out!", "How dare you, liar! Enough!", brightness=0.5), "Angry"),
        (scene("We won! Wonderful, I am so happy!", sounds=[("Laughter", 15)], brightness=0.7), "Joyful"),
        (scene("The table has four legs.", brightness=0.45, motion=0.3), None),
        (scene(), None),
    ],
)
def test_mood(made, expected):
    mood = find_mood(made)
    assert (mood.value if mood else None) == expected
    assert mood is None or 0.0 < mood.confidence <= 0.65
