"""``make demo``: real footage in, scripts out, questions answered, page up.

It is a list of the same commands that a user types, each printed before it runs. Footage comes from packages, so it needs nothing
but the package registries; a source that is not to be had is named, and the next is taken:

1. "Wanna Work Together?" (Creative Commons, 3 minutes, narrated) from Debian's package openboard-common;
2. two minutes of "Big Buck Bunny" (CC BY 3.0, Blender Foundation) from the source package of moviepy;
3. a one-minute two-hander that the project renders itself, with speech;
4. any file given as ``FILM=…``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from inference.errors import WeightsError
from inference.weights.pins import Archive
from inference.weights.source_archives import fetch_source
from omniscript_mam.commands.output import echo, styled

OPENBOARD_FILM = "usr/share/openboard/library/videos/wannaworktogether.mp4"
OPENBOARD_SHA256 = "0659d8c895e01fd01490dc55d2ff9117fb8f3f19b3e1b8198856d8c0e3d612fb"
MOVIEPY = Archive("moviepy", "2.2.1", "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1", 0, is_source=True)
MOVIEPY_ZIP = "moviepy-2.2.1/docs/_static/medias/getting_started/moviepy_10_minutes/moviepy_10_minutes.zip"
EXCERPT_S = (140, 120)
"""Start and length, in seconds, of the excerpt of the film in moviepy: the rodents' entry and the first chase."""

QUESTIONS = (
    "Maria argues with Tom at night",
    '"share"',
    "who:Tom only by day",
    "sounds: music",
    "a submarine captain orders lasagne",
)
"""Sample queries: a relation with a time of day, an exact word, a person with an exclusion, a sound, and one that nothing answers."""


class SourceMissing(Exception):
    """This footage is not to be had here; the message says why."""


def main() -> int:
    """Run the demo; the exit status is that of the page's server."""
    parser = argparse.ArgumentParser(prog="make demo", description="Ingest real footage, search it, and serve the web page.")
    parser.add_argument("--film", type=Path, help="a film of your own to ingest as well")
    parser.add_argument("--no-serve", action="store_true", help="stop after the sample queries")
    arguments = parser.parse_args()
    footage = _footage(Path(os.environ["OMNISCRIPT_DATA_DIR"]) / "demo", arguments.film)
    if not footage:
        echo("There is no footage to show: give a film of your own, make demo FILM=/path/to/film.mp4", err=True)
        return 1
    if _run("ingest", *map(str, footage)):
        echo("Not every film could be ingested; the page shows why and how to go on.", err=True)
    for question in QUESTIONS:
        _run("search", question, "--limit", "3")
    return 0 if arguments.no_serve else _run("serve")


def _run(*arguments: str) -> int:
    echo()
    echo(styled(f"$ omniscript {' '.join(_quoted(argument) for argument in arguments)}", bold=True))
    try:
        return subprocess.run([sys.executable, "-m", "omniscript_mam.cli", *arguments], check=False).returncode
    except KeyboardInterrupt:
        return 130


def _quoted(argument: str) -> str:
    return argument if argument and not set(argument) & set(" \"'$*?") else "'" + argument.replace("'", "'\\''") + "'"


def _footage(folder: Path, film: Path | None) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    sources = (
        ("Wanna Work Together.mp4", "the narrated film in Debian's openboard-common", _from_openboard),
        ("Big Buck Bunny (two minutes).mp4", "two minutes of the film in moviepy's source package", _from_moviepy),
        ("The Two-Hander.mp4", "a one-minute two-hander, rendered here with speech", _rendered),
    )
    films = []
    for name, description, fetch in sources:
        target = folder / name
        if not target.exists():
            echo(styled(f"Getting {description} …", bold=True))
            try:
                _fetch(fetch, target)
            except SourceMissing as reason:
                echo(f"  not to be had here: {reason}")
                continue
        echo(f"  {target}")
        films.append(target)
    if film is not None:
        films.append(film)
    return films


def _fetch(fetch: object, target: Path) -> None:
    """Let ``fetch`` make the file beside its final place, so that an interrupted download leaves nothing half done."""
    assert callable(fetch)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = fetch(Path(scratch))
        made.replace(target)


def _from_openboard(scratch: Path) -> Path:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise SourceMissing("this is not a Debian or Ubuntu machine")
    # apt insists on a folder that its own user may write to, else it warns; a package that never was looked up needs an update first.
    _command(["apt-get", "download", "openboard-common"], scratch, update=["apt-get", "update", "-qq"])
    package = next(scratch.glob("openboard-common_*.deb"))
    _command(["dpkg", "-x", str(package), str(scratch / "unpacked")], scratch)
    film = scratch / "unpacked" / OPENBOARD_FILM
    if not film.exists():
        raise SourceMissing("this version of openboard-common has no such film")
    _check(film, OPENBOARD_SHA256)
    return film


def _from_moviepy(scratch: Path) -> Path:
    from inference.media import ffmpeg_program

    try:
        archive = fetch_source(MOVIEPY, scratch / "source", lambda num_bytes: None)
    except WeightsError as error:
        raise SourceMissing(str(error)) from error
    whole = scratch / "whole.mp4"
    # Nothing is unpacked by a name of its own: one known member is opened, and of the zip in it the largest file is copied.
    with tarfile.open(archive) as tar, tar.extractfile(MOVIEPY_ZIP) as packed, zipfile.ZipFile(packed) as zipped:  # type: ignore[union-attr]
        name = max(zipped.namelist(), key=lambda entry: zipped.getinfo(entry).file_size)
        with zipped.open(name) as source, whole.open("wb") as target:
            shutil.copyfileobj(source, target)
    excerpt = scratch / "excerpt.mp4"
    start_s, length_s = map(str, EXCERPT_S)
    cut = [
        ffmpeg_program(),
        "-nostdin",
        "-v",
        "error",
        "-ss",
        start_s,
        "-i",
        f"file:{whole}",
        "-t",
        length_s,
        "-c",
        "copy",
        f"file:{excerpt}",
    ]
    _command(cut, scratch)
    return excerpt


def _rendered(scratch: Path) -> Path:
    from eval import world

    film = scratch / "two-hander.mp4"
    _command([sys.executable, "-m", world.__name__, "--story", "two-hander", "--output", str(film)], None)
    return film


def _command(command: list[str], folder: Path | None, update: list[str] | None = None) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode and update:
        subprocess.run(update, capture_output=True, check=False)
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SourceMissing(f"{Path(command[0]).name} said: {last}")


def _check(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise SourceMissing(f"{path.name} is not the file we know (SHA-256 {digest[:16]}…)")


if __name__ == "__main__":
    sys.exit(main())
