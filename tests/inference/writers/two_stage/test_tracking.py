"""Who is who over a film: windows' answers into the profile book, and the book into the next prompt."""

from __future__ import annotations

import json

import pytest

from inference.answers.schema import CharacterAnswer, NameUpdateAnswer, PlanAnswer, RelationAnswer, SameAsAnswer
from inference.errors import WriterError
from inference.profiles import ProfileBook, fold, name_of, read_book
from inference.prompts import plan_system, planner_prompt
from inference.writers.two_stage.tracking import track


def person(identifier: str, name: str = "", **details: object) -> CharacterAnswer:
    return CharacterAnswer(id=identifier, name=name, **details)


def known(book: ProfileBook) -> frozenset[str]:
    return frozenset(profile.id for profile in book.profiles)


def started() -> ProfileBook:
    book = ProfileBook()
    people = [person("char_001", "Anna", appearance="red coat"), person("unknown_002", "the old man", appearance="grey beard")]
    track(book, PlanAnswer(characters=people), 0.0, 60.0)
    return book


def test_the_first_window_keeps_the_models_numbers():
    book = started()
    assert [(p.id, p.named, p.shown_name) for p in book.profiles] == [("char_001", True, "Anna"), ("unknown_002", False, "the old man")]
    assert "between 0 and 60 s" in book.get("char_001").naming_evidence


def test_a_late_name_reaches_backwards():
    book = started()
    book.relate("unknown_002", "char_001", "father of")
    update = NameUpdateAnswer(id="unknown_002", name="Josef", evidence="“Josef, come in!”", confidence=0.9)
    track(book, PlanAnswer(name_updates=[update]), 60.0, 120.0, known(book))
    named = book.get("unknown_002")
    assert (named.id, named.name, named.aliases, named.naming_confidence) == ("char_002", "Josef", ["the old man"], 0.9)
    assert book.updates[-1].time_s == 60.0 and book.resolve(book.relations[0].source) == "char_002"


@pytest.mark.parametrize("confidence, name", [(0.3, "Josef"), (0.9, "he"), (0.9, " ")])
def test_a_name_that_is_no_name_or_not_sure_is_not_taken(confidence, name):
    book = started()
    track(book, PlanAnswer(name_updates=[NameUpdateAnswer(id="unknown_002", name=name, confidence=confidence)]), 60.0, 120.0)
    assert not book.get("unknown_002").named


def test_a_late_name_that_somebody_bears_makes_them_one():
    book = started()
    track(book, PlanAnswer(name_updates=[NameUpdateAnswer(id="unknown_002", name="ANNA", confidence=0.8)]), 60.0, 120.0)
    assert len(book.profiles) == 1 and book.resolve("unknown_002") == "char_001"


def test_two_named_people_are_not_made_one_by_a_name_update():
    book = started()
    track(book, PlanAnswer(characters=[person("char_003", "Ben")]), 60.0, 120.0, known(book))
    track(book, PlanAnswer(name_updates=[NameUpdateAnswer(id="char_003", name="Anna", confidence=0.9)]), 120.0, 180.0, known(book))
    assert [p.name for p in book.profiles if p.named] == ["Anna", "Ben"]


def test_duplicates_become_the_named_one():
    book = started()
    track(book, PlanAnswer(same_as=[SameAsAnswer(id="char_001", same_as="unknown_002", reason="takes off the beard")]), 60.0, 120.0)
    (kept,) = book.profiles
    assert kept.id == "char_001" and "the old man" in kept.aliases and book.resolve("unknown_002") == "char_001"
    assert len(kept.sightings) == 2
    nonsense = [SameAsAnswer(id="char_001", same_as="char_001"), SameAsAnswer(id="char_077", same_as="char_001")]
    track(book, PlanAnswer(same_as=nonsense), 120.0, 180.0)
    assert len(book.profiles) == 1


def test_an_unsure_match_is_a_new_provisional_person():
    book = started()
    seen = person("char_001", match_confidence=0.2, match_reason="similar coat")
    track(book, PlanAnswer(characters=[seen]), 60.0, 120.0, known(book))
    new = book.profiles[-1]
    assert len(book.profiles) == 3 and new.id == "unknown_003" and new.sightings[0].reason == "perhaps char_001: similar coat"
    assert len(book.get("char_001").sightings) == 1


def test_labels_are_the_same_person_only_where_the_model_could_not_see_them():
    book = started()
    track(book, PlanAnswer(characters=[person("unknown_009", "The Old Man")]), 60.0, 120.0, known(book))
    assert [p.shown_name for p in book.profiles[1:]] == ["the old man", "The Old Man 2"]
    track(book, PlanAnswer(characters=[person("unknown_010", "Old man")]), 120.0, 180.0, frozenset({"char_001"}))
    assert len(book.profiles) == 3
    two = PlanAnswer(characters=[person("unknown_020", "guard"), person("unknown_021", "guard")])
    track(book, two, 180.0, 240.0)
    assert [p.shown_name for p in book.profiles[3:]] == ["guard", "guard 2"]


def test_costumes_accumulate():
    book = started()
    for number, looks in enumerate(["red coat", "white dress", "white dress", "red coat"]):
        start_s = 60.0 * (number + 1)
        track(book, PlanAnswer(characters=[person("char_001", appearance=looks, match_confidence=0.9)]), start_s, start_s + 60, known(book))
    assert book.get("char_001").appearances() == [(0.0, "red coat"), (120.0, "white dress"), (240.0, "red coat")]
    assert "red coat" in planner_prompt(60.0, book, "")[0]


def test_relations_are_noted_once_and_between_people():
    book = started()
    told = [
        RelationAnswer(source="unknown_002", target="char_001", relation="father of"),
        RelationAnswer(source="unknown_002", target="Anna", relation="Father of", description="says so"),
        RelationAnswer(source="char_001", target="char_001", relation="friend of"),
        RelationAnswer(source="he", target="char_001", relation="enemy of"),
        RelationAnswer(source="the dog", target="char_001", relation="belongs to"),
    ]
    track(book, PlanAnswer(relations=told), 0.0, 60.0)
    assert [(r.source, r.target, r.relation, r.description) for r in book.relations] == [
        ("unknown_002", "char_001", "father of", "says so"),
        ("unknown_003", "char_001", "belongs to", ""),
    ]
    assert book.get("unknown_003").label == "the dog"


def test_the_context_costs_the_same_however_long_the_film_is():
    book = ProfileBook()
    sizes = []
    for window in range(60):
        people = [
            person(f"char_{10 * window + k:03d}", f"Name {window} {k}", appearance="tall and very long described " * 40) for k in range(4)
        ]
        track(book, PlanAnswer(characters=people), window * 60.0, window * 60.0 + 60, known(book))
        prompt, shown = planner_prompt(60.0, book, "so far " * 100)
        sizes.append(len(prompt))
        assert len(shown) <= 52
    assert max(sizes[15:]) <= 1.02 * min(sizes[15:])
    assert "Name 59 0" in prompt and "Name 0 0" not in prompt


def test_the_document_can_be_edited_and_is_checked():
    book = started()
    book.relate("unknown_002", "char_001", "father of")
    document = json.loads(json.dumps(book.document()))
    assert read_book(document) == book
    document["profiles"][1]["label"] = "the baker"
    assert read_book(document).get("unknown_002").shown_name == "the baker"


@pytest.mark.parametrize(
    "change, place",
    [
        (lambda d: d["profiles"].append(dict(d["profiles"][0])), "char_001"),
        (lambda d: d.update(moved={"unknown_009": "char_077"}), r"moved\.unknown_009"),
        (lambda d: d.update(moved={"a": "b", "b": "a"}), r"moved\."),
        (lambda d: d.update(relations=[{"source": "char_001", "target": "char_077", "relation": "x"}]), r"relations\.0.*char_077"),
        (lambda d: d["profiles"][0].update(nmae="x"), r"profiles\.0\.nmae"),
        (lambda d: d["profiles"][0].update(id="a b"), r"profiles\.0\.id"),
    ],
)
def test_a_broken_document_is_refused_with_the_place(change, place):
    document = started().document()
    change(document)
    with pytest.raises(WriterError, match=place):
        read_book(document)


def test_names_are_compared_without_what_spelling_changes():
    assert fold("The  Old-Man!") == fold("old man") and fold("Ｔｏｍ") == "tom" and fold("The") == "the"
    assert [name_of(text) for text in ("He", "她", "somebody", "...", " Tom  Smith ")] == ["", "", "", "", "Tom Smith"]


def test_prompts_say_what_the_paper_asks_for():
    book = started()
    first, shown = planner_prompt(200.0, book, None, language="en")
    assert not shown and "Anna" not in first
    later, shown = planner_prompt(200.0, book, "They met.", language="en", hints="HINTS")
    assert shown == known(book)
    assert "03:20 long" in first and "char_XXX" in first and "unknown_XXX" in first and "spoken language en" in first
    for word in ("match_confidence", "match_reason", "name_updates", "same_as", "continuity_note", "They met.", "char_001: Anna", "HINTS"):
        assert word in later
    assert "JSON" in plan_system()
