"""The language of a text, by its letters and its commonest words. Rough, and only for tracks that nobody tagged.

Contents: :func:`language_of`, :func:`short_code`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_WORDS = {
    "en": "the you and to it of is that what in we this for me my your have i'm don't",
    "de": "ich und die der das nicht ist du sie wir ein es zu wie was mir auch wenn mit",
    "fr": "je vous le la les de et est pas que tu un une c'est pour ce dans mais oui",
    "es": "que de no la el y en lo un por qué me una los está yo pero con para",
    "it": "che di non è il un la per mi sono una ho ma cosa lo io gli sei questo",
    "pt": "que não o de você e um uma é eu para isso com do da se mas em ele",
    "nl": "ik je het de een dat niet en van is wat zijn we hij met voor maar die er",
    "sv": "jag det är du att och en inte som vi på har för vad med han om så av",
    "da": "jeg det er du at og en ikke har vi på for hvad med han som så af den",
    "pl": "nie się to jest na że co jak do mnie tak ale ja za ty jestem tu czy",
    "cs": "je to se na že co jsem tak ale mi jak jsi ne do za by když už jste",
    "tr": "bir bu ve ne için ben çok mi da sen o var evet ama değil şey bana",
    "fi": "on ei se ja hän minä että sinä en mitä oli hyvä nyt niin kun mutta",
    "hu": "a nem az hogy és egy van ez csak meg de mit is ha igen már",
}
_WORDS_OF = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_LETTERS = (
    ("ja", "\u3040", "\u30ff"), ("ko", "\uac00", "\ud7af"), ("zh", "\u4e00", "\u9fff"), ("ru", "\u0400", "\u04ff"),
    ("el", "\u0370", "\u03ff"),
    ("he", "\u0590", "\u05ff"), ("ar", "\u0600", "\u06ff"), ("hi", "\u0900", "\u097f"), ("th", "\u0e00", "\u0e7f"),
)  # fmt: skip
_THREE = {
    "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "dut": "nl",
    "nld": "nl", "swe": "sv", "dan": "da", "nor": "no", "nob": "no", "fin": "fi", "pol": "pl", "cze": "cs", "ces": "cs",
    "slo": "sk", "slk": "sk", "hun": "hu", "rum": "ro", "ron": "ro", "tur": "tr", "gre": "el", "ell": "el", "rus": "ru",
    "ukr": "uk", "bul": "bg", "srp": "sr", "hrv": "hr", "slv": "sl", "heb": "he", "ara": "ar", "per": "fa", "fas": "fa",
    "hin": "hi", "tha": "th", "vie": "vi", "ind": "id", "may": "ms", "msa": "ms", "jpn": "ja", "kor": "ko", "chi": "zh",
    "zho": "zh", "cmn": "zh", "ice": "is", "isl": "is", "est": "et", "lav": "lv", "lit": "lt", "cat": "ca", "baq": "eu",
    "wel": "cy", "cym": "cy", "gle": "ga",
}  # fmt: skip
LEAST_WORDS = 20


def short_code(tag: str) -> str:
    """The two-letter code of a tag ("eng", "en-GB" → "en"); a tag without one is itself, "" for none."""
    main = tag.replace("_", "-").split("-")[0].casefold()
    return "" if main in {"und", "unk", "mis", "mul", "zxx"} else _THREE.get(main, main)


def language_of(texts: Iterable[str]) -> str:
    """The language that the texts are most likely in, or "" where that is not plain."""
    whole = " ".join(texts)[:40_000].casefold()
    num_letters = sum(char.isalpha() for char in whole)
    for code, first, last in _LETTERS:
        if num_letters and sum(first <= char <= last for char in whole) > (0.1 if code == "ja" else 0.4) * num_letters:
            return code
    words = [word.strip('.,!?…:;"“”«»()[]-–♪') for word in whole.replace("’", "'").split()]
    if len(words) < LEAST_WORDS:
        return ""
    counts = Counter({code: sum(word in known for word in words) for code, known in _WORDS_OF.items()})
    (best, num_best), (_, num_next) = counts.most_common(2)
    return best if num_best >= 0.12 * len(words) and num_best >= 1.3 * num_next else ""
