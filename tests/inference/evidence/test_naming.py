"""Late naming: the right name for the right voice, and no name where the film does not give one."""

from __future__ import annotations

import pytest

from inference.evidence.joining.mentions import Lexicon, find_mentions
from inference.evidence.joining.naming import Turn, caption_name, decide, votes_of


def names(*lines: tuple[int, str], gap_s: float = 0.5) -> dict[int, str]:
    """Names decided for a conversation of (speaker, words), one after another."""
    turns = [Turn(i * 3.0, i * 3.0 + 3.0 - gap_s, speaker, text) for i, (speaker, text) in enumerate(lines)]
    return {who: naming.name for who, naming in decide(votes_of(turns)).items()}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, my name is Tom Baker.", "Tom Baker"),
        ("I'm Anna.", "Anna"),
        ("They call me Ishmael, sailor.", "Ishmael"),
        ("I'm your friend. Call me Joey.", "Joey"),
        ("This is Kate speaking, who is there?", "Kate"),
        ("My name is Captain Reich and you obey.", "Reich"),
        ("我叫李明，你好。", "李明"),
        ("大家好，我的名字是王小红。", "王小红"),
        ("我是陈伟。", "陈伟"),
    ],
)
def test_people_who_say_who_they_are(text, name):
    assert names((0, text), (1, "Good to meet you."))[0] == name


@pytest.mark.parametrize(
    "text",
    [
        "I'm Scottish.",
        "I'm sorry, Sir.",
        "I'm God, as you know.",
        "I'm Monday's child.",
        "I am Here to help.",
        "Call me Honey again and I leave.",
        "I'm in London.",
        "Thank you, Father.",
        "Well, Mum, come here.",
        "Christmas, come here.",
        "我叫你别动！",
        "谢谢，马上来。",
        "我是老师。",
        "Help! Run! Stop!",
        "Perhaps, we should go.",
    ],
)
def test_words_that_are_no_names(text):
    assert names((0, text), (1, "All right."), (0, text), (1, "All right.")) == {}


def test_who_is_called_and_answers():
    named = names(
        (0, "Grug, come here."),
        (1, "What is it now?"),
        (0, "Look at this, Grug."),
        (1, "Oh no."),
        (0, "I told Grug so. Hide, Grug!"),
        (1, "Why?"),
    )
    assert named == {1: "Grug"}


def test_the_one_who_calls_is_not_called_so():
    named = names((0, "Run, Foster! Run!"), (1, "Foster! Help!"), (2, "What happened?"), (1, "Foster!"))
    assert 0 not in named and 1 not in named


def test_a_name_called_at_everybody_belongs_to_nobody():
    named = names((0, "Anna!"), (1, "Yes?"), (0, "Anna!"), (2, "Me?"), (0, "Anna!"), (3, "Who?"), (0, "Anna!"), (4, "Not me."))
    assert named == {}


def test_thanks_go_to_whoever_spoke_before():
    named = names(
        (2, "Dinner is ready."), (1, "Here is your coat."), (0, "Thank you, Peter."), (2, "Shall we?"),
        (1, "Mind the step."), (0, "Thanks, Peter."), (2, "Come along."), (1, "Here we are."), (0, "Thank you, Peter."),
    )  # fmt: skip
    assert named.get(1) == "Peter" and 0 not in named and 2 not in named


def test_who_answers_a_question_for_the_name():
    assert names((0, "Got a name, son?"), (1, "Robert."), (0, "Welcome, child."))[1] == "Robert"


def test_a_longer_name_keeps_the_shorter_as_alias():
    turns = [
        Turn(0, 2, 0, "Got a name, son?"),
        Turn(2.5, 3, 1, "Robert."),
        Turn(4, 6, 0, "That makes you Robert Foster."),
        Turn(7, 8, 1, "Yes."),
    ]
    naming = decide(votes_of(turns))[1]
    assert {naming.name, *naming.aliases} == {"Robert", "Robert Foster"}
    assert "Robert" in naming.evidence and 0.6 <= naming.confidence < 1.0


def test_lists_appositions_and_places_are_no_calls():
    lexicon = Lexicon.of(["I saw Tom and Dick.", "He met Anna."])
    for text in ("I saw Tom, Dick, and Anna.", "It was my brother, Tom.", "We met Anna."):
        assert not [m for m in find_mentions(text, lexicon) if m.about in ("addressee", "reply")], text


def test_a_word_written_small_elsewhere_is_no_name():
    assert names((0, "Light, come here."), (1, "The light is on."), (0, "Turn the light, Light, down."), (1, "No.")) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Doe, mayor of Springfield", "Jane Doe"),
        ("JANE DOE\nMayor", "Jane Doe"),
        ("Directed by Jane Doe", ""),
        ("London, 1999", ""),
        ("Jane Doe", ""),
        ("Copyright Jane Doe, all rights", ""),
    ],
)
def test_lower_thirds(text, name):
    assert caption_name(text) == name


def test_it_is_me_names_the_speaker_and_nobody_else():
    lines = ((0, "Where have you been, Tom?"), (1, "I was at work."), (0, "No."), (1, "Good morning. It's me, Tom."), (0, "I see."))
    assert names(*lines) == {1: "Tom"}


def test_whoever_speaks_of_a_name_does_not_bear_it():
    lines = ((0, "Call me Joey, and got a second name."), (1, "Is that so?"), (0, "First thing is to get Joey running again."))
    assert names(*lines) == {}
    assert names(*lines[:2]) == {0: "Joey"}
