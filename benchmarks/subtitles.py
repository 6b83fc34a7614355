"""What subtitles are worth: one spoken film with an exact script, without subtitles, with its own beside it and inside it, and with wrong
ones.

python benchmarks/subtitles.py [--film FILE.mp4]   (rendered by eval.world where none is given; its FILE.gt.json stands beside it)

Of the lite writer's script: lines whose words are the script's to the letter, word errors, and the note that the script makes of the
subtitles."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from eval.dialogue import SpokenLine, evaluate
from inference.media import ffmpeg_program
from inference.pipeline import write_script
from omniscript_mam.script import Script, loads

OTHER = (
    "We sail at dawn, whatever the harbour master says.", "Then somebody has to wake the cook.", "He has been awake since Tuesday.",
    "Count the barrels again, there were forty.", "Thirty-nine, and one full of sand.", "I never trusted that merchant.",
)  # fmt: skip
"""Words of a film that this one is not."""
CUT_S = 9.0


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--film", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        film = arguments.film or folder / "two-hander.mp4"
        if arguments.film is None:
            subprocess.run(
                [sys.executable, "-m", "eval.world", "--story", "two-hander", "--output", str(film)], check=True, stdout=sys.stderr
            )
        script = loads(film.with_suffix(".gt.json").read_text())
        rows = [(e.start_s, e.end_s, e.dialogue) for e in script.events() if e.dialogue]
        print("| subtitles | lines to the letter | WER | lines in the script | note |\n| --- | --- | --- | --- | --- |")
        for name, made in _films(film, rows, folder):
            print(_row(name, made, rows, folder), flush=True)


def _films(film: Path, rows: Sequence[tuple[float, float, str]], folder: Path) -> list[tuple[str, Path]]:
    middle_s = rows[len(rows) // 2][0]
    files = {
        "none": [],
        "SRT beside it": rows,
        "of another film": [(start_s, end_s, OTHER[i % len(OTHER)]) for i, (start_s, end_s, _) in enumerate(rows)],
        "shifted": [(start_s + CUT_S, end_s + CUT_S, text) for start_s, end_s, text in rows],
        "shifted from the middle on": [(a + CUT_S * (a >= middle_s), b + CUT_S * (a >= middle_s), text) for a, b, text in rows],
    }
    films = []
    for number, (name, lines) in enumerate(files.items()):
        place = folder / str(number)
        place.mkdir()
        shutil.copy(film, place / "film.mp4")
        if lines:
            (place / "film.srt").write_text(subrip(lines), encoding="utf-8")
        films.append((name, place / "film.mp4"))
    inside = folder / "inside" / "film.mp4"
    inside.parent.mkdir()
    source = folder / "1" / "film.srt"
    options = ["-map", "0:v", "-map", "0:a", "-map", "1:0", "-c", "copy", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng"]
    subprocess.run([ffmpeg_program(), "-v", "error", "-y", "-i", str(film), "-i", str(source), *options, str(inside)], check=True)
    films.insert(2, ("mov_text inside it", inside))
    return films


def subrip(lines: Sequence[tuple[float, float, str]]) -> str:
    """Lines as a SubRip file."""
    return "\n".join(f"{n}\n{_label(start_s)} --> {_label(end_s)}\n{text}\n" for n, (start_s, end_s, text) in enumerate(lines, start=1))


def _label(time_s: float) -> str:
    minutes, seconds = divmod(round(time_s, 3), 60)
    return f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{int(seconds):02d},{round(seconds % 1 * 1000):03d}"


def _row(name: str, film: Path, rows: Sequence[tuple[float, float, str]], folder: Path) -> str:
    script: Script = write_script(film, workdir=folder / f"work-{film.parent.name}")
    said = [e for e in script.events() if e.dialogue]
    exact = sum(any(e.dialogue == text and abs(e.start_s - start_s) < 1.0 for e in said) for start_s, _, text in rows)
    score = evaluate([SpokenLine(a, b, "", text) for a, b, text in rows], [SpokenLine(e.start_s, e.end_s, "", e.dialogue) for e in said])
    return f"| {name} | {exact} of {len(rows)} | {score.word_error_rate:.3f} | {len(said)} | {' '.join(script.meta.notes)} |"


if __name__ == "__main__":
    main()
