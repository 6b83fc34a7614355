"""Who is in view is told when it changes, and not again and again."""

from __future__ import annotations

from inference.writers.lite.compose import _joined
from omniscript_mam.script import Event


def event(number: int, action: str, character_id: str = "environment") -> Event:
    return Event(id=f"e{number}", start_s=10.0 * number, end_s=10.0 * number + 2.0, character_id=character_id, action=action)


def test_the_same_count_is_told_once():
    told = _joined([event(n, action) for n, action in enumerate(["Two people are in view."] * 3 + ["A man raises a hand."])])
    assert [(each.action, each.end_s) for each in told] == [("Two people are in view.", 22.0), ("A man raises a hand.", 32.0)]


def test_another_count_is_news():
    actions = ["Two people are in view.", "A person is in view.", "Two people are in view."]
    assert [each.action for each in _joined([event(n, action) for n, action in enumerate(actions)])] == actions


def test_the_same_sentence_about_another_one_is_news():
    seen = [event(n, "Is in view.", person) for n, person in enumerate(["char_001", "char_002", "char_002", "char_001"])]
    assert [(each.character_id, each.end_s) for each in _joined(seen)] == [("char_001", 2.0), ("char_002", 22.0), ("char_001", 32.0)]
