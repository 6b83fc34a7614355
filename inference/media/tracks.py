"""Which sound tracks are heard, and what people are told of the others.

Rules, in this order: a track of timecode is never heard; one with sound goes before a silent one; one in an asked language before others;
the programme before commentary and descriptions; the default track; the first. Where the chosen one is one of several mono PCM tracks alike
(MXF, camera files), all that hold sound are mixed.

Contents: :data:`MARKER`, :func:`pick_heard`, :func:`heard_in`, :func:`spoken_of`, :func:`same_language`, :func:`short_language`,
:func:`outside_name`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inference.media.description import AudioStream, MediaInfo

MAX_TRACKS_HEARD = 8
"""Mono tracks of one production that are mixed; recorders write four or eight."""

_SHORT = (
    "ar:ara bg:bul bn:ben ca:cat cs:ces,cze da:dan de:deu,ger el:ell,gre en:eng es:spa et:est eu:eus,baq fa:fas,per fi:fin "
    "fr:fra,fre ga:gle he:heb hi:hin hr:hrv hu:hun hy:hye,arm id:ind is:isl,ice it:ita ja:jpn ka:kat,geo kk:kaz ko:kor lt:lit "
    "lv:lav mk:mkd,mac ms:msa,may my:mya,bur nb:nob nl:nld,dut nn:nno no:nor pl:pol pt:por ro:ron,rum ru:rus sk:slk,slo "
    "sl:slv sq:sqi,alb sr:srp sv:swe sw:swa ta:tam te:tel th:tha tl:tgl tr:tur uk:ukr ur:urd vi:vie yue:yue zh:zho,chi,cmn"
)
_TWO_LETTERS = {long: short for entry in _SHORT.split() for short, _, longs in [entry.partition(":")] for long in longs.split(",")}


def short_language(tag: str) -> str:
    """A language tag as people type it: ``de`` for ``deu``, ``ger`` and ``de-AT``; "" stays ""."""
    primary = tag.replace("_", "-").split("-")[0].lower()
    return _TWO_LETTERS.get(primary, primary)


def same_language(tag: str, asked: str) -> bool:
    """Whether two tags, of two or three letters, with or without a region, name one language."""
    return bool(tag) and short_language(tag) == short_language(asked)


def pick_heard(audio: Sequence[AudioStream], languages: Sequence[str] = ()) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Choose the heard tracks.

    Args:
        languages: languages that the user named, or none.

    Returns:
        (numbers of the heard tracks in ``audio``, in order; notes for people).
    """
    fit = [number for number, track in enumerate(audio) if not track.is_timecode]
    if not fit:
        return (), _left_out(audio, ())

    def rank(number: int) -> tuple[bool, bool, bool, bool, int]:
        track = audio[number]
        is_foreign = bool(languages) and not any(same_language(track.language, asked) for asked in languages)
        return track.is_silent, is_foreign, track.is_extra, not track.is_default, number

    best = min(fit, key=rank)
    heard = _alike(audio, best, fit) or (best,)
    return heard, (*_why(audio, best, heard, languages), *_left_out(audio, heard))


def _alike(audio: Sequence[AudioStream], best: int, fit: Sequence[int]) -> tuple[int, ...]:
    first = audio[best]
    if first.num_channels != 1 or not first.codec.startswith("pcm_"):
        return ()
    alike = [
        number
        for number in fit
        if (audio[number].num_channels, audio[number].codec, audio[number].sample_rate_hz, audio[number].language)
        == (1, first.codec, first.sample_rate_hz, first.language)
        and (not audio[number].is_silent or first.is_silent)
    ]
    return tuple(alike[:MAX_TRACKS_HEARD])


def _name(audio: Sequence[AudioStream], number: int) -> str:
    language = audio[number].language
    return f"{number + 1}{f' ({language})' if language else ''}"


def _why(audio: Sequence[AudioStream], best: int, heard: Sequence[int], languages: Sequence[str]) -> tuple[str, ...]:
    notes = [f"In sound track {_name(audio, number)} {audio[number].mix_note}." for number in heard if audio[number].mix_note]
    chosen = audio[best]
    usual = min(range(len(audio)), key=lambda n: (audio[n].is_extra, not audio[n].is_default, n))
    if usual not in heard and audio[usual].is_silent:
        notes.append(f"Sound track {_name(audio, usual)} is silent, so track {_name(audio, best)} is heard.")
    if languages and chosen.language and not any(same_language(chosen.language, asked) for asked in languages):
        notes.append(f"No sound track is in the language asked for ({', '.join(languages)}); track {_name(audio, best)} is heard.")
    return tuple(notes)


def _left_out(audio: Sequence[AudioStream], heard: Sequence[int]) -> tuple[str, ...]:
    notes = [
        f"Sound track {_name(audio, number)} holds timecode (LTC{f', from {t.timecode} on' if t.timecode else ''}) and is not heard."
        for number, t in enumerate(audio)
        if t.is_timecode
    ]
    others = [n for n, track in enumerate(audio) if n not in heard and not track.is_silent and not track.is_timecode]
    if others:
        numbers = ", ".join(_name(audio, number) for number in others)
        notes.append(f"Not heard: sound track{'s' if len(others) > 1 else ''} {numbers}.")
    return tuple(notes)


MARKER = "decoding"
"""The file, in a piece's folder, of one letter: "p" or "s", whether picture or sound is being decoded."""


def outside_name(index: int) -> str:
    """The file, in a piece's folder, of a track that the ffmpeg program decoded (:mod:`inference.media.outside`)."""
    return f"outside_{index}.s16"


def heard_in(info: MediaInfo, languages: Sequence[str]) -> MediaInfo:
    """The same file with the tracks chosen by language. Changes nothing where no language is asked for."""
    if not languages or not info.audio:
        return info
    heard, said = pick_heard(info.audio, languages)
    _, plain = pick_heard(info.audio)
    notes = [note for note in info.notes if note not in plain and note not in said]
    return replace(info, heard=heard, notes=(*notes, *said))


def spoken_of(info: MediaInfo, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages to expect: those asked for, unless the heard track's own tag says another."""
    tags = [track.language for track in info.heard_audio if track.language]
    if not languages or not tags or any(same_language(tag, asked) for tag in tags for asked in languages):
        return tuple(languages)
    return (short_language(tags[0]),)
