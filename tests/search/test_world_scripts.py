"""Lines in the scripts of the world: what a person types finds them, however the signs were put together, and does not find others."""

from __future__ import annotations

import unicodedata

import pytest

from omniscript_mam.script import Character, Event, Scene, Script
from omniscript_mam.script.folding import fold
from search import EmbeddedIndexOptions, SearchRequest, build_records, open_searcher, remove_chip
from search.analysis import analyse, analyse_query

LINES = {
    "e1": "दिन भर बारिश हुई",
    "e2": "मैं दान नहीं दूँगा",
    "e3": "वह हिन्दी बोलती है",
    "e4": "أَعْطِنِي دِرْهَمًا وَاحِدًا",
    "e5": "שָׁלוֹם עֲלֵיכֶם",
    "e6": unicodedata.normalize("NFD", "한국 사람입니다"),
    "e7": unicodedata.normalize("NFD", "Jörg wohnt in Łódź"),
    "e8": "من می‌خواهم بروم",
    "e9": "เขากำลังไปตลาด",
    "e10": "ខ្ញុំស្រឡាញ់អ្នក",
    "e11": "ｶﾞﾗｽが割れた",
    "e12": "La col·lecció és meva",
    "e13": 'גרנו ליד בסיס צה"ל',
    "e14": "في عام ١٩٤٨",
    "e15": "ໄປຕະຫຼາດ",
    "e16": "He hadn't seen the fi\u00adre",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    events = [Event(id=key, start_s=n, end_s=n + 1, character_id="char_1", dialogue=line) for n, (key, line) in enumerate(LINES.items())]
    people = [Character(id="char_1", name=unicodedata.normalize("NFD", "Jürgen Øst")), Character(id="char_2", name="राम")]
    script = Script(scenes=[Scene(id="s1", start_s=0.0, end_s=20.0, events=events)], characters=people)
    opened = open_searcher(EmbeddedIndexOptions(tmp_path_factory.mktemp("index")))
    opened.index("film", build_records(script, "film", "Die Ärzte", 1))
    yield opened
    opened.close()


def hits(searcher, text: str) -> list[str]:
    return list(dict.fromkeys(key for hit in searcher.search(SearchRequest(f"lines {text}", limit=50)).hits for key in hit.event_ids))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("दिन", ["e1"]), ("दान", ["e2"]), ("हिंदी", ["e3"]), ("हिन्दी", ["e3"]),
        ("درهما", ["e4"]), ("دِرْهَمًا", ["e4"]), ("واحدا", ["e4"]),
        ("שלום", ["e5"]), ("שָׁלוֹם", ["e5"]),
        ("한국", ["e6"]), (unicodedata.normalize("NFD", "한국"), ["e6"]), ("사람", ["e6"]),
        ("Jörg", ["e7"]), (unicodedata.normalize("NFD", "Jörg"), ["e7"]), ("jorg", ["e7"]), ("Lodz", ["e7"]), ("łódź", ["e7"]),
        ("می‌خواهم", ["e8"]), ("میخواهم", ["e8"]), ("ميخواهم", ["e8"]),
        ("กำลัง", ["e9"]), ("ตลาด", ["e9"]), ("ស្រឡាញ់", ["e10"]), ("ガラス", ["e11"]), ("ｶﾞﾗｽ", ["e11"]),
        ("col·lecció", ["e12"]), ("colleccio", ["e12"]),
        ("צה״ל", ["e13"]), ("צהל", ["e13"]), ("1948", ["e14"]), ("١٩٤٨", ["e14"]), ("ຕະຫຼາດ", ["e15"]), ("fire", ["e16"]),
    ],
)  # fmt: skip
def test_a_word_finds_its_line_and_no_other(searcher, text, wanted):
    assert hits(searcher, text) == wanted


@pytest.mark.parametrize("key", ["e1", "e4", "e5", "e6", "e7", "e8", "e9", "e11"])
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_quoted_line_is_found_in_every_form(searcher, key, form):
    line = unicodedata.normalize(form, LINES[key])
    hit = searcher.search(SearchRequest(f"“{line}”")).hits[0]
    assert hit.event_ids[0] == key
    (marked,) = [piece for piece, is_marked in hit.highlights[0].pieces if is_marked]
    assert marked == LINES[key], "the highlight keeps whole characters"


def test_names_are_known_in_every_form(searcher):
    for text in ("who:Jürgen", "JURGEN OST", unicodedata.normalize("NFD", "Jürgen Øst")):
        assert any(chip.kind == "character" for chip in searcher.search(SearchRequest(text)).chips), text


def test_a_name_is_not_found_inside_of_another_word():
    ram, line = Character(id="char_2", name="राम"), Event(id="e1", start_s=0, end_s=1, dialogue="रामायण पढ़ो", action="x")
    script = Script(scenes=[Scene(id="s1", start_s=0.0, end_s=20.0, events=[line])], characters=[ram])
    assert not any("about_character" in record.facets for record in build_records(script, "film", "", 1))


def test_a_chip_of_a_decomposed_query_can_be_taken_out(searcher):
    text = unicodedata.normalize("NFD", "Jörg Łódź")
    chips = searcher.search(SearchRequest(text)).chips
    assert remove_chip(text, chips[0]) == "Łódź"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Die Ärzte", "die ärzte"), ("Тест Записи", "тест записи"), ("STRASSE", "straße"), ("Ёлка", "елка"), ("ΣΊΣΥΦΟΣ", "σίσυφος"),
     ("Đorđe", "dorde"), ("Ｆｕｌｌ", "full"), ("كِتَاب", "كتاب"), ("क़लम", "कलम"), ("İstanbul", "istanbul"), ("مدرسة", "مدرسه")],
)  # fmt: skip
def test_spellings_of_one_thing_fold_to_one(one, other):
    assert fold(one) == fold(other) == fold(unicodedata.normalize("NFD", one))


@pytest.mark.parametrize(("one", "other"), [("दिन", "दान"), ("カラス", "ガラス"), ("ใกล้", "ไกล"), ("한국", "한글"), ("कर्म", "करम")])
def test_other_words_stay_other(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("line", LINES.values())
def test_tokens_stand_where_they_say_and_any_stretch_is_found(line):
    indexed = [token.text for token in analyse(line)]
    assert all(0 <= token.start < token.end <= len(line) for token in analyse(line))
    asked = [token.text for token in analyse_query(line) if not token.is_single]
    assert asked and set(asked) <= set(indexed)
