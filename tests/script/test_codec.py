"""The Script document: lossless JSON, faults that name their place, older and newer versions, limits."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from script_strategies import scripts

from omniscript_mam.script import (
    ENVIRONMENT_ID,
    EVENT_FIELDS,
    EVENT_TEXTS,
    SCENE_FIELDS,
    SCENE_TEXTS,
    SCHEMA_VERSION,
    Event,
    Provenance,
    Scene,
    Script,
    ScriptValidationError,
    ScriptVersionError,
    TimeRange,
    check,
    codec,
    dumps,
    from_data,
    loads,
    to_data,
    validate,
)
from omniscript_mam.script.schema import Sourced

SAMPLES = Path(__file__).parent / "samples"

GOOD: dict[str, Any] = {
    "schema_version": 2,
    "meta": {"title": "T", "duration_s": 20.0},
    "characters": [{"id": "char_tom", "name": "Tom", "named": True}, {"id": "char_ann", "name": "Ann"}],
    "scenes": [
        {
            "id": "s1",
            "start_s": 0,
            "end_s": 10,
            "events": [{"id": "e1", "start_s": 1, "end_s": 2, "dialogue": "Hi", "character_id": "char_tom"}],
        },
        {"id": "s2", "start_s": 10, "end_s": 20, "events": [{"id": "e2", "start_s": 12, "end_s": 12, "audio_cue": "door"}]},
    ],
}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts())
def test_round_trip_loses_nothing(script: Script) -> None:
    assert not check(script)
    text = dumps(script)
    assert loads(text) == script
    assert loads(text.encode()) == script
    assert dumps(loads(text)) == text
    assert from_data(json.loads(json.dumps(to_data(script)))) == script


def tie(**changed: Any) -> dict[str, Any]:
    """An interaction of GOOD's Tom and Ann, or one with something changed."""
    return {"id": "i1", "start_s": 2, "end_s": 4, "source_id": "char_tom", "target_id": "char_ann", "kind": "argue", **changed}


def spoiled(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one value replaced; the path is written as in a fault."""
    data = copy.deepcopy(GOOD)
    *parents, last = path.replace("]", "").replace("[", ".").split(".")
    part: Any = data
    for key in parents:
        part = part[int(key)] if key.isdigit() else part[key]
    part[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("scenes[1].start_s", 5, None),
        ("scenes[1].start_s", float("nan"), None),
        ("scenes[1].start_s", float("inf"), None),
        ("scenes[1].start_s", -1, None),
        ("scenes[1].start_s", "ten", None),
        ("scenes[1].start_s", None, None),
        ("scenes[1].end_s", 10, None),
        ("scenes[1].end_s", 1e9, None),
        ("scenes[1].end_s", 21, None),
        ("scenes[1].id", "s1", None),
        ("scenes[1].id", "no spaces allowed", None),
        ("scenes[0].type", "Underwater", None),
        ("scenes[0].colour", "red", None),
        ("scenes[0].events[0].end_s", 0.5, None),
        ("scenes[0].events[0].end_s", 11, "scenes[0].events[0]"),
        ("scenes[0].events[0].character_id", "char_eve", None),
        ("scenes[0].events[0].dialogue", "", "scenes[0].events[0]"),
        ("scenes[0].events[0].dialogue", 7, None),
        ("scenes[0].events[0].dialogue", "x" * 8001, None),
        ("scenes[0].events[0].dialogue", ["a"], None),
        ("scenes[1].events[0].id", "e1", None),
        ("characters[0].name", "", None),
        ("characters[0].id", ENVIRONMENT_ID, None),
        ("plot", [{"id": "p", "start_s": 0, "end_s": 9, "active_characters": ["nobody"]}], "plot[0].active_characters[0]"),
        ("relationships", [{"source_id": "char_tom", "target_id": "x", "relation": "knows"}], "relationships[0].target_id"),
        ("scenes[0].events[0].emotion", "hunger", None),
        ("scenes[0].interactions", [tie(start_s=8, end_s=11)], "scenes[0].interactions[0]"),
        ("scenes[0].interactions", [tie(end_s=1)], "scenes[0].interactions[0].end_s"),
        ("scenes[0].interactions", [tie(target_id="char_eve")], "scenes[0].interactions[0].target_id"),
        ("scenes[0].interactions", [tie(source_id="environment")], "scenes[0].interactions[0].source_id"),
        ("scenes[0].interactions", [tie(target_id="char_tom")], "scenes[0].interactions[0].target_id"),
        ("scenes[0].interactions", [tie(kind="juggle")], "scenes[0].interactions[0].kind"),
        ("scenes[0].interactions", [tie(), tie()], "scenes[0].interactions[1].id"),
        ("high_points", [{"type": "t", "start_s": 3, "end_s": 2}], "high_points[0].end_s"),
        ("high_points", [{"type": "t", "start_s": 1, "end_s": 2, "score": 11}], "high_points[0].score"),
        ("scenes", {}, None),
        ("scenes[0]", None, None),
        ("meta", [], None),
        ("meta.frame_rate", "29.97", None),
    ],
)
def test_faults_name_their_path(path: str, value: Any, fault: str | None) -> None:
    with pytest.raises(ScriptValidationError) as caught:
        validate(spoiled(path, value))
    assert (fault or path) in [found.path for found in caught.value.faults]
    assert (fault or path) in str(caught.value)


def test_every_fault_is_reported() -> None:
    data = spoiled("scenes[0].start_s", "x")
    data["scenes"][1]["mood"] = 3
    data["extra"] = 1
    with pytest.raises(ScriptValidationError) as caught:
        validate(data)
    assert {found.path for found in caught.value.faults} == {"scenes[0].start_s", "scenes[1].mood", "extra"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", '{"meta": NaN}', '{"meta": {"duration_s": Infinity}}', '"\\ud800"', "{}{}", "\x00", b"\xff\xfe{"]
)
def test_what_is_not_a_script(text: str | bytes) -> None:
    with pytest.raises(ScriptValidationError):
        loads(text)


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(ScriptValidationError) as caught:
        loads('{"meta": {"title": "\\ud800"}}')
    assert caught.value.faults[0].path == "meta.title"


def test_deep_nesting_is_refused() -> None:
    for text in ("[" * 200_000, '{"meta":' * 200_000, '{"meta": ' + "[" * 500 + "]" * 500 + "}"):
        with pytest.raises(ScriptValidationError):
            loads(text)


def test_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ScriptValidationError, match="larger"):
        loads(b"[" * (codec.MAX_BYTES + 1))


@pytest.mark.parametrize("version", [3, 99, 10**30])
def test_a_newer_version_says_so(version: int) -> None:
    with pytest.raises(ScriptVersionError, match="reads up to"):
        loads(json.dumps({"schema_version": version}))


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, None, True, []])
def test_what_is_not_a_version(version: object) -> None:
    with pytest.raises(ScriptValidationError) as caught:
        loads(json.dumps({"schema_version": version}))
    assert caught.value.faults[0].path == "schema_version"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("version_1_*.json")), ids=lambda path: path.stem)
def test_documents_of_version_1_are_read_without_loss(path: Path) -> None:
    """As the release before wrote them. What they say is all there, and nothing that they cannot say is made up."""
    old = json.loads(path.read_text(encoding="utf-8"))
    script = loads(path.read_bytes())
    assert to_data(script) == {**old, "schema_version": SCHEMA_VERSION}
    assert not script.interactions() and not any(event.emotion for event in script.events())
    assert loads(dumps(script)) == script


def test_interactions_come_in_time_order() -> None:
    data = spoiled("scenes[1].interactions", [tie(id="i2", start_s=15, end_s=15), tie(id="i3", start_s=12, end_s=13)])
    data["scenes"][0]["interactions"] = [tie()]
    assert [each.id for each in validate(data).interactions()] == ["i1", "i3", "i2"]


def test_older_versions_climb_one_step_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend two other steps up to version 3: a document of version 1 goes through both."""
    monkeypatch.setattr(codec, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(codec.UPGRADES, 1, lambda data: {**data, "meta": {"title": data["name"]}, "name": None})
    monkeypatch.setitem(codec.UPGRADES, 2, lambda data: {key: value for key, value in data.items() if key != "name"})
    assert codec.upgrade({"schema_version": 1, "name": "Old"}) == {"schema_version": 3, "meta": {"title": "Old"}}
    assert codec.upgrade({"schema_version": 2, "name": "Old"}) == {"schema_version": 3}
    with pytest.raises(ScriptVersionError):
        codec.upgrade({"schema_version": 4})


def test_ten_thousand_events_are_quick() -> None:
    events = [Event(id=f"e{i}", start_s=i / 2, end_s=i / 2 + 1, dialogue=f"line {i}") for i in range(10_000)]
    script = Script(scenes=[Scene(id="s", start_s=0, end_s=6000, events=events)])
    began = time.perf_counter()
    assert loads(dumps(script)) == script
    assert time.perf_counter() - began < 5.0


def test_more_events_than_a_film_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from omniscript_mam.script import validation

    monkeypatch.setattr(validation, "MAX_EVENTS", 1)
    with pytest.raises(ScriptValidationError, match="at most 1"):
        validate(GOOD)


def test_a_person_outranks_a_model() -> None:
    lite, person = Provenance(writer="lite"), Provenance(writer="person", version="ann")
    assert person.outranks(lite) and person.outranks(person) and lite.outranks(None) and lite.outranks(lite)
    assert not lite.outranks(person)


def test_touching_scenes_and_rounding_slack_are_legal() -> None:
    data = spoiled("scenes[1].start_s", 9.9995)
    validate(data)
    validate(spoiled("scenes[1].end_s", 20.0005))


def test_events_come_in_time_order() -> None:
    assert [event.id for event in validate(GOOD).events()] == ["e1", "e2"]
    assert validate(GOOD).character_name("char_tom") == "Tom"
    assert validate(GOOD).character_name(ENVIRONMENT_ID) == "Environment"


def test_field_lists_are_those_of_the_model():
    """The lists that everybody reads: a field that is added to the model is in them, or is named here as none of them."""
    own = {kind: set(kind.model_fields) - set(TimeRange.model_fields) - set(Sourced.model_fields) for kind in (Event, Scene)}
    assert set(EVENT_TEXTS) == own[Event] - {"id", "character_id", "voice_type", "language", "emotion"}
    assert set(SCENE_FIELDS) == own[Scene] - {"id", "events", "interactions"}
    assert set(EVENT_FIELDS) < set(EVENT_TEXTS)
    assert set(SCENE_TEXTS) == set(SCENE_FIELDS) - {"type"}
