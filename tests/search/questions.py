"""Questions that nobody wrote: slips of the hand, and anything that can be typed, in ten scripts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

LETTERS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzáéíóúñçßæø", "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяіїє", "Greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשת״׳", "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويّ", "Devanagari": "अआइईकखगघचजटडणतथदनपबमयरलवशसहािीुूेो्ं",
    "Chinese": "的一是不了人我在有他这中大来上个国到说们夜晚吵架没有只在和然后厨房",
    "Japanese": "あいうえおかきくけこアイウエオー日本語夜です",
    "Korean": "가나다라마바사아자차카타파하밤에싸우다ㅋㅎ", "Thai": "กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอะาิีึืุูเแโใไ่้๊๋",
}  # fmt: skip
"""Script → letters that words are drawn from."""

SYNTAX = [
    '"', "“", "”", "-", "NOT", "not", "only", "without", "then", "while", "after", "before", "when", ",",
    "within 30 seconds", "within 0 s",
    "who:", "time:", "mood:", "in:", "words:", "dialogue:", "int:", "ext:", "->", "scenes where", "lines", "(", ")", "*", "~", "^",
    "\\", "/",
    "AND", "OR", "[", "]", "{", "\0", "\u202e", "\ufeff", "🙂", "👩‍👩‍👧", "999999999999", "1e9", "%00", "<b>", "';--", "at night",
    "Grug", "Eep",
    "argues with", "没有", "然后", "之后，", "like:", "like:orchard@4",
]  # fmt: skip
"""What means something, or might."""

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def slip(word: str, dice: random.Random) -> str:
    """The word with one letter more, fewer, another, or two letters in each other's place; capitals stay where they are."""
    small, place = word.lower(), dice.randrange(len(word))
    way, letter = dice.choice(("more", "fewer", "other", "swap")), _letter_near(word[place].lower(), dice)
    if way == "more":
        small = small[: place + 1] + dice.choice((small[place], letter)) + small[place + 1 :]
    elif way == "fewer":
        small = small[:place] + small[place + 1 :]
    elif way == "swap" and place + 1 < len(word):
        small = small[:place] + small[place + 1] + small[place] + small[place + 2 :]
    else:
        small = small[:place] + letter + small[place + 1 :]
    return small.upper() if word.isupper() else small.capitalize() if word[:1].isupper() else small


def _letter_near(letter: str, dice: random.Random) -> str:
    """A neighbour on the keyboard, or, every other time, any letter."""
    row = next((keys for keys in KEYS if letter in keys), "")
    beside = [row[place] for place in (row.find(letter) - 1, row.find(letter) + 1) if row and 0 <= place < len(row)]
    return dice.choice(beside) if beside and dice.random() < 0.5 else dice.choice("abcdefghijklmnopqrstuvwxyz")


def fuzzed(dice: random.Random, number: int, sizes: Sequence[int] = (0, 1, 2, 3, 5, 8, 13, 40)) -> Iterator[str]:
    """Questions of some words of each script in turn, syntax between them, one in fifty of enormous length."""
    scripts = list(LETTERS)
    for place in range(number):
        letters = LETTERS[scripts[place % len(scripts)]]
        if place % 20 == 19:
            letters += LETTERS[dice.choice(scripts)]
        size = dice.choice(sizes) if place % 50 else dice.choice((200, 3000))
        words = ["".join(dice.choices(letters, k=dice.choice((1, 2, 4, 7, 12)))) for _ in range(size)]
        marks = dice.choices(SYNTAX, k=dice.choice((0, 0, 1, 2, 4, 9)))
        parts = [*words, *marks]
        dice.shuffle(parts)
        yield dice.choice((" ", " ", " ", "")).join(parts)
