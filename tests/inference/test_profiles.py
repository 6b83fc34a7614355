"""The profile book: late names reach backwards, duplicates become one, nothing is lost."""

from __future__ import annotations

import pytest

from inference.errors import WriterError
from inference.profiles import ProfileBook


def test_a_late_name_keeps_number_label_and_reason():
    book = ProfileBook()
    book.add("Voice 1")
    book.add("Man 1")
    named = book.rename("unknown_002", "Tom", evidence="“I'm Tom” at 12.4 s", confidence=0.9, time_s=12.4)
    assert (named.id, named.name, named.aliases, named.shown_name) == ("char_002", "Tom", ["Man 1"], "Tom")
    assert book.resolve("unknown_002") == "char_002" and book.get("unknown_002") is named
    assert [(u.old_name, u.new_name, u.time_s) for u in book.updates] == [("Man 1", "Tom", 12.4)]
    again = book.rename("char_002", "Thomas", evidence="his wife says so", confidence=0.9)
    assert again.id == "char_002" and again.aliases == ["Man 1", "Tom"]


def test_duplicates_become_one_and_numbers_are_not_used_twice():
    book = ProfileBook()
    for label in ("Voice 1", "Voice 2", "Man 1"):
        book.add(label)
    book.get("unknown_003").appearance = "A man with a beard."
    book.rename("unknown_001", "Eep", evidence="e", confidence=0.9)
    kept = book.merge("unknown_001", "unknown_003", "same name")
    assert kept.id == "char_001" and kept.aliases == ["Voice 1", "Man 1"] and kept.appearance == "A man with a beard."
    assert book.resolve("unknown_003") == "char_001" and len(book.profiles) == 2
    assert book.add("Voice 3").id == "unknown_004"
    assert book.merge("char_001", "unknown_003", "again").id == "char_001"


def test_matching_goes_by_name_then_looks_then_voice():
    book = ProfileBook()
    book.add("Man 1", appearance_vector=[1.0, 0.0], voice_vector=[0.0, 1.0])
    book.add("Man 2", appearance_vector=[0.0, 1.0], voice_vector=[1.0, 0.0])
    book.rename("unknown_002", "Guy", evidence="e", confidence=0.9)
    assert book.match(name="guy", appearance=[1.0, 0.0]).profile_id == "char_002"
    by_looks = book.match(appearance=[0.98, 0.199], voice=[1.0, 0.0])
    assert by_looks.profile_id == "unknown_001" and "looks alike" in by_looks.reason and by_looks.confidence == pytest.approx(0.98)
    assert book.match(voice=[1.0, 0.0]).profile_id == "char_002"
    assert book.match(name="Nobody") is None and book.match(voice=[-1.0, 0.0]) is None


def test_the_document_survives_json():
    book = ProfileBook(continuity_note="They have left the cave.")
    book.add("Voice 1")
    book.rename("unknown_001", "Eep", evidence="e", confidence=0.9)
    assert ProfileBook.model_validate_json(book.model_dump_json()) == book


def test_a_stranger_is_an_error_that_names_it():
    with pytest.raises(WriterError, match="char_009"):
        ProfileBook().get("char_009")
