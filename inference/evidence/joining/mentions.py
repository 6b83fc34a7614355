"""Names in one line of dialogue, and whom each name is about: the speaker, the one spoken to, or the one who speaks next.

English and Chinese. A capitalised word is a name only if something speaks for it: it is a usual first name, it is written with a capital
in the middle of a sentence, or it stands in a slot that only names fill ("My name is …"); and nothing speaks against it: a list of
words that are no names, or that the film writes it in lower case elsewhere. Contents: :class:`Lexicon`, :func:`find_mentions`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .name_words import ADDRESS, CHINESE_NOT_NAMES, CHINESE_SURNAMES, FIRST_NAMES, KIN, NOT_NAMES, RANKS
from .wordings import script_of

_NAME = r"[A-Z][a-zà-öø-ÿ]+(?:['’-][A-Z]?[a-zà-öø-ÿ]+)?"
_FULL = rf"(?:{_NAME})(?:\s+(?:{_NAME})){{0,2}}"
_SELF = re.compile(
    r"\b(?P<how>(?i:I'?’?m|I am|my name is|my name's|the name is|the name's|call me|they call me|it'?’?s me,?|it is me,?))"
    rf"\s+(?P<name>{_FULL})"
)
_SELF_SPEAKING = re.compile(
    rf"(?:^|\b(?i:this is|it is|it's)\s+)(?P<name>{_FULL})\s*,?\s+(?i:speaking|calling|reporting)\b|^(?P<other>{_FULL}) here[.!,]"
)
_ADDRESSEE = re.compile(
    r"\b(?i:you must be|you are|you're|your name is|makes you|we(?:'ll| will)? call you|I(?:'ll| will)? call you|welcome(?: home| back)?)"
    rf"\s*,?\s+(?P<name>{_FULL})"
)
_NARRATED = re.compile(rf"\b(?P<name>{_NAME})\s+(?i:piped up|said|says|replied|shouted|cried|answered|whispered)\b")
_ASKS_NAME = re.compile(r"\b(?:what(?:'s| is) your name|your name\?|got a name|have a name|who are you|and you are)\b", re.IGNORECASE)
_REPLY = re.compile(
    r"^(?:thank|thanks|yes|no|sorry|yeah|okay|ok|right|sure|of course|I know|welcome|you're welcome|exactly|but)\b", re.IGNORECASE
)
_GREETING = re.compile(
    rf"\b(?i:hey|hi|hello|thank you|thanks|good morning|good evening|good night|goodbye|bye|sorry)\s*,?\s+(?P<name>{_FULL})\s*[,.!?]"
)
_OWNED = re.compile(
    r"\b(?:my|your|his|her|our|their|the|a|an)\s+(?:[\w'’-]+\s+)?(?P<noun>[\w'’-]+)\s*$|\b(?:named|called|and|or)\s*$", re.IGNORECASE
)

_HAN = r"[\u4e00-\u9fff]"
_ZH_SELF = re.compile(
    rf"我(?:的名字)?(?:叫做?|名叫)(?P<name>{_HAN}{{2,4}})|我的名字是(?P<name2>{_HAN}{{2,4}})|叫我(?P<name3>{_HAN}{{2,3}}?)(?=吧|就|好|$|[，。！？,.!?\s])|我是(?P<name4>{_HAN}{{2,3}})(?=$|[，。！？,.!?\s])"
)
_ZH_ASKS = re.compile(r"你叫什么|叫什么名字|你是谁")
_ZH_PARTS = re.compile(r"[，。！？、,.!?\s…]+")


@dataclass(frozen=True)
class Mention:
    """A name in a line. ``about``: "self", "addressee", "reply" (the one spoken to, who spoke just before), or "next" (who speaks next)."""

    name: str
    about: str
    strength: float
    how: str


@dataclass
class Lexicon:
    """How the whole film writes its words: what it writes in lower case, and what with a capital inside a sentence."""

    lower: Counter[str] = field(default_factory=Counter)
    capital: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lexicon:
        """The counts over all lines of a film. A capital at the beginning of a sentence says nothing and is not counted."""
        lexicon = cls()
        for text in texts:
            for sentence in _sentences(text):
                for i, word in enumerate(re.findall(r"[^\W\d_]+", sentence)):
                    if word[0].islower():
                        lexicon.lower[word] += 1
                    elif i > 0 and word != "I":
                        lexicon.capital[word.casefold()] += 1
        return lexicon

    def is_name(self, word: str, *, in_name_slot: bool = False) -> bool:
        """Whether one capitalised word can be a name."""
        small = word.casefold().removesuffix("'s").removesuffix("’s")
        if small in FIRST_NAMES:
            return self.lower[small] <= self.capital[small] + 1
        if small in NOT_NAMES or small in KIN or len(small) < 2:
            return False
        if self.lower[small] > self.capital[small] or re.search(r"(?:ish|ese|ian|ean)$", small):
            return False
        return in_name_slot or self.capital[small] > 0

    def clean(self, words: str, *, in_name_slot: bool = False) -> str:
        """The name inside a run of capitalised words, without rank; "" if there is none."""
        parts = words.split()
        while parts and parts[0].casefold().rstrip(".") in RANKS:
            parts = parts[1:]
            in_name_slot = True
        kept: list[str] = []
        for part in parts:
            if not self.is_name(part, in_name_slot=in_name_slot or bool(kept)):
                break
            kept.append(part)
        return " ".join(kept)


def find_mentions(text: str, lexicon: Lexicon) -> list[Mention]:
    """Every name in a line that is about somebody in the conversation, each name once a role, strongest first."""
    text = " ".join(text.split())  # a run of spaces would be looked at from each of its places
    mentions = _chinese(text) if script_of(text) == "han" else _english(text, lexicon)
    best: dict[tuple[str, str], Mention] = {}
    for mention in mentions:
        key = mention.name, mention.about
        if key not in best or best[key].strength < mention.strength:
            best[key] = mention
    return sorted(best.values(), key=lambda m: (-m.strength, m.name, m.about))


def asks_name(text: str) -> bool:
    """True if the line asks for somebody's name."""
    return bool(_ASKS_NAME.search(text) or _ZH_ASKS.search(text))


def bare_name(text: str, lexicon: Lexicon) -> str:
    """The name, if the line is nothing but a name ("Robert."), as one answers who one is; else ""."""
    stripped = text.strip(" .!。！…")
    if script_of(stripped) == "han":
        return stripped if _is_chinese_name(stripped) else ""
    if len(stripped.split()) > 3 or not re.fullmatch(_FULL, stripped):
        return ""
    cleaned = lexicon.clean(stripped, in_name_slot=True)
    return cleaned if cleaned == stripped else ""


def _english(text: str, lexicon: Lexicon) -> list[Mention]:
    mentions: list[Mention] = []
    for match in _SELF.finditer(text):
        certain = "name" in match["how"].casefold() or "call" in match["how"].casefold()
        name = lexicon.clean(match["name"], in_name_slot=True)
        followed = text[match.end() :].lstrip()
        # "I'm Frank about it" does not happen; "I'm Scottish." does: without a usual first name the slot alone is weak.
        usual = bool(name) and name.split()[0].casefold() in FIRST_NAMES
        if name and (certain or usual or (followed[:1] in (",", ".", "!", "") and lexicon.capital[name.split()[0].casefold()] > 1)):
            strength = 0.9 if certain else 0.85 if usual else 0.45
            mentions.append(Mention(name, "self", strength * _whole(text, match.start()), "says who they are"))
    for match in _SELF_SPEAKING.finditer(text):
        name = lexicon.clean(match["name"] or match["other"], in_name_slot=True)
        if name:
            mentions.append(Mention(name, "self", 0.85, "says who is speaking"))
    for match in _ADDRESSEE.finditer(text):
        name = lexicon.clean(match["name"])
        if name:
            mentions.append(Mention(name, "addressee", 0.7, "is told who they are"))
    for match in _NARRATED.finditer(text):
        name = lexicon.clean(match["name"])
        if name:
            mentions.append(Mention(name, "next", 0.4, "is announced"))
    for sentence in _sentences(text):
        mentions += _vocatives(sentence, lexicon)
    return mentions


def _whole(text: str, at: int) -> float:
    """1, or less where the recogniser ran many words together without a stop: then the name may be in another speaker's sentence."""
    before = re.split(r"[.!?…]", text[:at])[-1]
    return 1.0 if len(before.split()) <= 10 else 0.5


def _vocatives(sentence: str, lexicon: Lexicon) -> list[Mention]:
    """Names used to call somebody: "Tom, come here", "Run, Foster!", "Hey Anna,", "Thank you, Grug."."""
    about = "reply" if _REPLY.match(sentence) else "addressee"
    greeted = _GREETING.search(sentence)
    parts = [part.strip(' .!?…"“”') for part in sentence.split(",")]
    capitals = [bool(re.fullmatch(_FULL, part)) for part in parts]
    num_names = sum(capital and bool(lexicon.clean(part)) for capital, part in zip(capitals, parts, strict=True))
    is_list = num_names >= 2 or bool(re.search(rf"{_NAME},?\s+(?:and|or)\s+{_NAME}", sentence))
    mentions: list[Mention] = []
    if greeted:
        name = lexicon.clean(greeted["name"])
        if name:
            mentions.append(Mention(name, about, 1.0, "is greeted"))
    if is_list and len(set(parts)) > 1:
        return mentions
    for i, part in enumerate(parts):
        if not capitals[i]:
            continue
        before = f"{parts[i - 1]} "  # neither pattern below looks past a comma
        # "my brother, Tom" and "Boston, Texas" are not calls.
        if i > 0 and (_is_apposition(before) or re.search(rf"(?<=\w\s){_NAME}\s$", before)):
            continue
        name = lexicon.clean(part, in_name_slot=i > 0 and len(parts) > 1)
        if not name:
            continue
        strength = 0.7 if 0 < i < len(parts) - 1 else 1.0
        if len(parts) == 1:
            # "Tom!" calls somebody; "Tom." may as well answer "Who was it?".
            strength = {"!": 0.9, "?": 0.7}.get(sentence.strip()[-1:], 0.4)
        mentions.append(Mention(name, about, strength, "is called by name"))
    return mentions


def _is_apposition(before: str) -> bool:
    """True if what stands before a comma makes the name after it an explanation ("my brother, Tom") and not a call ("in my house, Tom")."""
    owned = _OWNED.search(before)
    return owned is not None and (owned["noun"] is None or owned["noun"].casefold() in ADDRESS)


def _chinese(text: str) -> list[Mention]:
    mentions = []
    for match in _ZH_SELF.finditer(text):
        name = next(group for group in match.groups() if group)
        # "我叫李明今年…": a full name ends after surname and one or two characters; without a comma the shorter reading is kept.
        if len(name) > 3 and not _ZH_PARTS.match(text[match.end() :] or "。"):
            name = name[:3]
        asked_slot = match["name4"] is None
        starts_well = name[0] not in "你他她它您别人大这那不" and name[:2] not in CHINESE_NOT_NAMES
        if starts_well and (asked_slot or _is_chinese_name(name)):
            mentions.append(Mention(name, "self", 0.9 if asked_slot else 0.7, "says who they are"))
    parts = [part for part in _ZH_PARTS.split(text) if part]
    about = "reply" if parts and re.match(r"谢谢|是的|不是|对不起|好的", parts[0]) else "addressee"
    for part in parts:
        called = re.sub(r"^(?:嘿|喂|你好|谢谢你?|再见)|(?:你好|过来|快跑|再见)$", "", part)
        if _is_chinese_name(called) and (len(parts) > 1 or called != part):
            mentions.append(Mention(called, about, 1.0, "is called by name"))
    return mentions


def _is_chinese_name(text: str) -> bool:
    if text in CHINESE_NOT_NAMES or text[:2] in CHINESE_NOT_NAMES or not re.fullmatch(_HAN + "{2,3}", text):
        return False
    return (text[0] in "小老阿" and len(text) == 2) or text[0] in CHINESE_SURNAMES


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.findall(r"[^.!?…]+[.!?…]*", text) if part.strip()]
