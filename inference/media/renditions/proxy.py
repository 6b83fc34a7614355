"""The proxy: the copy that a browser plays and scrubs through.

MP4, H.264 and AAC, at most 720p, a keyframe at least every second, a constant rate, index in front. Its second 0 is the first
displayed frame, as everywhere: the commands keep the container's stamps (``-copyts``) and subtract our own zero, so the
program's idea of a start does not matter; late sound begins with silence. A file that a browser plays well as it is gets copied
without encoding. Sound only becomes AAC in MP4.

Contents: :func:`make_proxy`, :func:`plays_as_is`, :func:`proxy_size`, :func:`proxy_rate`.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from inference.errors import RefusedMediaError
from inference.media.description import AudioStream, MediaInfo, RenditionFile, VideoStream
from inference.media.frame_rates import constant_rate
from inference.media.outside import mono_filters
from inference.media.sandbox.ffmpeg import Report, run_ffmpeg, source
from inference.media.tone import write_cube

MAX_RATE = 60
"""Frames a second of the proxy at most: what an ordinary screen shows."""
_AUDIO = {"acodec": "aac", "audio_bitrate": "128k", "ar": 48_000, "ac": 2}
_STRIPPED = {"map_metadata": -1, "map_chapters": -1, "movflags": "+faststart", "f": "mp4"}
_MAX_COPY_BITS_PER_S = 8_000_000
"""Above this a file is encoded although a browser could play it: scrubbing over a network would stall."""
_AT_ZERO_S = 0.03
"""A start within less than a frame of zero is at zero."""


def make_proxy(path: Path, info: MediaInfo, out_dir: Path, report: Report) -> RenditionFile:
    """Make the proxy in ``out_dir`` (``proxy.mp4``, or ``proxy.m4a`` of sound only).

    Args:
        report: told the share done; may raise to cancel, which stops ffmpeg and removes what it wrote.

    Raises:
        BrokenMediaError: ffmpeg cannot read the file.
        ExternalProcessError, MissingProgramError
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    if info.video is None:
        return _sound_proxy(path, info, out_dir / "proxy.m4a", report)
    target = out_dir / "proxy.mp4"
    is_copy = plays_as_is(info)
    if is_copy:
        _copy(path, info, target, report)
    else:
        _encode(path, info, info.video, target, report)
    width, height = (info.video.width_px, info.video.height_px) if is_copy else proxy_size(info.video)
    rate = info.video.frame_rate if is_copy else proxy_rate(info.video)
    details = {
        "width_px": width,
        "height_px": height,
        "frame_rate": f"{rate.numerator}/{rate.denominator}",
        "duration_s": info.duration_s,
        "is_copy": is_copy,
        "has_audio": bool(info.heard),
    }
    return RenditionFile("proxy", target, "video/mp4", details)


def plays_as_is(info: MediaInfo) -> bool:
    """Whether a browser plays the file well once its index is in front: codecs, size, keyframes, rate, and a clock that starts at zero."""
    video = info.video
    if video is None or info.has_jumps or info.duration_s <= 0:
        return False
    sound_is_fine = all(
        a.codec == "aac" and not a.weights and not a.is_outside and abs(a.start_s) <= _AT_ZERO_S and not a.has_gaps and a.num_channels <= 2
        for a in info.heard_audio
    )
    return (
        sound_is_fine
        and len(info.heard) <= 1
        and not video.transfer
        and not video.is_outside
        and video.codec == "h264"
        and video.pixel_format == "yuv420p"
        and (video.rotation_deg, video.is_mirrored, video.is_interlaced, video.is_variable) == (0, False, False, False)
        and (video.width_px, video.height_px) == (video.coded_width_px, video.coded_height_px)
        and max(video.width_px, video.height_px) <= 1280
        and min(video.width_px, video.height_px) <= 720
        and video.width_px % 2 == 0
        and video.height_px % 2 == 0
        and video.keyframe_gap_s <= 2.0
        and abs(video.start_s) < 1e-6
        and abs(info.clock_start_s) <= _AT_ZERO_S
        and info.container.startswith(("mov", "matroska"))
        and info.num_bytes * 8 / info.duration_s <= _MAX_COPY_BITS_PER_S
    )


def proxy_size(video: VideoStream) -> tuple[int, int]:
    """Width and height of the proxy: within 1280 x 720 (720 x 1280 upright), even, never enlarged."""
    wide, high = (1280, 720) if video.width_px >= video.height_px else (720, 1280)
    share = min(1.0, wide / video.width_px, high / video.height_px)
    return tuple(max(2, 2 * round(side * share / 2)) for side in (video.width_px, video.height_px))  # type: ignore[return-value]


def proxy_rate(video: VideoStream) -> Fraction:
    """Constant rate of the proxy: the source's own, halved until it is at most 60; of a variable source the next standard rate up to 30."""
    rate = video.frame_rate
    if video.is_variable:
        return constant_rate(rate)
    while rate > MAX_RATE:
        rate /= 2
    return rate.limit_denominator(10_000) if rate >= 1 else Fraction(1)


def _sound(inputs: Any, info: MediaInfo) -> Any:
    """The heard tracks on our clock, holes filled with silence, mixed to stereo; several at equal power, as the survey mixes them."""
    tracks = [
        _to_stereo(
            mono_filters(inputs[str(stream.index)], stream)
            .filter("asetpts", f"PTS-({info.program_zero_s:.9f})/TB")
            .filter("aresample", 48_000, **{"async": 1, "first_pts": 0}),
            stream,
        )
        for stream in info.heard_audio
    ]
    if len(tracks) == 1:
        return tracks[0]
    import ffmpeg

    return ffmpeg.filter(tracks, "amix", inputs=len(tracks), duration="longest", normalize=0).filter(
        "volume", f"{len(tracks) ** -0.5:.6f}", precision="float"
    )


def _to_stereo(track: Any, stream: AudioStream) -> Any:
    """Two channels; one channel is heard on both as loud as it is (FFmpeg's own way takes 3 dB off it)."""
    if stream.num_channels == 1 or stream.weights:
        return track.filter("pan", "stereo|c0<c0|c1<c0")
    # Of whole-number samples FFmpeg keeps a mix of many channels within full scale; of floats it does not.
    whole = {"sample_fmts": "s16"} if stream.num_channels > 2 else {}
    return track.filter("aformat", channel_layouts="stereo", **whole)


def _encode(path: Path, info: MediaInfo, video: VideoStream, target: Path, report: Report) -> None:
    width, height = proxy_size(video)
    rate = proxy_rate(video)
    cube = target.with_name(f".{target.name}.cube")
    inputs = source(path)
    picture = inputs[str(video.index)].filter("setpts", f"round(PTS-({info.program_zero_s:.9f})/TB)")
    if video.is_interlaced:
        picture = picture.filter("yadif", deint="interlaced")
    picture = picture.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", start_time=0)
    picture = (
        _tone_mapped(picture, video, cube, (width, height)) if video.transfer else picture.filter("scale", width, height, flags="bicubic")
    )
    picture = picture.filter("setsar", 1).filter("format", "yuv420p")
    streams = [picture] + ([_sound(inputs, info)] if info.heard else [])
    gop = max(1, int(rate))
    options: dict[str, Any] = {
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": 23,
        "profile:v": "high",
        "bf": 0,  # no reordering: the first stamp is 0 without an edit list, and scrubbing decodes less
        "g": gop,
        "keyint_min": gop,
        "sc_threshold": 0,
        "threads": 2,
        **(_AUDIO if info.heard else {}),
        **_STRIPPED,
    }
    output = _ffmpeg_output(streams, target, options)
    try:
        if video.transfer:
            write_cube(cube, video.transfer)
        run_ffmpeg(output, path, target, info.duration_s, report, flags=info.program_clock)
    finally:
        cube.unlink(missing_ok=True)


def _tone_mapped(picture: Any, video: VideoStream, cube: Path, size: tuple[int, int]) -> Any:
    """High dynamic range as the survey maps it: through a lattice, because many builds of ffmpeg have no filter for it."""
    return (
        picture.filter("scale", *size, flags="bicubic", in_color_matrix="bt2020")
        .filter("format", "gbrp16le")
        .filter("lut3d", file=str(cube.absolute()), interp="tetrahedral")
        .filter("scale", out_color_matrix="bt709", out_range="tv")
        .filter("format", "yuv420p")
        .filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
    )


def _copy(path: Path, info: MediaInfo, target: Path, report: Report) -> None:
    inputs = source(path)
    indexes = ([info.video.index] if info.video else []) + [a.index for a in info.heard_audio]
    output = _ffmpeg_output([inputs[str(index)] for index in indexes], target, {"c": "copy", **_STRIPPED})
    run_ffmpeg(output, path, target, info.duration_s, report)


def _sound_proxy(path: Path, info: MediaInfo, target: Path, report: Report) -> RenditionFile:
    if not info.heard:
        raise RefusedMediaError("There is neither picture nor sound to make a proxy of.")
    output = _ffmpeg_output([_sound(source(path), info)], target, {**_AUDIO, **_STRIPPED})
    run_ffmpeg(output, path, target, info.duration_s, report, flags=info.program_clock)
    return RenditionFile("proxy", target, "audio/mp4", {"duration_s": info.duration_s, "is_copy": False, "has_audio": True})


def _ffmpeg_output(streams: list[Any], target: Path, options: dict[str, Any]) -> Any:
    import ffmpeg

    return ffmpeg.output(*streams, f"file:{target.absolute()}", **options)
