"""The sound matrix: what we hear of short films in every container and codec, held against the ffmpeg program's own decode.

The films have sound that starts late, pauses, has holes, has many channels or tracks, or a clock that starts elsewhere.

A cell is right when every burst of sound is found, within one frame (40 ms) and 1 dB of the program's decode, in the survey and in
the proxy. Times are seconds from the first displayed frame. The suite runs some of the cells, ``benchmarks/sound_matrix.py`` all.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.media import MediaInfo, ffmpeg_program, make_proxy
from tests.inference.media.clips import look

RATE_HZ = 16_000
STEP_S = 0.005
BURSTS = ((0.52, 0.3, 0.5), (1.36, 0.2, 0.35), (2.9, 0.24, 0.5), (4.2, 0.4, 0.25), (5.31, 0.3, 0.5))
"""(start, length, amplitude) of the bursts of the sound track's own time."""
LENGTH_S = 6.4

X264 = "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"
MPEG2 = "-c:v mpeg2video -b:v 2M"
VIDEO = {
    **dict.fromkeys(("mp4", "mov", "mkv", "ts", "flv", "nut", "3gp", "m2ts", "f4v"), X264), **dict.fromkeys(("mpg", "vob", "mxf", "wtv"), MPEG2),
    "avi": "-c:v mpeg4", "asf": "-c:v msmpeg4", "wmv": "-c:v wmv2", "gxf": f"{MPEG2} -s 720x576", "ogv": "-c:v libtheora",
    "webm": "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k",
}  # fmt: skip
FILMS = {
    "mp4": "aac ac3 eac3 alac mp3 mp2 libopus flac", "mov": "aac pcm_s16le pcm_s24be pcm_f32le alac ac3",
    "mkv": "aac libopus libvorbis flac ac3 eac3 mp3 mp2 pcm_s16le pcm_s24le pcm_f32le wavpack tta alac truehd",
    "webm": "libopus libvorbis", "ts": "aac mp2 mp3 ac3 eac3 libopus s302m", "m2ts": "ac3 pcm_bluray", "mpg": "mp2 ac3",
    "vob": "mp2 ac3 pcm_dvd", "avi": "mp3 mp2 ac3 pcm_s16le aac", "flv": "aac mp3", "f4v": "aac", "3gp": "aac",
    "mxf": "pcm_s16le pcm_s24le", "asf": "wmav2 mp3", "wmv": "wmav1", "ogv": "libvorbis flac libopus",
    "nut": "pcm_s16le aac libvorbis", "wtv": "ac3 mp2", "gxf": "pcm_s16le",
}  # fmt: skip
SOUNDS = {
    "wav": "pcm_s16le pcm_s24le pcm_f32le pcm_u8 adpcm_ms adpcm_ima_wav pcm_alaw", "w64": "pcm_s16le", "aiff": "pcm_s16be pcm_s24be",
    "caf": "pcm_s16le alac", "au": "pcm_s16be pcm_mulaw", "mp3": "mp3", "aac": "aac", "ac3": "ac3", "eac3": "eac3", "flac": "flac",
    "tta": "tta", "wv": "wavpack", "ogg": "libvorbis libopus flac", "mka": "aac", "m4a": "aac alac", "voc": "pcm_u8", "mp2": "mp2",
    "opus": "libopus", "wma": "wmav2",
}  # fmt: skip
STATES = ("plain", "late", "pause", "gap", "offset", "stereo", "5.1", "7.1", "tracks")


@dataclass(frozen=True)
class Cell:
    """One film of the matrix."""

    suffix: str
    codec: str
    state: str
    has_picture: bool = True

    @property
    def name(self) -> str:
        """As figures and test names call it."""
        return f"{self.suffix}-{self.codec}-{self.state}"


@dataclass(frozen=True)
class Difference:
    """How far what we hear lies from the program's decode: worst burst's time and level, and bursts missed or made up."""

    time_s: float
    level_db: float
    num_wrong: int
    num_bursts: int


def cells() -> list[Cell]:
    """All of them. Sound alone has no picture to be late to, and several tracks only in Matroska and MP4."""
    films = [Cell(suffix, codec, state) for suffix, codecs in FILMS.items() for codec in codecs.split() for state in STATES]
    sounds = [
        Cell(suffix, codec, state, has_picture=False)
        for suffix, codecs in SOUNDS.items()
        for codec in codecs.split()
        for state in ("plain", "stereo", "5.1", "7.1")
    ]
    return films + sounds


def make(cell: Cell, target: Path) -> bool:
    """Write the film; False where the container or the codec cannot hold it."""
    wave = "+".join(f"{a}*between(t,{t},{t + d})" for t, d, a in BURSTS)
    channels = {"stereo": 2, "5.1": 6, "7.1": 8}.get(cell.state, 1)
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[channels]
    shares = [1.0, 0.6, 0.8, 0.0, 0.3, 0.3, 0.2, 0.2][:channels]
    sound = f"aevalsrc='{'|'.join(f'{share}*({wave})*sin(2*PI*(700+60*t)*t)' for share in shares)}':s=48000:d={LENGTH_S}:c={layout}"
    if cell.state == "pause":
        sound += ",aselect='lt(t,1.9)+gte(t,3.9)'"
    if cell.state == "gap":
        sound += ",aselect='lt(t,2.2)+gte(t,2.6)'"
    late = ["-itsoffset", "1.5"] if cell.state == "late" else []
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=160x120:r=25:d={LENGTH_S + 1.6}"] if cell.has_picture else []
    inputs = [*picture, *late, "-f", "lavfi", "-i", sound]
    maps = ["-map", "0:v", "-map", "1:a"] if cell.has_picture else ["-map", "0:a"]
    if cell.state == "tracks":
        inputs += ["-f", "lavfi", "-i", f"aevalsrc='0.3*between(t,3.5,3.8)*sin(1900*t)':s=48000:d={LENGTH_S}:c=mono"]
        maps += ["-map", "2:a"]
    codecs = [*VIDEO[cell.suffix].split(), "-c:a", cell.codec] if cell.has_picture else ["-c:a", cell.codec]
    offset = ["-output_ts_offset", "7.3"] if cell.state == "offset" else []
    command = [ffmpeg_program(), "-v", "error", "-nostdin", "-y", *inputs, *maps, *codecs, "-strict", "-2", "-bitexact", *offset, target]
    done = subprocess.run(list(map(str, command)), capture_output=True, check=False, timeout=120)
    return done.returncode == 0 and target.is_file() and target.stat().st_size > 500


def _raw(*arguments: str | Path) -> np.ndarray:
    command = [ffmpeg_program(), "-v", "quiet", "-nostdin", *map(str, arguments), "-f", "s16le", "-c:a", "pcm_s16le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=False, timeout=120).stdout, "<i2").astype(np.float32) / 32768


def _program_zero_s(path: Path) -> float:
    """When the program first shows a picture (or plays a sound), on the container's clock."""
    for kind in ("v", "a"):
        command = [
            ffmpeg_program(),
            "-v",
            "quiet",
            "-copyts",
            "-i",
            path,
            "-map",
            f"0:{kind}:0",
            f"-frames:{kind}",
            "1",
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


def program_decode(path: Path, index: int, first: str = "") -> np.ndarray:
    """One track as the program decodes it: 16 kHz mono, on the film's clock, holes filled with silence.

    Args:
        first: a format that it is brought to before, as ``aformat`` takes it, with a comma behind it.
    """
    clock = f"asetpts=PTS-({_program_zero_s(path):.6f})/TB,aresample={RATE_HZ}:async=1:first_pts=0"
    chain = f"{clock},{'aformat=' + first if first else ''}aformat=sample_fmts=s16:channel_layouts=mono"
    return _raw("-copyts", "-i", path, "-map", f"0:{index}", "-af", chain)


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
    """Make a cell's film and hear it; None where it cannot be made."""
    path = folder / f"{cell.name}.{cell.suffix}"
    if not make(cell, path):
        return None
    seen = look(path, folder / f"{cell.name}-spool")
    info = seen.info
    track = info.heard_audio[0]
    decodes = [program_decode(path, one.index) for one in info.heard_audio]
    longest = max(map(len, decodes))  # mono tracks alike are one production's, and mixed at equal power
    theirs = np.sum([np.pad(decode, (0, longest - len(decode))) for decode in decodes], axis=0) / np.sqrt(len(decodes))
    survey = seen.spool.audio(0.0, info.duration_s)
    proxy = make_proxy(path, info, folder / f"{cell.name}-proxy", lambda share, message: None)
    # FFmpeg mixes to two channels with other shares than to one, and a proxy has two.
    theirs_2 = program_decode(path, track.index, "sample_fmts=s16:channel_layouts=stereo,") if track.num_channels > 2 else theirs
    played = program_decode(proxy.path, 1 if info.video else 0)
    return info, {"survey": difference(survey, theirs), "proxy": difference(played, theirs_2)}
