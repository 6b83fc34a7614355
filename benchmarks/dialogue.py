"""How well the lite writer hears: scored with :mod:`eval.dialogue`, beside the bare recogniser on the same audio.

python benchmarks/dialogue.py [--media FOLDER] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.dialogue import DialogueScore, SpokenLine, evaluate
from omniscript_mam.script import Script, loads

MEDIA = Path(__file__).resolve().parents[1].parent / "shared" / "media"
FILMS = {"bass_intro": ("bass_intro_clean.mp4", "bass_intro.gt.json"), "sintel_trailer": ("sintel_trailer-720p.mp4", "sintel_trailer.srt")}
SILENT = ("tears-of-steel-battle-clip-medium.webm", "steamboat_willie_28s.mp4")
"""Films with no words (or next to none): every line found in them is shown."""


@dataclass(frozen=True)
class Result:
    """One film's figures: ours, and the bare recogniser's."""

    name: str
    ours: DialogueScore
    bare: DialogueScore


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--keep", type=Path, help="keep the scripts in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        keep = arguments.keep or Path(scratch)
        keep.mkdir(parents=True, exist_ok=True)
        results = [_score(name, film, lines, keep) for name, film, lines in _films(arguments.media, Path(scratch))]
        print("| film | lines | WER ours | WER bare | starts within 0.5 s | invented | speaker purity | coverage |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for result in [*results, _total(results)]:
            print(_row(result))
        for name in SILENT:
            if (arguments.media / name).exists():
                lines = _lines(_write(arguments.media / name, keep / f"{name}.json"))
                print(f"\n{name}: {len(lines)} lines{': ' + ' / '.join(line.text for line in lines) if lines else ''}")


def _films(media: Path, scratch: Path) -> Iterator[tuple[str, Path, list[SpokenLine]]]:
    film = scratch / "two-hander.mp4"
    subprocess.run([sys.executable, "-m", "eval.world", "--story", "two-hander", "--output", str(film)], check=True, stdout=sys.stderr)
    yield "two-hander (rendered)", film, _lines(loads(film.with_suffix(".gt.json").read_text()))
    for name, (video, reference) in FILMS.items():
        if (media / video).exists():
            yield name, media / video, _reference(media / reference)


def _score(name: str, film: Path, reference: list[SpokenLine], keep: Path) -> Result:
    ours = _lines(_write(film, keep / f"{name.split()[0]}.json"))
    output = subprocess.run(
        [sys.executable, "benchmarks/bare.py", str(film), "--language", "en"], check=True, capture_output=True, text=True
    ).stdout
    bare = [SpokenLine(line["start"], line["end"], "", line["text"]) for line in json.loads(output)]
    return Result(name, evaluate(reference, ours), evaluate(reference, bare))


def _write(film: Path, target: Path) -> Script:
    command = [sys.executable, "-m", "omniscript_mam.cli", "write", str(film), "--output-json", str(target), "--language", "en"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return loads(target.read_text())


def _lines(script: Script) -> list[SpokenLine]:
    return [SpokenLine(e.start_s, e.end_s, e.character_id, e.dialogue) for e in script.events() if e.dialogue]


def _reference(path: Path) -> list[SpokenLine]:
    if path.suffix == ".json":
        # "FOSTER (narration)" and "FOSTER" are one voice.
        return [SpokenLine(x["start"], x["end"], x["speaker"].split(" (")[0], x["text"]) for x in json.loads(path.read_text())]
    cues = re.findall(r"([\d:,]+) --> ([\d:,]+)\s*\n(.*?)(?:\n\n|\Z)", path.read_text().replace("\r", ""), re.S)
    return [_cue(_seconds(start), _seconds(end), text.replace("\n", " ")) for start, end, text in cues]


def _cue(start_s: float, end_s: float, text: str) -> SpokenLine:
    """A subtitle; a name in capitals before a colon is who speaks, not what is said."""
    speaker, colon, said = text.partition(":")
    return SpokenLine(start_s, end_s, speaker, said) if colon and speaker.isupper() else SpokenLine(start_s, end_s, "", text)


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _total(results: list[Result]) -> Result:
    return Result("all", sum((r.ours for r in results), DialogueScore()), sum((r.bare for r in results), DialogueScore()))


def _row(result: Result) -> str:
    ours = result.ours
    figures = (ours.word_error_rate, result.bare.word_error_rate, ours.in_time)
    percent = " | ".join(f"{100 * figure:.1f} %" for figure in figures)
    purity, coverage = (f"{100 * x:.1f} %" if x == x else "–" for x in (ours.purity, ours.coverage))
    return f"| {result.name} | {ours.num_ref_lines} | {percent} | {ours.num_invented} of {ours.num_est_lines} | {purity} | {coverage} |"


if __name__ == "__main__":
    main()
