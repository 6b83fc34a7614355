"""What a row of subtitles says: words with their speaker, songs, and sounds.

Rules (each tested):
    * Markup goes (``<i>``, ``<font …>``, ``{\\an8}``); a WebVTT voice ``<v Ann>`` names the speaker.
    * Rows that begin with a dash are said by different people, one after another.
    * ``MAN:`` and ``DR. SMITH (on phone):`` name the speaker. A label in small letters ("Ann:") counts only where it comes back in the
      track, because "Remember: be kind" is a sentence.
    * ``[door slams]`` and ``(LAUGHTER)`` are sounds; a bracket before words that looks like a name (``[Ann]``) is a speaker. Round brackets
      inside a sentence are part of it.
    * ``♪`` makes it a song; alone it is music.

No regular expressions: every function is linear in the text. Contents: :class:`Part`, :func:`parts_of`, :func:`labels_in`, :func:`plain`.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

DASHES = ("-", "–", "—", "‐", "−")
NOTES = "♪♫♬🎵🎶"
_TAGS = frozenset({"i", "b", "u", "s", "c", "v", "em", "font", "ruby", "rt", "lang", "span", "br", "strong", "p"})
_BRACKETS = {"[": "]", "(": ")", "（": "）", "【": "】", "［": "］"}
_SQUARE = "[【［"
_MAX_LABEL = 30
LEAST_REPEATS = 3
"""A label in small letters is one from so many rows on."""


@dataclass(frozen=True)
class Part:
    """What one voice says, or one sound. ``kind``: speech, song or sound; ``share``: its part of the row's letters, 0..1."""

    kind: str
    text: str
    label: str = ""
    share: float = 1.0


def labels_in(texts: Iterable[str]) -> frozenset[str]:
    """Labels in small letters that stand before a colon often enough in a track to be names."""
    counts = Counter(label for text in texts for row in plain(text)[0].split("\n") if (label := _before_colon(_undashed(row)[0])))
    return frozenset(label for label, count in counts.items() if count >= LEAST_REPEATS)


def parts_of(text: str, speaker: str = "", known_labels: frozenset[str] = frozenset()) -> list[Part]:
    """The parts of one row, in order.

    Args:
        speaker: who says it, where the format has a place for that.
        known_labels: of :func:`labels_in`.
    """
    bare, voice = plain(text)
    speaker = speaker or voice
    parts: list[Part] = []
    for turn in _turns(bare, known_labels):
        label, words = _label(turn, known_labels)
        sounds, words = _sounds(words)
        if not label and sounds and words and _is_name(sounds[0]) and turn.lstrip()[:1] in _BRACKETS:
            label = sounds.pop(0)  # "[Ann] No."
        elif not label and words:  # "[door slams] MAN: No."
            label, words = _label(words, known_labels)
        parts += [Part("sound", sound) for sound in sounds]
        said = " ".join(words.split())
        sung = any(note in said for note in NOTES)
        if sung:
            said = " ".join("".join(" " if char in NOTES else char for char in said).strip("# ").split())
        if any(char.isalnum() for char in said):
            parts.append(Part("song" if sung else "speech", said, _titled(label or speaker)))
        elif sung and not sounds:
            parts.append(Part("sound", "music"))
    return _shared(parts)


def plain(text: str) -> tuple[str, str]:
    """Without markup, with entities as characters; and the voice that a ``<v …>`` names, or ""."""
    voice = ""
    kept: list[str] = []
    first = True
    for piece in text.split("<"):
        inside, closed, after = piece.partition(">")
        if first or not closed:
            kept.append(piece if first else "<" + piece)
            first = False
            continue
        tag = inside.lstrip("/").replace(".", " ", 1).split(" ", 1)
        if tag[0].casefold() in _TAGS or (inside[:1].isdigit() and ":" in inside):  # karaoke times
            if tag[0] == "v" and not voice and not inside.startswith("/"):
                voice = inside.partition(" ")[2].strip()[:60]
            kept.append(("\n" if tag[0].casefold() == "br" else "") + after)
        else:
            kept.append("<" + piece)
    bare = "".join(kept)
    if "{\\" in bare:  # SubRip borrows ASS's places
        head, *rest = bare.split("{\\")
        bare = head + "".join(piece.partition("}")[2] if "}" in piece else piece for piece in rest)
    bare = html.unescape(bare) if "&" in bare else bare
    return "".join(char for char in bare if char == "\n" or char.isprintable() or char in "\u200c\u200d"), voice


def _turns(text: str, known_labels: frozenset[str]) -> list[str]:
    """A row's text as what different people say."""
    rows = [row.strip() for row in text.split("\n") if row.strip()]
    dashed = [_undashed(row)[1] for row in rows]
    turns: list[str] = []
    in_turns = sum(dashed) >= 2 or (len(rows) >= 2 and dashed[:1] == [True]) or (len(rows) >= 2 and dashed[-1] and not dashed[0])
    for row, has_dash in zip(rows, dashed, strict=True):
        own = _undashed(row)[0] if in_turns and has_dash else row
        if not turns or (in_turns and has_dash) or _label(own, known_labels)[0]:
            turns.append(own)
        else:
            turns[-1] += "\n" + own
    if len(rows) == 1 and dashed[0]:  # a lone dash only says that somebody else speaks now
        return [_undashed(rows[0])[0]]
    return turns


def _undashed(row: str) -> tuple[str, bool]:
    bare = row.lstrip()
    if bare[:1] in DASHES and bare[1:2] not in DASHES and len(bare) > 1:
        return bare[1:].lstrip(), True
    return row, False


def _label(turn: str, known_labels: frozenset[str]) -> tuple[str, str]:
    label = _before_colon(turn)
    if not label:
        return "", turn
    bare, rest = _outside_brackets(label), turn.partition(":")[2].lstrip()
    if not rest or rest[:2] == "//" or not (label in known_labels or _is_loud(bare)):
        return "", turn
    return bare, rest


def _before_colon(turn: str) -> str:
    """What stands before the first colon, if it could be a name: short, beginning with a capital, no digits on both sides of the colon."""
    head, colon, rest = turn[: _MAX_LABEL + 2].partition(":")
    bare = _outside_brackets(head)
    if head.lstrip()[:1] in _BRACKETS:  # a sound comes first
        return ""
    if not colon or not bare or not bare[0].isupper() or len(bare.split()) > 4 or any(char in '.!?,;"“' for char in bare[3:]):
        return ""
    return "" if head[-1:].isdigit() and rest[:1].isdigit() else head


def _is_loud(label: str) -> bool:
    letters = [char for char in label if char.isalpha()]
    # Mc and Mac keep small letters; a single capital ("A: yes") is no name.
    return len(letters) >= 2 and sum(char.isupper() for char in letters) >= 0.7 * len(letters)


def _outside_brackets(text: str) -> str:
    for bracket, closing in _BRACKETS.items():
        head, opened, rest = text.partition(bracket)
        if opened:
            text = head + rest.partition(closing)[2]
    return " ".join(text.split())


def _sounds(text: str) -> tuple[list[str], str]:
    """(what stands in brackets that are sounds, the rest): square ones anywhere, round ones where they open the text or are loud."""
    sounds: list[str] = []
    rest: list[str] = []
    opens = True
    at = 0
    while at < len(text):
        closing = _BRACKETS.get(text[at], "")
        end = text.find(closing, at + 1, at + 200) if closing else -1
        if end < 0:
            rest.append(text[at])
            opens = opens and (text[at].isspace() or text[at] in NOTES)
            at += 1
            continue
        inside = " ".join(text[at + 1 : end].split())
        if any(char.isalpha() for char in inside) and (text[at] in _SQUARE or opens or _is_loud(inside)):
            sounds.append(inside.casefold() if _is_loud(inside) and " " in inside else inside)
        elif any(char.isalnum() for char in inside):
            rest.append(text[at : end + 1])
            opens = False
        at = end + 1
    return sounds, "".join(rest)


def _is_name(text: str) -> bool:
    """Whether a bracket before words names who says them: one to three words with capitals, and none that tells of a sound."""
    words = text.split()
    return (
        0 < len(words) <= 3
        and all(word[0].isupper() or word.isdigit() for word in words)
        and not words[-1].casefold().endswith(("ing", "s", "music", "applause", "laughter"))
    )


def _titled(label: str) -> str:
    label = " ".join(label.split())
    return " ".join(word.capitalize() if word.isupper() else word for word in label.split()) if _is_loud(label) else label


def _shared(parts: list[Part]) -> list[Part]:
    """Parts with their share of the letters; sounds take no time of their own."""
    total = sum(len(part.text) for part in parts if part.kind != "sound")
    return [part if part.kind == "sound" or not total else replace(part, share=len(part.text) / total) for part in parts]
