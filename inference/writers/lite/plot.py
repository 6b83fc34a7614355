"""Plot lines and relationships: who speaks with whom, where, when and about what. Extractive: every word is counted or quoted.

Contents: :func:`plot_segments`, :func:`relationships`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from inference.evidence.joining.identity import UNIDENTIFIED
from inference.evidence.joining.name_words import COMMON, KIN
from inference.plan import PlannedSegment
from inference.writers.film_meta import listed
from omniscript_mam.script import ENVIRONMENT_ID, Character, Event, PlotSegment, Relationship, Scene

from .drafting import stamp

EXCHANGE_S = 4.0
"""An answer later than this is not counted as one."""


def plot_segments(
    planned: Sequence[PlannedSegment], scenes: Sequence[Scene], characters: Sequence[Character], version: str
) -> list[PlotSegment]:
    """One plot line per planned segment."""
    names = {character.id: character.name for character in characters}
    called = {part.casefold() for character in characters for name in (character.name, *character.aliases) for part in name.split()}
    everything = Counter(word for scene in scenes for event in scene.events for word in _words(event.dialogue))
    for name in called & set(everything):
        everything[name] = 0
    result = []
    for segment in planned:
        if segment.end_s <= segment.start_s:
            continue
        inside = [s for s in scenes if s.start_s < segment.end_s and s.end_s > segment.start_s]
        events = [e for s in inside for e in s.events if segment.start_s <= e.start_s < segment.end_s]
        active = Counter(e.character_id for e in events if e.character_id != ENVIRONMENT_ID)
        ordered = [identifier for identifier, _ in sorted(active.items(), key=lambda item: (-item[1], item[0]))]
        result.append(
            PlotSegment(
                id=f"plot-{segment.index + 1:03d}",
                start_s=round(segment.start_s, 3),
                end_s=round(segment.end_s, 3),
                summary=_summary(inside, events, ordered, names, everything),
                active_characters=ordered,
                provenance={"summary": stamp(version, None, "counted and quoted from the scenes below")},
            )
        )
    return result


def _summary(
    scenes: Sequence[Scene], events: Sequence[Event], active: Sequence[str], names: dict[str, str], everything: Counter[str]
) -> str:
    lines = [e for e in events if e.dialogue]
    heard = [identifier for identifier in active if any(e.character_id == identifier for e in lines)]
    speakers = [identifier for identifier in heard if names[identifier] != UNIDENTIFIED] or heard
    parts = []
    where = _where(scenes)
    if len(speakers) == 1:
        parts.append(f"{names[speakers[0]]} speaks{where}.")
    elif speakers:
        parts.append(f"{listed([names[identifier] for identifier in speakers[:5]], len(speakers))} speak{where}.")
    elif events:
        parts.append(f"Nobody speaks{where}.")
    words = keywords(lines, everything)
    if words:
        parts.append(f"They speak of {listed(words, len(words))}." if len(speakers) > 1 else f"Words that stand out: {', '.join(words)}.")
    telling = _telling_line(lines, set(words))
    if telling is not None:
        parts.append(f"{names[telling.character_id]}: “{telling.dialogue}”" if telling.character_id in names else f"“{telling.dialogue}”")
    cues = Counter(e.audio_cue for e in events if e.audio_cue)
    loud = [cue for cue, _ in sorted(cues.items(), key=lambda item: (-item[1], item[0]))[:3]]
    if loud:
        parts.append(f"Heard: {', '.join(cue[0].lower() + cue[1:] for cue in loud)}.")
    texts = list(dict.fromkeys(" ".join(e.on_screen_text.split()) for e in events if e.on_screen_text and not e.dialogue))
    if texts and not lines:
        parts.append(f"On screen: “{texts[0][:100]}”.")
    return " ".join(parts)


def _where(scenes: Sequence[Scene]) -> str:
    places = list(dict.fromkeys(scene.location for scene in scenes if scene.location))
    times = list(dict.fromkeys(scene.time.lower() for scene in scenes if scene.time))
    text = f" ({', '.join(places[:3])})" if places else ""
    if len(times) == 1:
        text += {"night": " at night", "day": " by day"}.get(times[0], f" ({times[0]})")
    return text


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{4,}(?:['’]\w+)?", text.casefold()) if word not in COMMON and word.isascii()]


def keywords(lines: Sequence[Event], everything: Counter[str], limit: int = 4) -> list[str]:
    """Words said at least twice here, and here more than elsewhere in the film; names of characters count 0 there and are left out."""
    counts = Counter(word for line in lines for word in _words(line.dialogue))
    scored = {word: count * count / everything[word] for word, count in counts.items() if count >= 2 and everything[word]}
    return sorted(scored, key=lambda word: (-scored[word], word))[:limit]


def _telling_line(lines: Sequence[Event], words: set[str]) -> Event | None:
    """The line that holds most of the key words, not too long to quote."""
    fit = [line for line in lines if 15 <= len(line.dialogue) <= 140]
    return max(fit, key=lambda line: (len(words & set(_words(line.dialogue))), -line.start_s), default=None)


def relationships(scenes: Sequence[Scene], characters: Sequence[Character], version: str) -> list[Relationship]:
    """Who talks to whom (counted exchanges), and who calls whom by a family word. Voices that nobody could tell apart have none."""
    known = {character.id for character in characters if character.name != UNIDENTIFIED}
    exchanges: Counter[tuple[str, str]] = Counter()
    together: dict[tuple[str, str], set[str]] = {}
    kin: dict[tuple[str, str, str], str] = {}
    for scene in scenes:
        lines = [e for e in scene.events if e.dialogue]
        for before, after in itertools.pairwise(lines):
            if before.character_id == after.character_id or after.start_s - before.end_s > EXCHANGE_S:
                continue
            pair = (before.character_id, after.character_id)
            if not known.issuperset(pair):
                continue
            exchanges[pair] += 1
            together.setdefault(pair, set()).add(scene.id)
            word = called_kin(after.dialogue)
            if word:
                kin.setdefault((after.character_id, before.character_id, word), f"“{after.dialogue[:120]}” at {after.start_s:.1f} s")
    told = []
    for (source, target), count in sorted(exchanges.items()):
        if count >= 2:
            where = len(together[source, target])
            note = f"{count} times answered by the other, in {where} scene{'s' if where > 1 else ''}."
            stamped = {"relation": stamp(version, min(0.8, 0.4 + 0.05 * count), "neighbouring lines")}
            told.append(Relationship(source_id=source, target_id=target, relation="talks to", description=note, provenance=stamped))
    for (source, target, word), quote in sorted(kin.items()):
        stamped = {"relation": stamp(version, 0.4, quote)}
        told.append(Relationship(source_id=source, target_id=target, relation=f"calls “{word}”", description=quote, provenance=stamped))
    return told


def called_kin(text: str) -> str:
    """The family word by which a line addresses somebody ("Thank you, father."), or ""."""
    for match in re.finditer(r"(?:^|,\s*)(?P<word>[A-Za-z]+)(?=[,.!?]|$)", text):
        word = match["word"].casefold()
        if word in KIN and word not in ("pop", "bro", "sis"):
            return word
    return ""
