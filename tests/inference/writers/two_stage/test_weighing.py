"""What a model claims, set against what was observed: lines, values, times, echoes.

Evidence is made by hand, the stand-in's script of it by lite.
"""

from __future__ import annotations

import pytest

from inference.answers.schema import CharacterAnswer, PlanAnswer, SegmentAnswer, plan_schema, script_schema
from inference.engines.base import Senses
from inference.evidence.hints import hints_text
from inference.evidence.observed import Evidence, ObjectSample, Sound
from inference.prompts import FORM_TEXTS, plan_form, plan_system, script_form, script_system
from inference.writers.lite.merge import merge_evidence
from inference.writers.two_stage.drafts import DraftEvent, DraftHighPoint, DraftScene
from inference.writers.two_stage.weighing.credit import Credit, by_credit
from inference.writers.two_stage.weighing.echoes import Form, without_echoes
from inference.writers.two_stage.weighing.lines import spelt
from inference.writers.two_stage.weighing.weigh import Weighed, weigh
from inference.writers.two_stage.weighing.witness import Witness, covered
from omniscript_mam.script import Provenance
from tests.inference.evidence.evidence_maker import TOOLS, face, film, line, look, plan_of, segment, subtitle

BY = Provenance(writer="remote-x", version="1")
DEAF, ALL = Senses(hears=False, sees=False), Senses()
SAID = [
    line(2.0, 4.0, "This blade has a dark past.", 0),
    line(6.0, 8.0, "It has shed much innocent blood.", 0),
    line(10.0, 12.0, "You are a fool for travelling alone.", 1),
]
HEARD = [each.text for each in SAID]


@pytest.fixture
def weighed(tmp_path):
    """Weigh these events against this evidence."""

    def do(evidence: Evidence | None, *events: DraftEvent, senses: Senses = DEAF, points=(), **scene: str) -> Weighed:
        witness = None
        if evidence is not None:
            script = merge_evidence(film(tmp_path, evidence.end_s), plan_of(evidence), [evidence], "1.0", TOOLS)
            witness = Witness(script, evidence)
        scenes = [DraftScene(events=list(events), **scene)]
        return weigh(scenes, list(points), (0.0, 20.0), witness=witness, senses=senses, by=BY, form=Form(*FORM_TEXTS))

    return do


def say(start_s: float, text: str, who: str = "char_001", length_s: float = 2.0, **more: str) -> DraftEvent:
    return DraftEvent(start_s=start_s, end_s=start_s + length_s, character=who, dialogue=text, **more)


def lines_of(done: Weighed) -> list[tuple[float, str]]:
    return [(event.start_s, event.dialogue) for scene in done.scenes for event in scene.events if event.dialogue]


def codes(done: Weighed) -> list[str]:
    return [repair.code for repair in done.repairs]


def test_a_deaf_models_inventions_are_left_out_and_told_and_every_heard_line_is_put_in(weighed):
    done = weighed(segment(20.0, SAID), say(19.9, "The old man is searching for someone.", "char_007", 0.0))
    assert lines_of(done) == [(2.0, HEARD[0]), (6.0, HEARD[1]), (10.0, HEARD[2])]
    assert codes(done) == ["line.unheard", "line.put_in", "line.put_in", "line.put_in"]
    assert "The old man is searching for someone." in done.repairs[0].detail
    marks = [event.provenance["dialogue"] for scene in done.scenes for event in scene.events]
    assert {mark.writer for mark in marks} == {"lite"} and all(mark.confidence for mark in marks)
    assert (done.claims.num_heard, done.claims.num_put_in, done.claims.num_dropped) == (3, 3, 1)


def test_a_deaf_models_lines_get_the_words_and_times_that_are_heard(weighed):
    told = [
        say(19.0, "This blade has a dark past!", "char_001"),
        say(19.0, "It has spilled much innocent blood, I fear", "char_001"),
        say(19.0, HEARD[2], "char_002", subtext="she scolds"),
    ]
    done = weighed(segment(20.0, SAID), *told)
    assert lines_of(done) == [(2.0, "This blade has a dark past!"), (6.0, HEARD[1]), (10.0, HEARD[2])]
    assert codes(done).count("line.time") == 3 and codes(done).count("line.words") == 1
    first, second, third = (event for scene in done.scenes for event in scene.events)
    assert (first.provenance["dialogue"].writer, second.provenance["dialogue"].writer) == ("remote-x", "lite")
    assert "heard as" in first.provenance["dialogue"].evidence
    assert (
        first.provenance["character_id"].writer == "remote-x"
        and "the same voice in 2 of 2 lines" in first.provenance["character_id"].evidence
    )
    assert third.subtext == "she scolds" and third.provenance["subtext"].confidence < 0.5


def test_lines_of_a_subtitle_are_kept_to_the_letter(weighed):
    evidence = segment(20.0, [line(2.0, 4.0, "My name is Sintel.")], texts=[subtitle(2.0, 4.0, "My name is Sintel.")])
    done = weighed(evidence, say(2.0, "My name is Cintel!"))
    assert lines_of(done) == [(2.0, "My name is Sintel.")]


@pytest.mark.parametrize(
    ("heard", "told", "stands"),
    [
        ("my name is cintel", "My name is Sintel.", "My name is Sintel."),
        ("my name is dead", "My name is dear.", "my name is dead"),
        ("I have 12 of them", "I have 13 of them.", "I have 12 of them"),
        ("wait for me", "Wait — for me!", "Wait — for me!"),
        ("wait for me", "Wait for me, my love!", "wait for me"),
        ("我叫李雷", "我叫李雷。", "我叫李雷。"),
    ],
)
def test_spelling_is_the_writers_and_words_are_not(heard, told, stands):
    assert spelt(heard, told) == stands


def test_a_hearing_models_words_stand_where_they_are_borne_out_in_whatever_pieces(weighed):
    told = [say(2.1, "This blade has a dark past. It has shed much innocent blood.", length_s=6.0), say(10.1, HEARD[2], "char_002")]
    done = weighed(segment(20.0, SAID), *told, senses=ALL)
    assert lines_of(done) == [(event.start_s, event.dialogue) for event in told] and codes(done) == []
    assert all(event.provenance["dialogue"].confidence > 0.7 for event in done.scenes[0].events)
    assert done.claims.ears == (2, 2)


def test_a_hearing_models_inventions_never_take_a_heard_lines_place(weighed):
    told = [say(at, text, "char_009") for at, text in ((2, "Put the briefcase down."), (6, "Helena burned the will."), (15, "Wolves!"))]
    done = weighed(segment(20.0, SAID), *told, senses=ALL)
    assert lines_of(done) == [(2.0, HEARD[0]), (6.0, HEARD[1]), (10.0, HEARD[2])]
    assert sorted(codes(done)) == ["line.put_in"] * 3 + ["line.replaced"] * 2 + ["line.unheard"]
    assert done.claims.ears == (0, 3)


def test_a_hearing_model_that_is_borne_out_is_believed_against_unsure_small_models(weighed):
    unsure = line(14.0, 16.0, "Brown cow mumble", 1, confidence=0.2)
    told = [*(say(each.start_s, each.text) for each in SAID), say(14.0, "Down now, stumble!"), say(17.5, "Sh!", length_s=0.5)]
    done = weighed(segment(20.0, [*SAID, unsure]), *told, senses=ALL)
    assert [text for _, text in lines_of(done)] == [*HEARD, "Down now, stumble!", "Sh!"]
    kept, whispered = done.scenes[0].events[-2:]
    assert kept.provenance["dialogue"].confidence < 0.5 and "Brown cow" in kept.provenance["dialogue"].against
    assert whispered.provenance["dialogue"].confidence < 0.5 and "no voice is heard" in whispered.provenance["dialogue"].against
    without = weighed(segment(20.0, [*SAID, unsure]), *told[:3], senses=ALL)
    assert codes(without) == ["line.left_out"] and "Brown cow" in without.repairs[0].detail
    liar = weighed(segment(20.0, [*SAID, unsure]), say(2.0, "Wolves!"), say(14.0, "Down now, stumble!"), senses=ALL)
    assert [text for _, text in lines_of(liar)] == [*HEARD, "Brown cow mumble"]
    alone = weighed(segment(20.0, [unsure]), say(14.0, "Down now, stumble!"), senses=ALL)  # nothing tells for or against it
    assert [text for _, text in lines_of(alone)] == ["Down now, stumble!"] and codes(alone) == ["line.other_words"]
    assert alone.scenes[0].events[0].provenance["dialogue"].confidence < 0.5


def test_what_a_deaf_and_blind_model_tells_is_marked_as_not_seen(weighed):
    event = DraftEvent(start_s=3, end_s=5, character="char_001", action="draws a revolver", expression="furious", audio_cue="bells ring")
    point = DraftHighPoint(type="Turn", start_s=1, end_s=2, description="d", reasoning={"visual": "a vial", "text": "the words"})
    done = weighed(segment(20.0, SAID), event, points=[point], location="Ballroom", mood="Vengeful")
    scene = done.scenes[0]
    told = next(each for each in scene.events if each.action)
    for mark in (told.provenance["action"], told.provenance["expression"], scene.provenance["location"]):
        assert mark.confidence <= 0.2 and "does not see" in mark.against
    assert "does not hear" in told.provenance["audio_cue"].against
    assert scene.provenance["mood"].confidence < 0.5 and scene.provenance["mood"].against
    assert done.points[0].reasoning == {"text": "the words"} and done.points[0].provenance["description"].confidence < 0.5


def test_values_are_borne_out_or_contradicted_by_what_is_observed(weighed):
    samples = [ObjectSample(time_s=float(t), labels=["dog"], scores=[0.9], boxes=[(0.1, 0.1, 0.2, 0.2)]) for t in range(0, 20, 2)]
    glad = face(1.0, 4.0, 0, expression={"happiness": 0.8, "anger": 0.02})
    evidence = segment(
        20.0, SAID, faces=[glad], objects=samples, looks=[look(0.0, 20.0)], loudness_db=[-20.0] * 10 + [-70.0] * 10,
        sounds=[Sound(start_s=4.0, end_s=6.0, label="Church bell", score=0.8)],
    )  # fmt: skip
    events = [
        DraftEvent(start_s=1, end_s=3, character="char_001", expression="a happy smile"),
        DraftEvent(start_s=2, end_s=3, character="char_001", expression="furious"),
        DraftEvent(start_s=4, end_s=6, character="Environment", audio_cue="church bells"),
        DraftEvent(start_s=8, end_s=9, character="char_001", action="pets the dog"),
        DraftEvent(start_s=15, end_s=16, character="char_001", action="draws a revolver"),
        DraftEvent(start_s=16, end_s=17, character="Environment", audio_cue="an explosion"),
    ]
    done = weighed(evidence, *events, *(say(each.start_s, each.text) for each in SAID), senses=ALL)
    by_start = {event.start_s: event.provenance for event in done.scenes[0].events if not event.dialogue}
    assert by_start[1]["expression"].confidence >= 0.6 and "happiness" in by_start[1]["expression"].evidence
    assert by_start[2]["expression"].confidence < 0.5 and "show happiness" in by_start[2]["expression"].against
    assert by_start[4]["audio_cue"].confidence >= 0.6 and by_start[8]["action"].confidence >= 0.6
    assert by_start[15]["action"].confidence < 0.5 and "nobody is seen" in by_start[15]["action"].against
    assert by_start[16]["audio_cue"].confidence < 0.5 and "silent" in by_start[16]["audio_cue"].against


def test_every_doubtful_value_says_what_is_against_it(weighed):
    events = [DraftEvent(start_s=float(n), end_s=n + 0.9, character="char_001", action=f"does thing {n}", subtext="s") for n in range(18)]
    for senses in (DEAF, ALL, Senses(hears=False), Senses(sees=False)):
        done = weighed(segment(20.0, SAID), *events, senses=senses, location="Ballroom", time="Night", environment="candles", mood="grim")
        marks = [mark for scene in done.scenes for part in (scene, *scene.events) for mark in part.provenance.values()]
        assert marks and all(mark.confidence is not None and (mark.confidence >= 0.5 or mark.against) for mark in marks)
        assert done.claims.num_values == len(marks)


def test_credit_is_earned_by_what_could_be_checked():
    assert by_credit(BY, Credit()).confidence < 0.3 and by_credit(BY, Credit(0, 5)).confidence < 0.15
    assert by_credit(BY, Credit(3, 3)).confidence < 0.5 < by_credit(BY, Credit(6, 6)).confidence
    assert not Credit().is_believed and not Credit(1, 3).is_believed and Credit(4, 5).is_believed


def test_events_of_no_length_and_heaps_at_the_end_are_put_right_or_left_out(weighed):
    events = [
        DraftEvent(start_s=5, end_s=5, character="char_001", action="sits"),
        DraftEvent(start_s=5.4, end_s=6, character="char_001", action="stands"),
        *(DraftEvent(start_s=20, end_s=20, character="char_001", action=f"waits {n}") for n in range(4)),
    ]
    for evidence in (segment(20.0, SAID), None):
        done = weighed(evidence, *events, senses=ALL)
        acted = [(event.start_s, event.end_s, event.action) for event in done.scenes[0].events if event.action]
        assert acted == [(5, 5.4, "sits"), (5.4, 6, "stands")]
        assert codes(done).count("event.no_length") == 1 and codes(done).count("event.at_end") == 4
        assert {repair.detail for repair in done.repairs if repair.code == "event.at_end"} == {f"waits {n}" for n in range(4)}


def test_copies_of_the_form_are_no_film(weighed):
    echo = DraftEvent(start_s=1, end_s=2, character="char_001", action="one line, one action or one sound")
    done = weighed(None, echo, DraftEvent(start_s=3, end_s=4, action="sits"), senses=ALL, location="Interior")
    assert [event.action for event in done.scenes[0].events] == ["sits"]
    assert (done.scenes[0].location, done.scenes[0].type) == ("", "Interior")
    assert codes(done) == ["place.type", "text.echo", "event.nothing"]
    answer = PlanAnswer(
        characters=[CharacterAnswer(id="char_001", name="A", appearance="tall"), CharacterAnswer(id="char_002", name="Anna")],
        segments=[SegmentAnswer(start=0, end=5, plot="They meet.")],
        summary="The story so far, at most five sentences",
        continuity_note="how this stretch goes on from what came before",
    )
    plain = without_echoes(answer, Form(*FORM_TEXTS), DEAF)
    assert (plain.summary, plain.continuity_note, plain.segments[0].plot) == ("", "", "They meet.")
    assert [(each.name, each.appearance) for each in plain.characters] == [("", ""), ("Anna", "")]
    assert without_echoes(answer, Form(*FORM_TEXTS), ALL).characters[0].appearance == "tall"


def test_without_evidence_a_deaf_model_has_no_lines_and_every_value_says_that_it_was_compared_with_nothing(weighed):
    done = weighed(None, say(1, "Hello there."), say(4, "And you?", action="waves"), location="Hall")
    assert lines_of(done) == [] and codes(done) == ["line.unheard", "line.unheard"]
    (left,) = done.scenes[0].events
    assert left.action == "waves" and "does not see" in left.provenance["action"].against
    kept = weighed(None, say(1, "Hello there."), senses=ALL)
    assert lines_of(kept) == [(1, "Hello there.")]
    assert kept.scenes[0].events[0].provenance["dialogue"].against == "it was compared with nothing"
    assert not kept.claims.is_weighed


@pytest.mark.parametrize("senses", [Senses(h, s) for h in (True, False) for s in (True, False)], ids=str)
def test_prompts_ask_of_a_model_what_it_can_perceive(senses):
    told = " ".join([plan_system(senses), script_system(senses, thinks=False), plan_form(senses), script_form(senses)]).casefold()
    assert ("watch" in told or "look at the pictures" in told) == senses.sees
    assert ("listen" in told or ("without its sound" not in told and "neither" not in told)) == senses.hears or not senses.hears
    assert ("appearance" in told) == ('"expression"' in told) == ('"visual"' in told) == senses.sees
    assert ('"voice",' in told) == senses.hears and ("a line of the notes" in told) == (not senses.hears)
    assert "thinking" not in told
    event = script_schema(10.0, sees=senses.sees)["properties"]["scenes"]["items"]["properties"]["events"]["items"]["properties"]
    person = plan_schema(10.0, hears=senses.hears, sees=senses.sees)["properties"]["characters"]["items"]["properties"]
    assert ("expression" in event) == ("appearance" in person) == senses.sees and ("voice" in person) == senses.hears
    assert person["id"]["pattern"] == "^(char|unknown)_[0-9]{3}$"


def test_hints_tell_who_does_not_perceive_what_was_seen_and_heard():
    samples = [
        ObjectSample(
            time_s=float(t), labels=["person", "person", "dog"], scores=[0.9] * 3, boxes=[(0.1 * n, 0.1, 0.2, 0.5) for n in range(3)]
        )
        for t in range(0, 20, 2)
    ]
    sounds = [Sound(start_s=4.0, end_s=6.0, label="Church bell", score=0.8)]
    faces = [face(1.0, 9.0, 0, gender="female", gender_confidence=0.95, age=34.0)]
    evidence = segment(20.0, [], objects=samples, faces=faces, looks=[look(0.0, 20.0, brightness=0.1)], sounds=sounds)
    full = hints_text(evidence, "en", has_sound=True, hears=False, sees=False)
    assert "Two people are in view" in full and "Church bell" in full and "A woman" in full and "dark, dog" in full
    assert "Church bell" not in hints_text(evidence, "en", has_sound=True, hears=True, sees=False)
    assert "in view" not in hints_text(evidence, "en", has_sound=True, hears=False, sees=True).casefold()


def test_words_are_covered_by_their_weight():
    assert covered("You are the one.", ["This is the house that you are in"]) < 0.6
    assert covered("It has shed much innocent blood.", ["shed much innocent blood"]) > 0.75
    assert covered("", ["a"]) == covered("a", []) == 0.0
