"""The sound matrix: what we hear of short films in every container and codec, held against the ffmpeg program's own decode.

The films have sound that starts late, pauses, has holes, has many channels or tracks, or a clock that starts elsewhere.

A cell is right when every burst of sound is found, within one frame (40 ms) and 1 dB of the program's decode, in the survey and in
the proxy. Times are seconds from the first displayed frame. The suite runs some of the cells, ``benchmarks/sound_matrix.py`` all.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.media import MediaInfo, Spool, ffmpeg_program, make_proxy, make_waveform, probe, survey_chunk, survey_ranges
from tests.inference.media.sound_cells import SHARES, Cell, make

RATE_HZ = 16_000
STEP_S = 0.005
FRAME_S, LEVEL_DB = 0.04, 1.0
"""What is right."""
FINE = {"v": ("-enc_time_base", "1/90000"), "a": ()}
"""Else the first picture's stamp is rounded to whole frames."""
FAR = ("-analyzeduration", "30M", "-probesize", "100M")
"""So that the program knows a track that begins late."""


@dataclass(frozen=True)
class Difference:
    """How far what we hear lies from the program's decode: worst burst's time and level, and bursts missed or made up."""

    time_s: float
    level_db: float
    num_wrong: int
    num_bursts: int

    @property
    def is_right(self) -> bool:
        """Whether every burst is there, within a frame and 1 dB."""
        return self.num_bursts >= 4 and self.num_wrong == 0 and self.time_s <= FRAME_S and self.level_db <= LEVEL_DB


def _raw(*arguments: str | Path) -> np.ndarray:
    command = [ffmpeg_program(), "-v", "quiet", "-nostdin", *map(str, arguments), "-f", "s16le", "-c:a", "pcm_s16le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=False, timeout=120).stdout, "<i2").astype(np.float32) / 32768


def _program_zero_s(path: Path, clock: tuple[str, ...]) -> float:
    """When the program first shows a picture (or plays a sound), on the container's clock or the one that the program makes of it."""
    for kind in ("v", "a"):
        command = [
            ffmpeg_program(),
            "-v",
            "quiet",
            *clock,
            *FAR,
            "-i",
            path,
            "-map",
            f"0:{kind}:0",
            f"-frames:{kind}",
            "1",
            *FINE[kind],
            "-f",
            "framecrc",
            "-",
        ]
        text = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60).stdout
        base = next((line.split()[-1] for line in text.splitlines() if line.startswith("#tb")), "")
        rows = [line for line in text.splitlines() if line and not line.startswith("#")]
        if base and rows:
            number, unit = map(int, base.split("/"))
            return int(rows[0].split(",")[2]) * number / unit
    return 0.0


def program_decode(path: Path, index: int, first: str = "", clock: tuple[str, ...] = ("-copyts",)) -> np.ndarray:
    """One track as the program decodes it: 16 kHz mono, on the film's clock, holes filled with silence.

    Args:
        first: a format that it is brought to before, as ``aformat`` takes it, with a comma behind it.
        clock: () where the container's own clock goes back to zero on the way, which the program mends then.
    """
    zeroed = f"asetpts=PTS-({_program_zero_s(path, clock):.6f})/TB,aresample={RATE_HZ}:async=1:first_pts=0"
    chain = f"{zeroed},{'aformat=' + first if first else ''}aformat=sample_fmts=s16:channel_layouts=mono"
    return _raw(*clock, *FAR, "-i", path, "-map", f"0:{index}", "-af", chain)


def bursts(samples: np.ndarray) -> list[tuple[float, float]]:
    """(start, level in dB) of every stretch of sound."""
    width = round(STEP_S * RATE_HZ)
    power = np.square(samples[: len(samples) // width * width].reshape(-1, width)).mean(axis=1)
    if not len(power) or power.max() <= 0:
        return []
    loud = np.convolve(power > 0.02 * power.max(), np.ones(9), "same") > 0  # joins what is less than 45 ms apart
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    return [
        ((first + 4) * STEP_S, 10 * float(np.log10(power[first:past].sum() * STEP_S + 1e-12)))
        for first, past in zip(edges[::2], edges[1::2], strict=True)
        if past - first > 12
    ]


def difference(ours: np.ndarray, theirs: np.ndarray) -> Difference:
    """Burst by burst."""
    mine, right = bursts(ours), bursts(theirs)
    time_s, level_db, num_wrong = 0.0, 0.0, abs(len(mine) - len(right))
    for start_s, level in right:
        near = min(mine, key=lambda burst: abs(burst[0] - start_s), default=None)
        if near is None or abs(near[0] - start_s) > 0.3:
            num_wrong += 1
            continue
        time_s, level_db = max(time_s, abs(near[0] - start_s)), max(level_db, abs(near[1] - level))
    return Difference(time_s, level_db, num_wrong, len(right))


def heard_of(cell: Cell, folder: Path) -> tuple[MediaInfo, dict[str, Difference]] | None:
    """Make a cell's film and hear it as a job would, in children with limits; None where it cannot be made."""
    path = folder / f"{cell.name}.{cell.suffix}"
    if not make(cell, path):
        return None
    info = probe(path)
    track = info.heard_audio[0]
    if track.num_channels < len(SHARES[cell.layout]):
        return None  # the codec holds fewer channels, and the program mixed them
    spool = Spool(folder / f"{cell.name}-spool", info)
    for index in range(len(survey_ranges(info))):
        survey_chunk(path, info, spool.spool_dir, index)
    clock = () if cell.state == "wrap" else ("-copyts",)
    decodes = [program_decode(path, one.index, clock=clock) for one in info.heard_audio]
    longest = max(map(len, decodes))  # mono tracks alike are one production's, and mixed at equal power
    theirs = np.sum([np.pad(decode, (0, longest - len(decode))) for decode in decodes], axis=0) / np.sqrt(len(decodes))
    survey = spool.audio(0.0, info.duration_s)
    proxy = make_proxy(path, info, folder / f"{cell.name}-proxy", lambda share, message: None)
    # FFmpeg mixes to two channels with other shares than to one, and a proxy has two.
    theirs_2 = program_decode(path, track.index, "sample_fmts=s16:channel_layouts=stereo,", clock) if track.num_channels > 2 else theirs
    played = program_decode(proxy.path, 1 if info.video else 0)
    wave = make_waveform(path, info, folder / f"{cell.name}-wave", lambda share, message: None, spool)
    return info, {"survey": difference(survey, theirs), "proxy": difference(played, theirs_2), "waveform": _drawn(wave.path, theirs)}


def _drawn(waveform: Path, theirs: np.ndarray) -> Difference:
    """How far the drawn peaks lie from those of the program's decode: the worst stretch of sound's first peak and its height."""
    data = json.loads(waveform.read_text())
    width = RATE_HZ // data["rate_hz"]
    count = len(data["max"])
    padded = np.pad(theirs, (0, max(0, count * width - len(theirs))))[: count * width].reshape(count, width)
    mine, right = np.array(data["max"]) / 127, padded.max(axis=1, initial=0.0)
    ours, wanted = (_first_peaks(peaks) for peaks in (mine, right))
    if len(ours) != len(wanted):
        return Difference(0.0, 0.0, abs(len(ours) - len(wanted)), len(wanted))
    steps = [abs(one[0] - other[0]) for one, other in zip(ours, wanted, strict=True)]
    levels = [abs(20 * np.log10(one[1] / other[1])) for one, other in zip(ours, wanted, strict=True)]
    # A peak stands for a twentieth of a second, so a neighbouring one may be a sample away.
    return Difference(max(0, max(steps, default=0) - 1) / data["rate_hz"], float(max(levels, default=0.0)), 0, len(wanted))


def _first_peaks(peaks: np.ndarray) -> list[tuple[int, float]]:
    """(number of the first peak, highest) of every stretch of sound."""
    loud = peaks > 0.2 * peaks.max(initial=0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    return [(int(first), float(peaks[first:past].max())) for first, past in zip(edges[::2], edges[1::2], strict=True)]
