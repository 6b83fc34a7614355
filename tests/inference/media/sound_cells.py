"""The films of the sound matrix: container x codec x what is odd about the sound, each written by the ffmpeg program.

Bursts of sound of known start, length and loudness lie in a track that starts late or before the picture, pauses, has a hole, has many
channels, is one of several tracks, has another rate, or stands on a clock that starts elsewhere or wraps. Times are seconds of the sound
track's own time.

Contents: :class:`Cell`, :func:`cells`, :func:`make`, :data:`NOT_WRITTEN`.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inference.media import ffmpeg_program

BURSTS = ((0.52, 0.3, 0.5), (1.36, 0.2, 0.35), (2.9, 0.24, 0.5), (4.2, 0.4, 0.25), (5.31, 0.3, 0.5))
"""(start, length, amplitude) of the bursts."""
LENGTH_S = 6.4

X264 = "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"
MPEG2 = "-c:v mpeg2video -b:v 2M"
D10 = "-c:v mpeg2video -r 25 -s 720x576 -pix_fmt yuv422p -intra_vlc 1 -non_linear_quant 1 -g 0 -qmin 1 -qmax 12 -dc 10 -rc_max_vbv_use 1 "
D10 += "-rc_min_vbv_use 1 -b:v 50000k -minrate 50000k -maxrate 50000k -bufsize 2000000 -rc_init_occupancy 2000000 -f mxf_d10"
VIDEO = {
    **dict.fromkeys(("mp4", "m4v", "mov", "mkv", "ts", "flv", "nut", "3gp", "3g2", "m2ts", "f4v", "ismv", "mp4-frag"), X264),
    **dict.fromkeys(("mpg", "vob", "mxf", "wtv"), MPEG2),
    "dvd": f"{MPEG2} -f dvd", "svcd": f"{MPEG2} -f svcd -s 480x576", "psp": f"{X264} -f psp", "mxf-d10": D10,
    "avi": "-c:v mpeg4", "asf": "-c:v msmpeg4", "wmv": "-c:v wmv2", "gxf": f"{MPEG2} -s 720x576", "ogv": "-c:v libtheora",
    "webm": "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k",
    "dv": "-c:v dvvideo -s 720x576 -pix_fmt yuv420p", "rm": "-c:v rv20 -s 176x144",
    "amv": "-c:v amv -r 25 -block_size 882",
}  # fmt: skip
FILMS = {
    "mp4": "aac ac3 eac3 alac mp3 mp2 libopus flac", "mp4-frag": "aac", "m4v": "aac", "psp": "aac", "ismv": "aac", "3gp": "aac",
    "3g2": "aac",
    "mov": "aac pcm_s16le pcm_s16be pcm_s24be pcm_s32le pcm_f32le pcm_alaw alac ac3 eac3 mp3 adpcm_ima_qt",
    "mkv": "aac libopus libvorbis flac ac3 eac3 mp3 mp2 dca pcm_s16le pcm_s16be pcm_s24le pcm_f32le pcm_alaw wavpack tta alac truehd "
           "adpcm_ms wmav2",
    "webm": "libopus libvorbis", "ts": "aac mp2 mp3 ac3 eac3 dca libopus s302m truehd", "m2ts": "ac3 dca pcm_bluray truehd",
    "mpg": "mp2 ac3", "vob": "mp2 ac3 dca pcm_dvd", "dvd": "ac3", "svcd": "mp2",
    "avi": "mp3 mp2 ac3 pcm_s16le pcm_u8 aac adpcm_ms adpcm_ima_wav pcm_mulaw", "flv": "aac mp3 pcm_s16le nellymoser adpcm_swf",
    "f4v": "aac",
    "mxf": "pcm_s16le pcm_s24le", "mxf-d10": "pcm_s16le", "asf": "wmav2 mp3 aac", "wmv": "wmav1", "ogv": "libvorbis flac libopus",
    "nut": "pcm_s16le aac libvorbis mp3", "wtv": "ac3 mp2", "gxf": "pcm_s16le", "dv": "pcm_s16le", "rm": "ac3", "amv": "adpcm_ima_amv",
}  # fmt: skip
SOUNDS = {
    "wav": "pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_f64le pcm_u8 adpcm_ms adpcm_ima_wav adpcm_yamaha pcm_alaw pcm_mulaw mp3 ac3 "
           "g722 wmav2",
    "wav-bwf": "pcm_s24le", "wav-rf64": "pcm_s16le", "w64": "pcm_s16le", "aiff": "pcm_s16be pcm_s24be pcm_f32be pcm_s16le adpcm_ima_qt",
    "caf": "pcm_s16le pcm_f32be alac flac", "au": "pcm_s16be pcm_f32be pcm_mulaw", "mp3": "mp3", "aac": "aac", "latm": "aac",
    "ac3": "ac3", "eac3": "eac3", "dts": "dca", "thd": "truehd", "mlp": "mlp", "flac": "flac", "tta": "tta", "wv": "wavpack",
    "ogg": "libvorbis libopus flac", "oga": "flac", "mka": "aac libopus flac", "m4a": "aac alac", "voc": "pcm_u8 pcm_s16le", "mp2": "mp2",
    "opus": "libopus", "wma": "wmav2 wmav1", "amr": "libopencore_amrnb", "sox": "pcm_s32le", "sf": "pcm_s16le", "spdif": "ac3",
    "mxf-opatom": "pcm_s16le", "nut-sound": "pcm_s16le",
}  # fmt: skip
OPTIONS = {
    "mp4-frag": "-movflags frag_keyframe+empty_moov", "wav-bwf": "-write_bext 1 -metadata time_reference=172800000",
    "wav-rf64": "-rf64 always",
    "spdif": "-f spdif", "mxf-opatom": "-f mxf_opatom", "sf": "-f ircam", "thd": "-f truehd",
}  # fmt: skip
"""By container; where a name has two parts the first is the file's suffix."""

STATES = ("plain", "late", "early", "pause", "gap", "offset", "stereo", "quad", "5.1", "7.1", "tracks", "44k")
OF_EVERY_CODEC = frozenset({"plain", "gap", "5.1"})
"""What depends on the codec; the rest is the container's matter."""
STARTS_ANYWHERE = frozenset({"ts", "m2ts", "mpg", "vob", "dvd", "svcd", "wtv", "flv"})
"""Containers of broadcasts: the sound may begin after the window in which a reader looks for tracks, and the clock may wrap (MPEG)."""
WRAPS_S = {"ts": 95_440.0, "m2ts": 95_440.0, "mpg": 95_440.0, "vob": 95_440.0}
"""A little before the 33 bits of MPEG's clock are full."""
SOUND_STATES = ("plain", "stereo", "quad", "5.1", "7.1", "44k")
STAMPED = frozenset({"mka", "m4a", "ogg", "oga", "nut-sound", "wma", "opus"})
"""Containers of sound alone that have stamps, so that a hole or another clock may be in them."""

NARROW = frozenset({"voc"})
"""Containers of one or two channels: with more of them FFmpeg cuts packets inside a sample, and the channels change places."""

LAYOUTS = {"stereo": "stereo", "quad": "quad", "5.1": "5.1", "7.1": "7.1"}
SHARES = {
    "mono": (1.0,), "stereo": (1.0, 0.6), "quad": (1.0, 0.6, 0.3, 0.4),
    "5.1": (1.0, 0.6, 0.8, 0.0, 0.3, 0.3), "7.1": (1.0, 0.6, 0.8, 0.0, 0.3, 0.3, 0.2, 0.2),
}  # fmt: skip

NOT_WRITTEN = {
    "no encoder of their sound here": "ilbc lc3 oma gsm adx aea argo_asf argo_cvg codec2 g723_1 apm alp kvag iamf spx",
    "not among the containers that are accepted (admission.py:FORMATS)": "swf smjpeg a64 aptx aptx_hd bit daud dfpwm rso g722 g726 g726le "
    "f32be f32le f64be f64le s16be s16le s24be s24le s32be s32le s8 u16be u16le u24be u24le u32be u32le u8 alaw mulaw vidc sbc_raw wsaud "
    "mmf dash hls hds segment stream_segment,ssegment smoothstreaming webm_chunk webm_dash_manifest mpjpeg pdv",
    "written by the program, but silent when it reads it again": "rm with real_144",
    "pictures only": "dnxhd h261 h263 h264 hevc vvc evc m4v mpeg1video mpeg2video vc1 vc1test cavsvideo avs2 avs3 dirac apv obu ivf "
    "yuv4mpegpipe mjpeg rawvideo gif apng webp avif image2 image2pipe fits ico filmstrip avm2 xv",
}  # fmt: skip
"""What the program writes and the matrix leaves out, by reason."""


READ_AS = "aac m4a mj2 mpegvideo mpeg iff"
"""Names of readers whose writer has another name, and a cell."""


@dataclass(frozen=True)
class Cell:
    """One film of the matrix. ``container`` is a suffix, or a suffix and a word: ``mp4-frag``."""

    container: str
    codec: str
    state: str
    has_picture: bool = True

    @property
    def name(self) -> str:
        """As figures and test names call it."""
        return f"{self.container}-{self.codec}-{self.state}"

    @property
    def suffix(self) -> str:
        """Of the file."""
        return (
            self.container.partition("-")[0] if self.container not in {"dvd", "svcd", "psp"} else {"psp": "mp4"}.get(self.container, "mpg")
        )

    @property
    def layout(self) -> str:
        """Channel layout of the track that is written."""
        return LAYOUTS.get(self.state, "stereo" if self.container == "dv" else "mono")


def cells(*, is_whole: bool = False) -> list[Cell]:
    """Every container and codec with :data:`OF_EVERY_CODEC`, every container with every state; ``is_whole``: all pairs in all states."""
    films = [
        Cell(container, codec, state) for container, codecs in FILMS.items() for codec in codecs.split() for state in _states(container)
    ]
    sounds = [
        Cell(container, codec, state, has_picture=False)
        for container, codecs in SOUNDS.items()
        for codec in codecs.split()
        for state in (
            *(SOUND_STATES if container not in NARROW else ("plain", "stereo", "44k")),
            *(("gap", "offset") if container in STAMPED else ()),
        )
    ]
    first = {(cell.container, cell.has_picture): cell.codec for cell in reversed([*films, *sounds])}
    return [c for c in films + sounds if is_whole or c.state in OF_EVERY_CODEC or c.codec == first[c.container, c.has_picture]]


def _states(container: str) -> tuple[str, ...]:
    return STATES + (("late8",) if container in STARTS_ANYWHERE else ()) + (("wrap",) if container in WRAPS_S else ())


def make(cell: Cell, target: Path) -> bool:
    """Write the film; False where the container or the codec cannot hold it."""
    wave = "+".join(f"{a}*between(t,{t},{t + d})" for t, d, a in BURSTS)
    rate_hz = 44_100 if cell.state == "44k" or cell.container == "flv" else 48_000
    expressions = "|".join(f"{share}*({wave})*sin(2*PI*(700+60*t)*t)" for share in SHARES[cell.layout])
    sound = f"aevalsrc='{expressions}':s={rate_hz}:d={LENGTH_S}:c={cell.layout}"
    if cell.state == "pause":
        sound += ",aselect='lt(t,1.9)+gte(t,3.9)'"
    if cell.state == "gap":
        sound += ",aselect='lt(t,2.2)+gte(t,2.6)'"
    late_s = {"late": 1.5, "late8": 8.0}.get(cell.state, 0.0)
    inputs, maps = [], ["-map", "0:a"]
    if cell.has_picture:
        early = ["-itsoffset", "1.0"] if cell.state == "early" else []
        inputs += [*early, "-f", "lavfi", "-i", f"testsrc2=s=160x120:r=25:d={LENGTH_S + 1.6 + (8 if late_s > 5 else 0)}"]
        maps = ["-map", "0:v", "-map", "1:a"]
    inputs += [*(["-itsoffset", str(late_s)] if late_s else []), "-f", "lavfi", "-i", sound]
    if cell.state == "tracks":
        inputs += ["-f", "lavfi", "-i", f"aevalsrc='0.3*between(t,3.5,3.8)*sin(1900*t)':s=48000:d={LENGTH_S}:c=mono"]
        maps += ["-map", "2:a"]
    codecs = [*(VIDEO[cell.container].split() if cell.has_picture else []), "-c:a", cell.codec, *OPTIONS.get(cell.container, "").split()]
    offset_s = {"offset": 7.3, "wrap": WRAPS_S.get(cell.container, 0.0)}.get(cell.state, 0.0)
    clock = ["-output_ts_offset", str(offset_s)] if offset_s else []
    command = [ffmpeg_program(), "-v", "error", "-nostdin", "-y", *inputs, *maps, *codecs, "-strict", "-2", "-bitexact", *clock, target]
    done = subprocess.run(list(map(str, command)), capture_output=True, check=False, timeout=120)
    return done.returncode == 0 and target.is_file() and target.stat().st_size > 500


def _names(option: str, column: int) -> set[str]:
    said = subprocess.run([ffmpeg_program(), "-hide_banner", option], capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.split() for line in said.splitlines() if line.startswith(" ") and "=" not in line]
    return {name for row in rows if len(row) > column for name in row[column].split(",")}


@cache
def muxers() -> frozenset[str]:
    """The containers that the program writes."""
    return frozenset(_names("-muxers", 1))


@cache
def demuxers() -> frozenset[str]:
    """The containers that the program reads."""
    return frozenset(_names("-demuxers", 1))


def written_by_none(names: set[str]) -> list[str]:
    """Those of some containers that the program only reads."""
    return sorted(names - muxers() - set(READ_AS))
