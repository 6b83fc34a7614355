"""The one way in which this package calls ffmpeg: an argument list, files only, and a clear error."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

import imageio_ffmpeg

from .errors import FfmpegError


def program() -> str:
    """The system's ffmpeg, else the packaged one."""
    return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())


def run(arguments: Sequence[str]) -> None:
    """Run ffmpeg to its end; inputs and outputs are local files.

    Raises:
        FfmpegError: it failed.
    """
    command = [program(), "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", *arguments]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FfmpegError((result.stderr.strip().splitlines() or ["no reason given"])[-1])
