"""Text as it is compared: titles, names, words of a search. One folding for the catalogue and the index, on every database.

What people write differently and mean alike becomes the same: capitals, accents and other optional signs, full and half width, a letter
with its mark in one piece or in two, digits of any script, invisible joiners. Which signs are optional is a matter of the script:

    Latin, Greek, Cyrillic   accents and strokes ("Łódź" is "lodz"); æ, œ, þ are two letters
    Hebrew, Arabic           vowel signs, the stretching stroke and hamza on its carrier; Persian letters are the Arabic ones
    Devanagari               the dot below; half nasals are the dot above ("हिन्दी" is "हिंदी"). Vowel signs make another word: they stay
    Kana, Hangul, Thai …     nothing: their marks are sounds
"""

from __future__ import annotations

import re
import unicodedata

_OPTIONAL = (
    (0x00AD, 0x00AD), (0x0300, 0x036F), (0x0483, 0x0487), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),  # accents
    (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x05C7, 0x05C7),  # Hebrew points
    (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED),  # Arabic
    (0x0711, 0x0711), (0x0730, 0x074A), (0x08D3, 0x08FF),  # Syriac, Arabic extended
    (0x093C, 0x093C), (0x09BC, 0x09BC), (0x0A3C, 0x0A3C), (0x0ABC, 0x0ABC), (0x0B3C, 0x0B3C), (0x0CBC, 0x0CBC),  # the dot below (nukta)
    (0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180D),  # variants of one character's shape
    (0x061C, 0x061C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x206F), (0xFEFF, 0xFEFF),  # joiners and directions
)  # fmt: skip

_SPELLED = {
    "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ŋ": "n", "ĸ": "k", "ə": "e",
    "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ٱ": "ا",
    "ँ": "ं",
}  # fmt: skip

_STROKED = re.compile(r"LATIN SMALL LETTER (?:DOTLESS )?([A-Z])(?: WITH .*)?")
_HALF_NASAL = re.compile("[ङञणनम]्(?=[क-ह])")


def _table() -> dict[int, str]:
    table = {code: "" for first, last in _OPTIONAL for code in range(first, last + 1)}
    for code in (*range(0x80, 0x250), *range(0x250, 0x2B0), *range(0x1E00, 0x1F00), *range(0x2C60, 0x2C80), *range(0xA720, 0xA800)):
        stroked = _STROKED.fullmatch(unicodedata.name(chr(code), ""))
        if stroked:  # a letter with a stroke or hook has no decomposition, only a name
            table[code] = stroked[1].lower()
    return {**table, **{ord(char): spelled for char, spelled in _SPELLED.items()}}


_TABLE = _table()


def fold(text: str) -> str:
    """Text as it is compared: see the module; single-spaced, composed.

    Args:
        text: any text.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = "".join(_digit(char) for char in decomposed.translate(_TABLE))
    return " ".join(unicodedata.normalize("NFC", _HALF_NASAL.sub("ं", folded)).split())


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, -1) if not char.isascii() else -1
    return char if value < 0 else str(value)
