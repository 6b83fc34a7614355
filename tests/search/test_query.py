"""TypedWords queries: names, times, places, syntax, sequences, chips that can be taken out again, and anything a keyboard can produce."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import Chip
from search.query import Gazetteer, parse, remove_chip
from search.query.typed import MAX_CHARS, MAX_WORDS

NAMES = {"grug": "Grug", "dad": "Grug", "eep": "Eep", "john smith": "John Smith", "hope": "Hope", "小梅": "小梅", "man 1": "Man 1"}
GAZETTEER = Gazetteer(
    names={key: frozenset({name}) for key, name in NAMES.items()},
    parts_of_names={part: frozenset({"John Smith"}) for part in ("john", "smith")},
    locations={"cave": frozenset({"Cave"}), "old kitchen": frozenset({"Old kitchen"}), "new kitchen": frozenset({"New kitchen"})},
    titles={"the croods": frozenset({"The Croods"}), "heat": frozenset({"Heat"})},
)
KNOWN = {"glass", "shouts", "cave", "kitchen", "chase", "gruff"}


def read(text: str):
    return parse(text, GAZETTEER, KNOWN.__contains__)


def cues(text: str) -> list[tuple[str, str, str]]:
    return [(part.facet, part.value, part.strength) for clause in read(text).clauses for part in clause.cues]


def test_the_sentence_of_the_brief():
    parsed = read("scenes where Grug argues with Eep at night")
    assert parsed.level == "scene"
    assert cues("scenes where Grug argues with Eep at night") == [
        ("character", "Grug", "strong"), ("character", "Eep", "strong"), ("time", "Night", "soft"), ("interaction", "argue", "soft"),
    ]  # fmt: skip
    clause = parsed.clauses[0]
    assert [word.token for word in clause.words] == ["argu"]
    assert (clause.relation.actor, clause.relation.verb, clause.relation.other) == ("Grug", "argues", "Eep")
    assert clause.sentence == "someone argues with someone at night"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dad runs", ("character", "Grug", "strong")),
        ("JOHN smith runs", ("character", "John Smith", "strong")),
        ("Smith runs", ("character", "John Smith", "strong")),
        ("Gurg runs", ("character", "Grug", "strong")),
        ("小梅吵架", ("character", "小梅", "strong")),
        ("Man 1 runs", ("character", "Man 1", "strong")),
        ("only Grug", ("character", "Grug", "hard")),
        ("running after dark", ("time", "Night", "soft")),
        ("only at night", ("time", "Night", "hard")),
        ("深夜 追赶", ("time", "Night", "soft")),
        ("a sad scene", ("mood", "Sad", "soft")),
        ("外面下雨 室外", ("type", "Exterior", "soft")),
        ("fight in the kitchen", ("location", "kitchen", "soft")),
        ("old kitchen", ("location", "Old kitchen", "soft")),
        ("sound of glass", ("kind", "Sound", "soft")),
        ("place:cave", ("location", "Cave", "strong")),
        ("who:grug", ("character", "Grug", "strong")),
        ('in:"the croods"', ("title", "The Croods", "hard")),
        ("time:night", ("time", "Night", "strong")),
        ("int:", ("type", "Interior", "strong")),
        ("lang:Chinese", ("language", "zh", "hard")),
    ],
)
def test_cues(text, expected):
    assert expected in cues(text)


def test_a_name_that_is_a_common_word_needs_its_capital():
    assert ("character", "Hope", "strong") in cues("Hope runs")
    assert not any(facet == "character" for facet, *_ in cues("i hope he runs"))


def test_words_the_index_knows_are_not_taken_for_names():
    assert cues("gruff shouts") == []


def test_day_accepts_its_parts():
    clause = read("by day").clauses[0]
    assert clause.cues[0].accepts == {"Day", "Morning", "Noon", "Afternoon"}


@pytest.mark.parametrize(
    "text", ["fight without Grug", "fight NOT Grug", "fight -Grug", "fight except Grug", "fight -who:Grug", "吵架没有小梅"]
)
def test_negated_names_exclude(text):
    clause = read(text).clauses[0]
    assert [part.excludes for part in clause.cues if part.facet == "character"] == [True]
    assert any(chip.excludes for chip in read(text).chips)


def test_negated_words_and_plain_not():
    assert read("fight -glass").clauses[0].excluded_tokens == ("glass",)
    assert read("why not run").clauses[0].excluded_tokens == ()


def test_quotes_and_prefixes_make_phrases():
    clause = read('Grug says:"never go outside" "in my cave"').clauses[0]
    assert [(phrase.tokens, phrase.fields) for phrase in clause.phrases] == [
        (("never", "go", "outsid"), ("dialogue",)), (("in", "my", "cave"), ()),
    ]  # fmt: skip
    assert read("“good night”").clauses[0].phrases and read("「你好吗」").clauses[0].phrases


def test_sequences():
    for text in ("Grug shouts then Eep cries", "Grug shouts -> Eep cries", "Grug shouts, and then Eep cries within 20 seconds"):
        parsed = read(text)
        assert len(parsed.clauses) == 2 and parsed.is_ordered, text
    assert parsed.max_gap_s == 20.0
    together = read("Grug shouts while Eep cries")
    assert len(together.clauses) == 2 and not together.is_ordered
    assert len(read('"now and then we dance"').clauses) == 1
    assert len(read("then").clauses) == 1


def test_only_stop_words_are_still_looked_for():
    assert [word.token for word in read("to be or not to be").clauses[0].words] == ["to", "be", "or", "not"]


def test_unknown_values_are_said():
    parsed = read("in:Metropolis fight")
    assert any("Metropolis" in notice for notice in parsed.notices)
    assert any("no value" in notice for notice in read("fight who:").notices)


@pytest.mark.parametrize(
    "text",
    [
        "scenes where Grug argues with Eep at night",
        "only at night in the cave",
        'fight without Grug says:"go away" -glass',
        "Gurg shouts, then Eep cries within 20 seconds",
        "小梅夜晚吵架",
        'in:"The Croods" mood:sad',
    ],
)
def test_every_chip_can_be_removed(text):
    """Removing a chip takes its meaning out and leaves the other chips as they were."""
    chips = read(text).chips
    assert chips
    for chip in chips:
        assert chip.words in text
        rest = remove_chip(text, chip)
        left = [(other.kind, other.value) for other in read(rest).chips]
        assert (chip.kind, chip.value) not in left, rest
        if chip.kind not in ("order", "level", "character"):  # a name also carries the relation, an order the clauses
            assert all((other.kind, other.value) in left for other in chips if other != chip and other.kind not in ("relation", "text")), (
                rest
            )


def test_removing_a_chip_that_is_not_there_changes_nothing():
    assert remove_chip("Grug runs", Chip("time", "at night", "Night")) == "Grug runs"


HOSTILE = [
    "", " ", '"', '"""', '"unbalanced', "“", "(((", "[a TO *]", "a AND (b OR", "foo:bar:baz", "who:", "says:\"", "~2^5",
    "/.*.*.*.*x/", "\\", "\0\0",
    "a" * 5000, "word " * 10_000, "🙂" * 300, "\u202e\u200b\ufeff", "-" * 200, "NOT NOT NOT", "only only", "then then then", "-> -> ->",
    "* ? *", "{}$%&",
    "'; DROP TABLE assets; --", "<script>alert(1)</script>", "int: ext: who: in: time:", "\ud800 half a surrogate",
    "ﷺ" * 50, "Z̷̢̛͙̈́a̴l̸g̵o̷", "的了在",
    "A then B then C then D then E", "within 99999 seconds", "x" * 100 + "才" * 500,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_is_an_error(text):
    parsed = read(text)
    assert len(parsed.clauses) <= 3
    for clause in parsed.clauses:
        assert len(clause.text) <= MAX_CHARS and len(clause.words) <= MAX_WORDS + MAX_CHARS


def test_long_queries_are_cut_and_the_person_is_told():
    assert any("first" in notice for notice in read("word " * 10_000).notices)
    assert any("words" in notice for notice in read("a b c d e " * 30).notices)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["Grug", '"', "then", "-", "who:", "only", "at night", "without", "(", "小梅", "(((", "in:"])).map(" ".join)
)
def test_any_text_can_be_read(text):
    for chip in read(text).chips:
        remove_chip(text, chip)
