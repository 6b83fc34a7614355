"""Subtitle files: which lie beside a film, and their rows.

Problem: files from anywhere, in SubRip, WebVTT or ASS, with broken times, blank lines inside of texts, missing numbers, no end. One pass
over the lines reads the first two (a row is what follows a line with an arrow), another one ASS; a row that cannot be read is left out,
the rest is kept. Time is linear in the size of the file, which is bounded.

Times in seconds on the file's own clock. Contents: :data:`SUFFIXES`, :func:`beside`, :func:`belongs_to`, :func:`language_in_name`,
:class:`Row`, :func:`read_rows`, :func:`ass_row`, :func:`seconds`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
MAX_BYTES = 8_000_000
"""A film of twelve hours has two megabytes of subtitles, in UTF-16."""
MAX_ROWS = 20_000
MAX_ROW_CHARS = 2_000
MAX_FILES = 16
LATEST_S = 48 * 3600.0
_READING_CHARS_PER_S = 15.0
"""How fast a row without an end is taken to be read."""
_MARKS = frozenset({"forced", "sdh", "cc", "hi", "default", "full", "foreign"})
"""Words between a film's name and the suffix that are no language."""


@dataclass(frozen=True)
class Row:
    """One row as it is written. ``text`` may hold markup and line feeds; ``speaker`` is what ASS says; ``is_sign``: drawn onto a place."""

    start_s: float
    end_s: float
    text: str
    speaker: str = ""
    is_sign: bool = False


def beside(film: Path) -> list[Path]:
    """The subtitle files of a film's name in its folder, in order of their names; links and empty or huge files are left out."""
    try:
        with os.scandir(film.parent) as entries:
            fit = [
                Path(entry.path)
                for entry in entries
                if belongs_to(entry.name, film.name)
                and entry.is_file(follow_symlinks=False)
                and 0 < entry.stat(follow_symlinks=False).st_size <= MAX_BYTES
            ]
    except OSError:
        return []
    return sorted(fit)[:MAX_FILES]


def belongs_to(name: str, film_name: str) -> bool:
    """True if a subtitle file's name says that it is that film's: the same name, with a language and marks before the suffix."""
    file, film = PurePosixPath(name), PurePosixPath(film_name)
    if file.suffix.lower() not in SUFFIXES:
        return False
    stem, wanted = file.stem.casefold(), film.stem.casefold()
    if stem == wanted:
        return True
    words = stem.removeprefix(wanted + ".").split(".") if stem.startswith(wanted + ".") else []
    return 0 < len(words) <= 3 and all(word in _MARKS or _is_language(word) for word in words)


def language_in_name(name: str) -> str:
    """The language that a file's name gives ("film.en.srt", "film.pt-br.forced.vtt"), lower case, or ""."""
    words = PurePosixPath(name).stem.casefold().split(".")[1:][-3:]
    return next((word for word in reversed(words) if word not in _MARKS and _is_language(word)), "")


def is_forced_name(name: str) -> bool:
    """True if the name says that only signs and foreign words are in it."""
    return bool({"forced", "foreign"} & set(PurePosixPath(name).stem.casefold().split(".")[1:]))


def _is_language(word: str) -> bool:
    main, _, region = word.replace("_", "-").partition("-")
    return 2 <= len(main) <= 3 and main.isascii() and main.isalpha() and len(region) <= 4 and region.isalnum() == bool(region)


def read_rows(text: str) -> list[Row]:
    """The rows of a file in order of time, whichever of the three formats it is; empty where it is none of them."""
    lines = text.split("\n")
    is_ass = any(line.strip().casefold() == "[events]" for line in lines[:2000])
    rows = _ass_rows(lines) if is_ass else _arrow_rows(lines, is_vtt=text.lstrip().startswith("WEBVTT"))
    return with_ends(rows)


def with_ends(rows: Sequence[Row]) -> list[Row]:
    """Rows in order of time; one that has no end, or one before its start, lasts as long as it takes to read, or until the next begins."""
    ordered = sorted(rows, key=lambda row: (row.start_s, row.end_s))
    ended: list[Row] = []
    for i, row in enumerate(ordered):
        if row.end_s <= row.start_s:
            end_s = row.start_s + max(1.0, len(row.text) / _READING_CHARS_PER_S)
            later_s = ordered[i + 1].start_s if i + 1 < len(ordered) else end_s
            row = replace(row, end_s=min(end_s, later_s) if later_s > row.start_s else end_s)
        if ended and (ended[-1].start_s, ended[-1].text) == (row.start_s, row.text):  # ASS draws a row several times, one over the other
            continue
        ended.append(row)
    return ended


def _arrow_rows(lines: Sequence[str], *, is_vtt: bool) -> list[Row]:
    rows: list[Row] = []
    times: tuple[float, float] | None = None
    held: list[str] = []

    def close(*, before_times: bool) -> None:
        # Without blank lines to go by, what stands last before the next times is its number.
        if before_times and held and (held[-1].strip().isdecimal() or not held[-1].strip()):
            held.pop()
        text = "\n".join(line.strip() for line in held if line.strip())[:MAX_ROW_CHARS]
        if times is not None and text:
            rows.append(Row(*times, text))
        held.clear()

    for line in lines:
        if "-->" in line[:120]:
            close(before_times=not is_vtt)
            times = _times(line[:120])
            if len(rows) >= MAX_ROWS:
                return rows
        elif is_vtt and not line.strip():
            close(before_times=False)
            times = None
        elif times is not None and len(held) < 100:
            held.append(line[:MAX_ROW_CHARS])
    close(before_times=False)
    return rows


def _times(line: str) -> tuple[float, float] | None:
    left, _, right = line.partition("-->")
    start_s, end_s = (seconds(side.split()[0]) if side.split() else None for side in (left, right))
    return None if start_s is None else (start_s, end_s or 0.0)


def seconds(label: str) -> float | None:
    """Seconds of "01:02:03,450", "02:03.45" or "3.5"; ``None`` for anything else, or beyond two days."""
    total = 0.0
    parts = label.strip().replace(",", ".").split(":")
    if len(parts) > 3:
        return None
    for number, part in enumerate(parts):
        whole, dot, rest = part.partition(".")
        is_last = number == len(parts) - 1
        if not (whole.isascii() and whole.isdecimal()) or len(whole) > 6 or (dot and not (is_last and rest.isascii() and rest.isdecimal())):
            return None
        total = total * 60 + int(whole) + (int(rest[:6]) / 10 ** len(rest[:6]) if dot else 0.0)
    return total if total <= LATEST_S else None


def _ass_rows(lines: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    columns: list[str] = []
    is_inside = False
    for line in lines:
        head, colon, rest = line.strip().partition(":")
        word = head.casefold()
        if word.startswith("["):
            is_inside = word == "[events]"
        elif is_inside and colon and word == "format":
            columns = [column.strip().casefold() for column in rest[:1000].split(",")]
        elif is_inside and colon and word == "dialogue" and columns and columns[-1] == "text":
            values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            start_s, end_s = (seconds(values.get(name, "")) for name in ("start", "end"))
            if start_s is not None and "text" in values:
                row = ass_row(start_s, end_s or 0.0, values["text"], values.get("name", ""), values.get("style", ""))
                rows += [row] if row is not None else []
            if len(rows) >= MAX_ROWS:
                break
    return rows


def ass_row(start_s: float, end_s: float, text: str, name: str = "", style: str = "") -> Row | None:
    """A row of ASS; ``None`` for a drawing."""
    text = text[:MAX_ROW_CHARS]
    if "\\p1" in text or "\\p2" in text or "\\p4" in text:
        return None
    is_sign = "\\pos(" in text or "\\move(" in text or "sign" in style.casefold()
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    return Row(start_s, end_s, _without_braces(text), name.strip()[:60], is_sign)


def _without_braces(text: str) -> str:
    """ASS's orders in braces go: here they are no text (in SubRip they may be)."""
    kept: list[str] = []
    for piece in text.split("{"):
        kept.append(piece if not kept else piece.partition("}")[2])
    return "".join(kept)
