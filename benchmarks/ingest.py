"""What the whole pipeline costs beside the bare recogniser, and whether memory stays flat with the film's length.

    python benchmarks/ingest.py [FILM] [--minutes 10 60]

FILM (by default the one that eval/world renders) is looped to each length. The pipeline is `omniscript write` (one decode, ears and
eyes side by side, merge); the bare recogniser is `benchmarks/bare.py`. Both are whole processes, one after the other, with the same
number of threads, the same model and the same settings.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import Measured, measure

from inference.media import ffmpeg_program


def main() -> None:
    """Print a table in Markdown: one row a length."""
    parser = argparse.ArgumentParser()
    parser.add_argument("film", nargs="?", type=Path)
    parser.add_argument("--minutes", nargs="+", type=float, default=[10.0])
    parser.add_argument("--language", default="en")
    arguments = parser.parse_args()
    print("| minutes | pipeline | bare recogniser | pipeline ÷ bare | peak memory of the pipeline |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        source = arguments.film or _rendered(Path(scratch))
        for minutes in arguments.minutes:
            film = _looped(source, minutes * 60, Path(scratch) / "film.mp4")
            bare = measure([sys.executable, "benchmarks/bare.py", str(film), "--language", arguments.language])
            ours = _pipeline(film, arguments.language, Path(scratch))
            times = f"{ours.wall_s:.0f} s | {bare.wall_s:.0f} s | {ours.wall_s / bare.wall_s:.2f}"
            print(f"| {minutes:g} | {times} | {ours.peak_bytes / 1e9:.2f} GB |", flush=True)


def _pipeline(film: Path, language: str, scratch: Path) -> Measured:
    command = [sys.executable, "-m", "omniscript_mam.cli", "write", str(film), "--output-json", str(scratch / "script.json")]
    return measure([*command, "--language", language])


def _rendered(folder: Path) -> Path:
    film = folder / "rendered.mp4"
    subprocess.run([sys.executable, "-m", "eval.world", "--story", "two-hander", "--output", str(film)], check=True, stdout=sys.stderr)
    return film


def _looped(source: Path, seconds: float, target: Path) -> Path:
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", f"file:{source}", "-t", str(seconds)]
    subprocess.run([*command, "-c", "copy", f"file:{target}"], check=True)
    return target


if __name__ == "__main__":
    main()
