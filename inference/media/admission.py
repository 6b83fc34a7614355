"""Admission: which files are opened at all, and with which bounds.

Problem: a file from outside may name other files and addresses, declare absurd sizes, or not be media. Rules: only a regular file, not
a link; judged by its first bytes; opened as ``file:`` + absolute path with one protocol and a list of self-contained containers; bounded in
streams, picture size and duration, as declared and as decoded. What is opened here is opened in a child process
(:mod:`inference.media.sandbox`) with limits of its own.

Contents: :data:`BOUNDS`, :data:`FORMATS`, :func:`shown`, :func:`check_file`, :func:`input_url`, :func:`input_options`,
:func:`open_container`.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer

from inference.errors import BrokenMediaError, MediaError, RefusedMediaError
from inference.media.signatures import Verdict, verdict_of


@dataclass(frozen=True)
class Bounds:
    """Bounds on what is accepted. ``max_pixels`` is a little over 8K (7680 x 4320)."""

    max_streams: int = 64
    max_side_px: int = 16_384
    max_pixels: int = 36_000_000
    max_duration_s: float = 48 * 3600.0
    max_frame_rate: int = 1_000
    max_frames: int = 48 * 3600 * 120
    max_sample_rate_hz: int = 768_000


BOUNDS = Bounds()

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,mxf,gxf,lxf,flv,live_flv,asf,asf_o,wtv,rm,nut,nsv,ivf,dv,ogg,"
    "h264,hevc,vvc,av1,obu,m4v,h261,h263,vc1,vc1test,dirac,cavsvideo,avs2,avs3,dnxhd,yuv4mpegpipe,amv,nuv,roq,smk,bink,"
    "film_cpk,flic,4xm,ea,idcin,wc3movie,dxa,cdxl,mtv,mv,mvi,pva,ty,rpl,thp,xmv,viv,vivo,"
    "wav,w64,mp3,aac,ac3,ac4,eac3,flac,aiff,au,caf,amr,amrnb,amrwb,dts,dtshd,truehd,mlp,ape,tta,tak,wv,mpc,mpc8,dsf,iff,"
    "oma,voc,xwma,loas,latm,qcp,shn,sox,nistsphere,ircam,spdif,s337m,gsm,sbc,rka,osq,qoa,bonk,iamf"
)
"""Containers that hold everything themselves. Playlists, manifests, image sequences, devices, subtitles and raw guesses are absent."""

_MEMORY_REMEDY = "Convert the file to MP4 with a picture of at most 8K, and try again."
TOO_BIG_REMEDY = "Convert the file to MP4 at an ordinary size and frame rate, and try again."


def shown(path: Path) -> str:
    """The file's name for a message: control characters escaped, long names cut."""
    name = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in path.name)
    return name if len(name) <= 120 else name[:117] + "…"


def check_file(path: Path) -> Verdict:
    """Look at a file without FFmpeg.

    Raises:
        RefusedMediaError: no file, not a regular file, empty, or not media by its first bytes.
        MediaError: it cannot be read.
    """
    name = shown(path)
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise _cannot_read(name, error) from error
    except ValueError as error:  # a NUL in the name
        raise RefusedMediaError(f"{name}: this is not a possible file name.", remedy="Rename the file.") from error
    if stat.S_ISLNK(mode):
        raise RefusedMediaError(f"{name} is a link to another file.", remedy="Give the file itself, not a link to it.")
    if not stat.S_ISREG(mode):
        raise RefusedMediaError(f"{name} is a {_kind(mode)}, not a file.", remedy="Give one video or audio file.")
    try:
        # The flags close the gap between the look and the opening: a swapped-in link fails, a swapped-in pipe does not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_read(name, error) from error
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedMediaError(f"{name} is not a file any more.", remedy="Give one video or audio file.")
        verdict = verdict_of(stream)
    if verdict.refusal == "empty":
        raise RefusedMediaError(f"{name} is empty.", remedy="Copy the file again from its source.")
    if verdict.refusal:
        raise RefusedMediaError(f"{name} is {verdict.refusal}.")
    return verdict


def input_url(path: Path) -> str:
    """The file as FFmpeg must be told of it: a leading dash or a colon in the name cannot become an option or a protocol."""
    return f"file:{path.parent.resolve() / path.name}"


def input_options() -> dict[str, str]:
    """FFmpeg input options that keep it inside the one file; the same for PyAV and for the ffmpeg program."""
    return {"protocol_whitelist": "file", "format_whitelist": FORMATS, "max_streams": str(BOUNDS.max_streams + 1)}


def open_container(path: Path, verdict: Verdict) -> InputContainer:
    """Open a checked file with PyAV, inside a child process.

    Args:
        verdict: what :func:`check_file` said of it.

    Raises:
        RefusedMediaError: no accepted container, or beyond a limit as declared.
        BrokenMediaError: the container is recognised, but damaged.
    """
    name = shown(path)
    try:
        container = av.open(input_url(path), mode="r", options=input_options(), metadata_errors="replace")
    except MemoryError as error:
        raise RefusedMediaError(f"{name} asks for more memory than is allowed.", remedy=_MEMORY_REMEDY) from error
    except (av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise _cannot_read(name, error) from error
        if verdict.is_container:
            reason = str(getattr(error, "strerror", "") or error)
            raise BrokenMediaError(f"{name} begins like a media file, but cannot be opened ({reason}).") from error
        raise RefusedMediaError(f"{name} is not a video or audio file that we accept.") from error
    try:
        _check_declared(container, name)
    except MediaError:
        container.close()
        raise
    return container


def _check_declared(container: InputContainer, name: str) -> None:
    if len(container.streams) > BOUNDS.max_streams:
        raise RefusedMediaError(
            f"{name} has more than {BOUNDS.max_streams} streams.", remedy="Keep only the picture and sound tracks you need, and try again."
        )
    for stream in container.streams.video:
        context = stream.codec_context
        if context is not None:
            check_size(context.width, context.height, name)
            context.options = {"max_pixels": str(BOUNDS.max_pixels)}  # for a size that changes later
    for audio in container.streams.audio:
        if audio.codec_context is not None and (audio.codec_context.sample_rate or 0) > BOUNDS.max_sample_rate_hz:
            raise RefusedMediaError(
                f"{name} declares {audio.codec_context.sample_rate} Hz sound; at most {BOUNDS.max_sample_rate_hz} is read."
            )


def check_size(width_px: int, height_px: int, name: str) -> None:
    """Raise RefusedMediaError if a picture of this size, declared or decoded, is beyond the limit."""
    if max(width_px, height_px) > BOUNDS.max_side_px or width_px * height_px > BOUNDS.max_pixels:
        raise RefusedMediaError(
            f"{name} has a picture of {width_px} x {height_px} pixels; at most {BOUNDS.max_pixels // 1_000_000} megapixels are read.",
            remedy=_MEMORY_REMEDY,
        )


def check_duration(duration_s: float, name: str) -> None:
    """Raise RefusedMediaError if the film is longer than the limit."""
    if duration_s > BOUNDS.max_duration_s:
        raise RefusedMediaError(
            f"{name} claims to last {duration_s / 3600:.0f} hours; at most {BOUNDS.max_duration_s / 3600:.0f} are read.",
            remedy="If it really is that long, cut it into parts; otherwise its stamps are damaged: remux it and try again.",
        )


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "folder"),
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "device"),
        (stat.S_ISCHR, "device"),
    )
    return next((word for is_kind, word in kinds if is_kind(mode)), "special file")


def _cannot_read(name: str, error: OSError) -> MediaError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return RefusedMediaError(f"{name} does not exist.", remedy="Check the path.")
    if error.errno == errno.ELOOP:
        return RefusedMediaError(f"{name} is a link to another file.", remedy="Give the file itself, not a link to it.")
    if error.errno == errno.ENAMETOOLONG:
        return RefusedMediaError(f"{name}: the file name is too long.", remedy="Rename the file.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return MediaError(f"{name} may not be read by this user.", remedy="Give this user the right to read the file.")
    return MediaError(f"{name} cannot be read ({error.strerror}).", remedy="Check the disk and the file's rights.")
