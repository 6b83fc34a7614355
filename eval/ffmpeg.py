"""The one way in which this package calls ffmpeg: an argument list, files only, and a clear error."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from omniscript_mam.programs import FFMPEG_REMEDY, ffmpeg_program

from .errors import FfmpegError


def program() -> str:
    """The system's ffmpeg, else the packaged one.

    Raises:
        FfmpegError: there is neither.
    """
    try:
        return ffmpeg_program()
    except FileNotFoundError as error:
        raise FfmpegError(str(error), remedy=FFMPEG_REMEDY) from error


def run(arguments: Sequence[str]) -> None:
    """Run ffmpeg to its end; inputs and outputs are local files.

    Raises:
        FfmpegError: it failed, or there is none.
    """
    command = [program(), "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", *arguments]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FfmpegError((result.stderr.strip().splitlines() or ["no reason given"])[-1])
