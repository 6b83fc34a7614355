"""Bytes of a subtitle file into text: by its mark, as UTF-8, else in the old encoding of its language.

Contents: :func:`text_of`.
"""

from __future__ import annotations

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LEGACY = {
    "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "sr": "cp1251", "be": "cp1251", "mk": "cp1251",
    "pl": "cp1250", "cs": "cp1250", "sk": "cp1250", "hu": "cp1250", "ro": "cp1250", "hr": "cp1250", "sl": "cp1250",
    "el": "cp1253", "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "vi": "cp1258", "th": "cp874",
    "et": "cp1257", "lt": "cp1257", "lv": "cp1257",
    "ja": "cp932", "ko": "cp949", "zh": "gb18030", "yue": "big5hkscs",
}  # fmt: skip
"""Language → the encoding that its subtitles had before UTF-8."""


def text_of(data: bytes, language: str = "") -> str:
    """The text, with line feeds only and without NUL; bytes that mean nothing become U+FFFD.

    Args:
        language: of the file's name, else the film's; decides only where the bytes are not Unicode.
    """
    text = _decoded(data, language.split("-")[0].lower())
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\ufeff", "")


def _decoded(data: bytes, language: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    sample = data[:4000]
    if sample and sample.count(0) > 0.2 * len(sample):  # UTF-16 without a mark: every other byte of its digits and blanks is zero
        return data.decode("utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > 0.9 * len(data) and error.start > 1000:  # cut off, or one bad byte near the end
            return data.decode("utf-8", "replace")
    return data.decode(_LEGACY.get(language, "cp1252"), "replace")
