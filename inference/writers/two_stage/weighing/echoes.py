"""Answers that copy the question: "The story so far, at most five sentences" as a story, "Interior" as a place.

A text is an echo if it stands, word for word, in what the model was told of the form. Short words ("Environment", "OnScreen") are the
form's own values and no echoes. Contents: :class:`Form`, :func:`without_echoes`.
"""

from __future__ import annotations

import re

from inference.answers.schema import PlanAnswer
from inference.engines.base import Senses
from inference.profiles import fold

LEAST_WORDS = 3
"""A text of fewer words may be a value by chance."""
LETTER = re.compile(r"(?:(?:speaker|voice)\s+)?[A-Z]{1,2}|somebody", re.IGNORECASE)
"""What notes call a voice whose name nobody knows: no name."""
PLACE_TYPES = {"interior": "Interior", "exterior": "Exterior", "interior exterior": "Interior/Exterior"}


class Form:
    """What a model was told, without what is film in it.

    Args:
        texts: the form, the rules, the instructions.
    """

    def __init__(self, *texts: str) -> None:
        self._text = f" {' '.join(fold(text) for text in texts)} "

    def is_echo(self, text: str) -> bool:
        """Whether a text of an answer is one of the form."""
        words = fold(text)
        return len(words.split()) >= LEAST_WORDS and f" {words} " in self._text


def without_echoes(answer: PlanAnswer, form: Form, senses: Senses) -> PlanAnswer:
    """A plan without texts that copy the question, without letters of voices as names, and without looks that nobody saw."""
    plain = answer.model_copy(
        update={
            "summary": _plain(answer.summary, form),
            "continuity_note": _plain(answer.continuity_note, form),
            "segments": [each.model_copy(update={"plot": _plain(each.plot, form)}) for each in answer.segments],
            "relations": [each for each in answer.relations if not form.is_echo(each.relation)],
            "name_updates": [
                each for each in answer.name_updates if not LETTER.fullmatch(each.name.strip()) and not form.is_echo(each.name)
            ],
        }
    )
    people = []
    for person in answer.characters:
        is_named = not LETTER.fullmatch(person.name.strip()) and not form.is_echo(person.name)
        update = {name: _plain(getattr(person, name), form) for name in ("appearance", "voice", "personality", "match_reason")}
        lost = {name: "" for name, has in (("appearance", senses.sees), ("voice", senses.hears)) if not has}
        people.append(person.model_copy(update={**update, **lost, "name": person.name if is_named else ""}))
    return plain.model_copy(update={"characters": people})


def _plain(text: str, form: Form) -> str:
    return "" if form.is_echo(text) else text
