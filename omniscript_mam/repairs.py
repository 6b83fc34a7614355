"""What was cut, repaired, replaced or lost of what a segment's writer said, and how much of it was borne out, in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_SHOWN = 40
"""Notes of a segment that are printed; of more, how many there are."""

WORDS = {
    "line.unheard": "Left out, nobody is heard to say it",
    "line.replaced": "Replaced by what is heard",
    "line.put_in": "Put in, it is heard",
    "line.left_out": "Not taken from the small models, the writer does not hear it",
    "line.other_words": "The writer's words stand where others were heard",
    "line.words": "Given the words that are heard",
    "line.time": "Moved to where it is heard",
    "line.said_twice": "Left out, its words stand in another line",
    "event.no_length": "Had no length",
    "event.at_end": "Left out, it had no time of its own",
    "event.nothing": "Left out, nothing of it was left",
    "text.echo": "Left out, it repeats the question",
    "place.type": "No place",
    "hints.none": "Compared with nothing",
    "script.cut": "The writer stopped before the end",
    "model.other": "Another model answered",
}
"""Notes of weighing, as people are told them; repairs of a text are told by their code."""


@dataclass(frozen=True)
class RepairLine:
    """One note: what was done, where, and the words."""

    what: str
    place: str
    detail: str


def repair_lines(repairs: Sequence[Mapping[str, str]]) -> tuple[RepairLine, ...]:
    """At most :data:`MAX_SHOWN` notes, those about what is said of the film first; the last line tells of the rest."""
    ordered = sorted(repairs, key=lambda each: each["code"] not in WORDS)
    lines = [RepairLine(WORDS.get(each["code"], f"Repaired ({each['code']})"), each["place"], each["detail"]) for each in ordered]
    if len(lines) > MAX_SHOWN:
        rest = Counter(line.what for line in lines[MAX_SHOWN - 1 :])
        told = ", ".join(f"{what} ({count})" for what, count in rest.most_common())
        lines = [*lines[: MAX_SHOWN - 1], RepairLine(f"{sum(rest.values())} more", "", told)]
    return tuple(lines)


def borne_out(claims: Mapping[str, Any]) -> str:
    """How much of what a writer said was borne out; "" where nothing was compared."""
    if not claims.get("is_weighed"):
        return ""
    heard, put_in, dropped = (int(claims.get(name, 0)) for name in ("num_heard", "num_put_in", "num_dropped"))
    words = [f"{heard} lines heard" if heard != 1 else "1 line heard"]
    words += [f"{put_in} put in"] * bool(put_in) + [f"{dropped} of the writer's left out"] * bool(dropped)
    words.append(f"{claims.get('num_unsure', 0)} of {claims.get('num_values', 0)} values doubtful")
    for sense, name in (("ear", "ears"), ("eye", "eyes")):
        num_borne, num_checked = claims.get(name, (0, 0))
        if num_checked:
            words.append(f"by {sense} {num_borne} of {num_checked} claims borne out")
    missing = [name for name, has in (("hear", claims.get("hears", True)), ("see", claims.get("sees", True))) if not has]
    if missing:
        words.append(f"the writer does not {' or '.join(missing)}")
    return "; ".join(words)
