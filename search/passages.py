"""A scene as a reader takes it in: its lines, the stretches they make, and all its tokens packed for ranking.

A *line* is an event of the scene. A *window* is :data:`WINDOW_LINES` lines, every :data:`WINDOW_STRIDE`; it is embedded twice, with
names and with every name put as "someone": a question's vector is nearer to what happens when neither side says to whom.

Packed, a scene is one run of 32-bit token hashes, so that a few hundred candidates are looked through in one numpy pass
(:mod:`search.ranking`). Layout, little-endian, as base64 text, so that every store keeps it in a record:

    header   uint32 × 2: number of lines, number of tokens
    lines    uint32 each: where the line's tokens end
    speakers uint32 each: hash of who acts in it (0: nobody)
    tokens   uint32 each: hash of the token (BREAK between fields); what the scene itself states follows the last line
    fields   uint8 each: place of the token's field in TEXT_FIELDS
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from search.analysis import is_ideographic, tokens
from search.fields import BREAK, CONTEXT_FIELDS, OWN_FIELDS
from search.types import TEXT_FIELDS

WINDOW_LINES, WINDOW_STRIDE = 6, 3
MAX_WINDOW_CHARS = 1200
SOMEONE = "someone"

EVENT_KIND, SCENE_KIND, WINDOW_KIND, NAMED_KIND = "event", "scene", "window", "named window"
"""What a record may be; the windows are found by meaning alone, ``named window`` with the names in it."""

_FIELD_NUMBER = {name: number for number, name in enumerate(TEXT_FIELDS)}
LINE_FIELDS = tuple(name for name in OWN_FIELDS if name != "character")


def window_bounds(num_lines: int) -> list[tuple[int, int]]:
    """First and one-past-last line of each window of a scene; one window holds a short scene."""
    if not num_lines:
        return []
    last = max(0, num_lines - WINDOW_LINES)
    starts = [*range(0, last, WINDOW_STRIDE), last]
    return [(start, min(num_lines, start + WINDOW_LINES)) for start in starts]


def name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the names in a text, as written (a capital is part of a name); ``None`` without names."""
    wanted = sorted({name for name in names if len(name) > 1 or is_ideographic(name)}, key=lambda name: (-len(name), name))
    if not wanted:
        return None
    parts = [re.escape(name) if is_ideographic(name) else rf"\b{re.escape(name)}\b" for name in wanted]
    return re.compile("|".join(parts))


def nameless(text: str, names: re.Pattern[str] | None) -> str:
    """The text with every name put as "someone"."""
    return names.sub(SOMEONE, text) if names is not None else text


@lru_cache(maxsize=200_000)
def token_hash(token: str) -> int:
    """The 32-bit hash of a token, never 0."""
    return zlib.crc32(token.encode()) or 1


BREAK_HASH = token_hash(BREAK)


@dataclass(frozen=True, eq=False)
class PackedScene:
    """A scene, unpacked: arrays as in the module's layout."""

    line_ends: np.ndarray
    speakers: np.ndarray
    tokens: np.ndarray
    fields: np.ndarray


def pack(lines: Sequence[dict[str, str]], speakers: Sequence[str], context: dict[str, str]) -> str:
    """Pack a scene.

    Args:
        lines: field → text of each line, in the order of time.
        speakers: name of who acts in each; empty for nobody.
        context: field → text of what the scene states.
    """
    hashes: list[int] = []
    fields: list[int] = []
    ends: list[int] = []
    for line in lines:
        _add(hashes, fields, line, LINE_FIELDS)
        ends.append(len(hashes))
    _add(hashes, fields, context, CONTEXT_FIELDS)
    words = np.array([len(ends), len(hashes), *ends, *(token_hash(name) if name else 0 for name in speakers), *hashes], "<u4")
    return base64.b64encode(words.tobytes() + bytes(fields)).decode("ascii")


def _add(hashes: list[int], fields: list[int], texts: dict[str, str], names: Sequence[str]) -> None:
    for name in names:
        for text in filter(None, texts.get(name, "").split("\n")):
            own = [token_hash(token) for token in _with_characters(text)]
            hashes += [*own, BREAK_HASH]
            fields += [_FIELD_NUMBER[name]] * (len(own) + 1)


def _with_characters(text: str) -> Sequence[str]:
    """The tokens of a text; of a pair of ideographs its first character as well, which a question of one character looks for."""
    known = tokens(text)
    if text.isascii():
        return known
    return [part for token in known for part in ((token, token[0]) if len(token) == 2 and is_ideographic(token) else (token,))]


def unpack(packed: str) -> PackedScene:
    """The arrays of a packed scene; an empty text is a scene of no lines."""
    data = base64.b64decode(packed)
    if not data:
        nothing = np.zeros(0, np.uint32)
        return PackedScene(nothing, nothing, nothing, np.zeros(0, np.uint8))
    num_lines, num_tokens = np.frombuffer(data, "<u4", 2)
    words = np.frombuffer(data, "<u4", 2 * num_lines + num_tokens, 8)
    fields = np.frombuffer(data, np.uint8, num_tokens, 8 + words.nbytes)
    return PackedScene(words[:num_lines], words[num_lines : 2 * num_lines], words[2 * num_lines :], fields)


def field_number(name: str) -> int:
    """What stands for a text field in a packed scene."""
    return _FIELD_NUMBER[name]
