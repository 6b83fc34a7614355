"""Hostile and broken files: each is refused in words or read right; nothing else on the machine is touched, and this process lives on.

A canary file and a local HTTP server stand beside the files; after every case the server must not have been asked.
"""

from __future__ import annotations

import gzip
import http.server
import io
import os
import random
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import BrokenMediaError, MediaError, RefusedMediaError
from inference.media import MediaInfo, Spool, make_proxy, probe, survey_chunk, survey_ranges
from tests.inference.media.clips import AAC, X264, beep_source, flash_source, frame_timing, look, make_clip, run_ffmpeg

CANARY = b"canary: nobody may read this"


class Server(http.server.ThreadingHTTPServer):
    """Counts what it is asked for."""

    asked: list[str]


class _Ears(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), _Ears) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """An address of ours; fails the test if anybody asked for it."""
    yield f"http://127.0.0.1:{server.server_address[1]}/canary.mp4"
    assert server.asked == [], "an address named by the file was opened"


def png(size: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), "red").save(buffer, "PNG")
    return buffer.getvalue()


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, kind)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.mp4", bytes(20_000_000))
    return buffer.getvalue()


def hls(url: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n"


TEXTS: dict[str, Callable[[str], bytes]] = {
    "hls.mp4": lambda url: hls(url).encode(),
    "hls_file.mp4": lambda url: hls("file:///etc/passwd").encode(),
    "hls_concat.mkv": lambda url: hls(f"concat:{url}|file:///etc/passwd").encode(),
    "hls_behind_id3.mp3": lambda url: b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + hls(url).encode(),
    "hls_with_mark.ts": lambda url: b"\xef\xbb\xbf  \n" + hls(url).encode(),
    "playlist.m3u": lambda url: f"{url}\n".encode(),
    "dash.mpd": lambda url: f'<?xml version="1.0"?><MPD><BaseURL>{url}</BaseURL></MPD>'.encode(),
    "dash.mp4": lambda url: (
        f'<?xml version="1.0"?>\n<!-- a -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{url}</BaseURL></MPD>'.encode()
    ),
    "list.pls": lambda url: f"[playlist]\nFile1={url}\n".encode(),
    "list.asx": lambda url: f'<asx version="3"><entry><ref href="{url}"/></entry></asx>'.encode(),
    "show.smil": lambda url: f'<smil><body><video src="{url}"/></body></smil>'.encode(),
    "concat.mp4": lambda url: b"ffconcat version 1.0\nfile canary.mp4\n",
    "concat_plain.mp4": lambda url: f"file '{url}'\n".encode(),
    "session.mp4": lambda url: b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n",
    "hidden_session.mp4": lambda url: random.Random(2).randbytes(2000) + b"\nv=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "link.mov": lambda url: f"RTSPtext\r\n{url}\r\n".encode(),
    "image2.mp4": lambda url: b"/tmp/picture%03d.png\n",
    "text.mp4": lambda url: b"Just a letter to a friend.\n" * 50,
    "text16.avi": lambda url: ("Just a letter.\n" * 50).encode("utf-16"),
    "page.webm": lambda url: f"<!DOCTYPE html><html><body><video src='{url}'></video></body></html>".encode(),
    "script.mkv": lambda url: b"#!/bin/sh\nrm -rf /tmp/nothing\n",
    "lines.srt": lambda url: b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
    "drawing.svg": lambda url: f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>'.encode(),
    "empty.mp4": lambda url: b"",
    "one_byte.mp4": lambda url: b"\x00",
    "zeros.mp4": lambda url: bytes(100_000),
    "noise.mp4": lambda url: random.Random(1).randbytes(200_000),
    "picture.mp4": lambda url: png(),
    "picture.mov": lambda url: picture("GIF"),
    "picture.mxf": lambda url: picture("JPEG"),
    "picture.mkv": lambda url: picture("BMP"),
    "picture.webm": lambda url: picture("WEBP"),
    "picture.avi": lambda url: picture("TIFF"),
    "paper.mp4": lambda url: b"%PDF-1.7\n" + random.Random(3).randbytes(3000),
    "archive.mp4": lambda url: zip_bomb(),
    "archive.mkv": lambda url: gzip.compress(bytes(5_000_000)),
    "program.mp4": lambda url: b"\x7fELF" + bytes(500),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_not_media_is_refused_before_it_is_opened(name: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "canary.mp4").write_bytes(CANARY)
    file = tmp_path / name
    file.write_bytes(TEXTS[name](url))
    with pytest.raises(RefusedMediaError) as caught:
        probe(file)
    assert name in str(caught.value)
    assert caught.value.remedy
    assert caught.value.code == "media.refused"


@pytest.mark.parametrize("name", ["hls.mp4", "hls_file.mp4", "concat.mp4", "session.mp4", "dash.mp4", "hidden_session.mp4", "image2.mp4"])
def test_the_second_wall_holds_without_the_first(name: str, url: str, tmp_path: Path) -> None:
    """Even if the signatures were fooled, the demuxer list refuses these."""
    from inference.media.admission import open_container
    from inference.media.signatures import Verdict

    file = tmp_path / name
    file.write_bytes(TEXTS[name](url))
    with pytest.raises(RefusedMediaError):
        open_container(file, Verdict("", False))


def boxes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(offset, size, type) of the top-level boxes of an MP4."""
    offset = 0
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        yield offset, size, data[offset + 4 : offset + 8]
        offset += size


def without_moov(data: bytes) -> bytes:
    return b"".join(data[offset : offset + size] for offset, size, kind in boxes(data) if kind != b"moov")


def patched(data: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """Overwrite bytes at an offset after a box's type, in every such box."""
    result, position = bytearray(data), data.find(box)
    assert position > 0
    while position > 0:
        result[position + 4 + offset : position + 4 + offset + len(value)] = value
        position = data.find(box, position + 1)
    return bytes(result)


def outside_reference(data: bytes, target: Path) -> bytes:
    """Make both tracks refer to another file: the ``url `` entry loses its "in this file" flag and, by its own box size,
    keeps its place.
    """
    return data.replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")


def huge_frame_avi(data: bytes) -> bytes:
    """The stream header and the bitmap header both claim 60000 x 60000."""
    position = data.find(b"strf") + 8
    return data[: position + 4] + struct.pack("<ii", 60_000, 60_000) + data[position + 12 :]


BROKEN: dict[str, Callable[[bytes, Path], bytes]] = {
    "cut_in_header.mp4": lambda data, folder: data[:200],
    "cut_before_index.mp4": lambda data, folder: data[: len(data) // 2],
    "no_index.mp4": lambda data, folder: without_moov(data),
    "header_only.mp4": lambda data, folder: data[: next(o + s for o, s, k in boxes(data) if k == b"ftyp")],
    "outside.mp4": lambda data, folder: outside_reference(data, folder / "canary.mp4"),
    "giant_box.mp4": lambda data, folder: b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + b"\x00\x00\x00\x01moov" + b"\xff" * 8,
    "endless_boxes.mp4": lambda data, folder: b"\x00\x00\x00\x10ftypisom\x00\x00\x02\x00" + b"\x00\x00\x00\x08free" * 100_000,
    "nested_boxes.mp4": lambda data, folder: b"\x00\x00\x00\x10ftypisom\x00\x00\x02\x00" + nested(b"moov", b"trak", 2_000),
    "samples_elsewhere.mp4": lambda data, folder: patched(data, b"stco", 4, b"\x7f\xff\xff\xff" * 8),
}


def nested(outer: bytes, inner: bytes, depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = struct.pack(">I", len(content) + 8) + inner + content
    return struct.pack(">I", len(content) + 8) + outer + content


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_container_is_an_error_in_words(name: str, plain_clip: Path, tmp_path: Path) -> None:
    (tmp_path / "canary.mp4").write_bytes(CANARY)
    file = tmp_path / name
    file.write_bytes(BROKEN[name](plain_clip.read_bytes(), tmp_path))
    started = time.monotonic()
    with pytest.raises(MediaError) as caught:
        read_all(file, tmp_path)
    assert name in str(caught.value)
    assert caught.value.remedy
    assert time.monotonic() - started < 60


def read_all(file: Path, tmp_path: Path) -> tuple[MediaInfo, Spool]:
    """Probe and survey through the child processes, as the product does."""
    info = probe(file)
    folder = tmp_path / f"spool-{abs(hash(file.name))}"
    for index in range(len(survey_ranges(info))):
        survey_chunk(file, info, folder, index)
    return info, Spool(folder, info)


def test_a_movie_that_keeps_its_picture_in_another_file_is_called_that(plain_clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "outside.mov"
    file.write_bytes(outside_reference(plain_clip.read_bytes(), tmp_path))
    with pytest.raises(RefusedMediaError, match="another file"):
        probe(file)


def test_an_index_in_front_and_a_missing_end_gives_what_is_there(plain_clip: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.mp4"
    run_ffmpeg("-i", plain_clip, "-c", "copy", "-movflags", "+faststart", whole)
    for share in (0.5, 0.8):
        file = tmp_path / f"cut{share}.mp4"
        file.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        info, spool = read_all(file, tmp_path)
        assert 0.5 < info.duration_s < 5.1
        assert any("cut off" in note or "stopped" in note for note in info.notes)
        assert len(spool.audio(0, info.duration_s)) == round(info.duration_s * 16_000)


@pytest.mark.parametrize("container", ["mkv", "ts", "avi", "flv", "mpg"])
def test_files_cut_anywhere_never_crash(container: str, tmp_path: Path) -> None:
    codecs = (
        ("-c:v", "mpeg2video", "-c:a", "mp2")
        if container == "mpg"
        else (*X264, "-c:a", "mp2" if container == "ts" else "libmp3lame", "-ar", "44100")
    )
    whole = make_clip(tmp_path / f"whole.{container}", *codecs, duration_s=2.0, flash_s=1.0, beep_s=1.0).read_bytes()
    for share in (0.02, 0.35, 0.9):
        file = tmp_path / f"cut{share}.{container}"
        file.write_bytes(whole[: int(len(whole) * share)])
        assert_read_or_refused(file, tmp_path)


def assert_read_or_refused(file: Path, tmp_path: Path) -> MediaInfo | None:
    """Either an error that names the file and a remedy, or a result that adds up."""
    try:
        seen = look(file, tmp_path / f"spool-{file.name}")
        info, spool = seen.info, seen.spool
    except MediaError as error:
        assert error.remedy
        assert file.name[:20] in str(error)
        return None
    assert 0 < info.duration_s < 48 * 3600
    assert spool.shots()[0][0] == 0.0
    assert spool.shots()[-1][1] == info.duration_s
    assert len(spool.audio(0, info.duration_s)) == round(info.duration_s * 16_000)
    times_s, _, _ = spool.curve() if spool.has_video else (np.zeros(0),) * 3
    assert np.all(np.diff(times_s) > 0)
    return info


@pytest.mark.parametrize("seed", range(4))
def test_damage_in_the_middle_never_crashes(seed: int, plain_clip: Path, tmp_path: Path) -> None:
    random_numbers = random.Random(seed)
    data = bytearray(plain_clip.read_bytes())
    for _ in range(60 if seed else 8):
        position = random_numbers.randrange(48 if seed % 2 else len(data) // 4, len(data))
        data[position : position + 8] = random_numbers.randbytes(min(8, len(data) - position))
    file = tmp_path / f"damaged{seed}.mp4"
    file.write_bytes(bytes(data))
    assert_read_or_refused(file, tmp_path)


def test_a_tiny_file_that_claims_a_giant_picture_is_refused(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.avi", "-c:v", "rawvideo", beep_s=None, duration_s=0.2, flash_s=0.1)
    file = tmp_path / "giant.avi"
    file.write_bytes(huge_frame_avi(small.read_bytes()))
    with pytest.raises(MediaError) as caught:
        probe(file)
    assert "giant.avi" in str(caught.value)


def test_a_tiny_film_that_declares_sixteen_thousand_pixels_square_is_refused(tmp_path: Path) -> None:
    small = tmp_path / "small.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "color=black:s=1600x1200:r=1:d=1", "-c:v", "ffv1", "-pix_fmt", "gray", small)
    file = tmp_path / "bomb.mkv"
    file.write_bytes(small.read_bytes().replace(b"\xb0\x82\x06\x40", b"\xb0\x82\x3e\x80").replace(b"\xba\x82\x04\xb0", b"\xba\x82\x3e\x80"))
    assert file.stat().st_size < 60_000
    with pytest.raises(RefusedMediaError, match="16000 x 16000"):
        probe(file)


def test_a_duration_of_years_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "years.mkv"
    run_ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=black:s=64x48:r=5:d=2",
        "-vf",
        "setpts='if(gt(N,3),PTS+100000000/TB,PTS)'",
        *frame_timing("passthrough"),
        "-c:v",
        "ffv1",
        file,
    )
    with pytest.raises(RefusedMediaError, match="hours"):
        probe(file)


def test_a_header_that_lies_about_duration_is_not_believed(plain_clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "liar.mp4"
    file.write_bytes(patched(plain_clip.read_bytes(), b"mvhd", 16, b"\x7f\xff\xff\xff"))
    assert probe(file).duration_s == pytest.approx(5.0, abs=0.1)


def test_too_many_streams_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "many.mkv"
    maps = [option for _ in range(80) for option in ("-map", "0:a")]
    run_ffmpeg("-f", "lavfi", "-i", beep_source(0.1, duration_s=0.3), *maps, "-c:a", "pcm_s16le", file)
    with pytest.raises(RefusedMediaError, match=r"streams|media|accept"):
        probe(file)


@pytest.mark.parametrize("rate", ["1000", "1/10"])
def test_absurd_frame_rates_are_read_right(rate: str, tmp_path: Path) -> None:
    duration_s = 1.0 if rate == "1000" else 40.0
    file = tmp_path / f"rate{rate.replace('/', '_')}.mkv"
    run_ffmpeg("-f", "lavfi", "-i", f"color=gray:s=64x48:r={rate}:d={duration_s}", "-c:v", "ffv1", file)
    info = assert_read_or_refused(file, tmp_path)
    assert info is not None
    assert info.duration_s == pytest.approx(duration_s, abs=0.1)


def test_a_rate_of_zero_is_read_right(plain_clip: Path, tmp_path: Path) -> None:
    avi = make_clip(tmp_path / "zero.avi", "-c:v", "mpeg4", beep_s=None, duration_s=1.0, flash_s=0.5)
    data = avi.read_bytes()
    position = data.find(b"strh") + 8 + 20  # dwScale, dwRate
    (tmp_path / "zero2.avi").write_bytes(data[:position] + struct.pack("<II", 0, 0) + data[position + 8 :])
    assert_read_or_refused(tmp_path / "zero2.avi", tmp_path)


def test_a_film_of_one_frame_is_read(tmp_path: Path) -> None:
    file = tmp_path / "one.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=64x48:r=25", "-frames:v", "1", *X264, file)
    info, spool = read_all(file, tmp_path)
    assert info.duration_s == pytest.approx(0.04, abs=0.001)
    assert [frame.time_s for frame in spool.frames(0, 1)] == [0.0]


def test_streams_without_packets_are_no_crash(tmp_path: Path) -> None:
    """A WAV with a header and no samples; a Matroska film that was closed before the first frame."""
    (tmp_path / "silent.wav").write_bytes(
        b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + bytes(4)
    )
    run_ffmpeg("-f", "lavfi", "-i", flash_source(0.1, duration_s=0.2), "-frames:v", "0", "-c:v", "ffv1", tmp_path / "nothing.mkv")
    for name in ("silent.wav", "nothing.mkv"):
        with pytest.raises(MediaError) as caught:
            probe(tmp_path / name)
        assert name in str(caught.value)


def test_stamps_that_go_back_are_read(tmp_path: Path) -> None:
    """Every tenth tag of a Flash film is moved back by 300 ms, every thirteenth to zero."""
    data = bytearray(make_clip(tmp_path / "good.flv", *X264, *AAC, "-ar", "44100", duration_s=3.0, flash_s=2.0, beep_s=2.0).read_bytes())
    offset, number = 13, 0
    while offset + 11 < len(data):
        number += 1
        stamp = int.from_bytes(data[offset + 4 : offset + 7], "big")
        if number % 10 == 0 or number % 13 == 0:
            data[offset + 4 : offset + 7] = (0 if number % 13 == 0 else max(0, stamp - 300)).to_bytes(3, "big")
        offset += 15 + int.from_bytes(data[offset + 1 : offset + 4], "big")
    assert number > 100
    file = tmp_path / "back.flv"
    file.write_bytes(bytes(data))
    assert_read_or_refused(file, tmp_path)


def test_negative_stamps_are_read(tmp_path: Path) -> None:
    file = make_clip(
        tmp_path / "negative.mkv",
        *X264,
        *AAC,
        "-output_ts_offset",
        "-1.5",
        "-avoid_negative_ts",
        "disabled",
        duration_s=3.0,
        flash_s=2.0,
        beep_s=2.0,
    )
    info = assert_read_or_refused(file, tmp_path)
    assert info is not None


def test_a_change_of_picture_size_in_the_middle_is_read(tmp_path: Path) -> None:
    parts = []
    for number, size in enumerate(("160x120", "320x240")):
        part = tmp_path / f"{number}.ts"
        run_ffmpeg("-f", "lavfi", "-i", f"testsrc=s={size}:r=25:d=2", *X264, "-output_ts_offset", 2 * number, part)
        parts.append(part.read_bytes())
    file = tmp_path / "sizes.ts"
    file.write_bytes(b"".join(parts))
    info, spool = read_all(file, tmp_path)
    assert info.duration_s == pytest.approx(4.0, abs=0.2)
    assert {frame.image.shape for frame in spool.frames(0, 4)} == {(120, 160, 3)}
    assert make_proxy(file, info, tmp_path / "out", lambda share, message: None).path.stat().st_size > 1000


def test_a_change_of_sample_rate_in_the_middle_is_heard(tmp_path: Path) -> None:
    parts = []
    for number, rate in enumerate((44_100, 48_000)):
        part = tmp_path / f"{number}.ts"
        run_ffmpeg("-f", "lavfi", "-i", beep_source(0.5, duration_s=2.0, rate_hz=rate), *AAC, "-output_ts_offset", 2 * number, part)
        parts.append(part.read_bytes())
    file = tmp_path / "rates.ts"
    file.write_bytes(b"".join(parts))
    info, spool = read_all(file, tmp_path)
    loud = np.abs(spool.audio(0, info.duration_s)) > 0.15
    assert loud[8_000 - 800 : 11_000].any()
    assert loud[40_000 - 800 : 43_000].any()


def test_the_right_file_under_a_wrong_name_is_read(plain_clip: Path, tmp_path: Path) -> None:
    for name in ("film.txt", "film.m3u8", "film.png", "film"):
        (tmp_path / name).write_bytes(plain_clip.read_bytes())
        assert probe(tmp_path / name).duration_s == pytest.approx(5.0, abs=0.05)


NAMES = [
    "-i.mp4",
    "-vf.mp4",
    "a\nb.mp4",
    'it\'s "quoted".mp4',
    "été 日本.mp4",
    "100%03d.mp4",
    "http:__x.mp4",
    "concat:a|b.mp4",
    " $(touch x) ;`id`.mp4",
    "a\\b*.mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_only_names(name: str, plain_clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(plain_clip.read_bytes())
    info = probe(folder / name)
    assert info.duration_s == pytest.approx(5.0, abs=0.05)
    if name in {"-i.mp4", "a\nb.mp4", "100%03d.mp4", "concat:a|b.mp4"}:
        made = make_proxy(folder / name, info, tmp_path / "out", lambda share, message: None)
        assert probe(made.path).duration_s == pytest.approx(5.0, abs=0.1)
    assert [file.name for file in folder.iterdir()] == [name]


def test_a_name_that_is_no_text_is_only_a_name(plain_clip: Path, tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp4"))
    file.write_bytes(plain_clip.read_bytes())
    assert probe(file).duration_s == pytest.approx(5.0, abs=0.05)


def test_what_is_not_a_plain_file_is_refused_at_once(plain_clip: Path, tmp_path: Path) -> None:
    link, pipe, folder, plug = tmp_path / "link.mp4", tmp_path / "pipe.mp4", tmp_path / "folder.mp4", tmp_path / "plug.mp4"
    link.symlink_to(plain_clip)
    os.mkfifo(pipe)
    folder.mkdir()
    started = time.monotonic()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(plug))
        for file in (link, pipe, folder, plug, Path("/dev/zero"), tmp_path / "absent.mp4", tmp_path / ("x" * 300)):
            with pytest.raises(RefusedMediaError) as caught:
                probe(file)
            assert file.name[:20] in str(caught.value)
    assert time.monotonic() - started < 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(plain_clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "secret.mp4"
    file.write_bytes(plain_clip.read_bytes())
    file.chmod(0)
    with pytest.raises(MediaError, match="may not be read"):
        probe(file)


def test_a_broken_decoder_input_is_broken_and_not_refused(plain_clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "no_index.mp4"
    file.write_bytes(without_moov(plain_clip.read_bytes()))
    with pytest.raises(BrokenMediaError):
        probe(file)
