"""Commands use only what FFmpeg 4.4 to 9 have: every option and filter is on one list, and the program at hand knows each of them."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from inference.errors import DecoderStoppedError, InferenceError
from inference.media import AudioStream, MediaInfo, VideoStream, ffmpeg_program, make_proxy
from inference.media import outside as outside_sound
from inference.media.description import SubtitleStream
from inference.media.outside_pictures import outside_picture, outside_pictures
from inference.media.sandbox import ffmpeg as runner
from inference.media.sandbox.process import Outcome
from inference.media.subtitle_tracks import read_teletext

ROOT = Path(__file__).resolve().parents[3]

OPTIONS = frozenset(
    "ac acodec an ar b:a bf bitexact c c:a c:s c:v copyts crf enc_time_base f filter_complex "
    "filter_complex_threads force_key_frames format_whitelist frames:v g "
    "hide_banner i keyint_min loglevel map map_chapters map_metadata movflags noaccurate_seek noautorotate "
    "nostats nostdin pix_fmt preset profile:v progress "
    "protocol_whitelist r reset_timestamps rf64 s sc_threshold segment_time ss t threads to txt_format v vcodec vf vn y".split()
)
"""In every version from 4.4 to 9. Left out on purpose: vsync (gone in 9), fps_mode (since 5.1), display_rotation (since 6.0), and the
``rotate`` tag (written up to 5.1)."""

FILTERS = {
    "aformat": "channel_layouts sample_fmts",
    "amix": "duration inputs normalize",
    "aresample": "async first_pts",
    "asetpts": "",
    "atrim": "end start",
    "drawbox": "color h t y",
    "format": "",
    "fps": "fps start_time",
    "lut3d": "file interp",
    "pan": "",
    "scale": "flags in_color_matrix out_color_matrix out_range",
    "setparams": "color_primaries color_trc colorspace range",
    "setpts": "",
    "setsar": "",
    "volume": "precision",
    "yadif": "deint",
}
"""With their named options. Left out on purpose: zscale (builds without zimg), aresample's ``ocl`` and ``ochl`` (renamed in 5.1)."""

CODECS = frozenset("aac copy ffv1 libx264 pcm_f32le pcm_s16le rawvideo srt".split())
FORMATS = frozenset("mov mp4 nut s16le srt wav".split())
"""Encoders and muxers by name."""

WRITTEN_OUT = frozenset(
    "eval/dataset.py eval/runner.py eval/ffmpeg.py eval/world/rendering.py inference/media/sandbox/ffmpeg.py "
    "omniscript_mam/demo.py omniscript_mam/programs.py omniscript_mam/commands/checks.py".split()
)
"""Modules whose options stand in them as text."""
BUILT = frozenset(
    "inference/media/outside.py inference/media/outside_pictures.py "
    "inference/media/renditions/proxy.py inference/media/subtitle_tracks.py".split()
)
"""Modules that build commands; ``commands`` has each of theirs."""
ASKED = frozenset({"encoders", "version", "m", "qq", "x"})
"""Options that ask the program about itself, and those of other programs (python, apt-get, dpkg) in the same modules."""
TELETEXT = "txt_format"
"""An option of the decoder that only builds with libzvbi have."""

VIDEO = VideoStream(0, "hevc", 1920, 1080, 90, Fraction(25), False, 0.0, 25, 1920, 1080, duration_s=1.0)
TRACKS = tuple(AudioStream(number, "pcm_s16le", 48_000, 1, "mono", 0.0) for number in (1, 2))
PLAIN = MediaInfo(1000, "matroska,webm", 200.0, video=VIDEO, audio=TRACKS, heard=(0, 1), zero_s=5.0)
STORED = {"width_px": 640, "height_px": 360, "coded_width_px": 640, "coded_height_px": 360}
COPIED = replace(VIDEO, codec="h264", rotation_deg=0, pixel_format="yuv420p", **STORED)
KINDS = {
    "mixed": PLAIN,
    "interlaced": replace(PLAIN, video=replace(VIDEO, is_interlaced=True), has_jumps=True),
    "high dynamic range": replace(PLAIN, video=replace(VIDEO, transfer="pq"), heard=()),
    "weighed": replace(PLAIN, audio=(replace(TRACKS[0], num_channels=18, weights=(0.5,) * 18),), heard=(0,)),
    "many channels": replace(PLAIN, audio=(replace(TRACKS[0], num_channels=6, layout="5.1"),), heard=(0,)),
    "sound": replace(PLAIN, video=None),
    "copied": replace(PLAIN, video=COPIED, heard=(), zero_s=0.0),
}


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every command that the media package builds, caught before it runs."""
    caught: list[list[str]] = []
    ffmpeg_program()  # chosen before nothing runs any more

    def catch(argv: list[str], *rest: object) -> Outcome:
        caught.append(argv)
        return Outcome(1, "caught")

    monkeypatch.setattr(runner, "run_limited", catch)
    path = tmp_path / "film.mkv"
    for info in KINDS.values():
        with pytest.raises(InferenceError):
            make_proxy(path, info, tmp_path, lambda share, message: None)
    with pytest.raises(InferenceError):
        outside_sound.outside_stretch(path, PLAIN, TRACKS[0], (120.0, 200.0), tmp_path / "stretch.s16")
    assert outside_sound.outside_beginning(path, 1, tmp_path / "beginning.wav") is None
    assert read_teletext(path, PLAIN, SubtitleStream(3, "dvb_teletext")) == b""
    assert outside_picture(path, 0, tmp_path / "first.mov") is None
    with pytest.raises(DecoderStoppedError):
        outside_pictures(path, PLAIN, 120.0, lambda outlet, is_counted: os.close(outlet) or {"saw_end": True, "first_s": None})
    assert len(caught) == len(KINDS) + 5
    return caught


def _options(argv: list[str]) -> set[str]:
    return {word[1:] for word in argv if re.fullmatch(r"-[a-z][a-z0-9_:]*", word)}


def _filters(graph: str) -> list[tuple[str, set[str]]]:
    """Names and named options of a graph's filters."""
    steps = re.findall(r"\](\w+)(?:=((?:\\.|[^\[\];\\])*))?\[", graph)
    return [(name, set(re.findall(r"(?:^|:)([a-z_0-9]+)=", text))) for name, text in steps]


def test_commands_are_made_of_what_every_version_has(commands: list[list[str]]) -> None:
    used: set[str] = set()
    codecs: set[str] = set()
    formats: set[str] = set()
    for argv in commands:
        assert _options(argv) <= OPTIONS
        pairs = list(pairwise(argv))
        codecs |= {value for option, value in pairs if re.fullmatch(r"-([avs]codec|c|c:[avs])", option)}
        formats |= {value for option, value in pairs if option == "-f"}
        graph = argv[argv.index("-filter_complex") + 1] if "-filter_complex" in argv else ""
        for name, named in _filters(graph):
            assert named <= set(FILTERS[name].split()), (name, named)
            used.add(name)
    assert used == set(FILTERS) - {"drawbox"}, "the list has what is used, and nothing else (drawbox is eval's)"
    assert (codecs, formats) == (CODECS, FORMATS)


def test_no_command_escapes_the_list() -> None:
    """Whatever asks for the program, or runs it, is a module that the tests here read."""
    askers = set()
    for package in ("eval", "inference", "omniscript_mam", "search", "training"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text()
            if re.search(
                r"\b(run_ffmpeg|stream_ffmpeg|ffmpeg_program|ffmpeg\.run|ffmpeg\.program)\(|\bffmpeg_program\b.*\n(?=.*subprocess)", text
            ):
                askers.add(file.relative_to(ROOT).as_posix())
    assert askers == WRITTEN_OUT | BUILT


def test_options_written_out_are_on_the_list() -> None:
    used: set[str] = set()
    for name in WRITTEN_OUT:
        tree = ast.parse((ROOT / name).read_text())
        words = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        used |= _options(words)
    assert len(used) > 15
    assert used - ASKED <= OPTIONS


def test_this_program_knows_every_option() -> None:
    asked = [ffmpeg_program(), "-hide_banner", "-h", "full"]
    known = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    names = set(re.findall(r"^\s*-([a-z][a-z0-9_]*)", known, re.MULTILINE))
    asked_for = {re.sub("^no(?=std|stat|auto|accu)", "", option.split(":")[0]) for option in OPTIONS}
    decoders = subprocess.run([ffmpeg_program(), "-decoders"], capture_output=True, text=True, check=True, timeout=60).stdout
    without = set() if "libzvbi" in decoders else {TELETEXT}
    assert asked_for - names <= {"i", "s"} | without, "its help leaves these two out"


def test_this_program_knows_every_codec_and_format() -> None:
    for kind, wanted in (("encoders", CODECS - {"copy"}), ("muxers", FORMATS)):
        known = subprocess.run([ffmpeg_program(), f"-{kind}"], capture_output=True, text=True, check=True, timeout=60).stdout
        assert wanted <= set(re.findall(r"^\s*[A-Z.]+\s+(\S+)", known, re.MULTILINE))


@pytest.mark.parametrize("name", FILTERS)
def test_this_program_knows_every_filter(name: str) -> None:
    asked = [ffmpeg_program(), "-hide_banner", "-h", f"filter={name}"]
    known = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"Filter {name}" in known
    # aresample hands these on to the resampler, which its own help leaves out
    named = set(FILTERS[name].split()) - ({"async", "first_pts"} if name == "aresample" else set())
    assert named <= set(re.findall(r"^\s+(\w+)\s+\[?<", known, re.MULTILINE))
