"""What small models observed, as help for a large one: shots, lines with their times, who speaks, texts on screen.

The lite writer's evidence of a stretch is computed once and kept as a file of the film's work folder; it is also what a segment is written
from when the large model fails. Speakers have letters, which hold within one clip only, unless the film itself gives the name.

Times are seconds from the first displayed frame; in the text they count from the clip's start, as everywhere in prompts.
Contents: :func:`evidence` (observed or kept), :func:`within` (a part of it), :func:`hints_text`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from inference.answers.clip_times import format_time
from inference.checkpoints import Checkpoints
from inference.evidence.joining.gather import gather
from inference.evidence.joining.identity import identify
from inference.evidence.observed import Evidence
from inference.writers.base import Film, Plan, PlannedSegment, Report, no_report
from inference.writers.lite.writer import LiteWriter, clip_shots

MAX_LINE_CHARS = 300
MAX_CHARS_PER_MIN = 3000
"""Longest text of hints for each minute of clip; what is beyond is left out, shots first."""
MIN_CHARS = 2000


def evidence(film: Film, notes: dict[str, Any], start_s: float, end_s: float, report: Report = no_report) -> Evidence:
    """What the lite writer observes in a stretch: from a kept file that covers it, or observed now and kept.

    Args:
        notes: the plan's notes (voices, languages).

    Raises:
        WeightsError: its models are not on this machine. MissingProgramError: its packages are not.
    """
    kept = Checkpoints(film.workdir / "evidence")
    for name, (from_s, to_s) in _files(kept).items():
        if from_s <= start_s + 0.001 and to_s >= end_s - 0.001:
            text = kept.read(name)
            if text is not None:
                return within(Evidence.model_validate_json(text), start_s, end_s)
    plan = Plan(segments=[PlannedSegment(index=0, start_s=start_s, end_s=end_s)], language=str(notes.get("language", "")), notes=notes)
    text = LiteWriter().write(film, plan, 0, report)
    kept.write(f"{round(start_s * 1000):010d}-{round(end_s * 1000):010d}.json", text)
    return Evidence.model_validate_json(text)


def _files(kept: Checkpoints) -> dict[str, tuple[float, float]]:
    names = sorted(path.name for path in kept.folder.glob("*.json")) if kept.folder.is_dir() else []
    found = {name: re.fullmatch(r"(\d+)-(\d+)\.json", name) for name in names}
    return {name: (int(match[1]) / 1000, int(match[2]) / 1000) for name, match in found.items() if match}


def within(whole: Evidence, start_s: float, end_s: float) -> Evidence:
    """The part of the evidence between two times. A line belongs where its middle is; all else is cut at the borders."""
    if abs(whole.start_s - start_s) < 0.002 and abs(whole.end_s - end_s) < 0.002:
        return whole

    def cut(items: Sequence[Any]) -> list[Any]:
        parts = [item for item in items if min(item.end_s, end_s) - max(item.start_s, start_s) > 0.01]
        return [item.model_copy(update={"start_s": max(item.start_s, start_s), "end_s": min(item.end_s, end_s)}) for item in parts]

    def at(items: Sequence[Any]) -> list[Any]:
        return [item for item in items if start_s <= item.time_s < end_s]

    faces = [face.model_copy(update={"samples": at(face.samples)}) for face in cut(whole.visual.faces)]
    first = max(0, round(start_s - whole.start_s))
    audio = whole.audio.model_copy(
        update={
            "lines": [line for line in whole.audio.lines if start_s <= (line.start_s + line.end_s) / 2 < end_s],
            "speech": cut(whole.audio.speech),
            "sounds": cut(whole.audio.sounds),
            "loudness_db": whole.audio.loudness_db[first : first + int(end_s - start_s)],
        }
    )
    visual = whole.visual.model_copy(
        update={
            "faces": [face for face in faces if face.samples],
            "objects": at(whole.visual.objects),
            "poses": at(whole.visual.poses),
            "texts": cut(whole.visual.texts),
            "looks": cut(whole.visual.looks),
        }
    )
    shots = clip_shots(whole.shots, start_s, end_s)
    return whole.model_copy(update={"start_s": start_s, "end_s": end_s, "shots": shots, "audio": audio, "visual": visual})


def hints_text(found: Evidence, language: str, *, has_sound: bool) -> str:
    """The evidence of a clip as the text that stands in a prompt; bounded."""
    from inference.evidence.hearing.speakers import cluster_voices
    from inference.evidence.seeing.faces import cluster_faces

    def at(time_s: float) -> str:
        return format_time(max(0.0, time_s - found.start_s))

    gathered = gather([found.model_dump_json()], found.end_s, language, has_sound=has_sound)
    people = identify(gathered, cluster_voices, cluster_faces)
    lines = []
    for said in gathered.utterances:
        name = people.book.get(people.of_speaker(said.speaker)).name if said.speaker in people.speakers else ""
        who = name or (f"speaker {_letters(said.speaker)}" if said.speaker >= 0 else "somebody")
        lines.append(f"{at(said.start_s)}-{at(said.end_s)} {who}: {said.text[:MAX_LINE_CHARS]}")
    texts = [f"{at(text.start_s)}-{at(text.end_s)} ({text.role}) {' '.join(text.text.split())[:MAX_LINE_CHARS]}" for text in gathered.texts]
    shots = [", ".join(at(start_s) for start_s, _ in found.shots)]
    room = max(MIN_CHARS, round(MAX_CHARS_PER_MIN * (found.end_s - found.start_s) / 60))
    parts = []
    for title, rows in (("Lines heard", lines), ("Texts on screen", texts), ("Shots begin at", shots)):
        shown = _fitting(rows, room)
        room -= sum(map(len, shown))
        if shown:
            parts.append(f"{title}:\n" + "\n".join(shown))
    if not parts:
        return ""
    head = "Hints from small models, which may be wrong (speaker letters hold in this clip only; do not use them as names):"
    return "\n".join([head, *parts])


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
