"""Small test films made with ffmpeg: a white flash and a beep at the same instant, in any container, with any clock.

``Clip`` builds one command; ``look`` surveys a file in this process (fast) and says when the flash and the beep are.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from inference.media import MediaInfo, Spool, ffmpeg_program, survey_ranges
from inference.media.decoding.probing import describe_file
from inference.media.decoding.surveying import survey_range

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")


def run_ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg with these arguments; fails with its message."""
    command = [ffmpeg_program(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


@cache
def program_version() -> int:
    """Major and minor version of the ffmpeg program as 100 * major + minor; builds without a number count as the newest."""
    said = subprocess.run([ffmpeg_program(), "-version"], capture_output=True, text=True, check=True, timeout=60).stdout
    number = re.match(r"ffmpeg version n?(\d+)\.(\d+)", said)
    return 100 * int(number[1]) + int(number[2]) if number else 9900


def frame_timing(mode: str) -> tuple[str, str]:
    """How frames without a constant rate are written ("vfr", "passthrough"), in the words of the program's version."""
    return ("-fps_mode" if program_version() >= 501 else "-vsync", mode)


def turn(source: Path, target: Path) -> None:
    """Copy a film with a display matrix of a quarter turn: an input's option from 6.0 on, a tag before."""
    if program_version() >= 600:
        run_ffmpeg("-display_rotation", "90", "-i", source, "-c", "copy", target)
    else:
        run_ffmpeg("-i", source, "-c", "copy", "-metadata:s:v:0", "rotate=90", target)


def flash_source(flash_s: float, *, duration_s: float = 5.0, rate: str = "25", size: str = "160x120") -> str:
    """A lavfi graph: moving grey picture, white for 0.2 s from ``flash_s``."""
    end_s = flash_s + 0.2
    return (
        f"color=c=0x303030:s={size}:r={rate}:d={duration_s},"
        f"drawbox=x='mod(t*20\\,80)':y=10:w=20:h=20:color=gray:t=fill,"
        f"drawbox=enable='between(t,{flash_s - 0.001},{end_s - 0.001})':color=white:t=fill"
    )


def beep_source(beep_s: float, *, duration_s: float = 5.0, rate_hz: int = 48_000, channels: str = "mono") -> str:
    """A lavfi graph: silence with a 1 kHz beep of 0.2 s from ``beep_s``."""
    wave = f"if(between(t\\,{beep_s}\\,{beep_s + 0.2})\\,0.7*sin(2*PI*1000*t)\\,0)"
    return f"aevalsrc='{'|'.join([wave] * (2 if channels == 'stereo' else 1))}':s={rate_hz}:d={duration_s}:c={channels}"


def make_clip(
    target: Path,
    *options: str,
    flash_s: float = 3.0,
    beep_s: float | None = 3.0,
    duration_s: float = 5.0,
    audio_offset_s: float = 0.0,
    rate: str = "25",
) -> Path:
    """Write a film whose flash is at ``flash_s`` and beep at ``beep_s`` of its own track; the sound track is moved by
    ``audio_offset_s``.
    """
    sound_s = max(0.5, duration_s - audio_offset_s)
    inputs: list[str] = ["-f", "lavfi", "-i", flash_source(flash_s, duration_s=duration_s, rate=rate)]
    if beep_s is not None:
        inputs += ["-itsoffset", str(audio_offset_s), "-f", "lavfi", "-i", beep_source(beep_s, duration_s=sound_s)]
    run_ffmpeg(*inputs, *options, target)
    return target


@dataclass(frozen=True)
class Seen:
    """What a survey saw: when the picture turns white, when the sound starts, and everything else."""

    info: MediaInfo
    spool: Spool
    flash_s: float | None
    beep_s: float | None


def look(path: Path, folder: Path) -> Seen:
    """Probe and survey a file in this process."""
    info = describe_file(path)
    for index, (start_s, end_s) in enumerate(survey_ranges(info)):
        chunk = folder / f"chunk_{index:05d}"
        chunk.mkdir(parents=True)
        survey_range(path, info, chunk, start_s, end_s, lambda share: None)
    spool = Spool(folder, info)
    flash_s = beep_s = None
    if spool.has_video:
        times_s, luma, _ = spool.curve()
        bright = np.flatnonzero(luma > 0.7)
        flash_s = float(times_s[bright[0]]) if len(bright) else None
    if spool.has_audio:
        loud = np.flatnonzero(np.abs(spool.audio(0.0, info.duration_s)) > 0.15)
        beep_s = float(loud[0]) / 16_000 if len(loud) else None
    return Seen(info, spool, flash_s, beep_s)
