"""From hand-made evidence to a Script: names everywhere at once, dialogue whole in its scene, order, determinism."""

from __future__ import annotations

from pathlib import Path

from inference.evidence.observed import Evidence, Sound
from inference.writers.lite.merge import merge_evidence
from omniscript_mam.script import ENVIRONMENT_ID, Script, VoiceType, dumps, validate
from tests.inference.evidence.evidence_maker import TOOLS, face, film, line, look, plan_of, segment, subtitle

QUARREL = [
    line(1.0, 2.5, "You never listen to me.", 0),
    line(3.0, 4.0, "I listen.", 1),
    line(4.5, 6.0, "Do you, Grug?", 0),
    line(6.3, 7.5, "Of course I do.", 1),
    line(8.0, 9.5, "Come here, Grug, and look at this.", 0),
    line(9.8, 11.0, "What is it?", 1),
    line(20.0, 22.0, "My name is Eep and I will not stay here.", 0),
    line(22.5, 24.0, "Please stay, Eep.", 1),
]


def script_of(tmp_path: Path, *segments, duration_s: float | None = None, sound: bool = True, title: str = "Cave") -> Script:
    duration_s = duration_s or segments[-1].end_s
    made = merge_evidence(
        film(tmp_path, duration_s, sound=sound, title=title),
        plan_of(*segments),
        [Evidence.model_validate_json(one.model_dump_json(exclude_defaults=True)) for one in segments],
        "test",
        TOOLS,
    )
    return validate(made)


def test_names_reach_every_line_and_keep_their_evidence(tmp_path):
    script = script_of(tmp_path, segment(30.0, QUARREL))
    said = [(script.character_name(e.character_id), e.dialogue) for e in script.events() if e.dialogue]
    assert [name for name, _ in said] == ["Eep", "Grug", "Eep", "Grug", "Eep", "Grug", "Eep", "Grug"]
    eep = next(c for c in script.characters if c.name == "Eep")
    assert eep.named and eep.id.startswith("char_") and eep.aliases == ["Voice 1"] and "My name is Eep" in eep.naming_evidence
    assert script.meta.title == "Cave" and script.meta.frame_rate == "24000/1001" and script.meta.languages == ["en"]


def test_unnamed_voices_stay_provisional(tmp_path):
    script = script_of(tmp_path, segment(10.0, [line(1, 2, "Hello there.", 0), line(3, 4, "Hello yourself.", 1)]))
    assert [(c.id, c.name, c.named) for c in script.characters] == [("unknown_001", "Voice 1", False), ("unknown_002", "Voice 2", False)]


def test_segments_are_joined_without_doubling(tmp_path):
    twice = line(29.2, 31.0, "Somebody is at the door.", 0)
    first = segment(30.0, [*QUARREL, twice], sounds=[Sound(start_s=25, end_s=30, label="Rain", score=0.7)])
    second = segment(60.0, [twice], start_s=30.0, index=1, sounds=[Sound(start_s=30, end_s=40, label="Rain", score=0.8)])
    script = script_of(tmp_path, first, second)
    assert sum(e.dialogue == "Somebody is at the door." for e in script.events()) == 1
    assert [(e.start_s, e.end_s) for e in script.events() if e.audio_cue] == [(25.0, 40.0)]
    assert [(p.start_s, p.end_s) for p in script.plot] == [(0.0, 30.0), (30.0, 60.0)]


def test_a_scene_border_leaves_lines_whole(tmp_path):
    shots = [(0.0, 10.0), (10.0, 20.0)]
    looks = [look(0, 10, 0.8, ["#88bbff"], sky=0.6), look(10, 20, 0.1, ["#101018"], dark_share=0.9)]
    lines = [line(2, 4, "It is a bright day.", 0), line(8.5, 10.4, "And then it became dark.", 0), line(13, 15, "Very dark.", 1)]
    script = script_of(tmp_path, segment(20.0, lines, shots=shots, looks=looks))
    assert [(s.start_s, s.end_s) for s in script.scenes] == [(0.0, 10.4), (10.4, 20.0)]
    assert [s.time for s in script.scenes] == ["Day", "Night"]
    assert [e.dialogue for e in script.scenes[1].events if e.dialogue] == ["Very dark."]


def test_a_moving_mouth_ties_voice_and_face(tmp_path):
    lines = [line(1, 4, "I am speaking now.", 0), line(5, 8, "So am I, all the time.", 1), line(12, 14, "Nobody sees me.", 1)]
    faces = [
        face(0, 4.5, 3, speaks=True, gender="female", gender_confidence=0.95, expression={"happiness": 0.8, "neutral": 0.2}),
        face(4.5, 9, 5, speaks=True, gender="male", gender_confidence=0.95),
        face(11, 15, 3),
    ]
    script = script_of(tmp_path, segment(16.0, lines, faces=faces))
    spoken = [e for e in script.events() if e.dialogue]
    assert [script.character_name(e.character_id) for e in spoken] == ["Woman 1", "Man 1", "Man 1"]
    assert [e.voice_type for e in spoken] == [VoiceType.ON_SCREEN, VoiceType.ON_SCREEN, VoiceType.OFF_SCREEN]
    assert spoken[0].expression == "Happy" and spoken[0].confidence_of("expression") < 0.8


def test_a_silent_film_speaks_through_its_subtitles(tmp_path):
    texts = [subtitle(1, 3, "The sea is calm tonight."), subtitle(4, 6, "Then let us sail."), subtitle(0, 8, "THE VOYAGE", role="title")]
    script = script_of(tmp_path, segment(10.0, texts=texts), sound=False, title="")
    assert [e.dialogue for e in script.events() if e.dialogue] == ["The sea is calm tonight.", "Then let us sail."]
    assert script.meta.title == "THE VOYAGE"
    assert [e.on_screen_text for e in script.events() if not e.dialogue] == ["THE VOYAGE"]


def test_sound_without_picture(tmp_path):
    made = segment(60.0, [line(1, 3, "First part.", 0), line(30, 33, "Second part, much later.", 0)])
    script = script_of(tmp_path, made)
    assert len(script.scenes) == 2 and not script.scenes[0].type


def test_nothing_seen_and_nothing_heard_is_an_empty_scene(tmp_path):
    script = script_of(tmp_path, segment(12.0), title="")
    assert len(script.scenes) == 1 and script.scenes[0].events == [] and script.characters == []
    assert not script.scenes[0].mood and not script.scenes[0].time and script.high_points == []


def test_same_evidence_same_script(tmp_path):
    made = segment(30.0, QUARREL, sounds=[Sound(start_s=2, end_s=9, label="Thunder", score=0.6)])
    assert dumps(script_of(tmp_path, made)) == dumps(script_of(tmp_path, made))


def test_every_generated_field_has_provenance(tmp_path):
    script = script_of(tmp_path, segment(30.0, QUARREL, sounds=[Sound(start_s=2, end_s=9, label="Thunder", score=0.6)]))
    for event in script.events():
        for name in ("dialogue", "action", "expression", "audio_cue", "on_screen_text"):
            if getattr(event, name):
                assert event.provenance[name].writer == "lite" and event.provenance[name].version == "test"
    assert any(e.character_id == ENVIRONMENT_ID and e.audio_cue for e in script.events())


def test_relationships_count_exchanges(tmp_path):
    script = script_of(tmp_path, segment(30.0, QUARREL))
    pairs = {(script.character_name(r.source_id), script.character_name(r.target_id), r.relation) for r in script.relationships}
    assert ("Eep", "Grug", "talks to") in pairs and ("Grug", "Eep", "talks to") in pairs
