"""Evidence in words: what small models observed of a clip, as help for a large one that is asked about it.

Shots, lines with their times, who speaks, texts on screen. Speakers have letters, which hold within one clip only, unless the film itself
gives the name. Times are seconds from the first displayed frame; in the text they count from the clip's start, as everywhere in prompts.

Contents: :func:`hints_text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.answers.clip_times import format_time

from .joining.gather import gather
from .joining.identity import People, identify
from .observed import Evidence

MAX_LINE_CHARS = 300
MAX_CHARS_PER_MIN = 3000
"""Longest text of hints for each minute of clip; what is beyond is left out, shots first."""
MIN_CHARS = 2000
HEAD = "Hints from small models, which may be wrong (speaker letters hold in this clip only; do not use them as names):"

FILED = "* the words are those of the film's own subtitles: keep them to the letter"


def hints_text(evidence: Evidence, language: str, *, has_sound: bool) -> str:
    """The evidence of a clip as the text that stands in a prompt; bounded, "" where nothing was observed.

    Args:
        language: the film's language, where it is known; it decides between what was heard and a subtitle.
    """
    from .hearing.speakers import cluster_voices
    from .seeing.faces import cluster_faces

    def at(time_s: float) -> str:
        return format_time(max(0.0, time_s - evidence.start_s))

    gathered = gather([evidence], evidence.end_s, language, has_sound=has_sound)
    people = identify(gathered, cluster_voices, cluster_faces)
    lines = [
        f"{at(said.start_s)}-{at(said.end_s)} {_speaker(people, said.speaker)}{'*' if said.origin else ''}: {said.text[:MAX_LINE_CHARS]}"
        for said in gathered.utterances
    ]
    texts = [f"{at(text.start_s)}-{at(text.end_s)} ({text.role}) {' '.join(text.text.split())[:MAX_LINE_CHARS]}" for text in gathered.texts]
    sounds = [f"{at(sound.start_s)} {sound.text[:MAX_LINE_CHARS]}" for sound in gathered.named_sounds]
    heading = f"Lines heard ({FILED})" if any(said.origin for said in gathered.utterances) else "Lines heard"
    shots = [", ".join(at(start_s) for start_s, _ in evidence.shots)]
    room = max(MIN_CHARS, round(MAX_CHARS_PER_MIN * (evidence.end_s - evidence.start_s) / 60))
    parts = []
    for title, rows in (
        (heading, lines),
        ("Texts on screen", texts),
        ("Sounds that the subtitles name", sounds),
        ("Shots begin at", shots),
    ):
        shown = _fitting(rows, room)
        room -= sum(map(len, shown))
        if shown:
            parts.append(f"{title}:\n" + "\n".join(shown))
    return "\n".join([HEAD, *parts]) if parts else ""


def _speaker(people: People, number: int) -> str:
    name = people.book.get(people.of_speaker(number)).name if number in people.speakers else ""
    return name or (f"speaker {_letters(number)}" if number >= 0 else "somebody")


def _fitting(rows: Sequence[str], room: int) -> list[str]:
    shown: list[str] = []
    for row in rows:
        room -= len(row)
        if room < 0:
            break
        shown.append(row)
    return shown


def _letters(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"{chr(ord('A') + number // 26 - 1)}{chr(ord('A') + number % 26)}"
