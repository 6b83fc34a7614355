"""All subtitles of a film, in it and beside it, as lines of one form.

Times in seconds from the first displayed frame. Contents: :class:`Track`, :func:`tracks_of`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.errors import InferenceError
from inference.film import Film, Sidecar
from inference.media.description import SubtitleStream
from inference.media.subtitle_tracks import StoredRow, is_teletext, read_subtitle_tracks, read_teletext, readable

from ..observed import SubtitleLine
from .encodings import text_of
from .files import MAX_BYTES, Row, ass_row, is_forced_name, language_in_name, read_rows, with_ends
from .tongues import language_of, short_code
from .wording import labels_in, parts_of

log = logging.getLogger(__name__)
_LEAST_LINE_S = 0.2


@dataclass(frozen=True)
class Track:
    """One subtitle file or track. ``name`` is how notes call it; ``language`` is that of its tag, else of its text, else ""."""

    name: str
    lines: list[SubtitleLine]
    language: str = ""
    is_forced: bool = False


def tracks_of(film: Film, language: str) -> tuple[list[Track], list[str]]:
    """Every track that has text, those beside the film first; and what could not be read, in sentences.

    Args:
        language: the film's, where it is known; it tells how old files are encoded.
    """
    tracks: list[Track] = []
    notes: list[str] = []
    for sidecar in film.sidecars:
        track = _beside(sidecar, language)
        if track is None:
            notes.append(f"No subtitles could be read from {sidecar.name}.")
        else:
            tracks.append(track)
    inside, unread = _inside(film)
    drawn, not_drawn = _in_pictures(film)
    return [*tracks, *inside, *drawn], [*notes, *unread, *not_drawn]


def _beside(sidecar: Sidecar, language: str) -> Track | None:
    try:
        with sidecar.path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        log.warning("The subtitle file %r cannot be read: %s", sidecar.name, error.strerror)
        return None
    tag = short_code(language_in_name(sidecar.name))
    rows = read_rows(text_of(data[:MAX_BYTES], tag or language))
    return _track(sidecar.name, rows, tag, is_forced=is_forced_name(sidecar.name)) if rows else None


def _inside(film: Film) -> tuple[list[Track], list[str]]:
    streams = film.info.subtitles
    notes = []
    pictures = [stream for stream in streams if not readable(stream)]
    if pictures:
        codecs = ", ".join(dict.fromkeys(stream.codec or "unknown" for stream in pictures))
        notes.append(f"{_tracks(len(pictures))} pictures ({codecs}), which are not read.")
    stored: list[StoredRow] = []
    if any(readable(stream) and not is_teletext(stream) for stream in streams):
        try:
            stored = read_subtitle_tracks(film.path, film.info)
        except InferenceError as error:
            notes.append(f"The subtitles inside the film could not be read: {error}")
    tracks = []
    for number, stream in enumerate(streams, start=1):
        if not readable(stream):
            continue
        rows = list(_teletext_rows(film, stream) if is_teletext(stream) else _rows(stored, stream))
        if rows:
            tracks.append(_track(f"subtitle track {number}", with_ends(rows), short_code(stream.language), is_forced=stream.is_forced))
        elif is_teletext(stream):
            notes.append(f"Subtitle track {number} is teletext, and no subtitles could be read from it.")
    return tracks, notes


def _in_pictures(film: Film) -> tuple[list[Track], list[str]]:
    """Closed captions that broadcasters hide in the pictures, as the survey kept them."""
    if not film.spool.has_video:
        return [], []
    services, has_708 = film.spool.captions()
    tracks = []
    for name, shown_rows in services.items():
        rows = with_ends([Row(each.start_s, each.end_s, each.text) for each in shown_rows])
        tracks.append(_track(f"closed captions {name}", rows, "", is_forced=False))
    if has_708 and not tracks:
        return [], ["The pictures hold closed captions of the newer kind (CEA-708) only, which are not read."]
    return tracks, []


def _tracks(count: int) -> str:
    return "One subtitle track holds" if count == 1 else f"{count} subtitle tracks hold"


def _rows(stored: Sequence[StoredRow], stream: SubtitleStream) -> Iterator[Row]:
    for each in stored:
        if each.stream != stream.index:
            continue
        if stream.codec in {"ass", "ssa"}:  # read order, layer, style, name, three margins, effect, text
            fields = each.text.split(",", 8)
            row = ass_row(each.start_s, each.end_s, fields[8], fields[3], fields[2]) if len(fields) == 9 else None
            if row is not None:
                yield row
        else:
            yield Row(each.start_s, each.end_s, each.text)


def _teletext_rows(film: Film, stream: SubtitleStream) -> Iterator[Row]:
    zero_s = film.info.zero_s
    for row in read_rows(text_of(read_teletext(film.path, film.info, stream))):
        yield Row(row.start_s - zero_s, row.end_s - zero_s, row.text)


def _track(name: str, rows: Sequence[Row], tag: str, *, is_forced: bool) -> Track:
    known_labels = labels_in(row.text for row in rows)
    language = tag or language_of(row.text for row in rows)
    lines = [line for row in rows for line in _lines(row, name, language, known_labels, is_forced=is_forced)]
    return Track(name, sorted(lines, key=lambda line: (line.start_s, line.end_s)), language, is_forced)


def _lines(row: Row, name: str, language: str, known_labels: frozenset[str], *, is_forced: bool) -> Iterator[SubtitleLine]:
    """The parts of a row, one after another; a sound is heard all the while."""
    at_s = max(0.0, row.start_s)
    length_s = row.end_s - at_s
    if length_s <= 0:
        return
    for part in parts_of(row.text, row.speaker, known_labels):
        sounds = part.kind == "sound"
        start_s, end_s = (at_s, row.end_s) if not sounds else (max(0.0, row.start_s), row.end_s)
        if not sounds:
            end_s = min(row.end_s, start_s + part.share * length_s)
            at_s = end_s
        kind = "sign" if not sounds and (is_forced or row.is_sign) else part.kind
        yield SubtitleLine(
            start_s=round(start_s, 3), end_s=round(max(end_s, start_s + _LEAST_LINE_S), 3), text=part.text, kind=kind, label=part.label,
            language=language, origin=name,
        )  # fmt: skip
