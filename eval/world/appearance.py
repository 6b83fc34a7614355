"""What each character looks and sounds like: chosen to be told apart, the same for the same seed.

A :class:`Appearance` holds everything the puppet needs. :func:`choose_appearances` follows what a profile says ("a woman with red hair and glasses")
and fills the rest so that no two characters share hair colour and clothes; :meth:`Appearance.describe` puts it in words for the reference.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from omniscript_mam.script import Character

from .canvas import Color
from .voices import MEN, WOMEN, Voice

SKINS: dict[str, Color] = {
    "fair": (246, 208, 182),
    "light": (232, 184, 150),
    "tan": (205, 150, 110),
    "brown": (156, 103, 70),
    "dark": (110, 72, 50),
}
HAIRS: dict[str, Color] = {
    "brown": (92, 58, 36), "blond": (222, 184, 104), "black": (38, 34, 38), "red": (178, 72, 36), "grey": (160, 160, 164), "auburn": (122, 48, 34),
}  # fmt: skip
CLOTHES: dict[str, Color] = {
    "blue": (54, 96, 168), "red": (188, 54, 58), "green": (62, 128, 82), "yellow": (226, 178, 62), "purple": (120, 78, 148), "orange": (220, 120, 52),
    "teal": (46, 132, 136), "pink": (216, 122, 148), "white": (232, 230, 224), "grey": (112, 116, 124),
}  # fmt: skip
WOMAN_STYLES = ("long", "bob", "bun", "ponytail", "curly")
MAN_STYLES = ("short", "side", "spiky", "bald", "curly")
TOPS = ("shirt", "sweater", "jacket", "striped")

_WOMEN_NAMES = set(
    "mary ann anna ella emma lucy nina rosa sara sophie grace alice clara eva ida julia kate lily maya nora olga ruth vera zoe mei lin eep".split()
)
_MEN_NAMES = set(
    "tom john jack ben carl dan eric fred george henry ivan leo max nick oscar paul sam tim victor will grug wei ming hugo theo".split()
)


@dataclass(frozen=True)
class Appearance:
    """One character. Colours are names of the tables above; ``height`` and ``build`` are factors about 1."""

    woman: bool
    skin: str
    hair: str
    hair_style: str
    top: str
    top_style: str
    bottom: str
    skirt: bool
    glasses: bool
    beard: bool
    hat: str
    height: float
    build: float
    voice: Voice

    def describe(self) -> str:
        """The appearance in a sentence, for the profile in the reference."""
        person = "A woman" if self.woman else "A man"
        hair = (
            "a bald head" if self.hair_style == "bald" else f"{ {'side': 'short'}.get(self.hair_style, self.hair_style) } {self.hair} hair"
        )
        extras = [word for word, has in (("glasses", self.glasses), ("a beard", self.beard), (f"a {self.hat} hat", bool(self.hat))) if has]
        lower = f"a {self.bottom} skirt" if self.skirt else f"{self.bottom} trousers"
        return f"{person} with {', '.join([f'{self.skin} skin', hair, *extras])}, in a {self.top} {self.top_style.replace('striped', 'striped shirt')} and {lower}."


def choose_appearances(characters: list[Character], seed: int) -> dict[str, Appearance]:
    """A appearance for every profile, by id. The order of ``characters`` matters, other profiles do not once ten are exceeded."""
    rng = random.Random(f"looks {seed}")
    tops, hairs = list(CLOTHES), list(HAIRS)
    rng.shuffle(tops)
    rng.shuffle(hairs)
    counts = {True: 0, False: 0}
    appearances = {}
    for index, character in enumerate(characters):
        words = f"{character.appearance} {character.voice} {character.personality}".lower()
        woman = _is_woman(character.name, words, index)
        voices = WOMEN if woman else MEN
        voice = voices[counts[woman] % len(voices)]
        styles = WOMAN_STYLES if woman else MAN_STYLES
        appearance = Appearance(
            woman=woman,
            skin=rng.choice(list(SKINS)),
            hair=hairs[index % len(hairs)],
            hair_style=styles[counts[woman] % len(styles)] if index else styles[0],
            top=tops[index % len(tops)],
            top_style=TOPS[(index + seed) % len(TOPS)],
            bottom=rng.choice(["dark blue", "black", "brown", "dark grey"]),
            skirt=woman and rng.random() < 0.5,
            glasses=index % 3 == 2,
            beard=not woman and counts[False] % 2 == 1,
            hat=rng.choice(tops) if index % 4 == 3 else "",
            height=(0.94 if woman else 1.0) + rng.uniform(-0.03, 0.04),
            build=(0.9 if woman else 1.0) + rng.uniform(-0.04, 0.12),
            voice=voice,
        )
        counts[woman] += 1
        appearances[character.id] = _follow(appearance, words)
    return appearances


def _is_woman(name: str, words: str, index: int) -> bool:
    if re.search(r"\b(woman|girl|she|her|female|mother|daughter|lady|wife|sister)\b", words):
        return True
    if re.search(r"\b(man|boy|he|his|male|father|son|husband|brother|gentleman)\b", words):
        return False
    first = name.lower().split()[0] if name.split() else ""
    return first in _WOMEN_NAMES or (first not in _MEN_NAMES and index % 2 == 0)


def _follow(appearance: Appearance, words: str) -> Appearance:
    """Take over what the profile says in words."""
    changes: dict[str, object] = {}
    if told := re.search(rf"\b({'|'.join(HAIRS)})\b[\w ,-]*?\bhair", words):
        changes["hair"] = told[1]
    if told := re.search(rf"\b({'|'.join(CLOTHES)}) (?:striped )?(shirt|sweater|jacket|coat|dress|top|hoodie|blouse)", words):
        changes["top"] = told[1]
        changes["top_style"] = {"coat": "jacket", "sweater": "sweater", "hoodie": "sweater", "jacket": "jacket"}.get(told[2], "shirt")
    if told := re.search(rf"\b({'|'.join(SKINS)}) skin", words):
        changes["skin"] = told[1]
    if told := re.search(rf"\b({'|'.join({*WOMAN_STYLES, *MAN_STYLES})})\b", words):
        changes["hair_style"] = told[1]
    for word in ("glasses", "beard"):
        if re.search(rf"\b{word}\b", words):
            changes[word] = not re.search(rf"\b(no|without) {word}\b", words)
        elif words.strip():
            changes[word] = False
    if told := re.search(rf"\b({'|'.join(CLOTHES)}) (?:hat|cap)\b", words):
        changes["hat"] = told[1]
    elif words.strip():
        changes["hat"] = ""
    return replace(appearance, **changes)  # type: ignore[arg-type]


def clothing(name: str) -> Color:
    """A colour by name, also the darker ones of trousers."""
    dark: dict[str, Color] = {"dark blue": (44, 56, 92), "black": (40, 40, 46), "brown": (98, 74, 54), "dark grey": (74, 76, 82)}
    return dark.get(name) or CLOTHES[name]
