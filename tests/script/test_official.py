"""The authors' published JSON: read, written, and refused with the place when hostile."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from script_strategies import scripts

from omniscript_mam.script import (
    ENVIRONMENT_ID,
    SceneType,
    Script,
    ScriptValidationError,
    VoiceType,
    check,
    from_official,
    to_official,
    unread_keys,
)

PUBLISHED: dict[str, Any] = {
    "meta": {"title": "The visit", "duration": "00:01:00", "characters": ["Ann", "Tom"]},
    "script": [
        {
            "scene_id": 1,
            "location": "Kitchen",
            "type": "Interior",
            "environment": "small, warm light",
            "time": "Night",
            "mood": "tense",
            "events": [
                {
                    "timestamp": "00:03",
                    "character": "Ann",
                    "dialogue": "Where were you?",
                    "expression": "angry",
                    "subtext": "She was afraid.",
                },
                {"timestamp": "00:05", "character": "TOM", "dialogue": "At work.", "voice_type": "VO"},
                {"timestamp": "00:05", "character": "Environment", "audio_cue": "thunder"},
            ],
        },
        {
            "scene_id": 2,
            "location": "Park",
            "type": "Exterior",
            "time": "Day",
            "events": [{"timestamp": "00:30", "character": "阿明", "action": "waves"}],
        },
    ],
    "high_points": [
        {
            "type": "Emotional Reversal",
            "time_range": ["00:03", "00:30"],
            "description": "d",
            "reasoning": {"visual": "v", "psychology": "p"},
            "score": 8.5,
        }
    ],
}


def test_reading_implies_what_the_format_leaves_open() -> None:
    script = from_official(PUBLISHED)
    kitchen, park = script.scenes
    assert (kitchen.start_s, kitchen.end_s, park.start_s, park.end_s) == (0.0, 30.0, 30.0, 60.0)
    assert [(event.start_s, event.end_s) for event in script.events()] == [(3.0, 5.0), (5.0, 10.0), (5.0, 10.0), (30.0, 35.0)]
    assert kitchen.type is SceneType.INTERIOR and park.type is SceneType.EXTERIOR
    assert [person.name for person in script.characters] == ["Ann", "Tom", "阿明"]
    ids = [event.character_id for event in script.events()]
    assert ids == ["char_ann", "char_tom", ENVIRONMENT_ID, script.characters[2].id]
    assert kitchen.events[1].voice_type is VoiceType.VOICE_OVER
    assert script.high_points[0].reasoning.visual == "v" and script.high_points[0].score == 8.5


def test_writing_it_again_gives_the_same_document() -> None:
    again = to_official(from_official(PUBLISHED))
    expected = copy.deepcopy(PUBLISHED)
    expected["meta"]["characters"].append("阿明")
    expected["script"][0]["events"][1].update(character="Tom")
    assert again == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts())
def test_any_script_can_be_written_and_read_back(script: Script) -> None:
    """What the format holds survives: scene fields, event texts, names; a second trip changes nothing."""
    once = from_official(to_official(script))
    assert not check(once)
    assert [scene.mood for scene in once.scenes] == [scene.mood for scene in script.scenes]
    for mine, theirs in zip(script.scenes, once.scenes, strict=True):
        assert sorted((e.action, e.dialogue, e.subtext) for e in mine.events) == sorted(
            (e.action, e.dialogue, e.subtext) for e in theirs.events
        )


def test_no_duration_no_characters_no_high_points() -> None:
    script = from_official({"script": [{"events": [{"timestamp": "01:02:03", "action": "runs"}]}]})
    assert script.meta.duration_s == 3728.0
    assert script.events()[0].end_s == 3728.0
    assert script.characters == []


def test_scenes_in_one_second_and_scenes_without_events_keep_room() -> None:
    moment = {"events": [{"timestamp": "00:10", "action": "a"}]}
    script = from_official({"meta": {"duration": "00:00:10"}, "script": [moment, moment, {"events": []}, {}, moment]})
    assert len(script.scenes) == 5 and not check(script)


def test_events_out_of_order_in_their_scene_are_sorted() -> None:
    script = from_official({"script": [{"events": [{"timestamp": "00:09", "action": "b"}, {"timestamp": "00:04", "action": "a"}]}]})
    assert [event.action for event in script.events()] == ["a", "b"]


def test_unknown_keys_are_listed() -> None:
    data = copy.deepcopy(PUBLISHED)
    assert unread_keys(data) == []
    data["model"] = "x"
    data["script"][1]["weather"] = "sun"
    data["script"][0]["events"][2]["camera"] = "pan"
    assert unread_keys(data) == ["model", "script[1].weather", "script[0].events[2].camera"]
    assert from_official(data) == from_official(PUBLISHED)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("script", "scene"),
        ("script", None),
        ("script[0]", 3),
        ("script[0].events", {"a": 1}),
        ("script[0].events[0]", None),
        ("script[0].events[0].timestamp", None),
        ("script[0].events[0].timestamp", 3),
        ("script[0].events[0].timestamp", "soon"),
        ("script[0].events[0].timestamp", "-1:00"),
        ("script[0].events[0].timestamp", "9" * 1000),
        ("script[0].events[0].timestamp", "02:00"),
        ("script[0].events[0].timestamp", "999:00:00"),
        ("script[0].events[0].dialogue", 5),
        ("script[0].events[0].dialogue", "x" * 9000),
        ("script[0].events[0].dialogue", "\ud800"),
        ("script[0].events[0].character", ["Ann"]),
        ("script[0].events[1].voice_type", "shouted"),
        ("script[0].type", "Dream"),
        ("script[0].mood", {"a": "b"}),
        ("script[1].events[0].timestamp", "00:02"),
        ("meta", "x"),
        ("meta.duration", "long"),
        ("meta.characters", "Ann"),
        ("meta.characters[0]", 1),
        ("high_points", {}),
        ("high_points[0].time_range", ["00:01"]),
        ("high_points[0].time_range[1]", None),
        ("high_points[0].score", 11),
        ("high_points[0].score", "NaN"),
        ("high_points[0].score", float("nan")),
        ("high_points[0].reasoning", "because"),
        ("high_points[0].reasoning.visual", 3),
    ],
)
def test_hostile_documents_are_refused_with_the_place(path: str, value: Any) -> None:
    data = copy.deepcopy(PUBLISHED)
    *parents, last = path.replace("]", "").replace("[", ".").split(".")
    part: Any = data
    for key in parents:
        part = part[int(key)] if key.isdigit() else part[key]
    part[int(last) if last.isdigit() else last] = value
    with pytest.raises(ScriptValidationError) as caught:
        from_official(data)
    assert path in [fault.path for fault in caught.value.faults], caught.value


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"script": [{"events": [{"timestamp": "00:01"}]}]}])
def test_what_is_not_their_document(data: Any) -> None:
    with pytest.raises(ScriptValidationError):
        from_official(data)


def test_large_documents_take_linear_time() -> None:
    events = [{"timestamp": "00:01", "character": f"P{i}", "action": "a"} for i in range(10_000)]
    began = time.perf_counter()
    from_official({"script": [{"events": events}, *({} for _ in range(5_000))]})
    assert time.perf_counter() - began < 5.0
