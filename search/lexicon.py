"""Closed vocabularies: time of day, mood, interior or exterior, what passes between people, what a record can hold; English and Chinese.

Scripts state time and mood in free words ("late evening", "tense, suspenseful"). :func:`canonical` maps them to a few values, which are the
facets; queries are read with the same words (:mod:`search.query`), so that both sides meet.
"""

from __future__ import annotations

from search.analysis import is_ideographic, raw_words, stem

TIMES: dict[str, str] = {
    "Dawn": "dawn, sunrise, daybreak, first light, 黎明, 日出, 拂晓, 清晨",
    "Morning": "morning, early morning, 早上, 早晨, 上午",
    "Noon": "noon, midday, lunchtime, 中午, 正午",
    "Afternoon": "afternoon, 下午, 午后",
    "Day": "day, daytime, daylight, by day, sunny day, 白天, 日间",
    "Dusk": "dusk, sunset, twilight, nightfall, 黄昏, 日落, 傍晚",
    "Evening": "evening, 晚间",
    "Night": "night, midnight, nighttime, night time, after dark, late night, late at night, 夜, 夜晚, 晚上, 深夜, 夜里, 半夜, 夜间, 午夜",
}

TIME_ACCEPTS: dict[str, tuple[str, ...]] = {
    "Day": ("Day", "Morning", "Noon", "Afternoon"),
    "Night": ("Night",),
    "Evening": ("Evening", "Dusk"),
    "Dusk": ("Dusk", "Evening"),
    "Dawn": ("Dawn",),
    "Morning": ("Morning",),
    "Noon": ("Noon",),
    "Afternoon": ("Afternoon",),
}
"""What satisfies a person who asks for a time of day."""

MOODS: dict[str, str] = {
    "Tense": "tense, tension, suspenseful, suspense, nervous, anxious, uneasy, stressful, 紧张, 悬疑, 焦虑",
    "Angry": "angry, anger, furious, hostile, heated, confrontational, aggressive, rage, 愤怒, 生气, 激烈",
    "Sad": "sad, sadness, sorrowful, melancholy, melancholic, gloomy, tragic, mournful, somber, grief, 悲伤, 忧伤, 悲痛, 伤感, 沉重",
    "Happy": "happy, happiness, joyful, joy, cheerful, upbeat, merry, festive, playful, lighthearted, 快乐, 欢乐, 高兴, 喜悦, 欢快, 轻松",
    "Calm": "calm, peaceful, quiet, serene, tranquil, relaxed, gentle, 平静, 宁静, 安静, 祥和",
    "Romantic": "romantic, romance, tender, loving, intimate, 浪漫, 温柔, 甜蜜, 爱情",
    "Frightening": "frightening, scary, fearful, terrifying, horror, eerie, creepy, ominous, menacing, 恐怖, 可怕, 惊悚, 阴森",
    "Mysterious": "mysterious, mystery, enigmatic, strange, 神秘, 诡异",
    "Funny": "funny, comic, comedic, comical, humorous, amusing, 搞笑, 滑稽, 幽默",
    "Exciting": "exciting, thrilling, energetic, dynamic, action packed, adventurous, 激动, 刺激, 兴奋",
    "Hopeful": "hopeful, hope, inspiring, uplifting, encouraging, 希望, 励志",
    "Lonely": "lonely, loneliness, desolate, isolated, 孤独, 寂寞, 孤单",
    "Serious": "serious, solemn, grave, formal, 严肃, 庄重",
    "Warm": "warm, heartwarming, cozy, cosy, affectionate, 温馨, 温暖",
}

TYPES: dict[str, str] = {
    "Interior": "interior, indoors, indoor, inside, int, 室内, 屋内",
    "Exterior": "exterior, outdoors, outdoor, outside, ext, 室外, 户外, 屋外",
}

KINDS: dict[str, str] = {
    "Dialogue": "says, say, said, saying, dialogue, line, lines, quote, tells, told, 说, 台词, 对白",
    "Sound": "sound, sounds, hear, hears, heard, noise, noises, audio, 声音, 听到, 噪音",
    "On-screen text": "sign, caption, captions, subtitle, title card, on screen text, written, 字幕, 标牌, 标志",
    "Expression": "expression, facial expression, face, 表情",
    "Action": "action, 动作",
}
"""Query words that point at a part of the record; also the values of the facet ``kind``."""

EXCLUDABLE_KINDS = frozenset("dialogue lines sound sounds audio captions subtitle 台词 对白 声音 字幕".split())
"""Words of :data:`KINDS` that mean the whole kind when they are excluded: "without dialogue" has no line, "without a sign" no sign."""

KIND_FIELDS: dict[str, str] = {
    "Dialogue": "dialogue",
    "Sound": "audio_cue",
    "On-screen text": "on_screen_text",
    "Expression": "expression",
    "Action": "action",
}

SYNONYMS: tuple[str, ...] = (
    "argue, argument, quarrel, fight, row, dispute, shout, yell, 吵架, 争吵, 争论",
    "laugh, giggle, chuckle, laughter, 大笑, 笑声",
    "cry, weep, sob, tears, 哭泣, 流泪, 大哭",
    "kiss, embrace, hug, 拥抱, 接吻",
    "run, flee, sprint, chase, escape, 奔跑, 逃跑, 追赶",
    "kill, murder, slay, 杀死, 谋杀",
    "shoot, gunshot, gunfire, fire, 枪声, 开枪",
    "gun, pistol, rifle, weapon, 手枪",
    "apologise, apologize, apology, sorry, reconcile, forgive, 道歉, 对不起, 和解, 原谅",
    "car, vehicle, automobile, 汽车",
    "phone, telephone, call, 电话",
    "child, kid, boy, girl, 孩子, 小孩",
    "scream, shriek, 尖叫",
    "explode, explosion, blast, 爆炸",
    "storm, thunder, thunderstorm, lightning, 暴风, 雷声, 打雷",
    "rain, rainfall, raining, 下雨, 雨声",
    "music, song, melody, sing, 音乐, 唱歌",
    "walk, stroll, wander, 走路, 散步",
    "stare, gaze, 凝视",
    "smile, grin, beam, 微笑",
    "dance, waltz, 跳舞",
    "die, death, dead, 死亡, 去世",
    "eat, dine, meal, dinner, 吃饭, 晚餐",
    "sea, ocean, 大海, 海洋",
    "forest, woods, 森林, 树林",
    "sleep, asleep, nap, doze, snore, 睡觉, 睡着",
    "house, home, 房子",
    "boat, ship, vessel, 轮船",
    "doctor, physician, 医生",
    "police, cop, officer, 警察",
)
"""Words that may stand for each other in a query, at a discount."""


INTERACTIONS: dict[str, str] = {
    "agree": "agree with, agrees, agreeing, consent, say yes to, 同意, 赞同",
    "apologise": "apologise to, apologize to, apologising, apologizing, apology, say sorry to, make up with, 道歉, 认错",
    "argue": "argue with, argument, quarrel, quarrel with, row with, bicker, bicker with, squabble, fight with, "
    "dispute with, have a fight with, shout at, yell at, scream at, clash with, 吵架, 争吵, 争论, 吵起来, 顶嘴, 大吵",
    "ask": "ask, question, interrogate, inquire, 询问, 追问, 审问, 质问",
    "comfort": "comfort, console, reassure, soothe, cheer up, calm down, 安慰, 安抚, 劝慰",
    "command": "command, order around, give orders to, boss around, 命令, 吩咐, 指挥",
    "confess": "confess to, confession, admit to, own up to, come clean to, 坦白, 承认, 告白, 表白, 忏悔",
    "flirt": "flirt with, hit on, chat up, make a pass at, seduce, 调情, 搭讪, 勾引",
    "greet": "greet, welcome, say hello to, say hi to, 打招呼, 问候, 迎接",
    "praise": "praise, compliment, congratulate, commend, 称赞, 夸奖, 赞美, 恭喜",
    "refuse": "refuse, reject, turn down, say no to, 拒绝, 回绝",
    "tease": "tease, make fun of, mock, poke fun at, taunt, joke with, 取笑, 嘲笑, 逗, 开玩笑",
    "thank": "thank, say thanks to, say thank you to, 感谢, 道谢, 谢谢",
    "threaten": "threaten, threat, intimidate, blackmail, menace, 威胁, 恐吓, 吓唬",
    "warn": "warn, warning, caution, 警告, 提醒",
}
"""What passes between people (the kinds of :class:`omniscript_mam.script.Interaction`), in the words that people ask for it with."""

INTERACTION_VERBS: dict[str, str] = {
    "agree": "agrees with", "apologise": "apologises to", "argue": "argues with", "ask": "asks", "comfort": "comforts",
    "command": "commands", "confess": "confesses to", "flirt": "flirts with", "greet": "greets", "praise": "praises",
    "refuse": "refuses", "tease": "teases", "thank": "thanks", "threaten": "threatens", "warn": "warns",
}  # fmt: skip
"""The same in a sentence between two names."""

FELT_MOODS: dict[str, tuple[str, ...]] = {
    "joy": ("Happy",), "anger": ("Angry",), "fear": ("Frightening",), "sadness": ("Sad",), "love": ("Romantic",),
}  # fmt: skip
"""Emotion of an event (:class:`omniscript_mam.script.Emotion`) → the moods that ask for it."""

MUTUAL = frozenset({"agree", "argue", "flirt", "greet"})
"""Interactions of which either may be called the one who does it: "Maria argues with Tom" is "Tom argues with Maria"."""

_COMPOUNDS = (
    "good night, good morning, good evening, good afternoon, good day, have a nice day, day off, day job, day care, day trip, day "
    "dream, one day, some day, every day, other day, next day, day after day, day after tomorrow, day before yesterday, day by day, all "
    "day long, these days, wedding day, rainy day, big day, judgment day, judgement day, pay day, snow day, labor day, labour day, "
    "memorial day, independence day, mothers day, fathers day, valentines day, new years day, new years eve, christmas day, christmas "
    "eve, boxing day, thanksgiving day, groundhog day, opening night, wedding night, night club, night shift, night stand, night gown, "
    "night school, night owl, night watchman, saturday night live, prom night, poker night, morning sickness, morning after pill, "
    "morning coat, evening dress, evening gown, evening news, sunset boulevard, twilight zone, happy birthday, happy new year, happy "
    "ending, happy hour, happy christmas, merry christmas, comic book, comic strip, horror movie, horror film, mystery novel, romance "
    "novel, calm down, warm up, warm water, angry birds, no hope, hope for, hope to, hope that, grave digger, grave stone, mass grave, "
    "open grave, dug grave, his grave, her grave, the grave, a grave, in peace, quiet down, phone line, finish line, front line, dead "
    "line, line of fire, line up, in line, on the line, off line, bottom line, clothes line, face to face, in the face, about face, "
    "face off, face up to, sign language, sign a, sign the, sign an, stop sign, neon sign, inside joke, inside out, outside chance, on "
    "the inside, sound asleep, safe and sound, sound engineer, action figure, action movie, action hero, class action"
)
COMPOUNDS = frozenset(words for words in _COMPOUNDS.split(", "))
"""Phrases in which a word of these vocabularies says something else: "good night" is no time of day."""


def _words_of(table: dict[str, str]) -> dict[str, str]:
    """Folded words → canonical value."""
    return {" ".join(raw_words(words)): value for value, listed in table.items() for words in [value, *listed.split(",")]}


def stems_of(words: str) -> str:
    """Folded words, each as its stem."""
    return " ".join(word if is_ideographic(word) else stem(word) for word in words.split(" "))


TIME_WORDS = _words_of(TIMES)
MOOD_WORDS = _words_of(MOODS)
TYPE_WORDS = _words_of(TYPES)
KIND_WORDS = _words_of(KINDS)
INTERACTION_WORDS = {stems_of(words): value for words, value in _words_of(INTERACTIONS).items()}
"""Stems → kind: verbs come in all their forms."""


def canonical(text: str, table: dict[str, str]) -> tuple[str, ...]:
    """Every canonical value named in a free text, in order; the text itself, as a title, if none is.

    ``table`` is one of the ``*_WORDS`` of this module.
    """
    words = raw_words(text)
    values: list[str] = []
    place = 0
    while place < len(words):
        for size in range(min(4, len(words) - place), 0, -1):
            value = table.get(" ".join(words[place : place + size]))
            if value is not None:
                values.append(value)
                place += size - 1
                break
        else:
            if is_ideographic(words[place]):
                values += [value for term, value in table.items() if is_ideographic(term) and term in words[place]]
        place += 1
    if not values and text.strip():
        stripped = text.strip()
        return (stripped[:1].upper() + stripped[1:80],)
    return tuple(dict.fromkeys(values))
