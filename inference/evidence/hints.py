"""Evidence in words: what small models observed of a clip, as help for a large one that is asked about it.

Shots, lines with their times, who speaks, texts on screen; for a model that gets no sound, what else is heard; for one that gets no
pictures, who and what is in view and how it looks. What a model perceives by itself it is not told, so that the two can be compared.
Speakers have letters, which hold within one clip only, unless the film itself gives the name. Times are seconds from the first displayed
frame; in the text they count from the clip's start, as everywhere in prompts.

Contents: :func:`hints_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference.answers.clip_times import format_time

from .joining.gather import Gathered, gather
from .joining.identity import People, identify
from .observed import Evidence

MAX_LINE_CHARS = 300
MAX_CHARS_PER_MIN = 3000
"""Longest text of hints for each minute of clip; what is beyond is left out, shots first."""
MIN_CHARS = 2000
SURE_SOUND = 0.35
"""Least score of a sound that is told."""
DARK, BRIGHT = 0.25, 0.5
"""Brightness of a shot (0..1) below and above which it is called so."""
HEAD = "Notes: hints from small models, which may be wrong (speaker letters hold in this clip only; do not use them as names):"

FILED = "* the words are those of the film's own subtitles: keep them to the letter"


def hints_text(evidence: Evidence, language: str, *, has_sound: bool, hears: bool = True, sees: bool = True) -> str:
    """The evidence of a clip as the text that stands in a prompt; bounded, "" where nothing was observed.

    Args:
        language: the film's language, where it is known; it decides between what was heard and a subtitle.
        has_sound: whether the film has sound.
        hears, sees: what of the film reaches the model that is told.
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
    seen = [] if sees else [*_people_in_view(gathered, people, at), *_actions(gathered, at)]
    looks = [] if sees else _looks(gathered, at)
    heard = (
        [] if hears else [f"{at(sound.start_s)}-{at(sound.end_s)} {sound.label}" for sound in gathered.sounds if sound.score >= SURE_SOUND]
    )
    room = max(MIN_CHARS, round(MAX_CHARS_PER_MIN * (evidence.end_s - evidence.start_s) / 60))
    parts = []
    for title, rows in (
        (heading, lines),
        ("Texts on screen", texts),
        ("Sounds that the subtitles name", sounds),
        ("Sounds heard", heard),
        ("In view", seen),
        ("Looks", looks),
        ("Shots begin at", shots),
    ):
        shown = _fitting(rows, room)
        room -= sum(map(len, shown))
        if shown:
            parts.append(f"{title}:\n" + "\n".join(shown))
    return "\n".join([HEAD, *parts]) if parts else ""


def _people_in_view(film: Gathered, people: People, at: Callable[[float], str]) -> list[str]:
    """Faces that were told apart, each once, with when it is first seen."""
    first: dict[str, str] = {}
    for face in sorted(film.faces, key=lambda each: each.start_s):
        profile_id = people.of_face(face.identity)
        if profile_id is not None:
            profile = people.book.get(profile_id)
            looks = f": {profile.appearance}" if profile.appearance else ""
            first.setdefault(profile_id, f"{at(face.start_s)} a face, {profile.name or 'name unknown'}{looks}")
    return list(first.values())


def _actions(film: Gathered, at: Callable[[float], str]) -> list[str]:
    rows = []
    for action in film.actions:
        told = action.phrase.format(who="somebody")
        rows.append(f"{at(action.start_s)}-{at(action.end_s)} {told[0].upper()}{told[1:]}")
    return rows


def _looks(film: Gathered, at: Callable[[float], str]) -> list[str]:
    """Each shot's light, sky and things."""
    rows = []
    for shot in film.shots:
        if shot.look is None:
            continue
        look = shot.look
        words = ["dark" if look.brightness < DARK else "bright" if look.brightness > BRIGHT else "dim"]
        words += ["sky"] * (look.sky > 0.35) + ["green plants"] * (look.vegetation > 0.2) + ["much movement"] * (look.motion > 0.3)
        words += sorted(label for label, share in shot.things.items() if share >= 0.3 and label != "person")
        words += [label.casefold().split(",")[0] for label in look.labels]
        rows.append(f"{at(shot.start_s)} {', '.join(dict.fromkeys(words))}")
    return rows


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
