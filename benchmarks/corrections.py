"""Whether people's corrections outlive rewrites: a rendered film written ten times by lite, with corrections of every sort in its script.

    python benchmarks/corrections.py [--rewrites 10]

Each rewrite reads the film as another encoding (quieter, coarser) in segments of another length, so that times, words and ids differ as
they do between releases. After each, every correction must be in the script or be listed as waiting; prints a row of counts.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.world import render, two_hander
from inference.media import ffmpeg_program
from inference.pipeline import write_script
from omniscript_mam.corrections import corrected_name
from omniscript_mam.script import Event, HighPoint, PlotSegment, Provenance, Relationship, Script

BY = Provenance(writer="person", version="eve")
LEAST = 20


def main() -> int:
    """Print a row for each rewrite; 1 if a correction is dropped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rewrites", type=int, default=10)
    num_rewrites = parser.parse_args().rewrites
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"OMNISCRIPT_DATA_DIR": f"{scratch}/data", "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
        import django

        django.setup()
        return _play(Path(scratch), num_rewrites)


def _play(scratch: Path, num_rewrites: int) -> int:
    from django.core.management import call_command

    from omniscript_mam.selectors.revisions import corrections_of
    from omniscript_mam.services.archive import assets, correcting, scripts
    from omniscript_mam.viewer import EVERYBODY, SYSTEM, Viewer

    call_command("migrate", verbosity=0)
    film = scratch / "film.mp4"
    render(two_hander(), film, size=(640, 360))
    asset = assets.register_upload(EVERYBODY, io.BytesIO(film.read_bytes()), film.name)[0]
    row = scripts.store_revision(SYSTEM, asset, write_script(film, workdir=scratch / "first"), "lite", "0")
    number = row.number
    for change in _every_sort(two_hander()):
        number = correcting.correct(Viewer(name="eve"), asset, _noted(change), revision=number).revision
    keys = {each.key for each in corrections_of(SYSTEM, asset.revisions.get(number=number))}
    print(f"{len(keys)} corrections")
    assert len(keys) >= LEAST
    print("| rewrite | in the script | waiting | dropped |\n| --- | --- | --- | --- |")
    dropped = 0
    for rewrite in range(1, num_rewrites + 1):
        script = write_script(
            _other_encoding(film, scratch, rewrite), workdir=scratch / f"run{rewrite}", options={"segment_s": 12.0 + 3 * rewrite}
        )
        row = scripts.store_revision(SYSTEM, asset, script, "lite", str(rewrite))
        said = corrections_of(SYSTEM, row)
        waiting = [each for each in said if each.problem]
        missing = keys - {each.key for each in said}
        dropped += len(missing)
        print(f"| {rewrite} | {len(said) - len(waiting)} | {len(waiting)} | {len(missing)} |", flush=True)
        for each in waiting:
            print(f"  waits: {each.kind} {each.field} {each.where.text or each.where.names} {each.problem}", file=sys.stderr)
    return int(dropped > 0)


def _noted(change: Callable[[Script], None]) -> Callable[[Script], str]:
    def noted(script: Script) -> str:
        change(script)
        return "corrected"

    return noted


def _every_sort(reference: Script) -> list[Callable[[Script], None]]:
    """Corrections of characters, lines, scenes, plot and film; what the writer found decides only which line is meant."""

    def line(script: Script, number: int) -> Event:
        spoken = [event for event in script.events() if event.dialogue]
        return spoken[number % len(spoken)]

    def who(number: int, name: str, value: Any) -> Callable[[Script], None]:
        return lambda script: _own(script.character(line(script, number).character_id) or script.characters[0], name, value)

    def named(number: int, name: str) -> Callable[[Script], None]:
        def change(script: Script) -> None:
            person = script.character(line(script, number).character_id) or script.characters[0]
            corrected_name(script, person, name, BY)

        return change

    def said(number: int, name: str, value: Any) -> Callable[[Script], None]:
        return lambda script: _own(line(script, number), name, value)

    def placed(number: int, name: str, value: Any) -> Callable[[Script], None]:
        return lambda script: _own(script.scenes[number % len(script.scenes)], name, value)

    return [
        named(0, "Marie"), who(0, "appearance", "red hair, green sweater"), who(0, "voice", "clear"), who(0, "personality", "stubborn"),
        who(0, "aliases", ["Mimi"]), said(0, "dialogue", "What I really said first."), said(1, "dialogue", "What I said second."),
        said(2, "subtext", "she means the letter"), said(3, "action", "puts the cup down"), said(4, "expression", "bitter"),
        said(5, "audio_cue", "a clock"), said(6, "on_screen_text", "LATER"), said(7, "voice_type", "OS"),
        said(-1, "dialogue", "The very last."), said(-2, "subtext", "it is over"),
        placed(0, "location", "The old kitchen"), placed(0, "mood", "bitter"), placed(-1, "time", "Dusk"),
        placed(-1, "type", "Exterior"), placed(-1, "environment", "a windy bench"),
        lambda script: _own(script.plot[0], "summary", reference.meta.description),
        lambda script: _own(script.meta, "description", reference.meta.description + " By eve."),
        _line_added, lambda script: _line_removed(script, line(script, -3)), _tie_added, _tie_removed, _high_point_added, _plot_added,
    ]  # fmt: skip


def _line_added(script: Script) -> None:
    scene = script.scenes[0]
    scene.events = [Event(id="by_eve", start_s=scene.start_s, end_s=scene.start_s + 0.4, audio_cue="a kettle"), *scene.events]


def _line_removed(script: Script, gone: Event) -> None:
    for scene in script.scenes:
        scene.events = [event for event in scene.events if event is not gone]


def _tie_added(script: Script) -> None:
    one, other = script.characters[:2]
    script.relationships = [*script.relationships, Relationship(source_id=one.id, target_id=other.id, relation="sister of")]


def _tie_removed(script: Script) -> None:
    script.relationships = script.relationships[1:]


def _high_point_added(script: Script) -> None:
    scene = script.scenes[-1]
    script.high_points = [*script.high_points, HighPoint(start_s=scene.start_s, end_s=scene.end_s, type="Turn", description="She knows.")]


def _plot_added(script: Script) -> None:
    script.plot = [*script.plot, PlotSegment(id="by_eve", start_s=0.0, end_s=script.meta.duration_s, summary="A letter and a lie.")]


def _own(part: Any, name: str, value: Any) -> None:
    setattr(part, name, value)
    part.provenance = {**part.provenance, name: BY}


def _other_encoding(film: Path, scratch: Path, rewrite: int) -> Path:
    out_path = scratch / f"film{rewrite}.mp4"
    sound = ["-af", f"volume={1 - 0.06 * rewrite:.2f}", "-c:a", "aac", "-b:a", f"{96 - 5 * rewrite}k"]
    picture = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", str(20 + rewrite)]
    subprocess.run([ffmpeg_program(), "-nostdin", "-v", "error", "-y", "-i", str(film), *picture, *sound, str(out_path)], check=True)
    return out_path


if __name__ == "__main__":
    sys.exit(main())
