"""A question read by a language model: what it is asked, and its answer made into a query that the rules read.

The model says the parts of the question as JSON; they become the syntax that a person may type (``who:Ben time:Night … then …``), so that
there is one structure, shown as the same chips. What it says is checked: closed vocabularies, lengths, and that no word stands in it which
the question does not have. A reading that fails is none.

Contents: :func:`messages_for`, :data:`SCHEMA`, :func:`told_text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from search.analysis import raw_words, stem
from search.lexicon import MOODS, TIMES
from search.query.model import Gazetteer

MAX_STEPS = 3
MAX_NAMES = 6
MAX_PART_CHARS = 200
MAX_NAMES_TOLD = 60
"""Names of the archive that the model is told."""

_PARTS = ("who", "not_who", "place", "time", "mood", "what", "says", "without")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["steps", "ordered", "within_s"],
    "properties": {
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": list(_PARTS),
                "properties": {
                    name: {"type": "array", "items": {"type": "string"}} if name in ("who", "not_who", "without") else {"type": "string"}
                    for name in _PARTS
                },
            },
        },
        "ordered": {"type": "boolean"},
        "within_s": {"type": "number"},
    },
}
"""JSON schema of the answer."""

_TASK = (
    "You split a search question over film scripts into parts. Answer with one JSON object and nothing else. Use only words of the "
    "question. steps: what happens, in the order of the film (usually one). Of each: who (people asked for), not_who (people to leave "
    "out), place, time (one of {times}, or empty), mood (one of {moods}, or empty), what (what happens, with the people's names where "
    "one does something to another), says (words that are spoken, exactly), without (words to leave out). ordered: true for first one "
    "then the other, false for at the same time. within_s: the longest gap that is asked for, in seconds, or 0. Known people: "
    "{names}."
)


def messages_for(question: str, gazetteer: Gazetteer) -> list[dict[str, str]]:
    """What the model is asked, as chat messages.

    Args:
        question: as typed.
        gazetteer: names that the asker may know of.
    """
    names = [sorted(meant)[0] for meant in list(gazetteer.names.values())[:MAX_NAMES_TOLD]]
    task = _TASK.format(times=", ".join(TIMES), moods=", ".join(MOODS), names=", ".join(dict.fromkeys(names)) or "none")
    return [{"role": "system", "content": task}, {"role": "user", "content": question}]


def told_text(answer: Any, question: str, gazetteer: Gazetteer) -> str | None:
    """The query that an answer stands for; ``None`` where it is not what was asked for, or says what the question does not.

    Args:
        answer: the parsed JSON.
        question: what the model was asked.
        gazetteer: names that may stand in it although the question has them otherwise.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("steps"), list) or not 0 < len(answer["steps"]) <= MAX_STEPS:
        return None
    said = {stem(word) for word in raw_words(question)}
    steps = [_step(step, said, gazetteer) for step in answer["steps"]]
    if not all(steps):
        return None
    joined = (" then " if answer.get("ordered", True) is True else " while ").join(step for step in steps if step)
    within_s = answer.get("within_s", 0)
    is_limited = len(steps) > 1 and isinstance(within_s, int | float) and not isinstance(within_s, bool) and 1 <= within_s <= 3600
    return f"{joined} within {round(within_s)} seconds" if is_limited else joined


def _step(step: Any, said: set[str], gazetteer: Gazetteer) -> str | None:
    if not isinstance(step, dict) or set(step) - set(_PARTS):
        return None
    parts = {name: _texts(step.get(name, [])) for name in _PARTS}
    if any(texts is None for texts in parts.values()):
        return None
    told: dict[str, list[str]] = {name: texts or [] for name, texts in parts.items()}
    names = {" ".join(raw_words(name)) for name in (*told["who"], *told["not_who"])}
    known = gazetteer.names.keys() | gazetteer.parts_of_names.keys()
    free = [*told["place"], *told["what"], *told["says"], *told["without"], *(name for name in names if name not in known)]
    allowed = said | {stem(word) for name in names if name in known for word in name.split(" ")}
    if any(stem(word) not in allowed for text in free for word in raw_words(text)):
        return None
    if any(value not in TIMES for value in told["time"]) or any(value not in MOODS for value in told["mood"]):
        return None
    in_words = set(raw_words(" ".join(told["what"])))
    query = [f'who:"{name}"' for name in told["who"] if not set(raw_words(name)) <= in_words]
    query += [f'-who:"{name}"' for name in told["not_who"]]
    query += told["what"] + [f'dialogue:"{text}"' for text in told["says"]] + [f'place:"{text}"' for text in told["place"]]
    query += [f"time:{value}" for value in told["time"]] + [f"mood:{value}" for value in told["mood"]]
    query += [f'-words:"{text}"' for text in told["without"]]
    return " ".join(query) or None


def _texts(value: Any) -> list[str] | None:
    """One text or several, without what has a meaning in a query; ``None`` for anything else."""
    values: Iterable[Any] = [value] if isinstance(value, str) else value if isinstance(value, list) else [None]
    texts = list(values)
    if len(texts) > MAX_NAMES or not all(isinstance(text, str) and len(text) <= MAX_PART_CHARS for text in texts):
        return None
    return [cleaned for text in texts if (cleaned := " ".join(text.replace('"', " ").replace(":", " ").split()))]
