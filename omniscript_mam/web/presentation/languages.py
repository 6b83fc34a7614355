"""Languages by their names: a code such as ``nn`` is for machines."""

from __future__ import annotations

from django.utils.translation import get_language_info

MORE = {
    "yue": "Cantonese", "cmn": "Mandarin", "zh": "Chinese", "jw": "Javanese", "jv": "Javanese", "la": "Latin", "haw": "Hawaiian",
    "mi": "Maori", "yo": "Yoruba", "ha": "Hausa", "sn": "Shona", "so": "Somali", "tl": "Tagalog", "fil": "Filipino", "no": "Norwegian",
    "am": "Amharic", "yi": "Yiddish", "lo": "Lao", "fo": "Faroese", "ps": "Pashto", "sd": "Sindhi", "gu": "Gujarati", "si": "Sinhala",
    "sa": "Sanskrit", "su": "Sundanese", "ln": "Lingala", "mg": "Malagasy", "mt": "Maltese", "bo": "Tibetan", "as": "Assamese",
    "oc": "Occitan", "ba": "Bashkir", "ht": "Haitian Creole", "zu": "Zulu", "xh": "Xhosa",
    "und": "Unknown language", "mul": "Several languages",
}  # fmt: skip
"""Those that recognisers tell and Django's own table lacks."""


def language_name(tag: str) -> str:
    """The English name of a language tag (BCP 47), with its region where it has one; the tag itself where nobody knows it."""
    code, _, region = tag.replace("_", "-").partition("-")
    try:
        name = MORE.get(code.lower()) or str(get_language_info(code.lower())["name"])
    except KeyError:
        return tag
    return f"{name} ({region})" if region else name
