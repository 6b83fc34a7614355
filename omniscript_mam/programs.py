"""Where the programs are that this software runs but does not contain: today ffmpeg. Standard library only, so that any package may ask.

An installed ffmpeg comes first, because the system keeps it up to date; otherwise the one that the package ``imageio-ffmpeg`` brings.
One that would fail on every film (it does not start here, is older than 4.4, or was built without an encoder that we need) is passed over
for the next, and that is said.

Contents: :func:`ffmpeg_program`, :func:`ffmpeg_version`, :func:`choose_ffmpeg` (for whoever runs it in another way), :class:`Ffmpeg`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

FFMPEG_REMEDY = "Install ffmpeg, or `pip install imageio-ffmpeg`."
OLDEST = (4, 4)
"""Commands use what every version has from this one on (``tests/inference/media/test_ffmpeg_options.py`` has the list)."""
ENCODERS = ("libx264", "aac")
"""What proxies and rendered films are written with; some distributions build ffmpeg without the first."""
LONGEST_S = 60.0
"""Chosen: longest wait for the program's list of encoders, which takes 0.1 s on an idle machine."""


class Ffmpeg(NamedTuple):
    """The program that fits, and a sentence for each that does not and would have come before it."""

    program: str
    passed_over: tuple[str, ...]


@cache
def ffmpeg_program() -> str:
    """Path of the ffmpeg program.

    Raises:
        FileNotFoundError: there is none; :data:`FFMPEG_REMEDY` says what to do. Each package makes it an error of its own tree.
    """
    return choose_ffmpeg(_encoders).program


def ffmpeg_version() -> str:
    """The first line that the program says of itself and where it is; why there is none, if so."""
    try:
        said = _said_by(ffmpeg_program(), "-version").splitlines()
    except OSError as error:
        return str(error)
    return f"{said[0] if said else 'ffmpeg'} ({ffmpeg_program()})"


def choose_ffmpeg(encoders: Callable[[str], str]) -> Ffmpeg:
    """The first ffmpeg that fits, of those on the PATH and the packaged one.

    Args:
        encoders: runs ``PROGRAM -encoders`` as the program will be run later; returns all that it says, and raises OSError with a reason
            where it cannot be run.

    Raises:
        FileNotFoundError: none fits.
    """
    passed_over: list[str] = []
    for program in _candidates():
        try:
            fault = _fault(encoders(program))
        except OSError as error:
            fault = f"does not run here ({error})"
        if not fault:
            return Ffmpeg(program, tuple(passed_over))
        passed_over.append(f"{program} {fault}.")
    raise FileNotFoundError(" ".join(["There is no ffmpeg program on this machine that can be used.", *passed_over]))


def _candidates() -> Iterator[str]:
    for folder in dict.fromkeys(os.get_exec_path()):
        installed = shutil.which("ffmpeg", path=folder)
        if installed:
            yield str(Path(installed).absolute())
    try:
        import imageio_ffmpeg

        yield str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return


def _fault(said: str) -> str:
    """What is wrong with a program that says this; "" for nothing. A build without a number (from a repository) counts as new."""
    number = re.search(r"^ffmpeg version n?(\d+)\.(\d+)", said, re.MULTILINE)
    if number and (int(number[1]), int(number[2])) < OLDEST:
        return f"is version {number[1]}.{number[2]}, and {OLDEST[0]}.{OLDEST[1]} is the oldest that fits"
    known = set(re.findall(r"^\s*[VAS][\w.]{5}\s+(\S+)", said, re.MULTILINE))
    lacking = [name for name in ENCODERS if name not in known]
    return f"was built without {' and '.join(lacking)}" if lacking else ""


def _encoders(program: str) -> str:
    return _said_by(program, "-encoders")


def _said_by(program: str, option: str) -> str:
    try:
        told = subprocess.run(
            [program, option],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"no answer within {LONGEST_S:.0f} seconds") from error
    if told.returncode:
        raise OSError((told.stderr.strip().splitlines() or [f"exit status {told.returncode}"])[-1][:300])
    return told.stdout + told.stderr
